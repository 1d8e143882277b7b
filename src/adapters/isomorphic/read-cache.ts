import type { GitObject, ObjectId } from '../../model/index.ts'
import type { ObjectStore } from '../../ports/index.ts'

/** What is larger is read seldom, and would push out much that is read often. */
const LARGEST_BYTES = 1 << 20

/**
 * Remembers what was read, least recently read out first: an object never changes under its id. That there is none is
 * not remembered, since a fetch may bring it.
 *
 * @param mostBytes of all bodies together
 */
export function cachedReads(store: ObjectStore, mostBytes: number): ObjectStore {
  // A Map keeps its keys in the order in which they were set.
  const known = new Map<ObjectId, GitObject>()
  let bytes = 0
  const remember = (oid: ObjectId, object: GitObject) => {
    if (object.body.length > LARGEST_BYTES || known.has(oid)) return
    known.set(oid, object)
    bytes += object.body.length
    for (const [oldest, { body }] of known) {
      if (bytes <= mostBytes) return
      known.delete(oldest)
      bytes -= body.length
    }
  }
  return {
    ...store,
    async read(oid) {
      const found = known.get(oid)
      if (found !== undefined) {
        known.delete(oid)
        known.set(oid, found)
        return found
      }
      const object = await store.read(oid)
      if (object !== undefined) remember(oid, object)
      return object
    },
    async close() {
      known.clear()
      bytes = 0
      await store.close()
    },
  }
}
