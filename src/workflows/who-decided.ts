/** Which commit, and so which person, changed the status of a task: named when a claim ends by it. */
import { type BoardName, type ObjectId, printable, type StatusWord, type TaskKey } from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import { findEntry, readBlob, readCommit } from './branch-tree.ts'
import { FOLD_EMAIL, history } from './fold-memory.ts'
import type { PersonalEdit } from './fold-plan.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Commits walked back from the head, and texts parsed on the way, at most; beyond, the newest editor is named. */
const MAX_COMMITS = 200
const MAX_TEXTS = 40

/** For each task whose text is not what was shown: the newest commit since the last fold that changed its status. */
export async function decisions(
  box: Toolbox,
  reading: Reading,
  views: readonly TaskView[],
): Promise<(key: TaskKey) => PersonalEdit> {
  const open = new Map(views.filter(isEdited).map(({ task }) => [task.key, task.board]))
  const newest = open.size === 0 ? nobody(reading) : await newestEdit(box, reading)
  const found = new Map<TaskKey, PersonalEdit>()
  const statusesIn = statusReader(box)
  let commits = 0
  for await (const { oid, commit } of history(box, reading.head)) {
    commits += 1
    if (open.size === 0 || commits > MAX_COMMITS || commit.author.email === FOLD_EMAIL) break
    for (const key of await changedBy(statusesIn, { oid, parent: commit.parents[0], open })) {
      found.set(key, editOf(oid, commit.author))
      open.delete(key)
    }
  }
  return (key) => found.get(key) ?? newest
}

interface Change {
  readonly oid: ObjectId
  readonly parent: ObjectId | undefined
  readonly open: ReadonlyMap<TaskKey, BoardName>
}

/** Of the open tasks, those whose status differs between a commit and its first parent. */
async function changedBy(statusesIn: StatusReader, { oid, parent, open }: Change): Promise<TaskKey[]> {
  const changed: TaskKey[] = []
  for (const board of new Set(open.values())) {
    const now = await statusesIn(board, oid)
    const before = parent === undefined ? new Map() : await statusesIn(board, parent)
    if (now === before || now === undefined || before === undefined) continue
    for (const [key, ofBoard] of open) if (ofBoard === board && now.get(key) !== before.get(key)) changed.push(key)
  }
  return changed
}

function isEdited({ task, state }: TaskView): boolean {
  return task.status !== (state?.shown ?? 'available')
}

type Statuses = ReadonlyMap<TaskKey, StatusWord>
type StatusReader = (board: BoardName, commit: ObjectId) => Promise<Statuses | undefined>

/** Status words of a board in a commit, each text parsed once; `undefined` where too many were parsed. */
function statusReader(box: Toolbox): StatusReader {
  const known = new Map<string, Statuses>()
  return async (board, commit) => {
    const { tree } = await readCommit(box.objects, commit)
    const blob = (await findEntry(box.objects, tree, board))?.oid
    const cached = known.get(`${board}:${blob}`)
    if (cached !== undefined || known.size >= MAX_TEXTS) return cached
    const statuses = blob === undefined ? new Map<TaskKey, StatusWord>() : await parseStatuses(box, board, blob)
    known.set(`${board}:${blob}`, statuses)
    return statuses
  }
}

async function parseStatuses(box: Toolbox, board: BoardName, blob: ObjectId): Promise<Statuses> {
  const { decodeBoard, parseBoard } = await import('../board/index.ts')
  const decoded = decodeBoard(await readBlob(box.objects, blob), board)
  if (!('text' in decoded)) return new Map()
  return new Map(parseBoard(decoded.text, board).board.tasks.map(({ key, status }) => [key, status]))
}

/** The newest commit that is not a fold; the head itself where a long row of folds is all that there is. */
async function newestEdit(box: Toolbox, reading: Reading): Promise<PersonalEdit> {
  let commits = 0
  for await (const { oid, commit } of history(box, reading.head)) {
    commits += 1
    if (commit.author.email !== FOLD_EMAIL) return editOf(oid, commit.author)
    if (commits >= MAX_COMMITS) break
  }
  return nobody(reading)
}

function nobody({ head, now }: Reading): PersonalEdit {
  return editOf(head, { name: '', seconds: now.wallMs / 1000 })
}

function editOf(commit: ObjectId, { name, seconds }: { name: string; seconds: number }): PersonalEdit {
  return { commit, name: name === '' ? 'a person' : printable(name, 100), at: Math.max(0, Math.floor(seconds)) * 1000 }
}
