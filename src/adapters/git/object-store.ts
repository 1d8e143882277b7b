/** Objects of the hub, or of the user's repository: loose ones as files, the others read through one lasting git process. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type GitObject, IfBoardError, type ObjectHash, type ObjectId, objectId } from '../../model/index.ts'
import type { ObjectStore } from '../../ports/index.ts'
import { batchReader } from './batch-reader.ts'
import type { Repository } from './discover.ts'
import { type GitPlace, spawnGit } from './git.ts'
import type { Hub } from './hub.ts'
import { readLoose, writeLoose } from './loose-objects.ts'

/** What one process keeps in memory of the objects that it read, and the largest of them. */
const KEPT_BYTES = 32 * 1024 * 1024
const KEPT_OBJECT_BYTES = 1024 * 1024

export function gitObjectStore({ path, place, repository }: Hub): ObjectStore {
  return objectStoreAt({
    folder: join(path, 'objects'),
    place,
    objectFormat: repository.objectFormat,
    of: 'of the hub',
  })
}

interface StorePlace extends Pick<Repository, 'objectFormat'> {
  /** `objects` of a git directory. */
  readonly folder: string
  readonly place: GitPlace
  /** Whose they are, in words. */
  readonly of: string
}

export function objectStoreAt({ folder, place, objectFormat, of }: StorePlace): ObjectStore {
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
  /** Git answers with whatever lies under an id. */
  const checked = (oid: ObjectId, found: GitObject | undefined) => {
    if (found === undefined || objectId(found, hash) === oid) return found
    throw new IfBoardError('git/failed', `object \`${oid}\` ${of} is damaged`, { hint: 'if-board doctor' })
  }
  const write = async (object: GitObject) => {
    const oid = objectId(object, hash)
    await writeLoose(folder, oid, object)
    return oid
  }
  return {
    hash,
    oidBytes: objectFormat === 'sha256' ? 32 : 20,
    async read(oid) {
      const known = kept.get(oid)
      if (known !== undefined) return known
      const found = readLoose(folder, oid, hash) ?? checked(oid, await reader.read(oid))
      if (found !== undefined) keep(oid, found)
      return found
    },

    write: (objects: readonly GitObject[]) => Promise.all(objects.map(write)),

    close: () => reader.close(),
  }
}
