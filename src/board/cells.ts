/**
 * Cells of a table row by their offsets.
 *
 * GFM (spec 0.29, "Tables (extension)"): a `|` separates cells unless a backslash stands before it,
 * also inside code; a pipe at either end is optional; rows may have fewer or more cells than the header.
 */
import { type Span, trimSpan } from './source.ts'

export interface Cell extends Span {
  /** What stands between the pipes, padding included. */
  readonly inner: Span
}

export interface Row extends Span {
  readonly cells: readonly Cell[]
  /** Does a pipe close the row? */
  readonly closed: boolean
}

/** Split the line `span` (without its line end) into cells; `start` and `end` of a cell leave out padding. */
export function splitRow(text: string, span: Span): Row {
  const { start, end } = trimSpan(text, span)
  const cells: Cell[] = []
  let from = text[start] === '|' ? start + 1 : start
  let closed = false
  for (let at = from; at < end; at += 1) {
    const character = text[at]
    if (character === '\\' && (text[at + 1] === '\\' || text[at + 1] === '|')) at += 1
    else if (character === '|') {
      cells.push(cellOf(text, from, at))
      from = at + 1
      closed = from >= end
    }
  }
  if (from < end) cells.push(cellOf(text, from, end))
  return { start, end, cells, closed }
}

/** Markdown as it must stand in a cell: each pipe behind a backslash. */
export function cellMarkdown(markdown: string): string {
  return markdown.replace(/\\[\\|]|\|/g, (found) => (found === '|' ? '\\|' : found))
}

function cellOf(text: string, start: number, end: number): Cell {
  return { ...trimSpan(text, { start, end }), inner: { start, end } }
}
