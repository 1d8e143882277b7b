/** The bytes of a module and of its inputs, from git's objects: at the commit, and the module else on the coordination branch. */
import { IfBoardError, type ModuleJob, type ObjectId, printable } from '../../model/index.ts'
import type { ModuleInput } from '../../ports/index.ts'
import { findEntry, readBlob, TREE_MODE } from '../branch-tree.ts'
import type { Reading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { filesOf, treeOf } from './commit-files.ts'
import type { TaskJob } from './task-jobs.ts'
import type { JobTools, NotRun } from './tools.ts'

export interface Gathered {
  readonly kind: 'gathered'
  readonly module: Uint8Array
  readonly inputs: readonly ModuleInput[]
}

/** What a commit is called where a person reads it. */
export const shortOid = (oid: ObjectId) => oid.slice(0, 12)

/** Never rejects for what is missing or too large: nobody knows then whether the work is good, and that is an answer. */
export async function gather(
  box: Toolbox,
  reading: Reading,
  { tools, job, task, commit }: { tools: JobTools; job: ModuleJob; task: TaskJob; commit: ObjectId },
): Promise<Gathered | NotRun> {
  const { objects } = tools.repository
  return orNotRun(async () => {
    const tree = await treeOf(objects, commit)
    if (tree === undefined) return notHere(commit)
    const module = await moduleOf(box, reading, { tools, job, tree })
    if (module === undefined) return noSuchModule(job, commit)
    const { files, memoryBytes } = task.limits
    const inputs = await filesOf(objects, tree, { patterns: task.inputs, mostFiles: files, mostBytes: memoryBytes })
    return { kind: 'gathered', module, inputs } as const
  })
}

/** What git cannot give (a damaged object, a clone with parts missing) is known to nobody. */
export async function orNotRun<T>(look: () => Promise<T>): Promise<T | NotRun> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof IfBoardError)) throw error
    return { kind: 'not-run', reason: error.message, hint: error.hint ?? 'if-board doctor' }
  }
}

export function notHere(commit: ObjectId): NotRun {
  return {
    kind: 'not-run',
    reason: `this clone does not have the commit ${shortOid(commit)}`,
    hint: 'Fetch it (git fetch), then ask again',
  }
}

function noSuchModule({ path, sha256 }: ModuleJob, commit: ObjectId): NotRun {
  return {
    kind: 'not-run',
    reason: `\`${printable(path, 120)}\` with the SHA-256 ${sha256.slice(0, 12)}… is neither in ${shortOid(commit)} nor on the coordination branch`,
    hint: 'Commit the file that was granted, or have a person correct the hash on the board',
  }
}

interface ModuleQuestion {
  readonly tools: JobTools
  readonly job: ModuleJob
  readonly tree: ObjectId
}

/** Its hash says what it is, so it does not matter where it lies. */
async function moduleOf(
  box: Toolbox,
  reading: Reading,
  { tools, job, tree }: ModuleQuestion,
): Promise<Uint8Array | undefined> {
  const { objects } = tools.repository
  const isGranted = (bytes: Uint8Array) => hex(box.sha256Bytes(bytes)) === job.sha256
  const entry = await findEntry(objects, tree, job.path)
  const isFile = entry !== undefined && entry.mode !== TREE_MODE && entry.mode.startsWith('100')
  const there = isFile ? await readBlob(objects, entry.oid) : undefined
  if (there !== undefined && isGranted(there)) return there
  const onBoard = reading.branch.files.get(job.path)
  const beside = onBoard === undefined ? undefined : await readBlob(box.objects, onBoard)
  return beside !== undefined && isGranted(beside) ? beside : undefined
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
