/** `if-board fast probe`: is this etcd fit to decide claims, and what is to be set? */
import { printable } from '../../model/index.ts'
import type { FastExercise, FastHealth, FastMember } from '../../ports/index.ts'

export interface ProbeCheck {
  readonly name: string
  readonly ok: boolean
  readonly message: string
  /** What to set or to look at. */
  readonly hint: string | undefined
}

export interface ProbeReport {
  readonly checks: readonly ProbeCheck[]
}

type Reached = Extract<FastMember, { kind: 'reached' }>

/** 99 % of the syncs of a disk that is fit (etcd's FAQ: "What does the etcd warning 'failed to send out heartbeat'…"). */
const GOOD_SYNC_MS = 10
/** What a claim may take where sessions are to be told in about as long. */
const GOOD_CLAIM_MS = 10
const GOOD_WATCH_MS = 10
/** Where a quota is half used, compaction or defragmentation came late once already. */
const FULL_SHARE = 0.5
/** etcd before this has no transactions within transactions, or lost what was written (its CHANGELOG-3.4 and -3.5). */
const OLDEST = [3, 4, 10] as const

/** @throws IfBoardError `fast/refused`, `fast/certificate`, `fast/alarm` */
export async function probeFast(health: FastHealth): Promise<ProbeReport> {
  const members = await health.members()
  const reached = members.filter((member) => member.kind === 'reached')
  const checks = [...members.flatMap(checksOf), ...checksOfAll(reached)]
  if (reached.length === 0) return { checks }
  const exercise = await health.exercise()
  return { checks: [...checks, ...checksOfExercise(exercise)] }
}

function checksOf(member: FastMember): ProbeCheck[] {
  const named = (name: string) => `${name} ${member.endpoint}`
  if (member.kind === 'unreached')
    return [bad(named('endpoint'), printable(member.reason, 300), 'Check the address, and that etcd runs there')]
  const { version, hasLeader, isSecure, isLoopback, alarms } = member
  return [
    good(named('endpoint'), `etcd ${printable(version, 20)}${hasLeader ? '' : ', without a leader'}`, {
      problem: !hasLeader && 'Most members of the cluster must be up',
    }),
    good(named('version'), `${printable(version, 20)}`, {
      problem: !isAtLeast(version, OLDEST) && `Use etcd ${OLDEST.join('.')} or later`,
    }),
    good(named('transport'), isSecure ? 'TLS' : `not encrypted${isLoopback ? ', on this machine' : ''}`, {
      problem: !isSecure && !isLoopback && 'Give etcd a certificate (--cert-file, --key-file), and name it by https://',
    }),
    good(named('alarms'), alarms.length === 0 ? 'none' : alarms.join(', '), {
      problem: alarms.length > 0 && 'etcdctl alarm list; what to do is in docs/operations.md',
    }),
    quotaCheck(named('quota'), member),
    historyCheck(named('compaction'), member),
    syncCheck(named('disk'), member),
  ]
}

function quotaCheck(name: string, { database }: Reached): ProbeCheck {
  const { bytes, quotaBytes } = database
  const size = `${mebibytes(bytes)} MiB`
  if (quotaBytes === undefined) return good(name, `${size} used; the member does not tell its quota`)
  return good(name, `${size} of ${mebibytes(quotaBytes)} MiB`, {
    problem: bytes > quotaBytes * FULL_SHARE && 'Compact and defragment, or raise --quota-backend-bytes',
  })
}

function historyCheck(name: string, { keepsOldHistory, revision }: Reached): ProbeCheck {
  const hint = 'Set --auto-compaction-mode=periodic --auto-compaction-retention=1h'
  if (keepsOldHistory === undefined)
    return good(
      name,
      `revision ${revision}: too early to see whether history is compacted; docs/operations.md says how`,
    )
  return good(name, keepsOldHistory ? 'a million old revisions are still kept' : 'history is compacted', {
    problem: keepsOldHistory && hint,
  })
}

function syncCheck(name: string, { walSync }: Reached): ProbeCheck {
  if (walSync === undefined) return good(name, 'the member does not serve its metrics; see how long a claim takes')
  const { p99Ms, count } = walSync
  return good(name, `99 % of ${count} syncs took at most ${milliseconds(p99Ms)} ms`, {
    problem: p99Ms > GOOD_SYNC_MS && `Give etcd a disk of its own that syncs in under ${GOOD_SYNC_MS} ms`,
  })
}

function checksOfAll(reached: readonly Reached[]): ProbeCheck[] {
  if (reached.length === 0) return []
  const clusters = new Set(reached.map(({ cluster }) => cluster))
  const members = Math.max(0, ...reached.map((member) => member.members ?? 0))
  return [
    good('cluster', `${printable([...clusters].join(', '), 100)}, ${members} member${members === 1 ? '' : 's'}`, {
      problem: clusters.size > 1 && 'The endpoints belong to different clusters: name those of one alone',
    }),
  ]
}

function checksOfExercise(
  exercise: FastExercise | { readonly kind: 'unreached'; readonly reason: string },
): ProbeCheck[] {
  if (exercise.kind === 'unreached')
    return [bad('claims', `could not be tried: ${printable(exercise.reason, 300)}`, 'if-board fast probe')]
  const { isExclusive, claimMs, watchMs, leaseSeconds, leaseEndedAfterMs } = exercise
  const late = leaseEndedAfterMs === undefined
  const early = !late && leaseEndedAfterMs < leaseSeconds * 1000
  return [
    good('compare and set', isExclusive ? 'one claim a task, in the open epoch alone' : 'a second claim was granted', {
      problem: !isExclusive && 'This is no etcd that may decide claims: do not use it',
    }),
    latencyCheck('claim', claimMs, GOOD_CLAIM_MS, 'etcd answers slowly: look at its disk, its load and the way to it'),
    latencyCheck('watch', watchMs, GOOD_WATCH_MS, 'Something between here and etcd holds answers back'),
    good(
      'lease',
      late
        ? `one of ${leaseSeconds} s had not ended`
        : `one of ${leaseSeconds} s ended after ${milliseconds(leaseEndedAfterMs)} ms`,
      { problem: (late || early) && 'Leases must end: look at the clock and the load of the leader' },
    ),
  ]
}

function latencyCheck(name: string, times: readonly number[], goodMs: number, hint: string): ProbeCheck {
  if (times.length === 0) return bad(name, 'nothing came', hint)
  const [middle, most] = [quantile(times, 0.5), quantile(times, 0.99)]
  return good(name, `median ${milliseconds(middle)} ms, at most ${milliseconds(most)} ms of ${times.length}`, {
    problem: middle > goodMs && hint,
  })
}

/** By the nearest rank. */
function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

function good(name: string, message: string, { problem = false }: { problem?: string | false } = {}): ProbeCheck {
  return problem === false ? { name, ok: true, message, hint: undefined } : bad(name, message, problem)
}

function bad(name: string, message: string, hint: string): ProbeCheck {
  return { name, ok: false, message, hint }
}

function isAtLeast(version: string, oldest: readonly number[]): boolean {
  const parts = version.split('.', 3).map((part) => Number.parseInt(part, 10))
  const at = oldest.findIndex((part, index) => part !== parts[index])
  return at === -1 || (parts[at] ?? 0) > (oldest[at] ?? 0)
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(bytes < 2 ** 23 ? 1 : 0)
const milliseconds = (ms: number): string => (ms < 100 ? ms.toFixed(1) : ms.toFixed(0))
