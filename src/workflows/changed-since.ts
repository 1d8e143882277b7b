/** What changed in the row of a held task since it was claimed. */
import type { FieldDifference } from '../board/diff.ts'
import { type BoardTask, type ClaimRecord, type ObjectId, type TaskKey, taskKey, taskRefKey } from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import { readBlob } from './branch-tree.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Status cells are written by folds too; what a person said there is judged by the edit table, not by this. */
const JUDGED_ELSEWHERE = new Set<FieldDifference['field']>(['status', 'statusNote'])

/**
 * Field by field; `undefined` where it cannot be known: the claim does not say which board it saw, or that
 * board cannot be read any more. An unchanged board costs one comparison. A changed one is parsed as it
 * was once per claim: folds change it soon after every claim, so the row is remembered.
 */
export async function changedSince(
  box: Toolbox,
  reading: Reading,
  { task }: TaskView,
  claim: ClaimRecord,
): Promise<FieldDifference[] | undefined> {
  const { boardBlob: blob, task: named } = claim.event.data
  if (blob === undefined || named === undefined) return undefined
  if (reading.branch.blobs.get(task.board) === blob) return []
  const keys = [taskKey(named.board, named.id), task.key]
  const before = await rowAt(box, { blob, keys, claim: claim.key })
  const now = reading.branch.boards
    .find(({ board }) => board.name === task.board)
    ?.board.tasks.find(({ key }) => key === task.key)
  if (before === undefined || now === undefined) return undefined
  const { diffTasks } = await import('../board/diff.ts')
  return diffTasks(before, now).filter(({ field }) => !JUDGED_ELSEWHERE.has(field))
}

interface OldRow {
  readonly blob: ObjectId
  /** Under one of these; the claim of a renamed row keeps the older one. */
  readonly keys: readonly TaskKey[]
  readonly claim: TaskKey
}

async function rowAt(box: Toolbox, { blob, keys, claim }: OldRow): Promise<BoardTask | undefined> {
  const file = `cache/taken-${taskRefKey(claim, box.sha256)}.json`
  const known = await remembered(box, file)
  if (known?.blob === blob) return known.row
  const { decodeBoard, parseBoard } = await import('../board/index.ts')
  // Whatever is wrong with an old object, what the session holds does not depend on it.
  const bytes = await readBlob(box.objects, blob).catch(() => undefined)
  const board = (keys[0] as TaskKey).split(':', 1)[0] as BoardTask['board']
  const decoded = bytes === undefined ? undefined : decodeBoard(bytes, board)
  if (decoded === undefined || !('text' in decoded)) return undefined
  const { tasks } = parseBoard(decoded.text, board).board
  const row = keys.map((key) => tasks.find((task) => task.key === key)).find((found) => found !== undefined)
  if (row !== undefined) await box.memory.write(file, JSON.stringify({ blob, row }))
  return row
}

async function remembered(box: Toolbox, file: string): Promise<{ blob: ObjectId; row: BoardTask } | undefined> {
  try {
    return JSON.parse((await box.memory.read(file)) ?? 'null') ?? undefined
  } catch {
    return undefined // half a file: parse again
  }
}
