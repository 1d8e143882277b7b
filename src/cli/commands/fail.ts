import { defineCommand } from '../command.ts'
import { finishTask, TASK_HELD } from '../finish-command.ts'

/** `if-board fail [ID] --reason TEXT`: open again, not for this session until another tried it. */
export const fail = defineCommand({
  usage: 'fail [task]',
  positionals: { task: TASK_HELD },
  options: {
    reason: {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'What went wrong, for whoever tries next',
    },
  },
  examples: [['if-board fail P0.1.2 --reason "the library has no SIP over TLS"', 'let another session try']],
  run: ({ task, reason }, shell) => finishTask(shell, task, async () => ({ kind: 'failed', reason })),
})
