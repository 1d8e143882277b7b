/** Findings about boards by their text alone. Which rule sees what: `rule.ts`; what each code means: `codes.ts`. */
import type { BoardName, Diagnostic, ParsedBoard } from '../../model/index.ts'
import { readBoard } from '../document.ts'
import { acceptance } from './acceptance.ts'
import { type CapabilityWords, capabilities } from './capabilities.ts'
import { counts } from './counts.ts'
import { jobs } from './jobs.ts'
import { lookAlike } from './look-alike.ts'
import { marks } from './marks.ts'
import { mojibake } from './mojibake.ts'
import type { FileRule, ProjectRule } from './rule.ts'
import { sameId } from './same-id.ts'

const FILE_RULES: readonly FileRule[] = [marks, mojibake, counts, acceptance, jobs]
const PROJECT_RULES: readonly ProjectRule[] = [sameId, lookAlike]

/**
 * What each board's own reading found, what the rules find in its text, and what two boards have in common.
 * Sorted by board, then by place. A board without its text in `sources` is looked at without it; without `words`,
 * capabilities are not looked at.
 */
export function lintProject(
  boards: readonly ParsedBoard[],
  sources: ReadonlyMap<BoardName, string>,
  words?: CapabilityWords,
): Diagnostic[] {
  const rules = words === undefined ? FILE_RULES : [...FILE_RULES, capabilities(words)]
  const together = PROJECT_RULES.flatMap((rule) => rule(boards.map(({ board }) => board)))
  return boards.flatMap(({ board, diagnostics }) => {
    const text = sources.get(board.name)
    const read = text === undefined ? undefined : readBoard(text, board.name)
    const own = read === undefined ? [] : rules.flatMap((rule) => rule({ board, read }))
    const shared = together.filter(({ file }) => file === board.name)
    return [...diagnostics, ...own, ...shared].sort((a, b) => a.line - b.line || a.column - b.column)
  })
}
