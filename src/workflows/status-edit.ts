/** A status word into the board, as a person would type it: what `pause`, `resume`, `reopen` and `set` have in common. */
import type { StatusWord } from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import { editFiles, type PreparedEdit } from './edit-board.ts'
import type { WholeReading } from './read.ts'
import { boardText } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

export interface StatusWish {
  readonly status: Exclude<StatusWord, 'unknown'>
  /** Written in brackets behind the word: the reason of a pause, who holds it. */
  readonly by: string | undefined
}

export interface StatusEdit extends StatusWish {
  readonly author: string
  readonly subject: string
}

export async function statusEdit(
  box: Toolbox,
  reading: WholeReading,
  view: TaskView,
  { author, subject, ...wish }: StatusEdit,
): Promise<PreparedEdit> {
  const { text } = await changedText(box, reading, view, wish)
  return editFiles(box, reading, { author, subject, changes: new Map([[view.task.board as string, text]]) })
}

/** The board's text before and after the word was written. */
export async function changedText(
  box: Toolbox,
  reading: WholeReading,
  { task, judgement, holder }: TaskView,
  wish: StatusWish,
): Promise<{ readonly before: string; readonly text: string }> {
  const { setStatuses } = await import('../board/index.ts')
  const before = await boardText(box, reading.branch, task.board)
  // `available` over a claim would take it back: who held it when it was paused goes on.
  const goesOn = wish.status === 'available' && judgement.standing.kind === 'paused' && holder !== undefined
  const { status: word, by } = goesOn ? ({ status: 'claimed', by: holder } as const) : wish
  const change = { id: task.id, status: word, ...(by === undefined ? {} : { by }) }
  return { before, text: setStatuses(before, task.board, [change]).text }
}
