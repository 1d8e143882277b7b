/** From what a person typed to the tasks it may mean in the log: also those that no board has any more. */
import { IfBoardError, printable, splitTaskKey, type TaskKey } from '../../model/index.ts'
import { traceIdOf } from '../../witness/index.ts'
import { boardStem, findTask } from '../find-task.ts'
import type { LogBook } from './log-book.ts'

/**
 * Keys under which the log knows one task: its key today, and those that it had before it was renamed or moved.
 *
 * @throws IfBoardError `task/unknown` when neither board nor log knows it, `task/ambiguous` when several boards do
 */
export function keysOfTask(book: LogBook, typed: string): ReadonlySet<TaskKey> {
  const inLog = matchingKeys(knownKeys(book), typed)
  const onBoard = inLog.length === 0 ? findTask(book.reading.snapshot, typed).task.key : keyOnBoard(book, typed)
  if (onBoard === undefined && inLog.length > 1)
    throw new IfBoardError(
      'task/ambiguous',
      `\`${printable(typed, 60)}\` is in the log of several boards: ${inLog.map((key) => `\`${key}\``).join(', ')}`,
      { hint: `Name the board too, such as ${inLog[0]}` },
    )
  // An id may have gone over from one task to another: of a name that stands for one in the log, both are meant.
  return withOtherNames(book, [onBoard, inLog.length === 1 ? inLog[0] : undefined])
}

/** Keys of the task whose trace this is: a trace id follows from board and task. Empty: none that is known. */
export function keysOfTrace(book: LogBook, typed: string): ReadonlySet<TaskKey> {
  const { boardId, sha256 } = book.box
  const wanted = typed.toLowerCase()
  const onBoards = book.reading.snapshot.views.keys()
  return new Set([...knownKeys(book), ...onBoards].filter((key) => traceIdOf(boardId, key, sha256) === wanted))
}

function keyOnBoard({ reading }: LogBook, typed: string): TaskKey | undefined {
  try {
    return findTask(reading.snapshot, typed).task.key
  } catch (error) {
    if (error instanceof IfBoardError) return undefined
    throw error
  }
}

function knownKeys({ folds, unsealed, reading }: LogBook): Set<TaskKey> {
  return new Set([
    ...folds.flatMap(({ keys, renames }) => [...keys, ...renames.flat()] as TaskKey[]),
    ...unsealed.flatMap(({ event }) => event.subject ?? []),
    ...reading.snapshot.states.keys(),
  ])
}

/** By key, else by id with or without its board, else by id in any case. */
function matchingKeys(known: ReadonlySet<TaskKey>, typed: string): TaskKey[] {
  if (known.has(typed as TaskKey)) return [typed as TaskKey]
  const named = [...known].map((key) => ({ key, ...splitTaskKey(key) }))
  const exact = named.filter(({ board, id }) => id === typed || `${boardStem(board)}:${id}` === typed)
  const wanted = typed.toLowerCase()
  const found = exact.length > 0 ? exact : named.filter(({ id }) => id.toLowerCase() === wanted)
  return found.map(({ key }) => key)
}

/** Names that rows gave up when they were renamed or moved, in both directions. */
function withOtherNames({ reading, folds }: LogBook, keys: readonly (TaskKey | undefined)[]): ReadonlySet<TaskKey> {
  const { states, views } = reading.snapshot
  const links: readonly (readonly [TaskKey, TaskKey | undefined])[] = [
    ...[...states.values()].map(({ key, from }) => [key, from] as const),
    ...[...views.values()].map(({ task, claim }) => [task.key, claim?.key] as const),
    ...folds.flatMap(({ renames }) => renames as [TaskKey, TaskKey][]),
  ]
  const names = new Set(keys.filter((key) => key !== undefined))
  for (let before = 0; before < names.size; ) {
    before = names.size
    for (const [key, other] of links) {
      if (other !== undefined && names.has(key)) names.add(other)
      if (other !== undefined && names.has(other)) names.add(key)
    }
  }
  return names
}

/** Does anybody of that name speak in the log, or take part now? */
export function isKnownName({ folds, unsealed, reading }: LogBook, name: string): boolean {
  return (
    folds.some(({ names }) => names.includes(name)) ||
    unsealed.some(({ event }) => event.session === name) ||
    [...reading.snapshot.sessions.keys()].some((session) => session === name)
  )
}
