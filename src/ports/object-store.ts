import type { GitObject, ObjectHash, ObjectId } from '../model/index.ts'

/**
 * Immutable objects of the hub, by content.
 *
 * 1. `read` gives exactly the bytes that `write` got; `undefined` means not here.
 * 2. `write` is durable and idempotent when it resolves; ids come in the order of the objects,
 *    and equal `objectId(object, hash)`.
 * 3. Both may be called many times at once and answer in any order.
 * 4. `read` refuses bodies above `MAX_OBJECT_BYTES` with `board/too-large`.
 *
 * `test/ports/object-store.contract.ts` holds every adapter to these.
 */
export interface ObjectStore {
  read(oid: ObjectId): Promise<GitObject | undefined>
  write(objects: readonly GitObject[]): Promise<ObjectId[]>
  /** Hash of the hub's object format; 40 hexadecimal digits or 64. */
  readonly hash: ObjectHash
  readonly oidBytes: 20 | 32
  /** Give back processes and handles; the store is not used afterwards. */
  close(): Promise<void>
}

/** 64 MiB: no board, state shard or note of ours comes near it. */
export const MAX_OBJECT_BYTES = 64 * 1024 * 1024
