import { gitCloneSetup } from '../../adapters/git/setup.ts'
import { gitCloneRemains } from '../../adapters/git/setup-remains.ts'
import { systemClock } from '../../adapters/process/clock.ts'
import { uninstall as takeAway } from '../../workflows/uninstall.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { uninstallText } from '../print/setup.ts'
import { answer } from '../shell.ts'

/** `if-board uninstall`. Exit status 1 when this clone holds the only copy of the board and `--all` was not said. */
export const uninstall = defineCommand({
  usage: 'uninstall',
  positionals: {},
  options: { all: { type: 'boolean', describe: 'Also where this clone holds the only copy; it is kept in a file' } },
  examples: [['if-board uninstall', 'take out of this clone what init and sessions put there']],
  notes: 'What is at a remote stays; the lines that would remove it are printed, never run.',
  run: async ({ all }, shell) => {
    const tools = {
      clone: gitCloneSetup(shell.cwd, shell.environment),
      remains: gitCloneRemains(shell.cwd, shell.environment),
      clock: systemClock({ stop: shell.stop }),
    }
    const outcome = await takeAway(tools, { extent: all === true ? 'with-board' : 'clone' })
    answer(shell, { ...outcome, kind: 'uninstall', outcome: outcome.kind }, () => uninstallText(outcome))
    return outcome.kind === 'only-copy' ? EXIT.error : EXIT.ok
  },
})
