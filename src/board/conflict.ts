/**
 * How two values of one cell are written when a merge could not choose: `<<<<<<< ours ======= theirs >>>>>>>`.
 *
 * The marks are git's, on one line, so that a table stays a table and everybody's search for `<<<<<<<`
 * finds them. No status, no id and no empty cell looks like that: a status becomes `unknown`, dependencies
 * an external blocker, so neither counts as done or available until a person has decided.
 */
const OPEN = '<<<<<<<'
const MIDDLE = '======='
const CLOSE = '>>>>>>>'

/** The mark in a checkbox of which both sides changed the character; no dialect reads it as done. */
export const CONFLICT_CHECK = '?'

/** Neither text has a line end, so the cell stays on its line. */
export function conflictMark(ours: string, theirs: string): string {
  return [OPEN, ours, MIDDLE, theirs, CLOSE].filter((part) => part !== '').join(' ')
}

/** Offset of the first mark in a text, -1 where there is none; also finds the marks of git, on lines of their own. */
export function conflictAt(text: string): number {
  const open = text.indexOf(OPEN)
  return open >= 0 && text.indexOf(MIDDLE, open) >= 0 && text.indexOf(CLOSE, open) >= 0 ? open : -1
}

/** Is this whole line a mark that git's merge leaves around lines? */
export function isConflictLine(line: string): boolean {
  return /^(?:<{7,}|={7,}|>{7,})(?: |$)/.test(line.slice(0, 300).trim())
}
