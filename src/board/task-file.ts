/**
 * One more task where every task is a file: a file of its own beside its neighbour, `task-13 - Bake-bread.md`.
 *
 * Source: Backlog.md, README ("task-<task-id> - <task-title>.md") and its own `backlog/tasks`, where the words of
 * a title stand with `-` between them. Only what the tool needs to read is written: id, title, status and fields.
 */
import { type BoardName, IfBoardError, isBoardName, printable, type TaskId } from '../model/index.ts'
import { type AddRequest, exists } from './add.ts'
import { scalarText } from './dialects/property-slot.ts'
import { readBoard } from './document.ts'
import { oneLine, plainText } from './inline.ts'
import { nextId } from './next-id.ts'
import { setFields } from './set.ts'
import { lineEnd } from './source.ts'
import { statusWriter } from './wording.ts'

export interface TaskFile {
  readonly board: BoardName
  readonly text: string
  readonly id: TaskId
}

/**
 * `undefined` where the board is no file of one task. `siblings` are the ids of all boards, which number together.
 *
 * @throws IfBoardError `task/exists`, `board/cannot-edit`
 */
export function taskFileBeside(
  text: string,
  name: BoardName,
  { tasks: [task], taken, mentioned }: AddRequest,
  siblings: Iterable<TaskId>,
): TaskFile | undefined {
  const board = readBoard(text, name)
  const like = board.tasks.find(({ draft }) => draft.origin === 'front-matter')
  if (like === undefined || task === undefined) return undefined
  const id = task.id ?? nextId(like.id, siblings, [...taken, ...mentioned])
  // Ids that differ in case alone count as one.
  const other = [...taken].find((each) => each.toLowerCase() === id.toLowerCase())
  if (other !== undefined) throw exists(id, other)
  const title = oneLine(task.title)
  const eol = lineEnd(text)
  const status = statusWriter(board).write('available', undefined)
  const lines = [
    '---',
    `id: ${scalarText(id)}`,
    `title: ${scalarText(title)}`,
    `status: ${scalarText(status)}`,
    '---',
    '',
  ]
  const bare = lines.join(eol)
  const file = fileName(name, like.id, { id, title })
  if (file === undefined || !isRead(bare, file, id)) throw cannotWrite(title)
  return { board: file, text: setFields(bare, file, [{ id, values: task.values }]), id }
}

const LONGEST_NAME = 80

/** In the folder and the case of its neighbour. */
function fileName(
  like: BoardName,
  id: TaskId,
  { id: other, title }: { id: TaskId; title: string },
): BoardName | undefined {
  const parts = like.split('/')
  const base = parts.pop() ?? ''
  const isLower = base.startsWith(id.toLowerCase())
  const words = plainText(title, 500).match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}_.]*/gu) ?? []
  const tail = words
    .join('-')
    .slice(0, LONGEST_NAME)
    .replace(/[-.]+$/, '')
  const name = [...parts, `${isLower ? other.toLowerCase() : other} - ${tail === '' ? 'task' : tail}.md`].join('/')
  return isBoardName(name) ? name : undefined
}

function isRead(text: string, name: BoardName, id: TaskId): boolean {
  const { tasks } = readBoard(text, name)
  return tasks.length === 1 && tasks[0]?.id === id && tasks[0].draft.title !== ''
}

function cannotWrite(title: string): IfBoardError {
  return new IfBoardError('board/cannot-edit', `\`${printable(title, 60)}\` would not be read back as a task file`, {
    hint: 'Use plainer words, or put the file there in a clone of the boards: if-board checkout',
  })
}
