import { gatherEvidence } from '../../workflows/gather-evidence.ts'
import { defineCommand } from '../command.ts'
import { toCost } from '../evidence.ts'
import { COST, finishTask, TASK_HELD } from '../finish-command.ts'

/** `if-board done [ID]`. Exit status 0: completed or settled before; 4: it is another's now. */
export const done = defineCommand({
  usage: 'done [task]',
  positionals: { task: TASK_HELD },
  options: {
    evidence: {
      type: 'string',
      requiresArg: true,
      describe: 'A commit (default: HEAD), an URL or text that shows it',
    },
    note: { type: 'string', requiresArg: true, describe: 'For whoever builds on it, at most 500 characters' },
    cost: COST,
  },
  examples: [
    ['if-board done', 'complete the task you hold; branch and commit of HEAD are recorded'],
    ['if-board done P0.1.2 --evidence 1a2b3c4 --note "API in src/sip.ts"', 'name the commit, leave a note'],
    ['if-board done --cost 12.50', 'and say what it cost'],
  ],
  run: async ({ task, evidence, note, cost }, shell) => {
    const spent = toCost({ cost })
    return finishTask(shell, task, async ({ box }) => ({
      kind: 'completed',
      evidence: await gatherEvidence(box.work, { evidence, note }),
      cost: spent,
    }))
  },
})
