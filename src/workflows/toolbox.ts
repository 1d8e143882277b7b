import type { RefLayout } from '../claim/index.ts'
import type { ObjectId, Sha256 } from '../model/index.ts'
import type {
  Chance,
  Clock,
  KeyRing,
  LocalMemory,
  ObjectStore,
  RefStore,
  SecretMask,
  WorkRepository,
} from '../ports/index.ts'
import type { Masked } from './sayable.ts'

/** What every workflow is given: the ports, already opened on one hub. */
export interface Toolbox {
  readonly refs: RefStore
  readonly objects: ObjectStore
  readonly memory: LocalMemory
  readonly clock: Clock
  readonly chance: Chance
  readonly keys: KeyRing
  readonly work: WorkRepository
  readonly secrets: SecretMask
  /** Told at once, also when the operation is tried again or fails later. */
  readonly tellMasked: (masked: Masked) => void
  readonly layout: RefLayout
  readonly sha256: Sha256
  /** SHA-256 of bytes, for the tree of sealed events (RFC 6962). */
  readonly sha256Bytes: (bytes: Uint8Array) => Uint8Array
  readonly emptyTree: ObjectId
  readonly boardId: string
  readonly authority: 'remote' | 'local'
}
