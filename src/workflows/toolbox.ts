import type { RefLayout } from '../claim/index.ts'
import type { ObjectId, SessionName, Sha256, SshCrypto, TaskKey, Trigger } from '../model/index.ts'
import type {
  Chance,
  Clock,
  KeyRing,
  LocalMemory,
  ObjectStore,
  OperatorPins,
  PolicyEngine,
  RefStore,
  SecretMask,
  Transcript,
  Transcripts,
  WorkRepository,
} from '../ports/index.ts'
import type { RankedTask } from '../scheduler/index.ts'
import type { PriceTable } from '../witness/price.ts'

/** What was masked, for whoever asked for the operation. */
export interface Masked {
  /** Such as `the note`. */
  readonly place: string
  /** One for each secret. */
  readonly kinds: readonly string[]
  /** Where the text came from: a command's own words, or a board, which keeps what is typed there. */
  readonly source: 'command' | 'board'
}

/** What a workflow needs that signs or pushes words. */
export interface Masking {
  readonly secrets: SecretMask
  /** Called at once, also when the operation is tried again or fails later. */
  readonly tellMasked: (masked: Masked) => void
}

/** What a coding tool has used, and what that costs by list prices. */
export interface Spending {
  readonly transcripts: Transcripts
  /** Of the tool that runs this process, where its environment tells. */
  readonly ownTranscript: () => Promise<Transcript | undefined>
  readonly prices: () => Promise<PriceTable>
}

/** What rules of git cannot know while etcd decides; docs/fast-path.md. */
export interface FastSide {
  /** A sign of life of the session: its claims are renewed for this long without another one. */
  readonly alive: (session: SessionName, forMs: number) => Promise<void>
  /** Is the task completed in etcd, and not in git? */
  readonly awaitsFold: (task: TaskKey) => boolean
  /** Of what the session may have, best first, the task to ask for. */
  readonly pick: (ranked: readonly RankedTask[], session: SessionName) => RankedTask | undefined
}

/** What every workflow is given: the ports, already opened on one hub. */
export interface Toolbox extends Masking {
  readonly refs: RefStore
  readonly objects: ObjectStore
  readonly memory: LocalMemory
  readonly clock: Clock
  readonly chance: Chance
  readonly keys: KeyRing
  readonly work: WorkRepository
  readonly layout: RefLayout
  readonly sha256: Sha256
  /** SHA-256 of bytes, for the tree of sealed events (RFC 6962). */
  readonly sha256Bytes: (bytes: Uint8Array) => Uint8Array
  readonly emptyTree: ObjectId
  readonly boardId: string
  readonly authority: 'remote' | 'local'
  /** Who called: part of what every event says. */
  readonly trigger: Trigger
  /** Absent where there can be no policies, such as on a day that is run again; policies without it refuse everything. */
  readonly policies?: PolicyEngine
  /** Absent where nobody reads transcripts, such as on a day that is run again. */
  readonly spending?: Spending
  /** Told before the only task held is ended, where none was named: a repetition must mean the same one. */
  readonly aboutToEnd?: (task: TaskKey) => void
  /** Set where claims are decided in etcd. */
  readonly fast?: FastSide
  /** Who is pinned as an operator here; absent: grants limit nobody. */
  readonly registry?: () => Promise<{ readonly pins: OperatorPins; readonly crypto: SshCrypto }>
}
