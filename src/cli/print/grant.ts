/** What `grant` answered, for people and for programs. Pure. */
import { printable } from '../../model/index.ts'
import type { GrantOutcome, Signer } from '../../workflows/grant.ts'
import type { GrantItem, GrantList } from '../../workflows/list-grants.ts'
import { plural } from './words.ts'

export function grantJson(outcome: GrantOutcome) {
  const signer = 'signer' in outcome ? outcome.signer : undefined
  return { kind: outcome.kind, statement: outcome.statement, pinnedAs: signer?.pinnedAs ?? null }
}

export function grantText(outcome: GrantOutcome): string {
  const { session, key } = outcome.statement
  const whose = `The key of ${session} (${shortKey(key)})`
  switch (outcome.kind) {
    case 'granted': {
      const { version, capabilities, budgetUsd, notAfter } = outcome.statement
      return [
        `${whose} counts until ${day(notAfter)}: statement ${version}, signed by ${signerName(outcome.signer)}.`,
        `Can: ${words(capabilities)}. Budget: ${money(budgetUsd)}.`,
      ].join('\n')
    }
    case 'revoked': {
      const { version, lastGood } = outcome.statement
      return `${whose} counts no more: statement ${version}, signed by ${signerName(outcome.signer)}. ${upTo(lastGood?.sequence ?? 0)}`
    }
    case 'unchanged':
      return `${whose} was revoked already, by statement ${outcome.statement.version}. ${upTo(outcome.statement.lastGood?.sequence ?? 0)}`
  }
}

/** Keys of RSA with 4,096 bits fit on a line that is told whole; longer ones are better named by their file. */
const LONGEST_TYPED = 800

/** What to type so that this clone believes it too; `undefined`: it does. */
export function pinHint(outcome: GrantOutcome): string | undefined {
  if (outcome.kind === 'unchanged' || outcome.signer.pinnedAs !== undefined) return undefined
  const { name, key } = outcome.signer
  const named = /^[A-Za-z0-9][A-Za-z0-9@._+-]*$/.test(name) ? `${name} ` : ''
  const line = key.length > LONGEST_TYPED ? 'FILE.pub' : `"${named}${key}"`
  return `your own key is not pinned in this clone, so it does not believe this: if-board init --operator ${line}`
}

export function listJson({ statements, operators, grants, findings }: GrantList) {
  return {
    kind: 'grants',
    statements,
    operators: operators.map(({ name, type, key }) => ({ name, type, key })),
    grants: grants.map(({ budgetUsd, notAfter, reason, lastGood, ...grant }) => ({
      ...grant,
      budgetUsd: budgetUsd ?? null,
      notAfter: notAfter ?? null,
      reason: reason ?? null,
      lastGood: lastGood ?? null,
    })),
    findings,
  }
}

const FINDINGS = 20

export function listText({ statements, operators, grants, findings }: GrantList): string {
  const lines = grants.map(grantLine)
  if (operators.length === 0)
    lines.push(
      `No operator is pinned in this clone: ${statements === 0 ? 'there is no grant' : `${plural(statements, 'statement')}, none believed`}, and keys count as first seen.`,
      'To believe an operator: if-board init --operator FILE',
    )
  else if (grants.length === 0) lines.push('No key is granted yet: if-board grant SESSION')
  for (const { line, code, message } of findings.slice(0, FINDINGS))
    lines.push(`line ${line}: ${printable(message, 300)} [${code}]`)
  if (findings.length > FINDINGS) lines.push(`and ${plural(findings.length - FINDINGS, 'finding')} more`)
  return lines.join('\n')
}

const STATES = { granted: 'until', expired: 'expired', 'not-yet': 'begins later, until', revoked: 'revoked' } as const

function grantLine(item: GrantItem): string {
  const { session, key, state, version, operator, capabilities, budgetUsd, notAfter, reason, lastGood } = item
  const when = state === 'revoked' ? '' : ` ${day(notAfter ?? '')}`
  const rest =
    state === 'revoked'
      ? `${printable(reason ?? '', 200)}. ${upTo(lastGood ?? 0)}`
      : `can: ${words(capabilities)}; budget: ${money(budgetUsd)}`
  return `${session} (${shortKey(key)}) ${STATES[state]}${when}: ${rest} [statement ${version}, ${operator}]`
}

function upTo(sequence: number): string {
  return sequence === 0 ? 'None of its events count.' : `Its events up to number ${sequence} count.`
}

function signerName({ pinnedAs, name }: Signer): string {
  return pinnedAs ?? `${name} (not pinned here)`
}

function words(capabilities: readonly string[]): string {
  return capabilities.length === 0 ? 'nothing said' : printable(capabilities.join(', '), 300)
}

function money(usd: number | undefined): string {
  return usd === undefined ? 'no limit said' : `${usd} USD`
}

function day(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`
}

function shortKey(key: string): string {
  return `${key.slice(0, 8)}…`
}
