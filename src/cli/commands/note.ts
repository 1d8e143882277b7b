import { note as leaveNote } from '../../workflows/adjust.ts'
import { defineCommand } from '../command.ts'
import { exitOfFinish } from '../exit.ts'
import { finishJson, finishText } from '../print/outcome.ts'
import { sessionThatHolds } from '../session.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board note ID TEXT`: words about a task, on the session's own record. */
export const note = defineCommand({
  usage: 'note <task> <text..>',
  positionals: {
    task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2' },
    text: { type: 'string', array: true, demandOption: true, describe: 'The note, at most 1000 characters' },
  },
  options: {},
  examples: [['if-board note P0.1.2 "the parser is on session-4/p0.1.2"', 'leave it in the log']],
  run: ({ task, text }, shell) =>
    withBoard(shell, async (opened) => {
      const session = await sessionThatHolds(opened)
      const outcome = await leaveNote(opened.box, session, task, text.join(' '))
      answer(shell, finishJson(outcome), () => finishText(outcome))
      return exitOfFinish(outcome)
    }),
})
