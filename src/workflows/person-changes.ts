/**
 * Which fields people changed since a fold, by the commit that changed them.
 *
 * Where few small commits follow each other, each is compared with its parent. Over merges, long rows of commits
 * and large boards the whole way is one difference, of the newest commit that touched a board. A board is parsed
 * only where its blob is another one; a fold's own writes are on the far side of every comparison.
 */
import type { FieldValue, Position, TaskChange } from '../board/diff.ts'
import {
  type AcceptanceItem,
  type Board,
  type BoardName,
  type ObjectId,
  type ParsedCommit,
  type StatusWord,
  splitTaskKey,
  type Task,
} from '../model/index.ts'
import type { FieldChange } from '../witness/index.ts'
import { listFiles, readBlob } from './branch-tree.ts'
import type { WholeReading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface Commit {
  readonly oid: ObjectId
  readonly commit: ParsedCommit
}

/** Commits of people, oldest first, and the fold before them. */
export interface Commits {
  readonly edits: readonly Commit[]
  readonly fold: Commit | undefined
}

/** Commits that are told apart at most. */
const MAX_APART = 8
/** Bytes of all boards up to which every commit is parsed. */
const MAX_BYTES = 256 * 1024

export async function changesByCommit(
  box: Toolbox,
  reading: WholeReading,
  { edits, fold }: Commits,
): Promise<ReadonlyMap<ObjectId, readonly FieldChange[]>> {
  const newest = edits.at(-1)
  if (newest === undefined) return new Map()
  const versions = new Versions(box, reading)
  // Before the first fold there is nothing to compare with but what a board begins with.
  if (fold === undefined) {
    const changes = newest.oid === reading.head ? statusEdits(reading) : await versions.statusEdits(newest)
    return new Map([[newest.oid, changes]])
  }
  const way = [fold, ...edits]
  const isApart = edits.length <= MAX_APART && isRow(way) && (await versions.bytes()) <= MAX_BYTES
  if (!isApart) {
    const changes = await versions.between(fold, newest)
    return new Map([[(await lastTouched(versions, edits)).oid, changes]])
  }
  const found = new Map<ObjectId, readonly FieldChange[]>()
  for (const [at, edit] of edits.entries()) found.set(edit.oid, await versions.between(way[at] as Commit, edit))
  return found
}

function statusEdits({ snapshot }: WholeReading): FieldChange[] {
  return [...snapshot.views.values()].flatMap(({ task, state }) => {
    const shown = state?.shown ?? 'available'
    return statusEdit(task, shown)
  })
}

function statusEdit({ key, status }: Pick<Task, 'key' | 'status'>, shown: StatusWord): FieldChange[] {
  return status === shown ? [] : [{ key, field: 'status', from: shown, to: status }]
}

/** Is each the only parent of the next one? */
function isRow(commits: readonly Commit[]): boolean {
  return commits.every(({ commit: { parents } }, at) => {
    return at === 0 || (parents.length === 1 && parents[0] === commits[at - 1]?.oid)
  })
}

/** The newest commit whose boards are not those of the one listed before it. */
async function lastTouched(versions: Versions, edits: readonly Commit[]): Promise<Commit> {
  const newest = edits.at(-1) as Commit
  const now = await versions.signature(newest)
  for (let at = edits.length - 1; at > 0; at -= 1)
    if ((await versions.signature(edits[at - 1] as Commit)) !== now) return edits[at] as Commit
  return edits[0] ?? newest
}

/** Boards of commits, each blob parsed once. */
class Versions {
  readonly #box: Toolbox
  readonly #reading: WholeReading
  readonly #boards = new Map<string, Promise<Board | undefined>>()
  readonly #blobs = new Map<ObjectId, Promise<ReadonlyMap<BoardName, ObjectId>>>()

  constructor(box: Toolbox, reading: WholeReading) {
    this.#box = box
    this.#reading = reading
    for (const { board } of reading.branch.boards)
      this.#boards.set(`${board.name}:${reading.branch.blobs.get(board.name)}`, Promise.resolve(board))
  }

  async bytes(): Promise<number> {
    let sum = 0
    for (const blob of this.#reading.branch.blobs.values()) sum += (await readBlob(this.#box.objects, blob)).length
    return sum
  }

  async signature(commit: Commit): Promise<string> {
    return JSON.stringify([...(await this.#blobsOf(commit))])
  }

  /** As if no fold had shown anything yet. */
  async statusEdits(commit: Commit): Promise<FieldChange[]> {
    const blobs = await this.#blobsOf(commit)
    const boards = await this.#read(blobs, new Set(blobs.keys()))
    return boards.flatMap(({ tasks }) => tasks.flatMap((task) => statusEdit(task, 'available')))
  }

  async between(before: Commit, after: Commit): Promise<FieldChange[]> {
    const [old, now] = [await this.#blobsOf(before), await this.#blobsOf(after)]
    const names = new Set([...old.keys(), ...now.keys()].filter((name) => old.get(name) !== now.get(name)))
    if (names.size === 0) return []
    const { diffProjects } = await import('../board/diff.ts')
    return diffProjects(await this.#read(old, names), await this.#read(now, names)).map(fieldChange)
  }

  #blobsOf({ oid, commit }: Commit): Promise<ReadonlyMap<BoardName, ObjectId>> {
    const known = this.#blobs.get(oid) ?? this.#listBoards(commit)
    this.#blobs.set(oid, known)
    return known
  }

  async #listBoards({ tree }: ParsedCommit): Promise<ReadonlyMap<BoardName, ObjectId>> {
    const { matchBoards } = await import('../board/match.ts')
    const files = await listFiles(this.#box.objects, tree, (folder) => folder === '.if-board')
    const names = matchBoards(this.#reading.config.boards, [...files.keys()])
    return new Map(names.map((name) => [name, files.get(name) as ObjectId]))
  }

  async #read(blobs: ReadonlyMap<BoardName, ObjectId>, names: ReadonlySet<BoardName>): Promise<Board[]> {
    const boards: Board[] = []
    for (const [name, blob] of blobs) {
      if (!names.has(name)) continue
      const key = `${name}:${blob}`
      const board = this.#boards.get(key) ?? this.#parse(name, blob)
      this.#boards.set(key, board)
      boards.push((await board) ?? { name, title: undefined, tasks: [], paused: undefined })
    }
    return boards
  }

  async #parse(name: BoardName, blob: ObjectId): Promise<Board | undefined> {
    const { decodeBoard, parseBoard } = await import('../board/index.ts')
    const decoded = decodeBoard(await readBlob(this.#box.objects, blob), name)
    return 'text' in decoded ? parseBoard(decoded.text, name, this.#reading.config).board : undefined
  }
}

/** `task`: a row came or went, with its title; `id` and `place`: it was renamed, or stands elsewhere. */
function fieldChange(change: TaskChange): FieldChange {
  const { key } = change
  switch (change.kind) {
    case 'added':
      return { key, field: 'task', to: change.task.title }
    case 'removed':
      return { key, field: 'task', from: change.task.title }
    case 'renamed':
      return { key, field: 'id', from: splitTaskKey(change.from).id, to: splitTaskKey(key).id }
    case 'moved':
      return { key, field: 'place', from: placeWords(change.from), to: placeWords(change.to) }
    case 'changed':
      return { key, field: change.field, ...side('from', change.before), ...side('to', change.after) }
  }
}

function placeWords({ board, section, behind }: Position): string {
  const after = behind === undefined ? 'first' : `behind ${splitTaskKey(behind).id}`
  return [board, ...(section === undefined ? [] : [section]), after].join(', ')
}

function side(name: 'from' | 'to', value: FieldValue): Partial<FieldChange> {
  return value === null ? {} : { [name]: valueWords(value) }
}

function valueWords(value: Exclude<FieldValue, null>): string {
  if (!Array.isArray(value)) return String(value)
  const items = value as readonly (string | AcceptanceItem)[]
  return items.map((item) => (typeof item === 'string' ? item : `[${item.done ? 'x' : ' '}] ${item.text}`)).join(', ')
}
