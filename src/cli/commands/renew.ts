import { renew as renewLease } from '../../workflows/adjust.ts'
import { defineCommand } from '../command.ts'
import { idOf } from '../print/words.ts'
import { sessionThatHolds } from '../session.ts'
import { answer } from '../shell.ts'
import { withClaims } from '../with-claims.ts'

/** `if-board renew`: a sign of life for everything that the session holds. */
export const renew = defineCommand({
  usage: 'renew',
  positionals: {},
  options: {},
  examples: [['if-board renew', 'the lease of what you hold counts from now']],
  run: (_, shell) =>
    withClaims(shell, async (opened) => {
      const session = await sessionThatHolds(opened)
      const ids = (await renewLease(opened.box, session)).map(idOf)
      answer(shell, { kind: 'renewed', session, tasks: ids }, () => `${session} keeps ${ids.join(', ')}.`)
      return 0
    }),
})
