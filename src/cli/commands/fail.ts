import { defineCommand } from '../command.ts'
import { toCost } from '../evidence.ts'
import { COST, finishTask, TASK_HELD } from '../finish-command.ts'

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
    cost: COST,
  },
  examples: [
    ['if-board fail P0.1.2 --reason "the library has no SIP over TLS"', 'let another session try'],
    ['if-board fail --reason "out of time" --cost 4.20', 'and say what the attempt cost'],
  ],
  run: async ({ task, reason, cost }, shell) => {
    const spent = toCost({ cost })
    return finishTask(shell, task, async () => ({ kind: 'failed', reason, cost: spent }))
  },
})
