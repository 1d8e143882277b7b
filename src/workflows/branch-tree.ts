/** Files of a commit, read and changed through the object store alone: no index, no work tree. */
import {
  encodeTree,
  type GitObject,
  IfBoardError,
  type ObjectId,
  objectId,
  type ParsedCommit,
  parseCommit,
  parseTree,
  type TreeEntry,
} from '../model/index.ts'
import type { ObjectStore } from '../ports/index.ts'

/** More entries than this in one coordination branch is refused, not read. */
const MAX_FILES = 50_000
export const TREE_MODE = '40000'

export async function readCommit(objects: ObjectStore, oid: ObjectId): Promise<ParsedCommit> {
  const object = await objects.read(oid)
  const commit = object?.type === 'commit' ? parseCommit(object.body) : undefined
  if (commit === undefined) throw new IfBoardError('git/failed', `commit \`${oid}\` is missing or broken in the hub`)
  return commit
}

/** A fold asks for the same few trees once for each session; a tree never changes. */
const parsedTrees = new WeakMap<ObjectStore, Map<ObjectId, readonly TreeEntry[]>>()
const MOST_TREES = 32
/** Larger ones are parsed again, so that what is kept stays within some megabytes. */
const MOST_ENTRIES = 5000

export async function readTree(objects: ObjectStore, oid: ObjectId): Promise<readonly TreeEntry[]> {
  const trees = parsedTrees.get(objects) ?? new Map<ObjectId, readonly TreeEntry[]>()
  parsedTrees.set(objects, trees)
  const entries = trees.get(oid) ?? (await parseAnew(objects, oid))
  trees.delete(oid)
  if (entries.length <= MOST_ENTRIES) trees.set(oid, entries)
  const [oldest] = trees.keys()
  if (trees.size > MOST_TREES && oldest !== undefined) trees.delete(oldest)
  return entries
}

async function parseAnew(objects: ObjectStore, oid: ObjectId): Promise<readonly TreeEntry[]> {
  const object = await objects.read(oid)
  if (object?.type !== 'tree') throw new IfBoardError('git/failed', `tree \`${oid}\` is missing or broken in the hub`)
  return parseTree(object.body, objects.oidBytes)
}

/** The entry at `path`, or `undefined`. */
export async function findEntry(objects: ObjectStore, root: ObjectId, path: string): Promise<TreeEntry | undefined> {
  let tree = root
  const parts = path.split('/')
  for (const [index, part] of parts.entries()) {
    const entry = (await readTree(objects, tree)).find(({ name }) => name === part)
    if (entry === undefined || index === parts.length - 1) return entry
    if (entry.mode !== TREE_MODE) return undefined
    tree = entry.oid
  }
  return undefined
}

/** Regular files below `root`, by path, without the folders that `skip` names. */
export async function listFiles(
  objects: ObjectStore,
  root: ObjectId,
  skip: (folder: string) => boolean,
): Promise<Map<string, ObjectId>> {
  const files = new Map<string, ObjectId>()
  const queue: { readonly prefix: string; readonly tree: ObjectId }[] = [{ prefix: '', tree: root }]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const entries = (await readTree(objects, next.tree)).map((entry) => ({
      ...entry,
      path: `${next?.prefix}${entry.name}`,
    }))
    for (const { path, oid } of entries.filter(({ mode }) => mode.startsWith('100'))) files.set(path, oid)
    for (const { path, oid } of entries.filter(({ mode }) => mode === TREE_MODE))
      if (!skip(path)) queue.push({ prefix: `${path}/`, tree: oid })
    refuseTooMany(files.size)
  }
  return files
}

function refuseTooMany(count: number): void {
  if (count <= MAX_FILES) return
  throw new IfBoardError('board/too-large', `the coordination branch has more than ${MAX_FILES} files`, {
    hint: 'Keep only boards and their settings on the coordination branch',
  })
}

export async function readText(objects: ObjectStore, oid: ObjectId): Promise<string> {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readBlob(objects, oid))
}

export async function readBlob(objects: ObjectStore, oid: ObjectId): Promise<Uint8Array> {
  const object = await objects.read(oid)
  if (object?.type !== 'blob') throw new IfBoardError('git/failed', `file \`${oid}\` is missing or broken in the hub`)
  return object.body
}

/** Text puts a file, `undefined` takes it away. */
export type FileChanges = ReadonlyMap<string, string | undefined>

/** The tree after `changes`, and the objects to write for it. Folders that become empty go. */
export async function changeTree(
  objects: ObjectStore,
  root: ObjectId | undefined,
  changes: FileChanges,
): Promise<{ readonly tree: ObjectId; readonly objects: readonly GitObject[] }> {
  const written: GitObject[] = []
  const put = (object: GitObject): ObjectId => {
    written.push(object)
    return objectId(object, objects.hash)
  }
  const tree = await changeFolder(objects, put, root, changes)
  return { tree: tree ?? put(encodeTree([])), objects: written }
}

type Put = (object: GitObject) => ObjectId

async function changeFolder(
  objects: ObjectStore,
  put: Put,
  oid: ObjectId | undefined,
  inside: FileChanges,
): Promise<ObjectId | undefined> {
  const known = oid === undefined ? [] : await readTree(objects, oid)
  const entries = new Map(known.map((entry) => [entry.name, entry] as const))
  for (const [name, below] of byFirstPart(inside)) {
    const entry = below.has('')
      ? fileEntry(put, name, below.get(''))
      : await folderEntry(objects, put, name, entries.get(name), below)
    if (entry === undefined) entries.delete(name)
    else entries.set(name, entry)
  }
  return entries.size === 0 ? undefined : put(encodeTree([...entries.values()]))
}

function fileEntry(put: Put, name: string, text: string | undefined): TreeEntry | undefined {
  if (text === undefined) return undefined
  return { mode: '100644', name, oid: put({ type: 'blob', body: new TextEncoder().encode(text) }) }
}

async function folderEntry(
  objects: ObjectStore,
  put: Put,
  name: string,
  before: TreeEntry | undefined,
  inside: FileChanges,
): Promise<TreeEntry | undefined> {
  const oid = await changeFolder(objects, put, before?.mode === TREE_MODE ? before.oid : undefined, inside)
  return oid === undefined ? undefined : { mode: TREE_MODE, name, oid }
}

/** Group paths by their first part; the rest of a direct file is `''`. */
function byFirstPart(changes: FileChanges): Map<string, Map<string, string | undefined>> {
  const groups = new Map<string, Map<string, string | undefined>>()
  for (const [path, text] of changes) {
    const slash = path.indexOf('/')
    const first = slash < 0 ? path : path.slice(0, slash)
    const group = groups.get(first) ?? new Map<string, string | undefined>()
    group.set(slash < 0 ? '' : path.slice(slash + 1), text)
    groups.set(first, group)
  }
  return groups
}
