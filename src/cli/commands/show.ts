import { show as showTask } from '../../workflows/views-show.ts'
import { defineCommand } from '../command.ts'
import { pageOf } from '../page-of.ts'
import { showText } from '../print/show.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board show ID`: all that is known of one task, with its story. */
export const show = defineCommand({
  usage: 'show <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2' } },
  options: {},
  examples: [['if-board show P0.1.2', 'text, dependencies and who did what']],
  run: ({ task }, shell) =>
    withBoard(shell, async ({ box }) => {
      const details = await showTask(box, task)
      answer(shell, { kind: 'show', ...details }, () => showText(details, pageOf(shell)))
      return 0
    }),
})
