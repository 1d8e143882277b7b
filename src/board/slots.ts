/** A value into its slot: the smallest edits that put it there. */
import type { TableBlock } from './blocks.ts'
import type { Row } from './cells.ts'
import type { Slot, Spelling } from './dialects/dialect.ts'
import { applyEdits, type Edit, lineEnd, type Span } from './source.ts'

/** Collects values for slots of one text; a column that a table lacks is added once for all of its values. */
export class SlotWriter {
  readonly #text: string
  readonly #edits: Edit[] = []
  /** New columns of a table by their headers, in the order in which they were first needed. */
  readonly #columns = new Map<TableBlock, Map<string, Map<Row, string>>>()
  /** Values by column, for rows that end before it. */
  readonly #shortRows = new Map<Row, Map<number, string>>()

  constructor(text: string) {
    this.#text = text
  }

  /** Put `value` (raw markdown, pipes escaped) into `slot`. A list item takes the character of its box. */
  put(slot: Slot, value: string): void {
    if (slot.kind === 'span') this.#edits.push(fillSpan(this.#text, slot, spelled(slot, value)))
    else if (slot.kind === 'short-row') entry(this.#shortRows, slot.row).set(slot.column, value)
    else if (slot.kind === 'mark') this.#edits.push({ ...slot.span, text: value })
    else if (slot.kind === 'line') this.insert(slot.at, `${slot.lead}${value}`)
    else if (slot.kind === 'insert') this.insert(slot.at, `${slot.before}${spelled(slot, value)}${slot.after}`)
    else if (slot.kind === 'label') {
      const eol = lineEnd(this.#text)
      this.insert(slot.at, `${eol}${eol}**${slot.label}:** ${value}`)
    } else entry(entry(this.#columns, slot.table), slot.header).set(slot.row, value)
  }

  edit(edits: readonly Edit[]): void {
    this.#edits.push(...edits)
  }

  insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text })
  }

  replace(span: Span, text: string): void {
    this.#edits.push({ start: span.start, end: span.end, text })
  }

  text(): string {
    const rows = [...this.#shortRows].map(([row, values]) => lengthenRow(row, values))
    const columns = [...this.#columns].flatMap(([table, added]) => columnEdits(this.#text, table, added))
    return applyEdits(this.#text, [...this.#edits, ...rows, ...columns])
  }
}

/** The value as it will stand in the text. */
export function spelled({ spell }: { readonly spell?: Spelling }, value: string): string {
  return spell?.(value) ?? value
}

/** The map below `key`, made when it is first asked for. */
function entry<Key, K, V>(maps: Map<Key, Map<K, V>>, key: Key): Map<K, V> {
  const map = maps.get(key) ?? new Map<K, V>()
  maps.set(key, map)
  return map
}

/** Only what differs is replaced; an empty cell gets one space on either side if it has none. */
function fillSpan(text: string, { span, inner }: Extract<Slot, { kind: 'span' }>, value: string): Edit {
  if (span.end > span.start) return { start: span.start, end: span.end, text: value }
  const before = text[inner.start - 1]
  const room = inner.end - inner.start
  if (room === 0) {
    const open = before === '|' || (before !== undefined && !/\s/.test(before)) ? ' ' : ''
    return { start: inner.start, end: inner.end, text: `${open}${value}${text[inner.end] === '|' ? ' ' : ''}` }
  }
  return { start: inner.start + 1, end: inner.start + 1, text: room === 1 ? `${value} ` : value }
}

/** Add the cells that a short row lacks, up to the last that has a value. */
function lengthenRow(row: Row, values: ReadonlyMap<number, string>): Edit {
  const cells: string[] = []
  for (let column = row.cells.length; column <= Math.max(...values.keys()); column += 1)
    cells.push(padded(values.get(column) ?? ''))
  return behind(row, cells)
}

/** More columns at the end of a table: header, delimiter, and cells in every row, empty where there is no value. */
function columnEdits(text: string, table: TableBlock, added: ReadonlyMap<string, ReadonlyMap<Row, string>>): Edit[] {
  const columns = table.header.cells.length
  const spaced = /\s/.test(text[table.delimiter.cells[0]?.inner.start ?? 0] ?? '')
  const headers = [...added.keys()]
  const dashes = headers.map(({ length }) => (spaced ? ` ${'-'.repeat(length)} ` : '-'.repeat(length + 2)))
  const edits = [appendCells(table.header, columns, headers.map(padded)), appendCells(table.delimiter, columns, dashes)]
  for (const row of table.rows) {
    const values = [...added.values()].map((column) => column.get(row) ?? '')
    edits.push(appendCells(row, columns, values.map(padded)))
  }
  return edits
}

function padded(value: string): string {
  return value === '' ? ' ' : ` ${value} `
}

/** Cells behind the `columns`-th; cells beyond the header's stay behind them, missing ones are added. */
function appendCells(row: Row, columns: number, cells: readonly string[]): Edit {
  const next = row.cells[columns]
  if (row.cells[columns - 1] !== undefined && next !== undefined) {
    return { start: next.inner.start, end: next.inner.start, text: cells.map((cell) => `${cell}|`).join('') }
  }
  const missing = Array.from({ length: Math.max(0, columns - row.cells.length) }, () => ' ')
  return behind(row, [...missing, ...cells])
}

/** Cells at the end of a row, which gets no closing pipe that it did not have. */
function behind(row: Row, cells: readonly string[]): Edit {
  const text = row.closed ? cells.map((cell) => `${cell}|`).join('') : ` |${cells.join('|')}`.trimEnd()
  return { start: row.end, end: row.end, text }
}
