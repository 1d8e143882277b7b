/**
 * May claims go to etcd, or back to git, without anybody typing it? docs/fast-path.md, "Up and down by itself".
 *
 *     git ──(claims wait: `contention`)──▶ etcd ──(few claims: `quiet`)──▶ git
 *
 * Two thresholds that are far apart, a least time in each mode, a pause after trouble that doubles, and a person's word
 * above all of it. Every doubt makes it stay: times since something are counted by the clock that went less, ages of
 * what was measured by the one that went further, and nothing is known of a time that was not watched.
 */
import { elapsedMs, type Moment } from '../claim/index.ts'
import type { Config, EscalationRules } from '../model/index.ts'
import type { ModeRecord } from './mode.ts'
import { spentMs } from './validity.ts'

const MINUTE_MS = 60_000
/** For how long a person's word stands above the rule. */
export const PERSON_MS = 24 * 60 * MINUTE_MS
const LONGEST_PAUSE_MS = 24 * 60 * MINUTE_MS

/** One claim in git as its session felt it. */
export interface ClaimSample {
  /** When it was answered. */
  readonly at: Moment
  /** Epoch of the mode under which it was asked for. */
  readonly epoch: number
  /** From the first push to the answer, all races in between. */
  readonly waitMs: number
  /** At least one. */
  readonly pushes: number
  /** Those of them that moved nothing: somebody was faster, or the authority was busy. */
  readonly lost: number
}

/** What claims of one clone felt within a window; all 0 where there was none. */
export interface Contention {
  readonly claims: number
  /** Of all pushes, 0 to 100. */
  readonly lostPercent: number
  /** By the nearest rank. */
  readonly medianWaitMs: number
  readonly p90WaitMs: number
}

/** The order of the samples says nothing. Those of another boot or epoch are of an age or a mode that is not known. */
export function contentionOf(
  samples: readonly ClaimSample[],
  { epoch, windowMs }: { readonly epoch: number; readonly windowMs: number },
  now: Moment,
): Contention {
  const felt = samples.filter((sample) => sample.epoch === epoch && spentMs(sample.at, now) <= windowMs)
  const pushes = felt.reduce((sum, sample) => sum + sample.pushes, 0)
  const lost = felt.reduce((sum, sample) => sum + sample.lost, 0)
  const waits = felt.map(({ waitMs }) => waitMs).sort((a, b) => a - b)
  const rank = (share: number) => waits[Math.max(0, Math.ceil(share * waits.length) - 1)] ?? 0
  return {
    claims: felt.length,
    lostPercent: pushes === 0 ? 0 : (100 * lost) / pushes,
    medianWaitMs: rank(0.5),
    p90WaitMs: rank(0.9),
  }
}

/** A reading of a counter of claims in etcd that only grows while a link lasts. */
export interface ClaimCount {
  readonly at: Moment
  readonly claims: number
}

/** Readings in a window: enough that the rate is of one that is at most a twentieth longer. */
const READINGS = 20

/** With one more reading, oldest first; only what a rate over the window needs is kept. */
export function noteCount(before: readonly ClaimCount[], count: ClaimCount, windowMs: number): readonly ClaimCount[] {
  const last = before.at(-1)
  // A jump of a clock, or another boot: nothing before it can be dated.
  if (last !== undefined && !isLater(last.at, count.at)) return [count]
  if (last !== undefined && elapsedMs(last.at, count.at) < windowMs / READINGS) return before
  const base = before.findLastIndex(({ at }) => elapsedMs(at, count.at) >= windowMs)
  return [...before.slice(Math.max(0, base)), count]
}

function isLater(before: Moment, now: Moment): boolean {
  return before.bootId === now.bootId && now.monotonicMs >= before.monotonicMs && now.wallMs >= before.wallMs
}

/** `undefined`: it was not watched for the whole window. */
export function claimsPerMinute(
  readings: readonly ClaimCount[],
  count: ClaimCount,
  windowMs: number,
): number | undefined {
  const base = readings.findLast(({ at }) => elapsedMs(at, count.at) >= windowMs)
  if (base === undefined || !isLater(base.at, count.at)) return undefined
  return ((count.claims - base.claims) * MINUTE_MS) / elapsedMs(base.at, count.at)
}

/** Ways up that came to nothing, since claims were last in etcd for long. */
export interface Troubles {
  readonly count: number
  readonly last: { readonly epoch: number; readonly at: Moment; readonly reason: string } | undefined
}

export const NO_TROUBLE: Troubles = { count: 0, last: undefined }

export function noteTrouble({ count }: Troubles, last: NonNullable<Troubles['last']>): Troubles {
  return { count: count + 1, last }
}

type TroubleFacts = Pick<EscalationFacts, 'mode' | 'modeSeen'> & { readonly rules: EscalationRules }

/**
 * Troubles as of now. One that another watcher met is told by the mode record, and counts once, however many saw it.
 * They are forgotten when etcd has decided for the least time.
 */
export function troublesNow(before: Troubles, { mode, modeSeen, rules }: TroubleFacts, now: Moment): Troubles {
  if (mode.mode === 'etcd' && hasPassed(modeSeen, rules.leastMinutes * MINUTE_MS, now)) return NO_TROUBLE
  const { last } = before
  if (mode.mode === 'git' && mode.by === 'trouble' && (last === undefined || last.epoch < mode.epoch)) {
    const reason = 'a way to etcd was given up, or etcd was not the one it had been'
    return noteTrouble(before, { epoch: mode.epoch, at: modeSeen ?? now, reason })
  }
  // After a reboot, or where a clock was set back, it is not known how long ago it was: it counts from now.
  return last === undefined || isLater(last.at, now) ? before : { ...before, last: { ...last, at: now } }
}

function hasPassed(since: Moment | undefined, ms: number, now: Moment): boolean {
  return since !== undefined && elapsedMs(since, now) >= ms
}

/** Doubled with each trouble in a row. */
export function troublePauseMs({ count }: Troubles, { leastMinutes }: EscalationRules): number {
  return count === 0 ? 0 : Math.min(leastMinutes * MINUTE_MS * 2 ** count, LONGEST_PAUSE_MS)
}

export interface EscalationFacts {
  /** `undefined`: off. */
  readonly rules: EscalationRules | undefined
  readonly mode: ModeRecord
  /** First sight of the mode record as it is; `undefined`: there is none, since nobody ever changed the mode. */
  readonly modeSeen: Moment | undefined
  /** Within the window of the way up, in this epoch. */
  readonly contention: Contention
  /** In etcd, of all clones, over the window of the way down; `undefined`: not known. */
  readonly claimsPerMinute: number | undefined
  readonly doneWhen: Config['doneWhen']
  /** Is an endpoint of etcd named here? */
  readonly knowsEtcd: boolean
  readonly troubles: Troubles
}

export type Calm =
  | 'off'
  /** Who decides is being changed. */
  | 'changing'
  | 'too-few-claims'
  | 'claims-are-quick'
  | 'rate-not-known'
  | 'etcd-is-used'

export type Hindrance = 'merged' | 'no-endpoint' | 'person' | 'least-time' | 'trouble'

export type Escalation =
  | { readonly kind: 'stay'; readonly why: Calm }
  /** It would change, and may not; `ms`: for how long, where time ends it. */
  | {
      readonly kind: 'held'
      readonly to: 'git' | 'etcd'
      readonly why: Hindrance
      readonly ms: number | undefined
    }
  | { readonly kind: 'switch'; readonly to: 'git' | 'etcd'; readonly by: 'contention' | 'quiet' }

export function judgeEscalation(facts: EscalationFacts, now: Moment): Escalation {
  const { rules, mode } = facts
  if (rules === undefined) return { kind: 'stay', why: 'off' }
  if (mode.mode !== 'git' && mode.mode !== 'etcd') return { kind: 'stay', why: 'changing' }
  const calm = mode.mode === 'git' ? calmInGit(facts.contention, rules) : calmInEtcd(facts.claimsPerMinute, rules)
  if (calm !== undefined) return { kind: 'stay', why: calm }
  const to = mode.mode === 'git' ? 'etcd' : 'git'
  const hindrance = hindranceOf({ ...facts, rules }, to, now)
  if (hindrance !== undefined) return { kind: 'held', to, ...hindrance }
  return { kind: 'switch', to, by: to === 'etcd' ? 'contention' : 'quiet' }
}

function calmInGit({ claims, lostPercent, p90WaitMs }: Contention, { up }: EscalationRules): Calm | undefined {
  if (claims < up.claims) return 'too-few-claims'
  return lostPercent > up.lostPercent || p90WaitMs > up.waitSeconds * 1000 ? undefined : 'claims-are-quick'
}

function calmInEtcd(perMinute: number | undefined, { down }: EscalationRules): Calm | undefined {
  if (perMinute === undefined) return 'rate-not-known'
  return perMinute < down.claimsPerMinute ? undefined : 'etcd-is-used'
}

type RuledFacts = EscalationFacts & { readonly rules: EscalationRules }

function hindranceOf(
  { rules, mode, modeSeen, doneWhen, knowsEtcd, troubles }: RuledFacts,
  to: 'git' | 'etcd',
  now: Moment,
): { readonly why: Hindrance; readonly ms: number | undefined } | undefined {
  if (to === 'etcd' && doneWhen === 'merged') return { why: 'merged', ms: undefined }
  if (to === 'etcd' && !knowsEtcd) return { why: 'no-endpoint', ms: undefined }
  const left = (since: Moment, ms: number) => ms - elapsedMs(since, now)
  const waits: [Hindrance, number][] = []
  // Without a record nobody ever said anything.
  if (modeSeen !== undefined) {
    if (mode.by === undefined || mode.by === 'person') waits.push(['person', left(modeSeen, PERSON_MS)])
    waits.push(['least-time', left(modeSeen, rules.leastMinutes * MINUTE_MS)])
  }
  if (to === 'etcd' && troubles.last !== undefined)
    waits.push(['trouble', left(troubles.last.at, troublePauseMs(troubles, rules))])
  const longest = waits.filter(([, ms]) => ms > 0).sort(([, a], [, b]) => b - a)[0]
  return longest && { why: longest[0], ms: longest[1] }
}
