import { IfBoardError, toBranchName } from '../../model/index.ts'
import { installAgents, toAgentsWish } from '../../workflows/agents/install.ts'
import { type AuthorityWish, init as initBoard } from '../../workflows/init.ts'
import { defineCommand } from '../command.ts'
import { agentsJson, agentsText } from '../print/agents.ts'
import { initText } from '../print/setup.ts'
import { answer } from '../shell.ts'
import { agentFiles, initTools } from '../wiring/setup.ts'

/** `if-board init`: the coordination branch, and this clone bound to it. Safe to run twice. */
export const init = defineCommand({
  usage: 'init',
  positionals: {},
  options: {
    from: { type: 'string', array: true, requiresArg: true, describe: 'Boards to copy to the coordination branch' },
    move: { type: 'boolean', describe: 'Take the originals out of the work tree; you commit that' },
    remote: { type: 'string', requiresArg: true, describe: 'Remote that decides who holds what (default: origin)' },
    branch: { type: 'string', requiresArg: true, describe: 'Branch that keeps the boards (default: if-board/main)' },
    local: { type: 'boolean', describe: 'No remote: this clone and its work trees alone' },
    operator: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Public key, or file of keys, of who may grant; pinned in this clone',
    },
    agents: {
      type: 'string',
      requiresArg: true,
      default: 'none',
      describe: 'Write hooks and instructions for coding tools: auto (those in use), none, or their names with commas',
    },
    'dry-run': { type: 'boolean', describe: 'Say what would be done; write nothing' },
  },
  examples: [
    ['if-board init', 'boards at origin, without a task yet'],
    ['if-board init --from TASKS.md', 'with the tasks of a file that is there'],
    ['if-board init --branch coordination', 'on a branch of another name; every other clone says so once too'],
    ['if-board init --local', 'for one clone and its work trees'],
    ['if-board init --agents auto', 'hooks and instructions for the coding tools in use here'],
    ['if-board init --operator ~/.ssh/id_ed25519.pub', 'this clone believes grants that this key signs'],
  ],
  run: async ({ from = [], move, remote, branch, local, operator, agents, 'dry-run': dryRun }, shell) => {
    const wish = toAgentsWish(agents)
    const mode = dryRun === true ? 'dry-run' : 'apply'
    const report = await initBoard(initTools(shell), {
      from,
      originals: move === true ? 'move' : 'keep',
      authority: wishOf(remote, local === true),
      branch: branch === undefined ? undefined : toBranchName(branch),
      operators: operator,
      mode,
    })
    const installed = await installAgents(agentFiles(shell), { wish, mode })
    const json = { ...report, agents: agentsJson(installed), kind: 'init', outcome: report.kind }
    answer(shell, json, () => [initText(report), agentsText(installed)].filter((text) => text !== '').join('\n'))
    return 0
  },
})

function wishOf(remote: string | undefined, local: boolean): AuthorityWish {
  if (remote !== undefined && local)
    throw new IfBoardError('usage/invalid', 'init: --remote and --local exclude each other', {
      hint: 'if-board init --help',
    })
  if (local) return { kind: 'local' }
  return remote === undefined ? { kind: 'default' } : { kind: 'remote', name: remote }
}
