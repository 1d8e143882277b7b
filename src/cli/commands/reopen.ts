import { reopen as openAgain } from '../../workflows/set-task.ts'
import { defineCommand } from '../command.ts'
import { setJson, setText } from '../print/change.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { foldAfterwards, withBoard } from '../with-board.ts'

/** `if-board reopen ID`: a task that is done, cancelled, set aside or claimed is open again. */
export const reopen = defineCommand({
  usage: 'reopen <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2' } },
  options: { reason: { type: 'string', requiresArg: true, describe: 'Kept with the change, for whoever asks why' } },
  examples: [['if-board reopen P0.1.2 --reason "it fails on Windows"', 'it is offered again']],
  notes: 'A claim that the board shows is taken back with it. A paused task goes on with whoever holds it.',
  run: ({ task, reason }, shell) =>
    withBoard(shell, async (opened) => {
      const who = await author(opened)
      const outcome = await openAgain(opened.box, { task, reason, author: who })
      answer(shell, setJson(outcome), () => setText(outcome))
      await foldAfterwards(opened, who)
      return 0
    }),
})
