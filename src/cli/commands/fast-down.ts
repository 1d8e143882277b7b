import { GIT_ALONE } from '../../fast/index.ts'
import { switchMode } from '../../workflows/fast/switch.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit.ts'
import { switchJson, switchText } from '../print/fast.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { stepTeller } from '../step-teller.ts'
import { switchTools } from '../wiring/fast.ts'
import { unlessUnusable } from '../wiring/without-etcd.ts'
import { withBoard } from '../with-board.ts'

/** `if-board fast down`. Needs git alone: etcd may be gone. */
export const down = defineCommand({
  usage: 'fast down',
  positionals: {},
  options: {},
  examples: [['if-board fast down', 'git decides claims again, after a little more than the mode lease']],
  notes:
    'Sessions that hold a task register it in git meanwhile and go on. It works while etcd is gone, and goes on where ' +
    'somebody else stopped. docs/operations.md.',
  run: (_, shell) =>
    withBoard(shell, async (opened) => {
      const session = await author(opened)
      const tools = await switchTools(opened, shell).catch(unlessUnusable(opened, shell))
      const { leaseMs } = GIT_ALONE
      const outcome = await switchMode(tools, { to: 'git', session, leaseMs, tell: stepTeller(shell) })
      answer(shell, switchJson(outcome), () => switchText(outcome))
      return EXIT.ok
    }),
})
