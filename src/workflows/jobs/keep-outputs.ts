/** What a body gave back, as a commit on a branch of its own: git's objects alone, and the user's files stay as they are. */
import {
  encodeCommit,
  encodeTree,
  type GitObject,
  IfBoardError,
  type ObjectId,
  objectId,
  type TreeEntry,
} from '../../model/index.ts'
import type { Instant, JobRepository, ModuleOutput } from '../../ports/index.ts'
import { readTree, TREE_MODE } from '../branch-tree.ts'
import { treeOf } from './commit-files.ts'

export interface Outputs {
  /** By paths that `pathProblem` finds nothing wrong with. */
  readonly files: ReadonlyMap<string, ModuleOutput>
  readonly parent: ObjectId
  readonly branch: string
  readonly message: string
  readonly now: Instant
}

const AUTHOR = { name: 'if-board run', email: 'run@if-board.invalid' }

/**
 * @returns the commit
 * @throws IfBoardError `git/failed`
 */
export async function keepOutputs(
  repository: JobRepository,
  { files, parent, branch, message, now }: Outputs,
): Promise<ObjectId> {
  const { objects } = repository
  const root = await treeOf(objects, parent)
  if (root === undefined) throw new IfBoardError('git/failed', `the commit \`${parent}\` is not in this clone`)
  const written: GitObject[] = []
  const put = (object: GitObject) => {
    written.push(object)
    return objectId(object, objects.hash)
  }
  const folderWith = async (oid: ObjectId | undefined, inside: Folder): Promise<ObjectId> => {
    const known = oid === undefined ? [] : await sameWhenWritten(repository, oid)
    const entries = new Map(known.map((entry) => [entry.name, entry] as const))
    for (const [name, what] of inside) entries.set(name, await entryFor(name, what, entries.get(name)))
    return put(encodeTree([...entries.values()]))
  }
  const entryFor = async (name: string, what: Folder | ModuleOutput, before: TreeEntry | undefined) => {
    if (what instanceof Map) {
      const oid = await folderWith(before?.mode === TREE_MODE ? before.oid : undefined, what)
      return { mode: TREE_MODE, name, oid }
    }
    const mode = before?.mode === '100755' ? before.mode : '100644'
    return { mode, name, oid: put({ type: 'blob', body: (what as ModuleOutput).bytes }) }
  }
  const tree = await folderWith(root, foldersOf(files))
  const commit = put(
    encodeCommit({ tree, parents: [parent], ...AUTHOR, seconds: Math.floor(now.wallMs / 1000), message }),
  )
  await objects.write(written)
  // Of this grant alone: what an earlier run of it left there, before a crash, is replaced.
  await repository.moveBranch(branch, commit, await repository.branch(branch))
  return commit
}

/** Names that are no UTF-8 would come out as others: such a folder is left alone. */
async function sameWhenWritten({ objects }: JobRepository, oid: ObjectId): Promise<readonly TreeEntry[]> {
  const entries = await readTree(objects, oid)
  if (objectId(encodeTree(entries), objects.hash) === oid) return entries
  throw new IfBoardError('git/failed', 'a folder that a body writes into has names that are not UTF-8', {
    hint: 'Let it write into a folder of its own: out=PATH',
  })
}

type Folder = Map<string, Folder | ModuleOutput>

/** Paths as folders in folders; no path of a run is the folder of another (`chassis`, judge). */
function foldersOf(files: ReadonlyMap<string, ModuleOutput>): Folder {
  const root: Folder = new Map()
  for (const [path, output] of files) {
    const parts = path.split('/')
    const name = parts.pop() as string
    let folder = root
    for (const part of parts) {
      const below = folder.get(part)
      const next: Folder = below instanceof Map ? below : new Map()
      folder.set(part, next)
      folder = next
    }
    folder.set(name, output)
  }
  return root
}
