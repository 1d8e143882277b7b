/** What a watcher knows, as figures for a monitor. Pure; names and units as Prometheus asks for (its page "Metric and label naming"). */
import { elapsedMs } from '../../claim/index.ts'
import type { Mode } from '../../fast/mode.ts'
import type { Instant } from '../../ports/index.ts'
import type { SessionItem, StatusView } from '../views-status.ts'
import type { AlarmKind } from './alarms.ts'
import type { Tally } from './tally.ts'

export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ProcessFigures {
  readonly version: string
  readonly residentBytes: number
  readonly cpuSeconds: number
  /** Seconds since 1970. */
  readonly startedAtSeconds: number
}

export interface MetricFacts {
  readonly tally: Tally
  /** Of the newest reading, as of now; `undefined` before the first. */
  readonly status: StatusView | undefined
  readonly now: Instant
  readonly own: ProcessFigures
}

/** A monitor keeps one series for each label: names of sessions are made up by whoever comes. */
const MOST_SESSIONS = 50
const STATES = ['standing-by', 'looking', 'seeing', 'blind'] as const
const ACTIVITIES = ['working', 'idle', 'waiting', 'blocked', 'silent', 'paused'] as const
const ALARMS: readonly AlarmKind[] = [
  'ready-untaken',
  'session-silent',
  'session-idle',
  'critical-blocker',
  'same-deliverable',
  'switch-held',
]

export function metricsOf(facts: MetricFacts): Metric[] {
  return [
    ...watcherMetrics(facts),
    ...boardMetrics(facts),
    ...modeMetrics(facts),
    ...alarmMetrics(facts),
    ...processMetrics(facts),
  ]
}

function watcherMetrics({ tally, now }: MetricFacts): Metric[] {
  const { state, requests, answeredAtMs } = tally
  const age = answeredAtMs === undefined ? [] : [plain((now.monotonicMs - answeredAtMs) / 1000)]
  return [
    gauge(
      'if_board_watcher_state',
      'State of this watcher: 1 for the one that it is in.',
      by('state', STATES, (one) => Number(one === state)),
    ),
    gauge(
      'if_board_last_answer_age_seconds',
      'Time since the authority answered a look; absent before the first.',
      age,
    ),
    counter('if_board_looks_total', 'Looks at the authority.', [plain(tally.looks)]),
    counter('if_board_look_failures_total', 'Looks that were not answered.', [plain(tally.failedLooks)]),
    counter('if_board_folds_total', 'Folds of this watcher that landed.', [plain(tally.folds)]),
    counter('if_board_fold_failures_total', 'Folds of this watcher that failed.', [plain(tally.failedFolds)]),
    counter(
      'if_board_authority_requests_total',
      'Requests of this watcher to the authority: ref listings, fetches, pushes.',
      by('request', ['look', 'fetch', 'push'] as const, (kind) => requests[kind]),
    ),
  ]
}

function boardMetrics({ tally, status, now }: MetricFacts): Metric[] {
  if (status === undefined) return []
  const { total, ...statuses } = status.totals
  const count = (activity: SessionItem['activity']) => status.sessions.filter((one) => one.activity === activity).length
  const named = [...status.sessions].sort(bySilence).slice(0, MOST_SESSIONS)
  return [
    gauge(
      'if_board_tasks',
      'Tasks by status.',
      by('status', keysOf(statuses), (one) => statuses[one]),
    ),
    gauge('if_board_claims', 'Live claims, several of one session too.', [
      plain(status.sessions.reduce((sum, { tasks }) => sum + tasks.length, 0)),
    ]),
    gauge('if_board_sessions', 'Sessions by what they do.', by('state', ACTIVITIES, count)),
    gauge(
      'if_board_session_silence_seconds',
      `Time without a sign of life, of at most ${MOST_SESSIONS} sessions: those that hold something, then the newest.`,
      named.flatMap(({ name, silentSeconds }) =>
        silentSeconds === null ? [] : [{ labels: { session: name }, value: silentSeconds }],
      ),
    ),
    gauge('if_board_critical_path_seconds', 'Remaining time on the critical path by the estimates.', [
      plain(status.remainingMinutes * 60),
    ]),
    gauge('if_board_oldest_ready_age_seconds', 'How long this watcher has seen a task ready and untaken; 0: none is.', [
      plain(oldestReadySeconds(tally, now)),
    ]),
  ]
}

/** Who holds something first; then who said something last. */
function bySilence(a: SessionItem, b: SessionItem): number {
  const holds = Number(b.tasks.length > 0) - Number(a.tasks.length > 0)
  if (holds !== 0) return holds
  return (a.silentSeconds ?? Number.MAX_SAFE_INTEGER) - (b.silentSeconds ?? Number.MAX_SAFE_INTEGER)
}

function oldestReadySeconds({ followed }: Tally, now: Instant): number {
  const ages = [...followed.values()]
    .filter(({ condition }) => condition.alarm === 'ready-untaken')
    .map(({ since }) => elapsedMs(since, now) / 1000)
  return ages.reduce((oldest, age) => Math.max(oldest, age), 0)
}

const MODES: readonly Mode[] = ['git', 'switching', 'etcd', 'draining']
const ENGINES = ['git', 'etcd'] as const

/** Who decides claims, and what the rule of the settings goes by. */
function modeMetrics({ tally: { reading, escalation, switches } }: MetricFacts): Metric[] {
  if (reading === undefined || escalation === undefined) return []
  const { contention, claimsPerMinute } = escalation.facts
  const { judged } = escalation
  const wanted = judged.kind === 'stay' ? undefined : judged.to
  const waits =
    contention.claims === 0
      ? []
      : ([
          ['0.5', contention.medianWaitMs],
          ['0.9', contention.p90WaitMs],
        ] as const)
  return [
    gauge(
      'if_board_mode',
      'Who decides claims: 1 for the mode that it is in.',
      by('mode', MODES, (one) => Number(one === reading.mode.mode)),
    ),
    gauge('if_board_measured_claims', 'Claims in git of this clone that the rule goes by.', [plain(contention.claims)]),
    gauge('if_board_measured_lost_push_ratio', 'Of the pushes for them, those that came to nothing.', [
      plain(contention.lostPercent / 100),
    ]),
    gauge(
      'if_board_measured_claim_wait_seconds',
      'Time from the first push for a claim to its answer, by the share of them that took at most this.',
      waits.map(([quantile, ms]) => ({ labels: { quantile }, value: ms / 1000 })),
    ),
    gauge(
      'if_board_etcd_claim_rate_per_second',
      'Claims a second in etcd over the window of the rule; absent where it was not watched for so long.',
      claimsPerMinute === undefined ? [] : [plain(claimsPerMinute / 60)],
    ),
    gauge(
      'if_board_switch_wanted',
      'Who should decide by the rule, and does not: 1.',
      by('to', ENGINES, (one) => Number(one === wanted)),
    ),
    counter(
      'if_board_switches_total',
      'Changes of who decides that this watcher began by itself.',
      by('to', ENGINES, (one) => switches[one]),
    ),
  ]
}

function alarmMetrics({ tally }: MetricFacts): Metric[] {
  const told = [...tally.followed.values()].filter((one) => one.told)
  return [
    gauge(
      'if_board_alarms',
      'Alarms that were told and hold now.',
      by('alarm', ALARMS, (kind) => told.filter(({ condition }) => condition.alarm === kind).length),
    ),
    counter(
      'if_board_alarms_raised_total',
      'Alarms told by this watcher.',
      by('alarm', ALARMS, (kind) => tally.raised.get(kind) ?? 0),
    ),
  ]
}

/** The names that client libraries of Prometheus give them (its page "Writing client libraries"). */
function processMetrics({ own }: MetricFacts): Metric[] {
  return [
    gauge('if_board_build_info', 'Version of if-board.', [{ labels: { version: own.version }, value: 1 }]),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [plain(own.residentBytes)]),
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', [plain(own.cpuSeconds)]),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', [
      plain(own.startedAtSeconds),
    ]),
  ]
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: 'gauge', help, samples }
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: 'counter', help, samples }
}

function plain(value: number): Sample {
  return { labels: {}, value }
}

/** One sample for each value, also where it is 0: a series that comes and goes cannot be counted with. */
function by<T extends string>(label: string, values: readonly T[], figureOf: (value: T) => number): Sample[] {
  return values.map((value) => ({ labels: { [label]: value }, value: figureOf(value) }))
}

function keysOf<T extends object>(value: T): (keyof T & string)[] {
  return Object.keys(value) as (keyof T & string)[]
}
