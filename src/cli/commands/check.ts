import { gatherEvidence } from '../../workflows/gather-evidence.ts'
import { whoAmI } from '../../workflows/identity.ts'
import { checkTask } from '../../workflows/jobs/check-task.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { checkJson, checkText } from '../print/check.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board check ID`. Exit status 0: its work passes; 5: it does not, or nobody knows. */
export const check = defineCommand({
  usage: 'check <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2, or BOARD:ID' } },
  options: {
    evidence: { type: 'string', requiresArg: true, describe: 'The commit whose files are judged (default: HEAD)' },
  },
  examples: [
    ['if-board check P0.1.2', 'would `done` complete it? Nothing is completed'],
    ['if-board check P0.1.2 --evidence 1a2b3c4', 'run its check again on that commit: same outcome, same fuel'],
  ],
  notes: 'Committed files alone are judged: docs/checks.md.',
  run: ({ task, evidence }, shell) =>
    withBoard(shell, async ({ box, place, asker }) => {
      const who = await whoAmI(box, place, asker)
      const named = await gatherEvidence(box.work, { evidence, note: undefined })
      // A revision that nobody knows must not be judged as HEAD.
      const request = named.reference === undefined ? named : {}
      const outcome = await checkTask(box, { session: who?.session, task, evidence: request })
      answer(shell, checkJson(outcome), () => checkText(outcome))
      return outcome.refusal === undefined ? EXIT.ok : EXIT.refused
    }),
})
