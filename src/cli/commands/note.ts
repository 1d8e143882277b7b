import { IfBoardError } from '../../model/index.ts'
import { note as leaveNote, reportCost } from '../../workflows/adjust.ts'
import { finishJson } from '../../workflows/answers.ts'
import { defineCommand } from '../command.ts'
import { toCost } from '../evidence.ts'
import { exitOfFinish } from '../exit.ts'
import { finishText } from '../print/outcome.ts'
import { sessionThatHolds } from '../session.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board note ID [TEXT]`: words about a task, or what it has cost, on the session's own record. */
export const note = defineCommand({
  usage: 'note <task> [text..]',
  positionals: {
    task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2' },
    text: { type: 'string', array: true, describe: 'The note, at most 1000 characters; with a cost, what for' },
  },
  options: {
    cost: { type: 'number', requiresArg: true, describe: 'Reports a cost, in US dollars, before the task is done' },
    model: { type: 'string', requiresArg: true, describe: 'What the cost was for: the name of a model' },
    tokens: { type: 'string', requiresArg: true, describe: 'Tokens read and written, such as 1200,340' },
  },
  examples: [
    ['if-board note P0.1.2 "the parser is on session-4/p0.1.2"', 'leave it in the log'],
    ['if-board note P0.1.2 --cost 1.25 --model large-1 --tokens 120000,3400', 'report a cost on the way'],
  ],
  run: async ({ task, text, ...typed }, shell) => {
    const cost = toCost(typed)
    const words = text?.join(' ').trim() ?? ''
    if (words === '' && cost === undefined)
      throw new IfBoardError('usage/invalid', 'a note expects a text or a cost', {
        hint: 'if-board note ID "WORDS", or if-board note ID --cost 1.25',
      })
    return withBoard(shell, async (opened) => {
      const session = await sessionThatHolds(opened)
      const outcome =
        cost === undefined
          ? await leaveNote(opened.box, session, task, words)
          : await reportCost(opened.box, { session, task, cost, text: words })
      answer(shell, finishJson(outcome), () => finishText(outcome))
      return exitOfFinish(outcome)
    })
  },
})
