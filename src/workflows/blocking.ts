/**
 * What `block` writes on the board: an external blocker, or a task of its own for others to help with. Either rides in
 * the push that gives the claim back.
 */
import {
  type BoardName,
  type BoardTask,
  clip,
  IfBoardError,
  type SessionName,
  type Task,
  type TaskKey,
  taskKey,
} from '../model/index.ts'
import { type Written, withTask } from './add-task.ts'
import { editBoard, editFiles, type PreparedEdit } from './edit-board.ts'
import type { WholeReading } from './read.ts'
import { boardText } from './read-branch.ts'
import { sayableBlocker, sayableText } from './sayable.ts'
import type { Toolbox } from './toolbox.ts'

export interface BlockRequest {
  readonly task: Task
  readonly session: SessionName
  /** What it waits for, in words. */
  readonly blocker: string
  /** Capabilities that helping needs; none: nobody is asked. */
  readonly needs: readonly string[]
}

export interface Blocking {
  readonly edit: PreparedEdit
  /** What others were asked for, and by which task. */
  readonly help: { readonly key: TaskKey; readonly needs: readonly string[] } | undefined
  /** Why nobody was asked although helping needs something. */
  readonly noHelp: string | undefined
}

/** UTF-16 code units. */
const MAX_TITLE = 200
const MAX_NEEDS = 1000

export async function blockEdit(box: Toolbox, reading: WholeReading, request: BlockRequest): Promise<Blocking> {
  const { task, session } = request
  const words = await sayableBlocker(box, request.blocker)
  const helped = request.needs.length === 0 ? undefined : await withHelp(box, reading, request, words)
  const subject = `Block ${task.id}`
  if (helped !== undefined && 'key' in helped) {
    const { changes, ...help } = helped
    return { edit: await editFiles(box, reading, { author: session, subject, changes }), help, noHelp: undefined }
  }
  const { addBlocker } = await import('../board/index.ts')
  const change = (text: string) => addBlocker(text, task.board, task.id, words)
  const edit = await editBoard(box, reading, { board: task.board, author: session, subject, change })
  return { edit, help: undefined, noHelp: helped?.because }
}

interface Helped {
  readonly key: TaskKey
  readonly needs: readonly string[]
  readonly changes: ReadonlyMap<string, string>
}

/** The boards with a task to help with, for which the blocked one waits; or why this board cannot have it. */
async function withHelp(
  box: Toolbox,
  reading: WholeReading,
  { task, session, needs }: BlockRequest,
  words: string,
): Promise<Helped | { readonly because: string }> {
  const joined = await sayableText(box, {
    text: needs.join(', '),
    place: '`needs`',
    source: 'command',
    limit: MAX_NEEDS,
  })
  const asked = { title: `Help: ${clip(words, MAX_TITLE)}`, values: new Map([['capabilities', joined]] as const) }
  try {
    const added = await helpTask(box, reading, { ...asked, author: session }, task)
    const text = await waitingFor(box, reading, task, added)
    const key = taskKey(added.board, added.id)
    return {
      key,
      needs,
      changes: new Map([
        [added.board as string, added.text],
        [task.board as string, text],
      ]),
    }
  } catch (error) {
    if (error instanceof IfBoardError && error.code === 'board/cannot-edit') return { because: error.message }
    throw error
  }
}

interface HelpTask {
  readonly title: string
  readonly values: ReadonlyMap<'capabilities', string>
  readonly author: string
}

/** Right behind the blocked task; on a board of columns, where that one stands in none for open tasks, at the end. */
async function helpTask(box: Toolbox, reading: WholeReading, asked: HelpTask, { key, board }: Task): Promise<Written> {
  const request = { ...asked, id: undefined, under: undefined }
  try {
    return await withTask(box, reading, { ...request, board: undefined, after: key })
  } catch (error) {
    if (!(error instanceof IfBoardError) || error.code !== 'board/cannot-edit') throw error
    return withTask(box, reading, { ...request, board, after: undefined })
  }
}

/** Text of the blocked task's board, in which it waits for the new one, and reads back so. */
async function waitingFor(box: Toolbox, reading: WholeReading, task: Task, added: Written): Promise<string> {
  const { addDependency, parseBoard } = await import('../board/index.ts')
  const before = added.board === task.board ? added.text : await boardText(box, reading.branch, task.board)
  const text = addDependency(before, task.board, task.id, added.id)
  const read = (board: BoardName, from: string) => parseBoard(from, board, reading.config).board.tasks
  const blocked = read(task.board, text).find(({ id }) => id === task.id)
  const help = read(added.board, added.board === task.board ? text : added.text).find(({ id }) => id === added.id)
  if (blocked !== undefined && help !== undefined && waits(blocked, task, help)) return text
  throw new IfBoardError('board/cannot-edit', `\`${task.board}\` would not be read back as it is meant`)
}

function waits(blocked: BoardTask, before: Task, help: BoardTask): boolean {
  const isOpen = help.status === 'available' && help.dependencies.length === 0 && help.externalBlockers.length === 0
  const named = blocked.dependencies.some(({ id }) => id === help.id)
  return (
    isOpen &&
    named &&
    help.capabilities.length > 0 &&
    blocked.externalBlockers.length === before.externalBlockers.length
  )
}
