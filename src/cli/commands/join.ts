import { capabilityWords, nearMisses } from '../../workflows/capability-words.ts'
import { join as joinAs } from '../../workflows/join.ts'
import { defineCommand } from '../command.ts'
import { toUsd } from '../evidence.ts'
import { answer, tell } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board join NAME`: this work tree, or the coding tool that runs it, becomes that session. */
export const join = defineCommand({
  usage: 'join <name>',
  positionals: { name: { type: 'string', demandOption: true, describe: 'Such as session-4' } },
  options: {
    can: { type: 'string', requiresArg: true, describe: 'Capabilities, with commas between: rust,gpu' },
    model: { type: 'string', requiresArg: true, describe: 'The model that works here' },
    rate: { type: 'number', requiresArg: true, describe: 'US dollars an hour' },
    budget: { type: 'number', requiresArg: true, describe: 'US dollars at most' },
  },
  examples: [['if-board join session-4 --can typescript,sip', 'tasks assigned to Session 4 come here first']],
  run: async ({ name, can, model, rate, budget }, shell) => {
    const rateUsdPerHour = toUsd('rate', rate)
    const budgetUsd = toUsd('budget', budget)
    const capabilities = capabilityWords('--can', can)
    return withBoard(shell, async ({ box, place, asker }) => {
      const request = { name, capabilities, model, rateUsdPerHour, budgetUsd }
      const { kind, session, bound } = await joinAs(box, place, asker, request)
      for (const line of nearMisses(box, capabilities ?? [])) tell(shell, line)
      const what = bound === 'tool' ? `${asker.tool?.label ?? 'this tool'} here` : 'this work tree'
      answer(shell, { kind, session, bound }, () => `${what} works as ${session} now.\nGo on: if-board next`)
      return 0
    })
  },
})
