import { printable } from '../../model/index.ts'
import { checkout as bringCheckout } from '../../workflows/checkout.ts'
import { defineCommand } from '../command.ts'
import { answer } from '../shell.ts'
import { open } from '../wiring/open.ts'
import { checkoutTools } from '../wiring/setup.ts'

const DID = { made: 'is a clone of the boards now', updated: 'is up to date now', unchanged: 'was up to date' } as const

/** `if-board checkout [DIR]`: a small clone of the coordination branch, to edit boards by hand. */
export const checkout = defineCommand({
  usage: 'checkout [dir]',
  positionals: { dir: { type: 'string', describe: 'Where (default: beside this project, <project>-board)' } },
  options: {},
  examples: [['if-board checkout', 'edit there, commit, git push']],
  notes: 'Git merges boards cell by cell there (if-board merge-driver); a conflict is marked in its cell alone.',
  run: async ({ dir }, shell) => {
    // A clone that has not met the boards of its remote yet does so here as everywhere.
    await (await open(shell)).close()
    const report = await bringCheckout(checkoutTools(shell), { folder: dir })
    const { folder, pushesTo } = report
    answer(shell, { ...report, kind: 'checkout', outcome: report.kind }, () =>
      [
        `${printable(folder, 300)} ${DID[report.kind]}.`,
        `Edit a board there, commit, and git push (to ${printable(pushesTo, 300)}).`,
      ].join('\n'),
    )
    return 0
  },
})
