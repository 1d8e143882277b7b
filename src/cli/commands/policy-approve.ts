import { policyApprove } from '../../workflows/policy-approve.ts'
import { defineCommand } from '../command.ts'
import { approveText } from '../print/policy.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board policy approve ID`: a person lets a task be claimed that waits for it. */
export const approve = defineCommand({
  usage: 'policy approve <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2' } },
  options: {},
  examples: [['if-board policy approve P0.1.2', 'sessions may claim it from now on']],
  notes: [
    'Writes the id to `policy.approved` in the settings, one commit by compare-and-push. Whoever may push there may',
    'approve: what a session must not do itself, your code host has to keep it from.',
  ].join('\n'),
  run: ({ task }, shell) =>
    withBoard(shell, async (opened) => {
      const outcome = await policyApprove(opened.box, task, await author(opened))
      answer(shell, outcome, () => approveText(outcome))
      return 0
    }),
})
