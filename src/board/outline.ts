/**
 * A text cut into pieces that a markdown parser can read one by one, with what cannot matter left out.
 *
 * micromark costs time that grows faster than its input, and a board of 10,000 rows is seconds of it.
 * Two facts of CommonMark 0.31 keep that small, and change no block:
 *
 * - A line at column 0 that begins with `|` or a letter neither opens nor closes a block by itself, so
 *   between two lines of its kind it belongs to the block they belong to, and need not be shown.
 *   (A delimiter row turns the line above it into a header; `>` may close a comment. Both are shown.)
 * - Behind a blank line, every block ends at a line that starts at column 0, and so it does at a heading or list
 *   item with text there, except fenced code and HTML. Whoever reads a piece asks `after` where
 *   such an open block ends, and goes on behind it.
 */
import { splitRow } from './cells.ts'
import type { Span } from './source.ts'

/** Part of a text, reduced, with the way back to the text's own offsets. */
export interface Piece {
  readonly text: string
  original(offset: number): number
}

/** Smallest piece, in characters: measured, a run over more costs more per line. */
const PIECE = 2 * 1024
/** A piece that is longer even when reduced is not read: its cost has no bound. */
const LONGEST_PIECE = 64 * 1024
/**
 * Lines of one text that a parser may see. A line counts once more for each mark of a quotation or list in front of
 * it and for each 8 columns of indentation: measured, micromark goes through every open container at every line.
 */
const MOST_LINES = 20_000
const LONG_LINE = 1024
const CONTAINER = /[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))/y
const INDENT_OF_CONTAINER = 8
/** Blocks of one text that need no parser. */
const MOST_SIMPLE = 150_000

const OTHER = 0
const PIPE = 1
const PLAIN = 2
const BLANK = 3

/**
 * A block that can be told from its lines alone; it begins at column 0, where no other block is open.
 *
 * - An item has a checkbox or a letter in front of one line of text, and nothing goes on in it.
 * - A heading is one line, without closing marks.
 * - A paragraph has lines that begin with a letter or with a letter in bold, up to a blank line or heading.
 * - A table has a header, a delimiter row with as many cells, and rows, each with a pipe at column 0, up to a
 *   blank line or heading.
 */
export interface SimpleBlock extends Span {
  readonly kind: 'item' | 'heading' | 'paragraph' | 'table'
}

/** None of these has white space at its end, where the parser's spans and ours would differ. */
const HEADING = /^#{1,6} \S(?:.*[^\s#])?$/
const BOLD = /^\*\*\p{L}/u
const DELIMITER = /^\|(?:[ \t]*:?-+:?[ \t]*\|)+$/
const ROW = /^\|.*\S.*\|$/
const LONE_ITEM = /^[-*+] (?:\[(?:[^[\]\s]|[ \t])\] .*\S|\p{L}(?:.*\S)?)$/u

const BLANK_LINE = /^\s*$/
const HTML_ENDS: readonly (readonly [RegExp, RegExp])[] = [
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [/^<![A-Za-z]/, />/],
  [/^<(?:script|pre|style|textarea)(?:\s|>|$)/i, /<\/(?:script|pre|style|textarea)>/i],
]

export class Outline {
  readonly #text: string
  readonly #starts: readonly number[]
  #line = 0
  #shown = 0
  #simple = 0

  readonly #length: number

  /** `starts` are the offsets at which the lines of `text` begin; `length` is that of the smallest piece. */
  constructor(text: string, starts: readonly number[], length = PIECE) {
    this.#text = text
    this.#starts = starts
    this.#length = length
  }

  /** The next piece, `undefined` at the end; a part that must not be read is a span, and blocks that need no parser are told. */
  next():
    | { readonly piece: Piece }
    | { readonly unread: Span }
    | { readonly simple: readonly SimpleBlock[] }
    | undefined {
    if (this.#line >= this.#starts.length) return undefined
    const from = this.#line
    const simple = this.#simpleBlocks()
    this.#simple += simple.length
    if (this.#simple > MOST_SIMPLE) {
      this.#line = this.#starts.length
      return { unread: this.#span(from, this.#line) }
    }
    if (simple.length > 0) return { simple }
    this.#line = this.#nextCut(from)
    const { piece, cost } = this.#reduce(from, this.#line)
    this.#shown += cost
    if (piece.text.length > LONGEST_PIECE) return { unread: this.#span(from, this.#line) }
    if (this.#shown <= MOST_LINES) return { piece }
    this.#line = this.#starts.length
    return { unread: this.#span(from, this.#line) }
  }

  /** From here on, where a block may begin; afterwards one may begin at the line where the next piece does. */
  #simpleBlocks(): SimpleBlock[] {
    const blocks: SimpleBlock[] = []
    for (;;) {
      const found = this.#itemAt(this.#line) ?? this.#linesAt(this.#line)
      if (found === undefined || blocks.length > MOST_SIMPLE) return blocks
      const end = (this.#starts[found.last] as number) + this.#content(found.last).length
      blocks.push({ kind: found.kind, start: this.#starts[this.#line] as number, end })
      this.#line = this.#behindBlank(found.last + 1)
    }
  }

  #itemAt(line: number): { kind: 'item'; last: number } | undefined {
    if (!LONE_ITEM.test(this.#content(line))) return undefined
    const next = this.#behindBlank(line + 1)
    const isClosed = next === line + 1 ? this.#isCut(next) : /^[^\s]/.test(this.#content(next))
    return isClosed || next >= this.#starts.length ? { kind: 'item', last: line } : undefined
  }

  #linesAt(line: number): { kind: 'heading' | 'paragraph' | 'table'; last: number } | undefined {
    const first = this.#content(line)
    if (HEADING.test(first)) return { kind: 'heading', last: line }
    if (first.startsWith('|'))
      return this.#isTable(line) ? this.#run('table', line, (at) => this.#isRow(at)) : undefined
    return this.#isText(line) ? this.#run('paragraph', line, (at) => this.#isText(at)) : undefined
  }

  /** The lines of one kind, if a blank line, a heading or the end stands behind them. */
  #run<K extends string>(
    kind: K,
    line: number,
    isOne: (line: number) => boolean,
  ): { kind: K; last: number } | undefined {
    let next = line + 1
    while (next < this.#starts.length && isOne(next)) next += 1
    const isClosed = next >= this.#starts.length || this.#kind(next) === BLANK || HEADING.test(this.#content(next))
    return isClosed && !/\s$/.test(this.#content(next - 1)) ? { kind, last: next - 1 } : undefined
  }

  #isTable(line: number): boolean {
    const [header, delimiter] = [this.#content(line), this.#content(line + 1)]
    if (!ROW.test(header) || isDelimiter(header) || !DELIMITER.test(delimiter)) return false
    return cellCount(header) === cellCount(delimiter)
  }

  #isRow(line: number): boolean {
    return this.#kind(line) === PIPE && ROW.test(this.#content(line))
  }

  #isText(line: number): boolean {
    if (this.#kind(line) === PLAIN) return true
    const content = this.#content(line)
    return BOLD.test(content) && !content.includes('|')
  }

  #behindBlank(line: number): number {
    let next = line
    while (next < this.#starts.length && this.#kind(next) === BLANK) next += 1
    return next
  }

  /** Go on behind a block that the last piece left open; `raw` is its text and `kind` its mdast type. */
  after(kind: string, raw: string): void {
    const end = kind === 'code' ? fenceEnd(raw) : kind === 'html' ? htmlEnd(raw) : undefined
    if (end === undefined || (end === BLANK_LINE && this.#kind(this.#line - 1) === BLANK)) return
    while (this.#line < this.#starts.length) {
      const line = this.#content(this.#line)
      this.#line += 1
      if (end.test(line)) return
    }
  }

  /** The content of the lines that `span` touches, each as a span without its line end. */
  linesIn({ start, end }: Span): Span[] {
    const spans: Span[] = []
    for (let line = this.#lineAt(start); line < this.#starts.length; line += 1) {
      const from = this.#starts[line] as number
      if (from >= end) break
      spans.push({ start: from, end: from + this.#content(line).length })
    }
    return spans
  }

  #lineAt(offset: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  #content(line: number): string {
    if (line >= this.#starts.length) return ''
    return this.#text.slice(this.#starts[line], this.#starts[line + 1] ?? this.#text.length).replace(/[\r\n]+$/, '')
  }

  #span(from: number, to: number): Span {
    return { start: this.#starts[from] as number, end: this.#starts[to] ?? this.#text.length }
  }

  #nextCut(from: number): number {
    const enough = (this.#starts[from] as number) + this.#length
    let line = from + 1
    while (line < this.#starts.length && (this.#starts[line] as number) < enough) line += 1
    while (line < this.#starts.length && !this.#isCut(line)) line += 1
    return line
  }

  #isCut(line: number): boolean {
    const start = this.#starts[line] as number
    const head = this.#text.slice(start, start + 10)
    if (/^(?:#{1,6}[ \t]|[-*+] (?:\[.\] |\p{L}))/u.test(head)) return true
    return /^[^\s]/.test(head) && this.#kind(line - 1) === BLANK
  }

  #kind(line: number): number {
    const start = this.#starts[line]
    if (start === undefined) return OTHER
    const code = this.#text.charCodeAt(start)
    if (code === 0x7c) return PIPE
    const content = this.#text.slice(start, this.#starts[line + 1] ?? this.#text.length)
    if (/^\s*$/.test(content)) return BLANK
    return /^[A-Za-z[("\u0080-\uffff]/.test(content) && !content.includes('|') ? PLAIN : OTHER
  }

  /** The lines from `from` to before `to` without the inner lines of runs of one kind. */
  #reduce(from: number, to: number): { piece: Piece; cost: number } {
    const parts: string[] = []
    let cost = 0
    const places: { readonly reduced: number; readonly original: number }[] = []
    let length = 0
    const kinds: number[] = [OTHER, OTHER, this.#kind(from)]
    for (let line = from; line < to; line += 1) {
      const next = line + 1 < to ? this.#kind(line + 1) : OTHER
      kinds.push(next)
      const run = kinds.every((kind) => kind === next)
      kinds.shift()
      if (run && (next === PIPE || next === PLAIN) && this.#isHidden(line)) continue
      const start = this.#starts[line] as number
      const text = withoutTail(this.#text.slice(start, this.#starts[line + 1] ?? this.#text.length))
      places.push({ reduced: length, original: start })
      parts.push(text)
      length += text.length
      cost += 1 + containersOf(text)
    }
    return {
      piece: { text: parts.join(''), original: (offset) => originalOffset(places, offset) },
      cost,
    }
  }

  #isHidden(line: number): boolean {
    return (
      !this.#content(line).includes('>') && !isDelimiter(this.#content(line)) && !isDelimiter(this.#content(line + 1))
    )
  }
}

/** Cells of a row that begins and ends with a pipe. */
function cellCount(row: string): number {
  return splitRow(row, { start: 0, end: row.length }).cells.length
}

/** A line over a limit is spaces to its end (`limits.ts`): one such line must not make its whole piece too long. */
function withoutTail(line: string): string {
  if (line.length < LONG_LINE) return line
  const kept = line.trimEnd()
  return kept + (/[\r\n]{1,2}$/.exec(line.slice(-2))?.[0] ?? '')
}

function containersOf(line: string): number {
  const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0
  let marks = 0
  CONTAINER.lastIndex = 0
  while (CONTAINER.test(line)) marks += 1
  // One mark is the ordinary list item.
  return Math.max(0, marks - 1) + Math.floor(indent / INDENT_OF_CONTAINER)
}

function isDelimiter(line: string): boolean {
  return line.includes('-') && /^[|\s:-]*$/.test(line)
}

function originalOffset(
  places: readonly { readonly reduced: number; readonly original: number }[],
  offset: number,
): number {
  let low = 0
  let high = places.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((places[middle]?.reduced ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  const place = places[low]
  return place === undefined ? offset : place.original + offset - place.reduced
}

/** The line that closes a fence which `raw` leaves open; `undefined` when it is closed or indented code. */
function fenceEnd(raw: string): RegExp | undefined {
  const fence = /^(`{3,}|~{3,})/.exec(raw)?.[1]
  if (fence === undefined) return undefined
  const closing = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*$`)
  const lines = raw.split(/\r\n|\n|\r/)
  return lines.length > 1 && closing.test((lines.at(-1) as string).trimStart()) ? undefined : closing
}

/** What ends an HTML block (CommonMark 0.31, 4.6) that `raw` leaves open; a blank line for kinds 6 and 7. */
function htmlEnd(raw: string): RegExp | undefined {
  const end = HTML_ENDS.find(([start]) => start.test(raw))?.[1] ?? BLANK_LINE
  return end !== BLANK_LINE && end.test(raw) ? undefined : end
}
