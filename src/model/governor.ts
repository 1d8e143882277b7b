/**
 * What the governor goes by: rules of `.if-board/config.yml` with every default filled in, and the ledger that folds keep.
 * Plain JSON throughout, so that both travel through the hub's memory as they are. `docs/governor.md` says how they act.
 */
import type { BoardName, EpochMs, SessionName, TaskKey } from './ids.ts'

/** Money in whole millionths of a dollar and tokens: sums of whole numbers are exact, in whatever order. */
export interface Amount {
  readonly microUsd: number
  readonly tokens: number
}

/** Upper bounds; what is left out is not bounded. */
export interface Cap {
  readonly microUsd?: number
  readonly tokens?: number
}

export interface GovernorConfig {
  readonly capabilities: CapabilityRules
  readonly budget: BudgetRules
  readonly breaker: BreakerRules
  readonly policy: PolicyRules
  readonly help: HelpRules
  readonly slo: SloRules
}

export interface CapabilityRules {
  /** Least |has ∩ needs| / |needs| at which a task is offered, 0 to 1; default 0.7. */
  readonly match: number
  /** Other thresholds, by board name and by task id or key; a task's goes before its board's. */
  readonly boards: readonly (readonly [board: string, match: number])[]
  readonly tasks: readonly (readonly [task: string, match: number])[]
  /** Capabilities beside the default vocabulary. */
  readonly vocabulary: readonly string[]
  /** Another word for a capability. */
  readonly aliases: readonly (readonly [alias: string, capability: string])[]
}

export interface BudgetRules {
  /** Everything that was ever spent on these boards. */
  readonly total: Cap
  /** Per day of UTC. */
  readonly day: Cap
  /** Each session, each task. A session's own `--budget` and a task's budget cell bound them further. */
  readonly session: Cap
  readonly task: Cap
  readonly boards: readonly (readonly [board: string, cap: Cap])[]
  /** What a claim reserves where neither history nor estimate says more; default $1 and 500,000 tokens. */
  readonly reserve: Amount
  /** Parts of a cap at which a person is told, in per cent, ascending; default 75, 90, 100. */
  readonly alerts: readonly number[]
  /** Sums spent on all boards together at which a person is told, with a cap or without. */
  readonly alertSums: readonly Cap[]
}

export interface BreakerRules {
  /** Failures in a row that open a session's breaker; default 3. */
  readonly consecutive: number
  /** As many failures within the window do so too; default 5 in 60 minutes. */
  readonly failures: number
  readonly windowMinutes: number
  /** Spending per hour over the window above which it opens; left out: no such limit. */
  readonly microUsdPerHour?: number
  /** Minutes until one probe task is allowed; default 15. */
  readonly coolDownMinutes: number
  /** `manual`: only `breaker reset` closes it. */
  readonly halfOpen: 'probe' | 'manual'
  /** A task that failed with this many different sessions is quarantined; default 3. */
  readonly quarantine: number
}

export interface PolicyRules {
  /**
   * When tasks are offered at all: `from` and `to` as minutes of the day in `zone` (IANA name; default UTC); `days` from
   * 1, Monday, to 7, Sunday (ISO 8601). Where `to` comes before `from`, it is on the next day.
   */
  readonly hours?: {
    readonly from: number
    readonly to: number
    readonly zone: string
    readonly days: readonly number[]
  }
  /** How many different sessions may try one task before a person must look. */
  readonly sessionsPerTask?: number
  /** Sections (words of their heading) and the sessions that may do their tasks; others may not. */
  readonly sections: readonly (readonly [section: string, sessions: readonly string[]])[]
  /** Ids or keys of tasks that are offered only when a person has approved them. */
  readonly approval: readonly string[]
  /** Ids or keys that a person has approved. */
  readonly approved: readonly string[]
  /** Glob patterns of paths that a completing commit may not have changed. */
  readonly forbiddenPaths: readonly string[]
  /** What holds where policies are there and none speaks; default `permit`. */
  readonly default?: 'permit' | 'deny'
}

export interface HelpRules {
  /** Sessions that may try one help task; default 2. */
  readonly sessions: number
  /** Minutes after which a blocker that nobody helps with goes to a person; default 30. */
  readonly escalateMinutes: number
}

export interface SloRules {
  /** Part of finished claims that end in a completion, 0 to 1; left out: no such objective. */
  readonly successRate?: number
  /** 99 % of claims are completed within this many minutes. */
  readonly p99Minutes?: number
  /** A session whose reputation lies below is offered nothing that it has not been assigned; default 0 = nobody. */
  readonly minReputation: number
}

export const GOVERNOR_DEFAULTS: GovernorConfig = {
  capabilities: { match: 0.7, boards: [], tasks: [], vocabulary: [], aliases: [] },
  budget: {
    total: {},
    day: {},
    session: {},
    task: {},
    boards: [],
    reserve: { microUsd: 1_000_000, tokens: 500_000 },
    alerts: [75, 90, 100],
    alertSums: [],
  },
  breaker: { consecutive: 3, failures: 5, windowMinutes: 60, coolDownMinutes: 15, halfOpen: 'probe', quarantine: 3 },
  policy: { sections: [], approval: [], approved: [], forbiddenPaths: [] },
  help: { sessions: 2, escalateMinutes: 30 },
  slo: { minReputation: 0 },
}

/** Paths that a commit and those before it changed since they left the base branch, `/` between parts. */
export type ChangedPaths =
  | { readonly kind: 'known'; readonly paths: readonly string[] }
  | { readonly kind: 'unknown'; readonly reason: string }

/**
 * How a grant ended. `stolen`: its holder was silent beyond the lease, which counts as a failure; `released`, `blocked`
 * and `revoked` say nothing for or against it. `refused` is no end: its check did not pass when its session said `done`,
 * once for each grant.
 */
export type Outcome = 'completed' | 'failed' | 'released' | 'blocked' | 'stolen' | 'revoked' | 'refused'

/** One grant that is over, as its last event tells it. */
export interface OutcomeRecord {
  /** Sequence of that event in the chain of whoever said it. */
  readonly sequence: number
  readonly task: TaskKey
  readonly outcome: Outcome
  /** When, by the clock of the one who said it; compared only within one session. */
  readonly at: EpochMs
  /** From grant to end, by the same clock; absent where grant and end have different clocks. */
  readonly minutes?: number
  /** The day of UTC that it counts for. */
  readonly day: string
  readonly charged: Amount
  /** The part of `charged` that is the reservation, for want of a figure; a later report takes its place. */
  readonly assumed?: Amount
}

/** What the sealed events of one session come to. */
export interface SessionAccount {
  readonly session: SessionName
  /** Events up to this sequence are in the ledger. */
  readonly through: number
  /** Latest day of UTC that its events have named; one that names an earlier day counts for this. */
  readonly day?: string
  readonly spent: Amount
  /** The last of them, oldest first, at most `MAX_OUTCOMES`. */
  readonly outcomes: readonly OutcomeRecord[]
  /** The newest of them, `<sequence> <task>`, that a reset of the breaker forgave, with all that came before it. */
  readonly forgiven?: string
  /** What it last said of itself when it joined; what a `joined` leaves out stays. */
  readonly capabilities: readonly string[]
  readonly model?: string
  readonly rateMicroUsdPerHour?: number
  readonly budgetMicroUsd?: number
}

/** What the sealed events of one board come to. */
export interface BoardAccount {
  readonly board: BoardName
  readonly spent: Amount
  /** By day of UTC, `2026-11-25`; ascending; the last `MAX_DAYS`, the first of which stands for all before it too. */
  readonly days: readonly (readonly [day: string, spent: Amount])[]
  /** Completed grants of late, oldest first, at most `MAX_SAMPLES`: what the next one is expected to take. */
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly session: SessionName
  readonly minutes: number
  /** The board's estimate at that time. */
  readonly estimateMinutes?: number
  /** Only where a figure said it. */
  readonly microUsd?: number
  readonly tokens?: number
}

/**
 * What sealed events of one task come to; kept in the task's own line of the state, because a board may have 100,000 tasks.
 */
export interface TaskAccount {
  readonly spent: Amount
  /** Sessions whose grant of it has ended other than by a withdrawal, in that order, each once. */
  readonly tried: readonly SessionName[]
  /** Sessions that failed at it since its breaker was last reset, each once. */
  readonly failed: readonly SessionName[]
  /** Failures of grants up to this epoch were forgiven by a reset. */
  readonly forgivenEpoch?: number
}

export const MAX_OUTCOMES = 32
export const MAX_DAYS = 40
export const MAX_SAMPLES = 64

/**
 * What folds have counted beside the tasks' own accounts, written with every fold that seals an event. Sorted by name;
 * adding the events beyond `through` of every chain gives what holds now.
 */
export interface Ledger {
  readonly sessions: readonly SessionAccount[]
  readonly boards: readonly BoardAccount[]
}

export const EMPTY_LEDGER: Ledger = { sessions: [], boards: [] }

/** A breaker changed: of a session or of a task. */
export interface BreakerChange {
  readonly of: 'session' | 'task'
  readonly name: string
  readonly to: 'open' | 'half-open' | 'closed'
  readonly rule: BreakerRule
  /** Of a `reset`: the newest ended grant of the session that it forgives, `<sequence> <task>`. */
  readonly forgiven?: string
  /** Of a `reset`: failures of grants of the task up to this epoch are forgiven. */
  readonly forgivenEpoch?: number
}

export type BreakerRule = 'consecutive' | 'failures' | 'cost-rate' | 'budget' | 'quarantine' | 'probe' | 'reset'
