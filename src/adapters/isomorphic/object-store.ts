/**
 * Objects of the hub without a git process, for programs that live long.
 *
 * Objects only: isomorphic-git has no compare-and-set for refs, ignores locks and cannot see linked
 * work trees. It knows SHA-1 alone and loads a pack whole, so it is never used outside the hub.
 */
import { createHash, randomBytes } from 'node:crypto'
import * as files from 'node:fs/promises'
// The library is CommonJS inside a split bundle: only its default import survives there.
import git from 'isomorphic-git'
import { type GitObject, IfBoardError, type ObjectHash, type ObjectId, toObjectId } from '../../model/index.ts'
import { MAX_OBJECT_BYTES, type ObjectStore } from '../../ports/index.ts'
import { cachedReads } from './read-cache.ts'

/** Events, beats and states of a long day of a fleet; a watcher asks for the same ones all the time. */
const REMEMBERED_BYTES = 16 << 20

/** `gitDir` is the path of a bare repository with SHA-1 objects. */
export function isomorphicObjectStore(gitDir: string): ObjectStore {
  return cachedReads(uncached(gitDir), REMEMBERED_BYTES)
}

function uncached(gitDir: string): ObjectStore {
  const hash: ObjectHash = (bytes) => createHash('sha1').update(bytes).digest('hex')
  const fs = { promises: { ...files, writeFile: writeDurably } }
  // Indexes of packs, kept between reads.
  const cache = {}
  return {
    hash,
    oidBytes: 20,

    async read(oid) {
      if (oid.length !== 40) return undefined
      try {
        const { type, object } = await git.readObject({ fs, gitdir: gitDir, oid, format: 'content', cache })
        return checked(oid, { type: type as GitObject['type'], body: Uint8Array.from(object as Uint8Array) })
      } catch (error) {
        if (error instanceof git.Errors.NotFoundError) return undefined
        throw error
      }
    },

    write: (objects) => Promise.all(objects.map((object) => writeOne({ fs, gitDir }, object))),

    close: async () => undefined,
  }
}

async function writeOne(
  { fs, gitDir }: { readonly fs: Parameters<typeof git.writeObject>[0]['fs']; readonly gitDir: string },
  { type, body }: GitObject,
): Promise<ObjectId> {
  return toObjectId(await git.writeObject({ fs, gitdir: gitDir, type, object: body, format: 'content' }))
}

function checked(oid: ObjectId, object: GitObject): GitObject {
  if (object.body.length <= MAX_OBJECT_BYTES) return object
  throw new IfBoardError('board/too-large', `object \`${oid}\` has ${object.body.length} bytes`, {
    hint: 'Keep large files off the coordination branch',
  })
}

/**
 * The library writes objects in place and takes a file that exists for whole. A process killed in
 * between would leave half an object for ever, so it is written beside its place and renamed.
 */
async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  const file = await files.open(beside, 'wx', 0o444)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(beside, path)
}
