import { claimTask } from '../../workflows/next.ts'
import { answerNext } from '../answer-next.ts'
import { defineCommand } from '../command.ts'
import { toPositive } from '../evidence.ts'
import { exitOfNext } from '../exit.ts'
import { sessionThatTakes } from '../session.ts'
import { foldAfterwards } from '../with-board.ts'
import { withClaims } from '../with-claims.ts'

/** `if-board claim ID`. Exit status 0: granted or held; 3: not ready; 4: another's; 5: refused. */
export const claim = defineCommand({
  usage: 'claim <task>',
  positionals: {
    task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2, or BOARD:ID' },
  },
  options: {
    lease: {
      type: 'number',
      requiresArg: true,
      describe: 'Minutes without a sign of life after which others may take it',
    },
  },
  examples: [
    ['if-board claim P0.1.2', 'take P0.1.2'],
    ['if-board claim P0.1.2 --lease 120', 'and keep it through two silent hours'],
  ],
  run: async ({ task, lease }, shell) => {
    const leaseMinutes = toPositive('lease', lease, 'minutes')
    return withClaims(shell, async (opened) => {
      const { session } = await sessionThatTakes(opened, shell)
      const outcome = await claimTask(opened.box, { session, task, leaseMinutes })
      await answerNext(opened, shell, { outcome, session, task })
      await foldAfterwards(opened, session)
      return exitOfNext(outcome)
    })
  },
})
