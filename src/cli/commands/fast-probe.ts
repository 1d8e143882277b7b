import { probeFast } from '../../workflows/fast/probe.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { doctorText } from '../print/setup.ts'
import { answer } from '../shell.ts'
import { needFastTools } from '../wiring/fast.ts'
import { withBoard } from '../with-board.ts'

/** `if-board fast probe`. Exit status 6 when something is not as it should be. */
export const probe = defineCommand({
  usage: 'fast probe',
  positionals: {},
  options: {},
  examples: [['if-board fast probe', 'is this etcd fit to decide claims, and what is to be set']],
  notes:
    'Writes below an id that no board has, and removes it. Settings of etcd and of this clone: docs/operations.md.',
  run: (_, shell) =>
    withBoard(shell, async (opened) => {
      const { health } = await needFastTools(opened, shell)
      const { checks: found } = await probeFast(health)
      const checks = found.map(({ hint, ...check }) => ({ ...check, hint: hint ?? null }))
      answer(shell, { kind: 'fast-probe', checks }, () => doctorText({ checks: found, mended: [] }))
      return found.every(({ ok }) => ok) ? EXIT.ok : EXIT.findings
    }),
})
