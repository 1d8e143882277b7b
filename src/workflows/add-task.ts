/** `add`: one more task, in the board's own dialect and numbering, by compare-and-push. */
import type { AddPlace, TaskRequest } from '../board/index.ts'
import { matchBoards } from '../board/match.ts'
import {
  type BoardName,
  IfBoardError,
  isTaskId,
  printable,
  splitTaskKey,
  type TaskId,
  taskKey,
  toTaskId,
} from '../model/index.ts'
import { type Snapshot, type TaskItem, taskItem } from '../projection/index.ts'
import { editFiles, pushEdit } from './edit-board.ts'
import { findTask } from './find-task.ts'
import { preview, refuseCycle, viewAfter } from './preview.ts'
import type { WholeReading } from './read.ts'
import { boardText } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

export interface AddTaskRequest extends Omit<TaskRequest, 'id'> {
  readonly id: string | undefined
  /** Name of a board, with or without its ending; needed only where there are several. */
  readonly board: string | undefined
  /** Id of the task that it stands behind. */
  readonly after: string | undefined
  /** Words of the heading that it stands under. */
  readonly under: string | undefined
  /** Shown as author of the edit. */
  readonly author: string
}

export interface AddTaskOutcome {
  readonly kind: 'added'
  readonly task: TaskItem
}

/**
 * @throws IfBoardError `usage/invalid` (several boards, none named), `task/unknown`, `task/exists`, `task/cycle`,
 *   `board/no-such-section`, `board/cannot-edit`, `authority/busy`, `authority/refused`
 */
export async function addTask(box: Toolbox, request: AddTaskRequest): Promise<AddTaskOutcome> {
  const id = request.id === undefined ? undefined : toTaskId(request.id)
  let task: TaskItem | undefined
  await pushEdit(box, async (reading) => {
    const { board, text, id: given } = await withTask(box, reading, { ...request, id })
    const after = await preview(reading, board, text)
    refuseCycle(reading.snapshot, after)
    const view = viewAfter(after, taskKey(board, given))
    task = taskItem(view)
    const subject = `Add ${printable(view.task.id, 60)}: ${printable(view.task.title, 1000)}`
    return editFiles(box, reading, { author: request.author, subject, changes: new Map([[board as string, text]]) })
  })
  return { kind: 'added', task: task as TaskItem }
}

export type Written = { readonly board: BoardName; readonly text: string; readonly id: TaskId }

/** The board with the new task on it, or a file beside it where each task is one. */
export async function withTask(
  box: Toolbox,
  reading: WholeReading,
  request: Omit<AddTaskRequest, 'id'> & { readonly id: TaskId | undefined },
): Promise<Written> {
  const { board, place } = placeOf(reading, request)
  const before = await boardText(box, reading.branch, board)
  const { addTasks, taskFileBeside } = await import('../board/index.ts')
  const wanted = { tasks: [request], place, ...usedIds(reading) }
  const siblings = reading.branch.boards.flatMap((parsed) => parsed.board.tasks.map((task) => task.id))
  const file = place.kind === 'under' ? undefined : taskFileBeside(before, board, wanted, siblings)
  if (file !== undefined) return asBoard(reading, file)
  const { text, ids } = addTasks(before, board, wanted)
  return { board, text, id: ids[0] as TaskId }
}

/** A new file must be read as a board, and not replace one that is there. */
function asBoard({ branch, config }: WholeReading, file: Written): Written {
  const isRead = matchBoards(config.boards, [file.board]).length === 1
  if (isRead && !branch.files.has(file.board)) return file
  const why = isRead ? 'is there already' : 'fits no pattern of the boards in the settings'
  throw new IfBoardError('board/cannot-edit', `a file \`${printable(file.board, 200)}\` ${why}`, {
    hint: isRead ? 'Use another title' : 'Add its pattern to `boards` in .if-board/config.yml: if-board checkout',
  })
}

function placeOf(
  { snapshot }: WholeReading,
  request: Omit<AddTaskRequest, 'id'>,
): { board: BoardName; place: AddPlace } {
  const { after, under } = request
  if (after !== undefined && under !== undefined)
    throw new IfBoardError('usage/invalid', 'add: --after and --under exclude each other', {
      hint: 'if-board add --help',
    })
  if (after === undefined) {
    const board = chooseBoard(snapshot, request.board)
    return { board, place: under === undefined ? { kind: 'end' } : { kind: 'under', heading: under } }
  }
  const { task } = findTask(snapshot, after)
  if (request.board !== undefined && chooseBoard(snapshot, request.board) !== task.board)
    throw new IfBoardError('usage/invalid', `\`${printable(task.id, 60)}\` is on \`${printable(task.board, 200)}\``, {
      hint: 'Leave --board out: a task stands on the board of its neighbour',
    })
  return { board: task.board, place: { kind: 'after', id: task.id } }
}

/**
 * The board that a person names, or the only one.
 *
 * @throws IfBoardError `usage/invalid` when none or several fit, or none of several is named
 */
export function chooseBoard({ project }: Snapshot, words: string | undefined): BoardName {
  return boardNamed(
    project.boards.map(({ name }) => name),
    words,
  )
}

/** The same among these names. */
export function boardNamed(names: readonly BoardName[], words: string | undefined): BoardName {
  const stem = (name: string) => name.replace(/\.[^./]*$/, '')
  const fits = names.filter(
    (name) =>
      words === undefined || name === words || stem(name) === words || stem(name).split('/').at(-1) === stem(words),
  )
  const exact = fits.find((name) => name === words)
  if (exact !== undefined) return exact
  const [only, ...more] = fits
  if (only === undefined)
    throw new IfBoardError('usage/invalid', `there is no board \`${printable(words ?? '', 100)}\``, {
      hint: names.length === 0 ? 'if-board init --from FILE' : `Boards: ${namesOf(names)}`,
    })
  if (more.length === 0) return only
  throw new IfBoardError('usage/invalid', words === undefined ? 'there are several boards' : 'several boards fit', {
    hint: `Name one of them: ${namesOf(fits)}`,
  })
}

function namesOf(names: readonly BoardName[]): string {
  const shown = names.slice(0, 8).map((name) => printable(name, 100))
  return [...shown, ...(names.length > 8 ? ['…'] : [])].join(', ')
}

/** Ids that a new task must not have, because they are or were another's; and those that are only waited for. */
function usedIds({ branch, claims }: WholeReading): { taken: Set<string>; mentioned: Set<string> } {
  const taken = new Set<string>()
  const mentioned = new Set<string>()
  for (const key of [...branch.states.keys(), ...claims.map(({ key }) => key)]) taken.add(splitTaskKey(key).id)
  for (const { board } of branch.boards)
    for (const { id, dependencies } of board.tasks) {
      taken.add(id)
      for (const { id: other } of dependencies) if (isTaskId(other)) mentioned.add(other)
    }
  return { taken, mentioned }
}
