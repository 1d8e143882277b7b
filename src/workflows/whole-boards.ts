/**
 * A board that is gone from the branch, or is no text, hides its tasks. Nothing may be concluded from
 * their absence: neither that the work is finished, nor that a claim has lost its row.
 */
import { type Diagnostic, IfBoardError, printable } from '../model/index.ts'
import type { Reading } from './read.ts'
import { CONFIG_FILE } from './read-branch.ts'

const UNREADABLE = ['board/not-text', 'board/too-large'] as const

/** @throws IfBoardError `board/missing`, `board/not-text`, `board/too-large` */
export function assertBoardsWhole(reading: Pick<Reading, 'branch' | 'head'>): void {
  const [first] = missingBoards(reading)
  if (first !== undefined)
    throw new IfBoardError('board/missing', first.message, { hint: first.hint ?? '', place: first })
  for (const { diagnostics } of reading.branch.boards)
    for (const code of UNREADABLE) {
      const found = diagnostics.find((diagnostic) => diagnostic.code === code)
      if (found !== undefined) throw new IfBoardError(code, found.message, { hint: found.hint ?? '', place: found })
    }
}

/** One finding for each board that the configuration names and the branch does not have. */
export function missingBoards({ branch, head }: Pick<Reading, 'branch' | 'head'>): Diagnostic[] {
  return branch.missing.map((name) => ({
    code: 'board/missing',
    severity: 'error',
    message: `the board \`${printable(name)}\` of the configuration is not on the branch at \`${head.slice(0, 12)}\``,
    hint: 'Bring the file back from the branch’s history, or correct `boards` in .if-board/config.yml: if-board checkout',
    file: CONFIG_FILE,
    line: 1,
    column: 1,
  }))
}
