/** What the rule saw and why it stays, for people. Pure; nothing of a board is in it. */
import type { Calm, Contention, Escalation, EscalationFacts, Hindrance } from '../../fast/escalation.ts'
import { ESCALATION_DEFAULTS, type EscalationRules, printable } from '../../model/index.ts'

/** The measured figures of a change, as its `mode` event says them. */
export function reasonOf(facts: EscalationFacts, to: 'git' | 'etcd'): string {
  const { up, down } = facts.rules ?? ESCALATION_DEFAULTS
  if (to === 'etcd')
    return `${contentionWords(facts.contention, up)} (above ${up.lostPercent} % or ${up.waitSeconds} s)`
  const rate = facts.claimsPerMinute ?? 0
  return `${figure(rate)} claims a minute in etcd for ${minutes(down.minutes)} (below ${down.claimsPerMinute})`
}

export function contentionWords(
  { claims, lostPercent, medianWaitMs, p90WaitMs }: Contention,
  { minutes: window }: Pick<EscalationRules['up'], 'minutes'>,
): string {
  if (claims === 0) return `no claim of this clone within ${minutes(window)}`
  const waits = `half of them within ${seconds(medianWaitMs)} s, nine of ten within ${seconds(p90WaitMs)} s`
  return `${claims} claim${claims === 1 ? '' : 's'} of this clone within ${minutes(window)}, ${figure(lostPercent)} % of their pushes in vain, ${waits}`
}

const CALM: Readonly<Record<Calm, string>> = {
  off: 'a person alone says who decides: `fast.escalate` is not set',
  changing: 'who decides is being changed',
  'too-few-claims': 'too few claims were asked for here to say how they fare',
  'claims-are-quick': 'claims do not wait',
  'rate-not-known': 'claims in etcd were not watched for long enough',
  'etcd-is-used': 'etcd is used',
}

/** Why nothing is changed now. */
export function stayWords(judged: Exclude<Escalation, { kind: 'switch' }>, facts: EscalationFacts): string {
  return judged.kind === 'stay' ? CALM[judged.why] : hindranceWords(judged.why, facts)
}

function hindranceWords(why: Hindrance, { mode, rules, troubles }: EscalationFacts): string {
  switch (why) {
    case 'merged':
      return 'boards with `doneWhen: merged` stay in git'
    case 'no-endpoint':
      return 'no endpoint of etcd is named for this watcher'
    case 'person':
      return `a person said so within a day: ${mode.mode === 'git' ? 'if-board fast down' : 'if-board fast up'}`
    case 'least-time':
      return `who decides was changed within ${minutes(rules?.leastMinutes ?? 0)}`
    case 'trouble':
      return `the last way up failed: ${printable(troubles.last?.reason ?? '', 300)}`
  }
}

/** `12 min`, or seconds where a fleet is tried out. */
export function duration(ms: number): string {
  return ms < 60_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`
}

const minutes = (count: number): string => duration(count * 60_000)
const figure = (value: number): string => String(Number(value.toFixed(1)))
const seconds = (ms: number): string => figure(ms / 1000)
