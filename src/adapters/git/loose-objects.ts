/**
 * Loose objects of the hub as files: what was just said is read and written without starting git.
 *
 * An object `abcd…` is the file `objects/ab/cd…`, the zlib stream of `<type> <size>\0<body>`
 * (gitrepository-layout(5); "Object storage format" in the git user manual). A file is there whole or not
 * at all: it is written beside its place under the name that `git prune` clears away, synced, then renamed.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import {
  type GitObject,
  IfBoardError,
  type ObjectHash,
  type ObjectId,
  type ObjectType,
  objectId,
} from '../../model/index.ts'
import { MAX_OBJECT_BYTES } from '../../ports/index.ts'

/** `<type> <size>\0` of the largest body is shorter than this. */
const HEADER_BYTES = 32
const TYPES: readonly string[] = ['commit', 'tree', 'blob', 'tag'] satisfies ObjectType[]
const GROUP_WRITES = 0o020

/**
 * The object if it lies loose in `folder` and is what its id says; else git has to be asked.
 * Synchronous: such a file is small, and each trip to another thread would cost more than reading it.
 *
 * @param folder  `objects` of the repository
 * @throws IfBoardError `board/too-large`
 */
export function readLoose(folder: string, oid: ObjectId, hash: ObjectHash): GitObject | undefined {
  const stored = readIfThere(pathOf(folder, oid))
  if (stored === undefined) return undefined
  const whole = inflate(stored, oid)
  const end = whole?.indexOf(0) ?? -1
  if (whole === undefined || end < 0) return undefined
  const [type = ''] = whole.toString('latin1', 0, end).split(' ')
  // A copy: the buffer that was inflated into may be much larger.
  const object = { type: type as ObjectType, body: Uint8Array.from(whole.subarray(end + 1)) }
  return TYPES.includes(type) && objectId(object, hash) === oid ? object : undefined
}

/** Durable when it resolves. An object that is there already is only marked as wanted, as git does. */
export async function writeLoose(folder: string, oid: ObjectId, { type, body }: GitObject): Promise<void> {
  const path = pathOf(folder, oid)
  const now = new Date()
  if (
    await utimes(path, now, now).then(
      () => true,
      () => false,
    )
  )
    return
  const shared = ((await stat(folder)).mode & 0o7777) as number
  const parent = join(folder, oid.slice(0, 2))
  await makeFolder(parent, shared)
  const beside = join(parent, `tmp_obj_${randomBytes(6).toString('hex')}`)
  try {
    const file = await open(beside, 'wx', 0o444)
    try {
      await file.writeFile(deflateSync(Buffer.concat([Buffer.from(`${type} ${body.length}\0`, 'latin1'), body])))
      await file.sync()
    } finally {
      await file.close()
    }
    if ((shared & GROUP_WRITES) !== 0) await chmod(beside, shared & 0o444)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    // On Windows a file that somebody reads cannot be replaced; by its name it is the same.
    if (readIfThere(path) === undefined) throw error
  }
}

/** A repository that a group shares (core.sharedRepository) says so by the mode of its folders. */
async function makeFolder(path: string, shared: number): Promise<void> {
  const made = await mkdir(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      return false
    },
  )
  if (made && (shared & GROUP_WRITES) !== 0) await chmod(path, shared)
}

function inflate(stored: Uint8Array, oid: ObjectId): Buffer | undefined {
  try {
    const whole = inflateSync(stored, { maxOutputLength: MAX_OBJECT_BYTES + HEADER_BYTES })
    if (whole.length - whole.indexOf(0) - 1 <= MAX_OBJECT_BYTES) return whole
  } catch (error) {
    // What is no zlib stream is damaged, and git can say so best.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return undefined
  }
  throw new IfBoardError(
    'board/too-large',
    `object \`${oid}\` has more than the ${MAX_OBJECT_BYTES} bytes that are read`,
    {
      hint: 'Keep large files off the coordination branch',
    },
  )
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined // packed, absent, or not ours to read: git says which
  }
}

function pathOf(folder: string, oid: ObjectId): string {
  return join(folder, oid.slice(0, 2), oid.slice(2))
}
