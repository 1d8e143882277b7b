import { policyCheck } from '../../workflows/policy-check.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { pageOf } from '../page-of.ts'
import { lintText } from '../print/lint.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board policy check`. Exit status 6 when there is an error or a warning. */
export const check = defineCommand({
  usage: 'policy check',
  positionals: {},
  options: {},
  examples: [['if-board policy check', 'settings and policies of the branch, each finding with its place']],
  notes: 'An error in a policy refuses every claim and completion until it is mended.',
  run: (_args, shell) =>
    withBoard(shell, async ({ box }) => {
      const diagnostics = await policyCheck(box)
      answer(shell, { kind: 'policy-check', diagnostics }, () => lintText({ diagnostics }, pageOf(shell)))
      return diagnostics.some(({ severity }) => severity !== 'info') ? EXIT.findings : EXIT.ok
    }),
})
