import { printable } from '../../model/index.ts'
import { unblock as liftBlockers } from '../../workflows/adjust.ts'
import { defineCommand } from '../command.ts'
import { idOf } from '../print/words.ts'
import { author } from '../session.ts'
import { answer } from '../shell.ts'
import { withBoard } from '../with-board.ts'

/** `if-board unblock ID`: what was outside is there; dependencies on tasks stay. */
export const unblock = defineCommand({
  usage: 'unblock <task>',
  positionals: { task: { type: 'string', demandOption: true, describe: 'Id, such as P0.1.2' } },
  options: {},
  examples: [['if-board unblock P0.1.2', 'takes what `block --on` wrote out of the board']],
  run: ({ task }, shell) =>
    withBoard(shell, async (opened) => {
      const outcome = await liftBlockers(opened.box, task, await author(opened))
      const id = idOf(outcome.task)
      answer(shell, { kind: outcome.kind, task: { id } }, () =>
        outcome.kind === 'unblocked'
          ? `${printable(id)} waits for nothing outside any more.`
          : `${printable(id)} waited for nothing outside.`,
      )
      return 0
    }),
})
