import { whoAmI } from '../../workflows/identity.ts'
import { why as askWhy } from '../../workflows/views-why.ts'
import { defineCommand } from '../command.ts'
import { pageOf } from '../page-of.ts'
import { whyText } from '../print/why.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board why ID`: what holds a task, or where it stands in the order of this session. */
export const why = defineCommand({
  usage: 'why <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2' } },
  options: {},
  examples: [['if-board why P0.1.2', 'everything that holds it, down to where something has to happen']],
  run: ({ task }, shell) =>
    withBoard(shell, async ({ box, place, asker }) => {
      const view = await askWhy(box, task, (await whoAmI(box, place, asker))?.session)
      answer(shell, { kind: 'why', ...view }, () => whyText(view, pageOf(shell)))
      return 0
    }),
})
