/**
 * How far a session's word that it will finish something may be believed, 0 to 1, by what became of its grants.
 *
 * The lower bound of the Wilson score interval at 95 % (E. B. Wilson, "Probable Inference, the Law of Succession, and
 * Statistical Inference", Journal of the American Statistical Association 22, 1927, 209–212): of two sessions that always
 * finished, the one with more grants stands higher, and one failure of many costs little. Each grant counts for
 * `FADE` of the one after it, so that what was long ago fades by what came since, and no clock is asked.
 *
 * Who has done nothing yet begins as if it had finished `PRIOR` grants. While it does not fail it only rises from there,
 * so a bound on reputation never keeps a new session from its first task.
 *
 * Reputation orders and narrows; it never lets a session do what another rule refuses.
 */
import type { OutcomeRecord, Task } from '../model/index.ts'
import { type Counted, isFailure, unforgiven } from './breaker.ts'
import type { AdmissionFacts, Refusal } from './verdict.ts'

/** Normal quantile of a two-sided 95 %. */
const Z = 1.96
const FADE = 0.95
const PRIOR = 8

/** Of a session without grants; what it may have to reach is never more. */
export const NEW_REPUTATION = wilsonLowerBound(PRIOR, PRIOR)

/** By its last ended grants, those that a reset forgave excepted; what was released, blocked or taken back says nothing. */
export function reputationOf(account: Pick<Counted, 'outcomes' | 'forgiven'> | undefined): number {
  const judged = account === undefined ? [] : unforgiven(account).filter(saysSomething)
  let finished = PRIOR
  let all = PRIOR
  for (const record of judged) {
    finished = finished * FADE + (record.outcome === 'completed' ? 1 : 0)
    all = all * FADE + 1
  }
  return wilsonLowerBound(finished, all)
}

/** A completion that its check refused was said to be one. */
function saysSomething(record: OutcomeRecord): boolean {
  return record.outcome === 'completed' || record.outcome === 'refused' || isFailure(record)
}

/** Of `successes` among `trials`, which may be weights; 0 where there was none. */
export function wilsonLowerBound(successes: number, trials: number): number {
  if (trials <= 0) return 0
  const rate = successes / trials
  const z2 = Z * Z
  const middle = rate + z2 / (2 * trials)
  const half = Z * Math.sqrt((rate * (1 - rate)) / trials + z2 / (4 * trials * trials))
  return Math.max(0, (middle - half) / (1 + z2 / trials))
}

/** `reputation`: below the bound a session gets what it was assigned alone, so that it can rise again. */
export function reputationTooLow(
  { config, session, reputation, isAssigned }: Pick<AdmissionFacts, 'config' | 'session' | 'reputation' | 'isAssigned'>,
  task: Task,
): Refusal | undefined {
  const least = Math.min(config.governor.slo.minReputation, NEW_REPUTATION)
  if (reputation >= least || isAssigned(task)) return undefined
  return {
    kind: 'refuse',
    rule: 'reputation',
    reason: `the reputation of ${session} is ${reputation.toFixed(2)}, at least ${least.toFixed(2)} is asked for`,
    hint: `It gets what it is assigned (if-board set ${task.id} owner ${session}), or less is asked for: \`slo.minReputation\``,
  }
}
