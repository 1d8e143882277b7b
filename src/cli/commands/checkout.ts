import { printable } from '../../model/index.ts'
import { checkout as bringCheckout, type CheckoutReport, checkoutHere } from '../../workflows/checkout.ts'
import { defineCommand } from '../command.ts'
import { plural } from '../print/words.ts'
import { answer, type Shell } from '../shell.ts'
import { open } from '../wiring/open.ts'
import { checkoutTools } from '../wiring/setup.ts'

const DID = { made: 'is a clone of the boards now', updated: 'is up to date now', unchanged: 'was up to date' } as const

/** `if-board checkout [DIR]`: a small clone of the coordination branch, to edit boards by hand. */
export const checkout = defineCommand({
  usage: 'checkout [dir]',
  positionals: { dir: { type: 'string', describe: 'Where (default: beside this project, <project>-board)' } },
  options: {},
  examples: [['if-board checkout', 'edit there, commit, git push']],
  notes:
    'Again later, or within the clone: brings it forward; what you edited there stays. Git merges boards cell by ' +
    'cell there (if-board merge-driver); a conflict is marked in its cell alone.',
  run: async ({ dir }, shell) => {
    const report =
      (dir === undefined ? await checkoutHere(checkoutTools(shell)) : undefined) ?? (await bring(shell, dir))
    answer(shell, { ...report, kind: 'checkout', outcome: report.kind }, () => checkoutText(report))
    return 0
  },
})

async function bring(shell: Shell, folder: string | undefined): Promise<CheckoutReport> {
  // A clone that has not met the boards of its remote yet does so here as everywhere.
  await (await open(shell)).close()
  return bringCheckout(checkoutTools(shell), { folder })
}

function checkoutText({ kind, folder, pushesTo, edited, unpushed }: CheckoutReport): string {
  const to = printable(pushesTo, 300)
  const lines = [`${printable(folder, 300)} ${DID[kind]}.`]
  if (edited > 0)
    lines.push(`Edited and not committed yet: ${plural(edited, 'file')}. Commit there, then git push (to ${to}).`)
  else if (unpushed > 0) lines.push(`Not pushed yet: ${plural(unpushed, 'commit')}. Type there: git push (to ${to}).`)
  else lines.push(`Edit a board there, commit, and git push (to ${to}).`)
  return lines.join('\n')
}
