/** Objects of the hub through git: read by one lasting process, written in one command. */
import { createHash } from 'node:crypto'
import { type GitObject, type ObjectHash, type ObjectId, objectId } from '../../model/index.ts'
import type { ObjectStore } from '../../ports/index.ts'
import { batchReader } from './batch-reader.ts'
import { gitFailed, pipeGit, spawnGit } from './git.ts'
import type { Hub } from './hub.ts'
import { encodePack } from './pack-writer.ts'

export function gitObjectStore({ place, repository }: Hub): ObjectStore {
  const { objectFormat } = repository
  const hash: ObjectHash = (bytes) => createHash(objectFormat).update(bytes).digest('hex')
  // A replacement would give other bytes than the id says.
  const reader = batchReader(() => spawnGit(place, ['--no-replace-objects', 'cat-file', '--batch']))
  return {
    hash,
    oidBytes: objectFormat === 'sha256' ? 32 : 20,
    read: (oid) => reader.read(oid),

    async write(objects: readonly GitObject[]): Promise<ObjectId[]> {
      if (objects.length === 0) return []
      const answer = await pipeGit(place, ['unpack-objects', '-q'], encodePack(objects, hash))
      if (answer.exitCode !== 0) throw gitFailed('write objects into the hub', answer)
      return objects.map((object) => objectId(object, hash))
    },

    close: () => reader.close(),
  }
}
