/**
 * Loose objects of the hub as files: what was just said is read and written without starting git.
 *
 * An object `abcd…` is the file `objects/ab/cd…`, the zlib stream of `<type> <size>\0<body>`
 * (gitrepository-layout(5); "Object storage format" in the git user manual). A file is there whole or not
 * at all: it is written beside its place under the name that `git prune` clears away, synced, then renamed.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, type FileHandle, mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
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
export async function writeLoose(folder: string, oid: ObjectId, object: GitObject): Promise<void> {
  const path = pathOf(folder, oid)
  const now = new Date()
  if (await succeeds(utimes(path, now, now))) return
  const beside = join(dirname(path), `tmp_obj_${randomBytes(6).toString('hex')}`)
  try {
    await writeNew(folder, beside, object)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    // On Windows a file that somebody reads cannot be replaced; by its name it is the same.
    if (readIfThere(path) === undefined) throw error
  }
}

async function writeNew(folder: string, path: string, { type, body }: GitObject): Promise<void> {
  const file = await openNew(folder, path)
  try {
    await file.writeFile(deflateSync(Buffer.concat([Buffer.from(`${type} ${body.length}\0`, 'latin1'), body])))
    const shared = await sharedMode(folder)
    if (shared !== undefined) await file.chmod(shared & 0o444)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The folder of two digits is made with its first object. */
async function openNew(folder: string, path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o444)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const made = await succeeds(mkdir(dirname(path)))
    const shared = await sharedMode(folder)
    if (made && shared !== undefined) await chmod(dirname(path), shared)
    return open(path, 'wx', 0o444)
  }
}

/** A repository that a group shares (core.sharedRepository) says so by the mode of its folders. */
async function sharedMode(folder: string): Promise<number | undefined> {
  const { mode } = await stat(folder)
  return (mode & GROUP_WRITES) === 0 ? undefined : mode & 0o7777
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
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
