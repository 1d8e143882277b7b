/** What changed in the row of a held task since it was claimed. */
import type { FieldDifference } from '../board/diff.ts'
import {
  type BoardTask,
  type ClaimRecord,
  type ObjectId,
  splitTaskKey,
  type TaskKey,
  taskKey,
  taskRefKey,
} from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import { readBlob } from './branch-tree.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Status cells are written by folds too; what a person said there is judged by the edit table, not by this. */
const JUDGED_ELSEWHERE = new Set<FieldDifference['field']>(['status', 'statusNote'])

/**
 * Field by field; `undefined` where it cannot be known: the claim does not say which board it saw, or that
 * board cannot be read any more. An unchanged board costs one comparison. Folds change a board soon after
 * every claim, so the row as it was is remembered, and the answer for the board as it is now.
 */
export async function changedSince(
  box: Toolbox,
  reading: Reading,
  { task }: TaskView,
  claim: ClaimRecord,
): Promise<readonly FieldDifference[] | undefined> {
  const { boardBlob: taken, task: named } = claim.event.data
  const seen = reading.branch.blobs.get(task.board)
  if (taken === undefined || named === undefined || seen === undefined) return undefined
  if (seen === taken) return []
  const file = `cache/changed-${taskRefKey(claim.key, box.sha256)}.json`
  const known = await remembered(box, file)
  if (known?.taken === taken && known.seen === seen) return known.changed
  const row =
    known?.taken === taken
      ? known.row
      : await rowAt(box, reading, { blob: taken, keys: [taskKey(named.board, named.id), task.key] })
  const now = await rowNow(reading, task.key)
  if (row === undefined || now === undefined) return undefined
  const { diffTasks } = await import('../board/diff.ts')
  const changed = diffTasks(row, now).filter(({ field }) => !JUDGED_ELSEWHERE.has(field))
  await box.memory.write(file, JSON.stringify({ taken, row, seen, changed } satisfies Remembered))
  return changed
}

interface Remembered {
  /** The board as it was, and the task's row there. */
  readonly taken: ObjectId
  readonly row: BoardTask
  /** The board that it was compared with last. */
  readonly seen: ObjectId
  readonly changed: readonly FieldDifference[]
}

/** As its board says it: a row that was judged has its dependencies resolved. */
async function rowNow(reading: Reading, key: TaskKey): Promise<BoardTask | undefined> {
  const { branch } = reading.narrow === undefined ? reading : await reading.narrow.widen()
  const board = branch.boards.find(({ board: { name } }) => name === splitTaskKey(key).board)
  return board?.board.tasks.find((task) => task.key === key)
}

/** The row under one of these keys: the claim of a renamed row keeps the older one. */
async function rowAt(
  box: Toolbox,
  { config }: Reading,
  { blob, keys }: { readonly blob: ObjectId; readonly keys: readonly [TaskKey, TaskKey] },
): Promise<BoardTask | undefined> {
  const { decodeBoard, parseBoard } = await import('../board/index.ts')
  // Whatever is wrong with an old object, what the session holds does not depend on it.
  const bytes = await readBlob(box.objects, blob).catch(() => undefined)
  const { board } = splitTaskKey(keys[0])
  const decoded = bytes === undefined ? undefined : decodeBoard(bytes, board)
  if (decoded === undefined || !('text' in decoded)) return undefined
  const rows = new Map(parseBoard(decoded.text, board, config).board.tasks.map((task) => [task.key, task]))
  return rows.get(keys[0]) ?? rows.get(keys[1])
}

async function remembered(box: Toolbox, file: string): Promise<Remembered | undefined> {
  try {
    return JSON.parse((await box.memory.read(file)) ?? 'null') ?? undefined
  } catch {
    return undefined // half a file: parse again
  }
}
