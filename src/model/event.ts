/**
 * The signed event that one operation of a session is, and that one commit carries.
 *
 * Shape: CloudEvents 1.0 (context attributes in lower case; extension attributes `sequence`, `previous`, `parents`,
 * `session`, `sessionkey`, `signature`, and `traceparent` of its distributed tracing extension). The commit that
 * carries it has an empty tree; its bytes are a function of the event, so its object id can be recomputed.
 * `docs/events.md` has one line per type.
 */
import type { Amount, BreakerChange } from './governor.ts'
import type { HttpUse } from './http.ts'
import type { BoardName, EpochMs, ObjectId, SessionName, TaskId, TaskKey, Usd } from './ids.ts'
import type { ProxyRequests } from './proxy.ts'

/** Operations that move a claim ref, and facts that live on the chain alone. */
export type EventType =
  | 'claim'
  | 'steal'
  | 'release'
  | 'fail'
  | 'block'
  | 'revoked'
  | 'withdraw'
  | 'complete'
  | 'merged'
  | 'carried'
  | 'joined'
  | 'note'
  | 'lost'
  | 'denied'
  | 'cost'
  | 'requested'
  | 'breaker'
  | 'key-granted'
  | 'key-revoked'
  | 'mode'
  | 'pruned'
  | 'ran'
  | 'executed'

/** What a claim ref holds: `granted` is live, `returned` is free again, `completed` waits for a fold. */
export type ClaimKind = 'granted' | 'returned' | 'completed'

export interface EventTask {
  readonly board: BoardName
  readonly id: TaskId
  /** Title at that moment, so that an orphan can be told apart. */
  readonly title: string
}

/** Evidence of a completion. */
export interface Evidence {
  readonly branch?: string
  readonly commit?: ObjectId
  /** URL or free text given by `--evidence`. */
  readonly reference?: string
  /** At most 500 characters, for whoever does the next task. */
  readonly note?: string
}

/** What work has cost; every amount is at least 0, and what is not known is absent. */
export interface Cost {
  readonly usd?: Usd
  readonly seconds?: number
  /** At most 100 characters. */
  readonly model?: string
  /** All that was read, cached or not. */
  readonly inputTokens?: number
  readonly outputTokens?: number
  /** The parts of `inputTokens` that were read from a cache, and into one. */
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  /** Where the figures come from; absent: `reported`. */
  readonly source?: CostSource
}

/**
 * Typed by whoever did the work, told by its tool over OpenTelemetry, read in its tool's transcript, or worked out from
 * rates and times.
 */
export type CostSource = 'reported' | 'otel' | 'transcript' | 'estimate'

/** Who called: a command that was typed, a hook of a coding tool, its MCP connection, or the watcher. */
export type Trigger = 'cli' | 'hook' | 'mcp' | 'watch'

/** Version of the registry of keys and SHA-256 (hexadecimal) of the statement that changed it. */
export interface RegistryChange {
  readonly version: number
  readonly statement: string
}

/** Another engine decides claims from now on, under this epoch. */
export interface ModeChange {
  readonly from: string
  readonly to: string
  readonly epoch: number
}

/** Events of the folds up to `throughFold` were taken out of their notes; the checkpoints stay. */
export interface Pruning {
  readonly throughFold: number
  /** RFC 3339 UTC with milliseconds: all of them are older. */
  readonly before: string
  readonly events: number
  /** Hash over the checkpoints of folds 1 to `throughFold`, which stay (docs/retention.md): 64 hexadecimal digits. */
  readonly kept: string
}

/** How a check or a body ended: as the chassis says it (`ports/chassis.ts`). */
export const RUN_OUTCOMES = [
  'completed',
  'exit',
  'fuel',
  'deadline',
  'memory',
  'output',
  'trap',
  'invalid',
  'denied',
  'unavailable',
  'crashed',
  'stopped',
] as const
export type RunOutcome = (typeof RUN_OUTCOMES)[number]

/** One run of a check or a body (docs/checks.md). */
export interface Run {
  /** `done` and `check` ask for a check, `run` for a body. */
  readonly purpose: 'done' | 'check' | 'run'
  /** Such as `js:checks/api.js`; of a command its program alone. */
  readonly job: string
  /** Of the module or script: 64 hexadecimal digits. */
  readonly sha256?: string
  /** The commit that its inputs were read from. */
  readonly commit: ObjectId
  readonly outcome: RunOutcome
  /** Of `exit`. */
  readonly status?: number
  /** Layers of isolation that were active. */
  readonly layers: readonly string[]
  /** Units that were used, and the module's memory at its largest, where its process said so. */
  readonly fuel?: number
  readonly memoryBytes?: number
  /** Files that it gave back. */
  readonly outputs?: readonly { readonly path: string; readonly sha256: string }[]
  /** Services that it asked; such a run cannot be repeated. Absent: it asked none. */
  readonly http?: readonly HttpUse[]
}

export function isPassed({ outcome }: Pick<Run, 'outcome'>): boolean {
  return outcome === 'completed'
}

const UNJUDGED: ReadonlySet<RunOutcome> = new Set(['denied', 'unavailable', 'crashed', 'stopped'])

/**
 * Did it come to an end that says something of what was checked? One that did not pass and was left without an answer may
 * have failed for that alone.
 */
export function isJudged({ outcome, http = [] }: Pick<Run, 'outcome' | 'http'>): boolean {
  if (UNJUDGED.has(outcome)) return false
  return outcome === 'completed' || http.every(({ unreachable }) => unreachable === undefined)
}

/** How a command ended: as the executor says it (`ports/executor.ts`), of those that end a run. */
export const EXECUTION_OUTCOMES = [
  'completed',
  'exit',
  'signal',
  'deadline',
  'output',
  'memory',
  'unstartable',
  'stopped',
] as const
export type ExecutionOutcome = (typeof EXECUTION_OUTCOMES)[number]

/** One run of a command of the machine (docs/executor.md). */
export interface Execution {
  /** Name of the grant, and of the program that it pins. */
  readonly command: string
  readonly program: string
  /** Behind the program's name, one blank between them; at most 500 characters. */
  readonly words: string
  /** Of the program's bytes: 64 hexadecimal digits. */
  readonly sha256: string
  readonly outcome: ExecutionOutcome
  /** Of `exit`. */
  readonly status?: number
  /** Of `signal`. */
  readonly signal?: string
  /** Layers that stood between it and the machine. */
  readonly layers: readonly string[]
  readonly ms: number
  /** What it wrote to standard output and standard error together; the text itself is never logged. */
  readonly outputBytes: number
  /** Absent: no variable told it of a proxy. */
  readonly proxy?: ProxyWay
}

/** For a program that was told of a proxy: `advisory`, it has the network as well; `only`, it has no other way out. */
export const PROXY_WAYS = ['advisory', 'only'] as const
export type ProxyWay = (typeof PROXY_WAYS)[number]

/** An event before it is signed. Absent fields are left out of the canonical JSON. */
export interface EventBody {
  readonly specversion: '1.0'
  /** 128 random bits, hexadecimal: what makes two otherwise equal operations two objects. */
  readonly id: string
  /** `if-board:<board id>`. */
  readonly source: string
  /** `if-board.<EventType>`. */
  readonly type: `if-board.${EventType}`
  /** The task's key, where the event is about a task. */
  readonly subject?: TaskKey
  /** RFC 3339 UTC with milliseconds: when it was said. */
  readonly time: string
  /** W3C Trace Context, where there is a subject: one trace per task, one span per grant (`witness/trace.ts`). */
  readonly traceparent?: string
  readonly session: SessionName
  /** Public key of the session: base64url of the raw 32 bytes (Ed25519). */
  readonly sessionkey: string
  /** 1 for the first event of a session, then +1 each. */
  readonly sequence: number
  /** SHA-256 of the canonical JSON of the session's previous event; absent for the first. */
  readonly previous?: string
  /** Parents of the carrying commit: the chain's previous commit unless sealed, the claim ref's old value; each once. */
  readonly parents: readonly ObjectId[]
  readonly data: EventData
}

export interface EventData {
  readonly task?: EventTask
  /** For `claim` and `steal`: the board's text as it was judged, so that the holder can be told what changed in its task. */
  readonly boardBlob?: ObjectId
  /** Value of the claim ref that this event replaces; absent = the ref did not exist. */
  readonly replaces?: ObjectId
  /** How many grants the task has had, this one included. */
  readonly epoch?: number
  readonly leaseSeconds?: number
  /** Failures so far, kept through grants so that a fold can count them. */
  readonly failures?: number
  /** For `withdraw`: who failed at the task last, because this claim tried nothing. */
  readonly failedBy?: SessionName
  /** Epoch of the mode record under which a claim was asked for; 0 = git. */
  readonly modeEpoch?: number
  /** Of `claim` and `carried`: etcd decides it, where its lease ends without an event. */
  readonly inEtcd?: true
  /** In words; for `note` and `cost` what was typed. */
  readonly reason?: string
  /** Whose: the claim that was stolen, revoked, merged, carried or lost to; the key that was granted or revoked. */
  readonly from?: string
  readonly evidence?: Evidence
  /** For `complete`, `fail`, `release`, `block` and `cost`: what is reported, in this event alone. */
  readonly cost?: Cost
  /** What a `claim` or `steal` sets aside until its grant ends; on what ends a grant, what that had set aside. */
  readonly reserve?: Amount
  /** For `steal`: what the grant that it ends had set aside. */
  readonly forfeit?: Amount
  /** For what its holder ends: seconds since the grant, by the one clock that both are dated by. */
  readonly heldSeconds?: number
  /** For `complete`: the estimate that the board had then. */
  readonly estimateMinutes?: number
  /** Why this task: the scheduler's reasons, for people. */
  readonly why?: readonly string[]
  readonly trigger?: Trigger
  /** How well session and task match, by the governor: 0 to 1; absent where the task needs nothing. */
  readonly score?: number
  /** What the policy said: `allow` in a `claim` or `steal`, `refuse` in a `denied`. */
  readonly verdict?: 'allow' | 'refuse'
  /** For `denied`: the rule that refused. */
  readonly rule?: string
  /** For `carried`: since when the claim is held, as `time`. */
  readonly heldSince?: string
  /** Where it was said later than it happened (`lost`, `denied`, a late `cost`): when that was, as `time`. */
  readonly happened?: string
  /** How many such facts were too many to be said, up to this event. */
  readonly dropped?: number
  /** Chains of others that moved since this session's previous event, at most 16 (`witness/saw.ts`). */
  readonly saw?: readonly string[]
  /** For `block`: the external blocker's text. */
  readonly blocker?: string
  /** For `block`: what helping needs, and the task that was made for it; the blocked one waits for that. */
  readonly needs?: readonly string[]
  readonly help?: Omit<EventTask, 'title'>
  /** For `joined`. */
  readonly capabilities?: readonly string[]
  readonly model?: string
  readonly rateUsdPerHour?: Usd
  readonly budgetUsd?: Usd
  /** Version of the statement by which an operator granted the key that signs (docs/grants.md). */
  readonly grant?: number
  /** For `requested`: what the proxy passed on and refused. */
  readonly requests?: ProxyRequests
  /** For `breaker`. */
  readonly breaker?: BreakerChange
  /** For `key-granted` and `key-revoked`. */
  readonly registry?: RegistryChange
  /** For `mode`. */
  readonly mode?: ModeChange
  /** For `pruned`. */
  readonly pruned?: Pruning
  /** For `ran`. */
  readonly ran?: Run
  /** For `executed`. */
  readonly executed?: Execution
}

export interface SignedEvent extends EventBody {
  /** Ed25519 over the canonical JSON of the body, base64url without padding. */
  readonly signature: string
}

/** A claim ref as it was read: the event that its commit carries, and the commit's id. */
export interface ClaimRecord {
  readonly oid: ObjectId
  readonly key: TaskKey
  readonly kind: ClaimKind
  readonly event: SignedEvent
  readonly session: SessionName
  readonly epoch: number
  readonly failures: number
  readonly leaseMs: number
  readonly modeEpoch: number
  readonly at: EpochMs
  /** Of a completion; `merged` names that of the completion that it replaces, where the reader knows it. */
  readonly cost?: Cost
}

/** A session's chain ref as it was read. A beat (sign of life) replaces the last beat and is no event. */
export interface SessionRecord {
  readonly name: SessionName
  /** What the ref holds: an event's commit or a beat's. */
  readonly oid: ObjectId
  /** The chain's newest event and its commit; absent when only a beat stands on a sealed chain. */
  readonly last: { readonly oid: ObjectId; readonly event: SignedEvent } | undefined
  readonly beat: { readonly at: EpochMs; readonly last: ObjectId | undefined } | undefined
}
