import { removeAgents } from '../../workflows/agents/install.ts'
import { uninstall as takeAway } from '../../workflows/uninstall.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { agentsJson, agentsText } from '../print/agents.ts'
import { uninstallText } from '../print/setup.ts'
import { answer } from '../shell.ts'
import { agentFiles, uninstallTools } from '../wiring/setup.ts'

/** `if-board uninstall`. Exit status 1 when this clone holds the only copy of the board and `--all` was not said. */
export const uninstall = defineCommand({
  usage: 'uninstall',
  positionals: {},
  options: { all: { type: 'boolean', describe: 'Also where this clone holds the only copy; it is kept in a file' } },
  examples: [['if-board uninstall', 'take out of this clone what init and sessions put there']],
  notes: 'What is at a remote stays; the lines that would remove it are printed, never run.',
  run: async ({ all }, shell) => {
    const outcome = await takeAway(uninstallTools(shell), { extent: all === true ? 'with-board' : 'clone' })
    // While the only copy stays, so does what works on it.
    const removed = outcome.kind === 'only-copy' ? undefined : await removeAgents(agentFiles(shell))
    const agents = removed === undefined ? {} : { agents: agentsJson(removed) }
    answer(shell, { ...outcome, ...agents, kind: 'uninstall', outcome: outcome.kind }, () =>
      [uninstallText(outcome), removed === undefined ? '' : agentsText(removed)]
        .filter((text) => text !== '')
        .join('\n'),
    )
    return outcome.kind === 'only-copy' ? EXIT.error : EXIT.ok
  },
})
