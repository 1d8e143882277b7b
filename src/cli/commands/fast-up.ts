import { IfBoardError } from '../../model/index.ts'
import { untilArmed } from '../../workflows/fast/armed.ts'
import { type SwitchOutcome, switchMode } from '../../workflows/fast/switch.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { switchJson, switchText } from '../print/fast.ts'
import { author } from '../session.ts'
import { answer, type Shell, tell } from '../shell.ts'
import { stepTeller } from '../step-teller.ts'
import { type FastTools, needFastTools, switchTools } from '../wiring/fast.ts'
import type { Opened } from '../wiring/open.ts'
import { withBoard } from '../with-board.ts'

const DEFAULT_LEASE_SECONDS = 15
/** As long as a mode record may be believed. */
const MAX_LEASE_SECONDS = 600
const PATIENCE_MS = 60_000

/** `if-board fast up`. Exit status 7: etcd was not reached, and git goes on deciding; or with `--wait` nobody arms it. */
export const up = defineCommand({
  usage: 'fast up',
  positionals: {},
  options: {
    wait: { type: 'boolean', describe: 'Also wait, a minute at most, until sessions may claim there' },
    lease: {
      type: 'number',
      requiresArg: true,
      describe: `Seconds for which a session goes on without git or etcd, and that the way back takes (default ${DEFAULT_LEASE_SECONDS})`,
    },
  },
  examples: [
    ['if-board fast up', 'etcd decides claims from now on; those that are held are carried over'],
    ['if-board fast up --wait', 'the same, and wait until a watcher folds what etcd holds'],
  ],
  notes:
    'Claims are asked for again in a moment while it switches. Whoever stops in the middle is no obstacle: type it ' +
    'again, or `if-board fast down`. docs/operations.md.',
  run: ({ wait, lease }, shell) => {
    const leaseMs = toLeaseMs(lease)
    return withBoard(shell, async (opened) => {
      const etcd = await needFastTools(opened, shell)
      const session = await author(opened)
      const tools = await switchTools(opened, shell)
      const outcome = await switchMode(tools, { to: 'etcd', session, leaseMs, tell: stepTeller(shell) })
      answer(shell, switchJson(outcome), () => switchText(outcome))
      if (wait === true) return armedStatus(opened, shell, { etcd, outcome })
      if (!(await untilArmed(opened.box, etcd.path, { mode: outcome.mode, patienceMs: 0 })))
        tell(shell, 'nothing is claimed there before a watcher folds what it holds: if-board watch')
      return EXIT.ok
    })
  },
})

function toLeaseMs(seconds = DEFAULT_LEASE_SECONDS): number {
  if (Number.isInteger(seconds) && seconds >= 2 && seconds <= MAX_LEASE_SECONDS) return seconds * 1000
  throw new IfBoardError('usage/invalid', `--lease: expected 2 to ${MAX_LEASE_SECONDS} whole seconds`, {
    hint: 'if-board fast up --help',
  })
}

async function armedStatus(
  { box }: Opened,
  shell: Shell,
  { etcd, outcome: { mode } }: { readonly etcd: FastTools; readonly outcome: SwitchOutcome },
): Promise<number> {
  if (await untilArmed(box, etcd.path, { mode, patienceMs: PATIENCE_MS })) return EXIT.ok
  tell(shell, 'nobody folds what etcd holds into git, so nothing is claimed there; start: if-board watch')
  return EXIT.unreachable
}
