/** Objects of the hub through git: read by one lasting process, written in one command. */
import { createHash } from 'node:crypto'
import { type GitObject, type ObjectHash, type ObjectId, objectId } from '../../model/index.ts'
import type { ObjectStore } from '../../ports/index.ts'
import { batchReader } from './batch-reader.ts'
import { gitFailed, pipeGit, spawnGit } from './git.ts'
import type { Hub } from './hub.ts'

/** What one process keeps in memory of the objects that it read, and the largest of them. */
const KEPT_BYTES = 32 * 1024 * 1024
const KEPT_OBJECT_BYTES = 1024 * 1024

export function gitObjectStore({ place, repository }: Hub): ObjectStore {
  const { objectFormat } = repository
  const hash: ObjectHash = (bytes) => createHash(objectFormat).update(bytes).digest('hex')
  // A replacement would give other bytes than the id says.
  const reader = batchReader(() => spawnGit(place, ['--no-replace-objects', 'cat-file', '--batch']))
  // Objects never change, and a reading of the boards asks for mostly the same ones again.
  const kept = new Map<ObjectId, GitObject>()
  let keptBytes = 0
  const keep = (oid: ObjectId, object: GitObject) => {
    if (object.body.length > KEPT_OBJECT_BYTES) return
    if (keptBytes + object.body.length > KEPT_BYTES) {
      kept.clear()
      keptBytes = 0
    }
    kept.set(oid, object)
    keptBytes += object.body.length
  }
  return {
    hash,
    oidBytes: objectFormat === 'sha256' ? 32 : 20,
    async read(oid) {
      const known = kept.get(oid)
      if (known !== undefined) return known
      const found = await reader.read(oid)
      if (found !== undefined) keep(oid, found)
      return found
    },

    async write(objects: readonly GitObject[]): Promise<ObjectId[]> {
      if (objects.length === 0) return []
      const { encodePack } = await import('./pack-writer.ts')
      const answer = await pipeGit(place, ['unpack-objects', '-q'], encodePack(objects, hash))
      if (answer.exitCode !== 0) throw gitFailed('write objects into the hub', answer)
      return objects.map((object) => objectId(object, hash))
    },

    close: () => reader.close(),
  }
}
