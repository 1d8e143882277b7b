/** `fast.escalate` of the settings ↔ the rule's own form. */
import { ESCALATION_DEFAULTS, type EscalationRules } from '../../model/index.ts'
import { type Finding, invalid } from './finding.ts'

export type WrittenEscalation =
  | boolean
  | {
      readonly up?: Partial<EscalationRules['up']>
      readonly down?: Partial<EscalationRules['down']>
      readonly leastMinutes?: number
    }

/** `undefined`: off, as it is unless somebody asks for it. */
export function toEscalation(written: WrittenEscalation = false): EscalationRules | undefined {
  if (written === false) return undefined
  const { up, down, leastMinutes } = written === true ? {} : written
  const { up: usualUp, down: usualDown, leastMinutes: usual } = ESCALATION_DEFAULTS
  return { up: { ...usualUp, ...up }, down: { ...usualDown, ...down }, leastMinutes: leastMinutes ?? usual }
}

/** Thresholds that are close together take claims to and fro: a fleet that went up must be twice too many to go down. */
export function escalationFindings(written: WrittenEscalation | undefined): Finding[] {
  const rules = toEscalation(written)
  if (rules === undefined) return []
  const most = rules.up.claims / rules.up.minutes / 2
  if (rules.down.claimsPerMinute <= most) return []
  const key = 'fast.escalate.down.claimsPerMinute'
  const expected = `expected at most ${Math.floor(most * 1000) / 1000}, half of \`up.claims\` in \`up.minutes\``
  return [invalid(`/${key.replaceAll('.', '/')}`, `\`${key}\`: ${expected}, or claims go to and fro`)]
}

export function writeEscalation({ up, down, leastMinutes }: EscalationRules): WrittenEscalation {
  const { up: usualUp, down: usualDown, leastMinutes: usual } = ESCALATION_DEFAULTS
  const changed = {
    ...part('up', up, usualUp),
    ...part('down', down, usualDown),
    ...(leastMinutes === usual ? {} : { leastMinutes }),
  }
  return Object.keys(changed).length === 0 ? true : changed
}

function part(name: 'up' | 'down', rules: object, usual: object): object {
  const known = new Map(Object.entries(usual))
  const kept = Object.entries(rules).filter(([key, value]) => value !== known.get(key))
  return kept.length === 0 ? {} : { [name]: Object.fromEntries(kept) }
}
