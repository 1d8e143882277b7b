import { defineCommand } from '../command.ts'
import { finishTask, TASK_HELD } from '../finish-command.ts'

/** `if-board block [ID] --on TEXT`: back on the board, waiting for something that no task stands for. */
export const block = defineCommand({
  usage: 'block [task]',
  positionals: { task: TASK_HELD },
  options: {
    on: { type: 'string', requiresArg: true, demandOption: true, describe: 'What it waits for' },
  },
  examples: [['if-board block P0.1.2 --on "an account for the test server"', 'lifted by: if-board unblock P0.1.2']],
  run: ({ task, on }, shell) => finishTask(shell, task, async () => ({ kind: 'blocked', blocker: on })),
})
