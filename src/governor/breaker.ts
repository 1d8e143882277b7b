/**
 * Stops a spiral: a session that fails or burns again and again, a task at which one session after the other fails.
 *
 * The breaker of a session is *closed*, *open* or *half-open*. It is counted anew from what the log says of the
 * session's ended grants, oldest to newest, so that every clone sees the same one; no process keeps it.
 *
 * - **closed → open**: a grant ended, and with it N in a row have failed, or M within the window, or more was spent per
 *   hour of the window than the limit. The newest ended grant that did so is the *mark*. A grant fails by `fail`, and by a
 *   steal, which only comes after the holder was silent beyond its lease. What was released, blocked or taken back by a
 *   person says nothing; a completion ends the row.
 * - **open → half-open**: this observer has seen the mark for the cool-down, by its own clocks (`claim/lease.ts`: a jump
 *   of the clock or a reboot makes it wait longer). Never where the rules say `manual`.
 * - **half-open**: one task at a time. Who holds one is refused a second; of two processes of the session that ask at
 *   once the second finds the chain moved, reads again and is refused.
 * - **half-open → open**: another failure, or again too much spent: that is a new mark, and the cool-down begins again.
 * - **open, half-open → closed**: a completion, also of what was held when it opened (never where the rules say
 *   `manual`). What came before counts no more; a completion that alone costs more than the limit opens it anew.
 * - **any → closed**: a reset, which names the newest ended grant that it forgives (`forgiven`); what came later stays.
 * - Beside all that it is open while the session's own cap is spent. Only a higher cap ends this, and the text says so.
 *
 * A task's breaker is closed or open (*quarantined*): open once K different sessions failed at it, until a reset or until
 * a person sets its status anew.
 *
 * A crash leaves nothing to mend: an event is in the log, and counts, or is not. The events of type `breaker` are for
 * people; the reset alone is counted.
 */
import {
  type Amount,
  type BreakerChange,
  type BreakerRules,
  type Cap,
  type EpochMs,
  type OutcomeRecord,
  type SessionAccount,
  type SessionName,
  type TaskAccount,
  type TaskKey,
  usdText,
} from '../model/index.ts'

/** Why a session's breaker is not closed; `mark` names the ended grant that opened it last. */
export interface Trip {
  readonly rule: 'consecutive' | 'failures' | 'cost-rate' | 'probe'
  /** In words, of what was counted alone. */
  readonly reason: string
  readonly mark: string
  /** When that grant ended, by the clock of who said so. */
  readonly since: EpochMs
}

export type SessionBreaker =
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'open'
      readonly rule: Trip['rule'] | 'budget'
      readonly reason: string
      /** Of a trip: as it has it. */
      readonly since?: EpochMs
      /** Until a probe is allowed, by this observer's clocks; absent: not by waiting. */
      readonly retryAfterMs?: number
    }
  | { readonly kind: 'half-open'; readonly rule: Trip['rule']; readonly reason: string; readonly since: EpochMs }

export type OpenBreaker = Exclude<SessionBreaker, { readonly kind: 'closed' }>

/** What is counted of a session; as much of its account as breakers go by. */
export type Counted = Pick<SessionAccount, 'outcomes' | 'spent' | 'forgiven'>

export interface BreakerQuestion {
  readonly rules: BreakerRules
  /** `undefined`: no grant of the session has ended yet. */
  readonly account: Counted | undefined
  /** What the session may spend in all. */
  readonly cap: Cap
  /** For how long this observer has seen the mark, in milliseconds; 0 where it never saw it before. */
  readonly seenMs: (mark: string) => number
}

const MINUTE_MS = 60_000
const HOUR_MINUTES = 60

/** Where the breaker of a session stands for this observer, now. */
export function sessionBreaker({ rules, account, cap, seenMs }: BreakerQuestion): SessionBreaker {
  if (account === undefined) return { kind: 'closed' }
  const gone = spentUp(account.spent, cap)
  if (gone !== undefined) return { kind: 'open', rule: 'budget', reason: gone }
  const trip = tripOf(account, rules)
  if (trip === undefined) return { kind: 'closed' }
  const { mark, ...why } = trip
  if (rules.halfOpen === 'manual') return { kind: 'open', ...why }
  const retryAfterMs = rules.coolDownMinutes * MINUTE_MS - Math.max(0, seenMs(mark))
  return retryAfterMs > 0 ? { kind: 'open', ...why, retryAfterMs } : { kind: 'half-open', ...why }
}

/** The mark of an ended grant: names it in first sights and in resets. */
export function markOf({ sequence, task }: Pick<OutcomeRecord, 'sequence' | 'task'>): string {
  return `${sequence} ${task}`
}

/** Failed, or was silent until others took it over. */
export function isFailure({ outcome }: OutcomeRecord): boolean {
  return outcome === 'failed' || outcome === 'stolen'
}

/** What has opened the breaker and was not made good since; pure counting, no clock. O(outcomes²), of which 32 are kept. */
export function tripOf(account: Counted, rules: BreakerRules): Trip | undefined {
  return unforgiven(account).reduce((before, record) => count(before, record, rules), NOTHING_COUNTED).trip
}

/** What came after the newest ended grant that a reset forgave, each once: a reading may see an event twice. */
export function unforgiven({ outcomes, forgiven }: Pick<Counted, 'outcomes' | 'forgiven'>): OutcomeRecord[] {
  const marks = outcomes.map(markOf)
  const first = forgiven === undefined ? 0 : marks.lastIndexOf(forgiven) + 1
  return outcomes.filter((_, at) => at >= first && marks.indexOf(marks[at] as string) === at)
}

interface Counting {
  readonly trip: Trip | undefined
  /** Failures since the last completion. */
  readonly inRow: number
  /** Since the breaker closed last. */
  readonly ended: readonly Ended[]
}

interface Ended {
  /** By the session's own clock. */
  readonly at: EpochMs
  readonly failed: boolean
  readonly microUsd: number
}

const NOTHING_COUNTED: Counting = { trip: undefined, inRow: 0, ended: [] }

function count(before: Counting, record: OutcomeRecord, rules: BreakerRules): Counting {
  const isCompleted = record.outcome === 'completed'
  const failed = isFailure(record)
  const closes = isCompleted && rules.halfOpen === 'probe' && before.trip !== undefined
  const at = ownTime(record, before.ended)
  const ended = [...(closes ? [] : before.ended), { at, failed, microUsd: record.charged.microUsd }]
  const inRow = isCompleted ? 0 : before.inRow + (failed ? 1 : 0)
  const trip = closes ? undefined : before.trip
  const cause = causeOf({ trip, inRow, ended }, rules)
  return { trip: cause === undefined ? trip : { ...cause, mark: markOf(record), since: record.at }, inRow, ended }
}

/** Others say that they took over or took back, by their clocks, which say nothing here: no time passes then. */
function ownTime({ outcome, at }: OutcomeRecord, ended: readonly Ended[]): EpochMs {
  const isOthers = outcome === 'stolen' || outcome === 'revoked'
  return isOthers ? (ended.at(-1)?.at ?? at) : at
}

/** Does the grant that ended last open the breaker, or open it again? */
function causeOf({ trip, inRow, ended }: Counting, rules: BreakerRules): Pick<Trip, 'rule' | 'reason'> | undefined {
  const last = ended.at(-1) as Ended
  const within = ended.filter(({ at }) => last.at - at <= rules.windowMinutes * MINUTE_MS)
  const failures = within.filter(({ failed }) => failed).length
  const span = `${rules.windowMinutes} min`
  if (last.failed && inRow >= rules.consecutive)
    return { rule: 'consecutive', reason: inRow === 1 ? 'a failure' : `${inRow} failures in a row` }
  if (last.failed && failures >= rules.failures)
    return { rule: 'failures', reason: `${failures} failures within ${span}` }
  const spent = within.reduce((sum, { microUsd }) => sum + microUsd, 0)
  if (last.microUsd > 0 && isAboveRate(spent, rules))
    return { rule: 'cost-rate', reason: `${usdText(spent)} spent within ${span}` }
  return last.failed && trip !== undefined
    ? { rule: 'probe', reason: 'it failed again after it had opened' }
    : undefined
}

function isAboveRate(microUsd: number, { microUsdPerHour, windowMinutes }: BreakerRules): boolean {
  return microUsdPerHour !== undefined && microUsd * HOUR_MINUTES > microUsdPerHour * windowMinutes
}

function spentUp(spent: Amount, cap: Cap): string | undefined {
  if (cap.microUsd !== undefined && spent.microUsd >= cap.microUsd)
    return `${usdText(spent.microUsd)} of its ${usdText(cap.microUsd)} is spent`
  if (cap.tokens !== undefined && spent.tokens >= cap.tokens)
    return `${spent.tokens} of its ${cap.tokens} tokens are spent`
  return undefined
}

/** What a session may spend: the smaller of the rule for all and what it said when it joined. */
export function sessionCap(rule: Cap, ownMicroUsd: number | undefined): Cap {
  const dollarCaps = [rule.microUsd, ownMicroUsd].filter((cap) => cap !== undefined)
  return { ...rule, ...(dollarCaps.length === 0 ? {} : { microUsd: Math.min(...dollarCaps) }) }
}

/** A change, and why, as an event says it. */
export type SaidChange = BreakerChange & { readonly reason: string }

export interface EndedGrant {
  readonly session: SessionName
  readonly before: Counted
  readonly after: Counted
  readonly rules: BreakerRules
  readonly cap: Cap
}

/** What the end of a grant does to its session's breaker; `undefined`: nothing. */
export function sessionChange({ session, before, after, rules, cap }: EndedGrant): SaidChange | undefined {
  const of = { of: 'session', name: session } as const
  const gone = spentUp(after.spent, cap)
  if (gone !== undefined)
    return spentUp(before.spent, cap) === undefined ? { ...of, to: 'open', rule: 'budget', reason: gone } : undefined
  const was = tripOf(before, rules)
  const is = tripOf(after, rules)
  if (is === undefined)
    return was === undefined ? undefined : { ...of, to: 'closed', rule: 'probe', reason: 'a task was completed' }
  return is.mark === was?.mark ? undefined : { ...of, to: 'open', rule: is.rule, reason: is.reason }
}

const NAMED_SESSIONS = 5

/** Why a task is quarantined; `undefined`: it is not. */
export function quarantineOf(
  account: Pick<TaskAccount, 'failed'> | undefined,
  rules: BreakerRules,
): string | undefined {
  const failed = account?.failed ?? []
  if (failed.length < rules.quarantine) return undefined
  const named = failed.slice(-NAMED_SESSIONS).join(', ')
  const others = failed.length > NAMED_SESSIONS ? ' and others' : ''
  return `it failed with ${failed.length === 1 ? 'a session' : `${failed.length} sessions`}: ${named}${others}`
}

/** Of accounts of tasks, the last of each task: which are quarantined, and why. */
export function quarantinedTasks(
  accounts: Iterable<readonly [TaskKey, TaskAccount | undefined]>,
  rules: BreakerRules,
): ReadonlyMap<TaskKey, string> {
  const reasons = new Map<TaskKey, string>()
  for (const [key, account] of accounts) {
    const reason = quarantineOf(account, rules)
    if (reason === undefined) reasons.delete(key)
    else reasons.set(key, reason)
  }
  return reasons
}
