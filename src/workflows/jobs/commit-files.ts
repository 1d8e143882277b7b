/** Files of a commit by patterns, through its objects alone: what is not committed is not there. */
import { matchParts } from '../../model/glob.ts'
import { IfBoardError, type ObjectId, parseCommit, type TreeEntry } from '../../model/index.ts'
import type { ModuleInput, ObjectStore } from '../../ports/index.ts'
import { readTree, TREE_MODE } from '../branch-tree.ts'

/** Entries of trees that are looked at for one run. */
const MAX_ENTRIES = 200_000
/** A commit of a submodule: its files are in another repository. */
const SUBMODULE_MODE = '160000'

/** The root tree; `undefined`: this clone does not have the commit. */
export async function treeOf(objects: ObjectStore, commit: ObjectId): Promise<ObjectId | undefined> {
  const object = await objects.read(commit)
  return object?.type === 'commit' ? parseCommit(object.body)?.tree : undefined
}

export interface FileQuestion {
  readonly patterns: readonly string[]
  readonly mostFiles: number
  readonly mostBytes: number
}

/**
 * In the order of their trees. Links and submodules that a pattern names come with their mode, and are for the chassis to
 * refuse.
 *
 * @throws IfBoardError `git/failed` for objects that are not here, `board/too-large` for more than is asked for
 */
export async function filesOf(
  objects: ObjectStore,
  root: ObjectId,
  { patterns, mostFiles, mostBytes }: FileQuestion,
): Promise<ModuleInput[]> {
  const wanted = patterns.map((pattern) => pattern.split('/'))
  const files: ModuleInput[] = []
  let bytes = 0
  for await (const { parts, mode, oid } of entriesOf(objects, root, wanted)) {
    if (!wanted.some((pattern) => matchParts(pattern, parts))) continue
    if (files.length >= mostFiles) throw tooMany(`more than ${mostFiles} inputs`)
    const body = mode === SUBMODULE_MODE ? new Uint8Array() : await bodyOf(objects, oid)
    bytes += body.length
    if (bytes > mostBytes) throw tooMany(`inputs of more than ${mostBytes} bytes`)
    files.push({ path: parts.join('/'), mode, bytes: body })
  }
  return files
}

interface Found extends Pick<TreeEntry, 'mode' | 'oid'> {
  readonly parts: readonly string[]
}

/** All but folders, of those folders that may hold what is wanted. */
async function* entriesOf(
  objects: ObjectStore,
  root: ObjectId,
  wanted: readonly (readonly string[])[],
): AsyncGenerator<Found> {
  const queue: Omit<Found, 'mode'>[] = [{ parts: [], oid: root }]
  let count = 0
  for (let next = queue.shift(); next !== undefined; next = queue.shift())
    for (const { mode, name, oid } of await readTree(objects, next.oid)) {
      count += 1
      if (count > MAX_ENTRIES) throw tooMany(`more than ${MAX_ENTRIES} files to look through`)
      const parts = [...next.parts, name]
      if (mode !== TREE_MODE) yield { parts, mode, oid }
      else if (wanted.some((pattern) => mayLeadTo(pattern, parts))) queue.push({ parts, oid })
    }
}

/** Can anything below this folder match? */
function mayLeadTo(pattern: readonly string[], folder: readonly string[]): boolean {
  const anywhere = pattern.indexOf('**')
  const fixed = anywhere < 0 ? pattern.slice(0, -1) : pattern.slice(0, anywhere)
  if (anywhere < 0 && folder.length > fixed.length) return false
  const depth = Math.min(fixed.length, folder.length)
  return matchParts(fixed.slice(0, depth), folder.slice(0, depth))
}

async function bodyOf(objects: ObjectStore, oid: ObjectId): Promise<Uint8Array> {
  const object = await objects.read(oid)
  if (object?.type === 'blob') return object.body
  throw new IfBoardError('git/failed', `the file \`${oid}\` is not in this clone`, { hint: 'git fetch' })
}

function tooMany(what: string): IfBoardError {
  return new IfBoardError('board/too-large', `there are ${what}`, { hint: 'Name fewer files: in=PATTERN' })
}
