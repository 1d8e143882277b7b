/**
 * What a fold copies from boards and settings into other files of the branch. A person who typed a secret can take it
 * out of a board, but not out of these.
 */
import type { BoardTask, Config, ParsedBoard } from '../model/index.ts'
import { sayableText, sayableTexts, type Words } from './sayable.ts'
import type { Masking } from './toolbox.ts'

/** UTF-16 code units, as in events. */
const MAX_TITLE = 300

export function sayableTitle(box: Masking, title: string): Promise<string> {
  return sayableText(box, boardWords('the title', title))
}

/** The same boards, with no secret in what the generated part of the assignments shows of them. */
export async function sayableBoards(box: Masking, boards: readonly ParsedBoard[]): Promise<readonly ParsedBoard[]> {
  const sayable: ParsedBoard[] = []
  for (const parsed of boards) {
    const { paused: reason } = parsed.board
    const paused = reason === undefined ? undefined : await sayablePause(box, reason)
    sayable.push({ ...parsed, board: { ...parsed.board, paused, tasks: await sayableTasks(box, parsed.board.tasks) } })
  }
  return sayable
}

export async function sayableConfig(box: Masking, config: Config): Promise<Config> {
  const reasons = [...config.pausedSessions].map(async ([session, reason]) => {
    return [session, await sayablePause(box, reason)] as const
  })
  return { ...config, pausedSessions: new Map(await Promise.all(reasons)) }
}

function sayablePause(box: Masking, reason: string): Promise<string> {
  return sayableText(box, boardWords('the reason of a pause', reason))
}

/** All texts in one call: boards may be long. */
async function sayableTasks(box: Masking, tasks: readonly BoardTask[]): Promise<BoardTask[]> {
  const words = tasks.flatMap(({ title, statusText, externalBlockers }) => [
    boardWords('the title', title),
    boardWords('a status', statusText),
    ...externalBlockers.map(({ text }) => boardWords('what a task waits for', text)),
  ])
  const texts = (await sayableTexts(box, words)).values()
  const next = () => texts.next().value as string
  return tasks.map((task) => ({
    ...task,
    title: next(),
    statusText: next(),
    externalBlockers: task.externalBlockers.map((blocker) => ({ ...blocker, text: next() })),
  }))
}

function boardWords(place: string, text: string): Words {
  return { text, place, source: 'board', limit: MAX_TITLE }
}
