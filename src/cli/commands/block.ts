import { capabilityWords } from '../../workflows/capability-words.ts'
import { defineCommand } from '../command.ts'
import { toCost } from '../evidence.ts'
import { COST, finishTask, TASK_HELD } from '../finish-command.ts'

/** `if-board block [ID] --on TEXT`: back on the board, waiting for something that no task stands for. */
export const block = defineCommand({
  usage: 'block [task]',
  positionals: { task: TASK_HELD },
  options: {
    on: { type: 'string', requiresArg: true, demandOption: true, describe: 'What it waits for' },
    needs: { type: 'string', requiresArg: true, describe: 'Ask sessions for help that can this: sip,rust' },
    cost: COST,
  },
  examples: [
    ['if-board block P0.1.2 --on "an account for the test server"', 'lifted by: if-board unblock P0.1.2'],
    ['if-board block --on "the call drops" --needs sip', 'makes a task for whoever knows sip; it waits for that'],
    ['if-board block --on "a review" --cost 2', 'and say what it cost so far'],
  ],
  run: async ({ task, on, needs, cost }, shell) => {
    const spent = toCost({ cost })
    return finishTask(shell, task, async () => ({
      kind: 'blocked',
      blocker: on,
      needs: capabilityWords('--needs', needs),
      cost: spent,
    }))
  },
})
