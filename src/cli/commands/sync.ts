import { fold } from '../../workflows/fold.ts'
import { defineCommand } from '../command.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

const MAX_TRIES = 8

/** `if-board sync`: fold now. Exit status 6 when boards or rows vanished; 7 when the authority is locked. */
export const sync = defineCommand({
  usage: 'sync',
  positionals: {},
  options: {},
  examples: [['if-board sync', 'the board shows who holds and who did what, now']],
  run: (_, shell) =>
    withBoard(shell, async (opened) => {
      const folder = await author(opened)
      let outcome = await fold(opened.box, folder)
      for (let tries = 1; outcome.kind === 'overtaken' && tries < MAX_TRIES; tries += 1) {
        await opened.box.clock.sleep(opened.box.chance.fraction() * Math.min(50 * 2 ** tries, 2000))
        outcome = await fold(opened.box, folder)
      }
      answer(shell, outcome, () =>
        outcome.kind === 'folded'
          ? `Folded: ${outcome.written} rows written, ${outcome.events} events sealed, ${outcome.swept} refs swept.`
          : outcome.kind === 'nothing'
            ? 'The board shows everything already.'
            : 'Somebody else folds at this moment; the board shows it in a moment.',
      )
      return 0
    }),
})
