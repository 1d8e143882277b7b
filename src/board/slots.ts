/** A value into its slot: the smallest edits that put it there. */
import type { TableBlock } from './blocks.ts'
import type { Row } from './cells.ts'
import type { Slot } from './dialects/dialect.ts'
import { applyEdits, type Edit, lineEnd, type Span } from './source.ts'

/** Collects values for slots of one text; columns that a table lacks are added once for all of its values. */
export class SlotWriter {
  readonly #text: string
  readonly #edits: Edit[] = []
  readonly #columns = new Map<TableBlock, { header: string; values: Map<Row, string> }>()

  constructor(text: string) {
    this.#text = text
  }

  /** Put `value` (raw markdown, pipes escaped) into `slot`. A list item takes the character of its box. */
  put(slot: Slot, value: string): void {
    if (slot.kind === 'span') this.#edits.push(fillSpan(this.#text, slot, value))
    else if (slot.kind === 'short-row') this.#edits.push(lengthenRow(slot.row, slot.column, value))
    else if (slot.kind === 'mark') this.#edits.push({ ...slot.span, text: value })
    else if (slot.kind === 'line') this.insert(slot.at, `${slot.lead}${value}`)
    else if (slot.kind === 'suffix') this.insert(slot.at, ` (${slot.lead}: ${value})`)
    else if (slot.kind === 'label') {
      const eol = lineEnd(this.#text)
      this.insert(slot.at, `${eol}${eol}**${slot.label}:** ${value}`)
    } else {
      const column = this.#columns.get(slot.table) ?? { header: slot.header, values: new Map<Row, string>() }
      column.values.set(slot.row, value)
      this.#columns.set(slot.table, column)
    }
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
    const columns = [...this.#columns].flatMap(([table, { header, values }]) =>
      columnEdits(this.#text, table, { header, values }),
    )
    return applyEdits(this.#text, [...this.#edits, ...columns])
  }
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

/** Add the cells that a short row lacks, the last of them with the value. */
function lengthenRow(row: Row, column: number, value: string): Edit {
  const missing = Math.max(0, column - row.cells.length)
  const text = row.closed ? `${' |'.repeat(missing)} ${value} |` : `${' |'.repeat(missing)} | ${value}`
  return { start: row.end, end: row.end, text }
}

/** One more column at the end of a table: header, delimiter, and a cell in every row, empty where there is no value. */
function columnEdits(
  text: string,
  table: TableBlock,
  { header, values }: { header: string; values: Map<Row, string> },
): Edit[] {
  const columns = table.header.cells.length
  const spaced = /\s/.test(text[table.delimiter.cells[0]?.inner.start ?? 0] ?? '')
  const dashes = spaced ? ` ${'-'.repeat(header.length)} ` : '-'.repeat(header.length + 2)
  const edits = [appendCell(table.header, columns, ` ${header} `), appendCell(table.delimiter, columns, dashes)]
  for (const row of table.rows) {
    const value = values.get(row)
    edits.push(appendCell(row, columns, value === undefined || value === '' ? ' ' : ` ${value} `))
  }
  return edits
}

/** A cell behind the `columns`-th; cells beyond the header's stay behind it, missing ones are added. */
function appendCell(row: Row, columns: number, inner: string): Edit {
  const last = row.cells[columns - 1]
  const next = row.cells[columns]
  if (last !== undefined && next !== undefined) {
    return { start: next.inner.start, end: next.inner.start, text: `${inner}|` }
  }
  const missing = ' |'.repeat(Math.max(0, columns - row.cells.length))
  const text = row.closed ? `${missing}${inner}|` : `${missing} |${inner.trimEnd()}`
  return { start: row.end, end: row.end, text }
}
