/** What `fast status` says of claims that go to etcd and back by themselves. Pure. */
import { ESCALATION_DEFAULTS } from '../../model/index.ts'
import type { EscalationSight } from '../../workflows/fast/escalate.ts'
import { contentionWords, duration, stayWords } from '../../workflows/fast/escalation-words.ts'
import { plural } from './words.ts'

/** Figures of the window, the thresholds, and what the rule says of them. */
export function escalationJson({ facts, judged }: EscalationSight, isWatched: boolean): object {
  const { contention, claimsPerMinute, rules, troubles } = facts
  const { up, down, leastMinutes } = rules ?? ESCALATION_DEFAULTS
  return {
    on: rules !== undefined,
    watched: isWatched,
    kind: judged.kind,
    to: judged.kind === 'stay' ? null : judged.to,
    why: judged.kind === 'switch' ? judged.by : judged.why,
    forSeconds: judged.kind === 'held' && judged.ms !== undefined ? Math.ceil(judged.ms / 1000) : null,
    measured: {
      claims: contention.claims,
      lostPercent: contention.lostPercent,
      waitSeconds: { median: contention.medianWaitMs / 1000, p90: contention.p90WaitMs / 1000 },
      claimsPerMinute: claimsPerMinute ?? null,
    },
    thresholds: { up, down, leastMinutes },
    troubles: { count: troubles.count, reason: troubles.last?.reason ?? null },
  }
}

/** Nothing where it is off and nobody has measured anything. */
export function escalationLines({ facts, judged }: EscalationSight, isWatched: boolean): string[] {
  const { contention, claimsPerMinute, rules } = facts
  const { up, down } = rules ?? ESCALATION_DEFAULTS
  const measured =
    contention.claims === 0 && rules === undefined ? [] : [`Measured: ${contentionWords(contention, up)}.`]
  if (rules === undefined) return measured
  const rate = claimsPerMinute === undefined ? 'not known' : `${Number(claimsPerMinute.toFixed(1))} claims a minute`
  const left = judged.kind === 'held' && judged.ms !== undefined ? ` (${duration(judged.ms)} left)` : ''
  const says =
    judged.kind === 'switch' ? `the next turn of a watcher goes to ${judged.to}` : stayWords(judged, facts) + left
  return [
    ...measured,
    `By itself: to etcd above ${up.lostPercent} % in vain or ${up.waitSeconds} s, of ${plural(up.claims, 'claim')} or more; to git below ${down.claimsPerMinute} claims a minute (now ${rate}).`,
    `  ${judged.kind === 'held' ? 'held: ' : ''}${says}`,
    ...(isWatched ? [] : ['  no watcher of this clone is at work, so nothing is changed from here']),
  ]
}
