/** The frame of every command that reads the log: open it, work, close. */
import { type LogBook, openLog } from '../workflows/witness/log-book.ts'
import { prunedPart } from '../workflows/witness/log-index.ts'
import { type Shell, tell } from './shell.ts'
import { withBoard } from './with-board.ts'

export function withLog(shell: Shell, work: (book: LogBook) => Promise<number>): Promise<number> {
  return withBoard(shell, async ({ box }) => {
    const book = await openLog(box)
    if (book.missingFold !== undefined)
      tell(
        shell,
        `the branch was rewound: the log knows a fold that it lacks (${book.missingFold.slice(0, 12)}); if-board doctor`,
      )
    const pruned = prunedPart(book.folds)
    if (pruned !== undefined)
      tell(
        shell,
        `the first ${pruned.events} events, through fold ${pruned.throughFold}, were pruned: docs/retention.md`,
      )
    return work(book)
  })
}
