/** Objects in memory. */
import { createHash } from 'node:crypto'
import { type GitObject, IfBoardError, type ObjectHash, type ObjectId, objectId } from '../../model/index.ts'
import { MAX_OBJECT_BYTES, type ObjectStore } from '../../ports/index.ts'

/** Objects by id; several stores may share them. */
export type MemoryObjects = Map<ObjectId, GitObject>

export function memoryObjectStore(objects: MemoryObjects = new Map(), format: 'sha1' | 'sha256' = 'sha1'): ObjectStore {
  const hash: ObjectHash = (bytes) => createHash(format).update(bytes).digest('hex')
  return {
    hash,
    oidBytes: format === 'sha256' ? 32 : 20,

    async read(oid) {
      const found = objects.get(oid)
      if (found === undefined) return undefined
      if (found.body.length > MAX_OBJECT_BYTES)
        throw new IfBoardError('board/too-large', `object \`${oid}\` has ${found.body.length} bytes`)
      // A copy, so that no reader can change what another one reads.
      return { type: found.type, body: Uint8Array.from(found.body) }
    },

    async write(written) {
      return written.map(({ type, body }) => {
        const oid = objectId({ type, body }, hash)
        objects.set(oid, { type, body: Uint8Array.from(body) })
        return oid
      })
    },

    close: async () => undefined,
  }
}
