/**
 * What a text may be before any markdown parser sees it.
 *
 * A board is hostile: without these limits one line of 39 KiB costs seconds and 20,000 `>` overflow
 * the parser's stack. A line over a limit is shown to the parser as `…` and spaces of the same
 * length, so that every offset holds and the lines around it are still read; the file itself is
 * never changed. A text that is too large, or that has too many such lines, is refused whole.
 */
import type { BoardName, Diagnostic } from '../model/index.ts'
import { lineStarts, placeAt, type Source } from './source.ts'

export const MAX_BOARD_BYTES = 8 * 1024 * 1024
/** UTF-16 code units of one line. */
const MAX_LINE = 64 * 1024
const MAX_NESTING = 32
/** Length of a run of one punctuation character. */
const MAX_RUN = 256
/** Leading white space of a list item: deeper than `MAX_NESTING` lists can be indented. */
const MAX_INDENT = MAX_NESTING * 8
const MAX_REFUSED_LINES = 100
/** Lines and cells of a board: each costs time and memory of its own, also an empty one. */
const MAX_LINES = 160_000
const MAX_CELLS = 500_000
const MAX_CELLS_PER_LINE = 1000

const RUN = new RegExp(`([!-/:-@[-\`{-~])\\1{${MAX_RUN}}`)
const MARKER = /[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))/y

export interface Guarded {
  /** What the markdown parser may see; same length and line ends as the source. `undefined` = refused. */
  readonly text: string | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Check a text against the limits, line by line. O(text). */
export function guard(source: Source, name: BoardName): Guarded {
  if (source.text.length > MAX_BOARD_BYTES) return { text: undefined, diagnostics: [tooLarge(name)] }
  const diagnostics: Diagnostic[] = []
  let parts: string[] | undefined
  let kept = 0
  const { text } = source
  const starts = lineStarts(source)
  if (starts.length > MAX_LINES) return tooMany(name, `${starts.length} lines`, MAX_LINES)
  const cells = count(text, '|')
  if (cells > MAX_CELLS) return tooMany(name, `${cells} table cells`, MAX_CELLS)
  for (let line = 0; line < starts.length; line += 1) {
    const start = starts[line] as number
    const end = contentEnd(text, start, starts[line + 1] ?? text.length)
    const problem = lineProblem(text.slice(start, end))
    if (problem === undefined) continue
    diagnostics.push({ code: 'board/limit', severity: 'error', message: problem, ...placeAt(source, start) })
    if (diagnostics.length > MAX_REFUSED_LINES) return { text: undefined, diagnostics }
    parts ??= []
    parts.push(text.slice(kept, start), `…${' '.repeat(end - start - 1)}`)
    kept = end
  }
  if (parts === undefined) return { text, diagnostics }
  parts.push(text.slice(kept))
  return { text: parts.join(''), diagnostics }
}

export function tooLarge(name: BoardName): Diagnostic {
  return {
    code: 'board/too-large',
    severity: 'error',
    message: `a board holds at most ${MAX_BOARD_BYTES / 1024 / 1024} MiB`,
    hint: 'Split it into several files and list them in `boards` of the config',
    file: name,
    line: 1,
    column: 1,
  }
}

function tooMany(file: BoardName, what: string, most: number): Guarded {
  const message = `a board of ${what} is not read; at most ${most}`
  const hint = 'Split it into several files and list them in `boards` of the config'
  return {
    text: undefined,
    diagnostics: [{ code: 'board/limit', severity: 'error', message, hint, file, line: 1, column: 1 }],
  }
}

function contentEnd(text: string, start: number, next: number): number {
  let end = next
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end -= 1
  return end
}

function lineProblem(line: string): string | undefined {
  if (line.length > MAX_LINE) return `a line of ${line.length} characters is not read; at most ${MAX_LINE}`
  if (line.includes('\0')) return 'a line with a NUL character is not read'
  if (nesting(line) > MAX_NESTING) return `a line nested deeper than ${MAX_NESTING} is not read`
  if (line.length > MAX_RUN && RUN.test(line))
    return `a line with a run of over ${MAX_RUN} equal characters is not read`
  if (line.length > MAX_CELLS_PER_LINE && count(line, '|') > MAX_CELLS_PER_LINE)
    return `a line with over ${MAX_CELLS_PER_LINE} table cells is not read`
  return undefined
}

function count(line: string, character: string): number {
  let found = 0
  for (let at = line.indexOf(character); at >= 0; at = line.indexOf(character, at + 1)) found += 1
  return found
}

/** Container markers at the head of a line, or what its indentation can amount to for a list item. */
function nesting(line: string): number {
  let depth = 0
  MARKER.lastIndex = 0
  let last = 0
  while (MARKER.test(line)) {
    if (MARKER.lastIndex - last > MAX_INDENT) return MAX_NESTING + 1
    last = MARKER.lastIndex
    depth += 1
    if (depth > MAX_NESTING) return depth
  }
  return depth
}
