import { IfBoardError, isSessionName } from '../../model/index.ts'
import { POLICY_ACTIONS } from '../../ports/index.ts'
import { whoAmI } from '../../workflows/identity.ts'
import { policyExplain } from '../../workflows/policy-explain.ts'
import { defineCommand } from '../command.ts'
import { pageOf } from '../page-of.ts'
import { explainText } from '../print/policy.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board policy explain ID`: every rule's verdict for a session, in their order. */
export const explain = defineCommand({
  usage: 'policy explain <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2' } },
  options: { action: { choices: POLICY_ACTIONS, default: 'claim', describe: 'What the session would do' } },
  examples: [
    ['if-board policy explain P0.1.2', 'may this session claim it, and which rule says so'],
    ['if-board policy explain P0.1.2 --session ada --action complete', 'may another one complete it'],
  ],
  run: ({ task, action }, shell) =>
    withBoard(shell, async ({ box, place, asker }) => {
      const session = shell.session ?? (await whoAmI(box, place, asker))?.session
      if (session === undefined || !isSessionName(session))
        throw new IfBoardError('usage/invalid', 'policies are about a session, and none has joined here', {
          hint: `if-board policy explain ${task} --session NAME`,
        })
      const view = await policyExplain(box, { task, session, action })
      answer(shell, { kind: 'policy-explain', ...view }, () => explainText(view, pageOf(shell)))
      return 0
    }),
})
