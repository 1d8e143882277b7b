/** What `pause` and `resume` have in common. */
import { printable } from '../model/index.ts'
import { type PauseOutcome, type PauseRequest, pause, resume } from '../workflows/adjust.ts'
import { author } from './session.ts'
import { answer, type Shell } from './shell.ts'
import { withBoard } from './with-board.ts'

export const PAUSE_TARGET = {
  type: 'string',
  describe: 'Id of a task, name of a session, or a board; without it, every board',
} as const

export async function setAside(
  shell: Shell,
  kind: 'pause' | 'resume',
  request: Omit<PauseRequest, 'author'>,
): Promise<number> {
  return withBoard(shell, async (opened) => {
    const asked = { ...request, author: await author(opened) }
    const outcome = await (kind === 'pause' ? pause(opened.box, asked) : resume(opened.box, asked))
    answer(shell, outcome, () => pauseText(outcome, kind))
    return 0
  })
}

function pauseText({ kind, what, holders }: PauseOutcome, asked: 'pause' | 'resume'): string {
  const name = printable(what, 200)
  if (kind === 'unchanged')
    return `${name} was ${asked === 'pause' ? 'paused already' : 'not paused'}; nothing changed.`
  if (kind === 'resumed') return `${name} is offered again.`
  const told = holders.length === 0 ? '' : `\nTold at their next command: ${holders.join(', ')}`
  return `${name} is paused.${told}`
}
