/**
 * The parts of a board that are merged by themselves: rows cell by cell, lines of tasks piece by piece,
 * values behind labels, check marks. All of it comes from what the dialects say of their drafts
 * (`fields`, `slots`), so that a new dialect is merged like the others.
 */
import type { TaskId } from '../../model/index.ts'
import { isBox } from '../acceptance.ts'
import type { Block, TableBlock } from '../blocks.ts'
import type { Row } from '../cells.ts'
import type { Draft } from '../dialects/dialect.ts'
import type { ReadBoard } from '../document.ts'
import { plainText } from '../inline.ts'
import type { Span } from '../source.ts'

export interface Piece extends Span {
  /** Equal in all versions for what is the same cell: a column, a field, or the text behind one. */
  readonly name: string
  readonly text: string
}

export interface Unit {
  /** Equal in all versions for what is the same unit; unique within one. */
  readonly key: string
  readonly kind: 'row' | 'header' | 'delimiter' | 'line' | 'heading' | 'value' | 'mark'
  /** Task that it belongs to. */
  readonly task: TaskId | undefined
  /** What is rewritten when the unit is merged. */
  readonly span: Span
  /** In the order of the text. */
  readonly pieces: readonly Piece[]
  /** For a row: its cells, and the columns of its table. */
  readonly row?: Row
  readonly table?: Table
  /** Name of the piece that says how the task stands. */
  readonly status?: string
  /** For what makes a task. */
  readonly title?: string
}

export interface Table {
  readonly key: string
  /** Names of the columns, each once. */
  readonly columns: readonly string[]
}

/** Units of one version. `canonical` gives the id that a task has in the version that all started from. */
export function unitsOf(board: ReadBoard, canonical: (id: TaskId) => TaskId): Map<string, Unit> {
  const tables = tablesOf(board)
  const found: Unit[] = []
  for (const { block, table } of tables.values()) found.push(...headUnits(board, block, table))
  const taken = new Set<number>()
  for (const { all } of board.tasks)
    for (const draft of all) {
      taken.add(draft.start)
      found.push(...draftUnits(board, draft, canonical(draft.id), tables))
    }
  found.push(...markUnits(board, taken))
  return onlyOnes(found)
}

/** What stands twice cannot be told apart and is left to git. */
function onlyOnes(units: readonly Unit[]): Map<string, Unit> {
  const byKey = new Map<string, Unit | undefined>()
  for (const unit of units) byKey.set(unit.key, byKey.has(unit.key) ? undefined : unit)
  return new Map([...byKey].filter((entry): entry is [string, Unit] => entry[1] !== undefined))
}

interface TableWithRows {
  readonly block: TableBlock
  readonly table: Table
  readonly rows: ReadonlyMap<number, Row>
}

/** Tables that hold tasks; the key is the section's path and the table's number in it. */
function tablesOf({ document, source, tasks }: ReadBoard): Map<TableBlock, TableWithRows> {
  const starts = new Set(tasks.flatMap(({ all }) => all.map(({ start }) => start)))
  const numbers = new Map<string, number>()
  const found = new Map<TableBlock, TableWithRows>()
  document.blocks.forEach((block, index) => {
    if (block.kind !== 'table' || !block.rows.some(({ start }) => starts.has(start))) return
    const section = JSON.stringify(document.sections[index]?.path ?? [])
    const number = (numbers.get(section) ?? 0) + 1
    numbers.set(section, number)
    const columns = columnNames(source.text, block.header)
    const rows = new Map(block.rows.map((row) => [row.start, row]))
    found.set(block, { block, table: { key: `${section}#${number}`, columns }, rows })
  })
  return found
}

function columnNames(text: string, header: Row): string[] {
  const counts = new Map<string, number>()
  return header.cells.map(({ start, end }) => {
    const name = plainText(text.slice(start, end), 60).toLowerCase()
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count === 1 ? name : `${name} #${count}`
  })
}

function headUnits({ source }: ReadBoard, { header, delimiter }: TableBlock, table: Table): Unit[] {
  return (['header', 'delimiter'] as const).map((kind) => {
    const row = kind === 'header' ? header : delimiter
    return { ...rowUnit(source.text, row, table), kind, key: `${kind} ${table.key}`, task: undefined }
  })
}

function rowUnit(text: string, row: Row, table: Table) {
  const pieces = row.cells.map(({ start, end }, index) => ({
    name: table.columns[index] ?? beyond(index),
    start,
    end,
    text: text.slice(start, end),
  }))
  return { span: { start: row.start, end: row.end }, pieces, row, table }
}

/** Name of a cell behind the last column; no column can be called so. */
function beyond(index: number): string {
  return `\0${index}`
}

export function isBeyond(name: string): boolean {
  return name.startsWith('\0')
}

type Tables = ReadonlyMap<TableBlock, TableWithRows>

function draftUnits(board: ReadBoard, draft: Draft, id: TaskId, tables: Tables): Unit[] {
  const at = `${draft.origin} ${id}`
  const holder = tables.get(draft.group as TableBlock)
  const row = holder?.rows.get(draft.start)
  if (holder !== undefined && row !== undefined) {
    const { status: slot } = draft.slots
    const unit = rowUnit(board.source.text, row, holder.table)
    const name = unit.pieces.find(({ start }) => slot.kind === 'span' && start === slot.span.start)?.name
    const status = name === undefined ? {} : { status: name }
    return [{ ...unit, kind: 'row', key: `row ${at}`, task: id, title: draft.title, ...status }]
  }
  const span = firstLine(board.source.text, draft)
  const fields = fieldsOf(board.source.text, draft)
  const inside = fields.filter(({ start, end }) => start >= span.start && end <= span.end)
  const behind = fields.filter(({ start }) => start > span.end)
  const mark = draft.slots.status.kind === 'mark' ? { status: 'mark' } : {}
  return [
    {
      kind: board.source.text[draft.start] === '#' ? 'heading' : 'line',
      key: `line ${at}`,
      task: id,
      title: draft.title,
      span,
      pieces: withGaps(board.source.text, span, inside),
      ...mark,
    },
    ...behind.map(
      (piece): Unit => ({
        kind: 'value',
        key: `value ${at} ${piece.name}`,
        task: id,
        span: piece,
        pieces: [piece],
        ...(piece.name === 'status' ? { status: 'status' } : {}),
      }),
    ),
  ]
}

function firstLine(text: string, { start, end }: Span): Span {
  const length = text.slice(start, end).search(/[\r\n]/)
  return { start, end: length < 0 ? end : start + length }
}

/** Fields that stand in the text word for word on one line, and the check mark; none inside another. */
function fieldsOf(text: string, { fields, slots }: Draft): Piece[] {
  const pieces = [...fields].flatMap(([name, { start, end, text: raw }]): Piece[] =>
    text.slice(start, end) === raw && !/[\r\n]/.test(raw) ? [{ name, start, end, text: raw }] : [],
  )
  const { status } = slots
  if (status.kind === 'mark')
    pieces.push({ name: 'mark', ...status.span, text: text.slice(status.span.start, status.span.end) })
  const sorted = pieces.sort((a, b) => a.start - b.start || a.end - b.end)
  return sorted.filter((piece, index) => index === 0 || piece.start >= (sorted[index - 1] as Piece).end)
}

/** The pieces and what stands between them, so that together they are the whole line. */
export function withGaps(text: string, span: Span, pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = []
  let [from, name] = [span.start, 'text']
  const gap = (end: number) => {
    if (end > from) all.push({ name, start: from, end, text: text.slice(from, end) })
  }
  for (const piece of pieces) {
    gap(piece.start)
    all.push(piece)
    from = piece.end
    name = `behind ${piece.name}`
  }
  gap(span.end)
  return all
}

/** Check marks of items that are no tasks, such as acceptance, by the text behind them; below a heading task by its id. */
function markUnits({ source, document, tasks }: ReadBoard, taken: ReadonlySet<number>): Unit[] {
  const idAt = new Map(tasks.flatMap(({ id, all }) => all.map(({ start }) => [start, id] as const)))
  return document.blocks.flatMap((block: Block, index): Unit[] => {
    if (!isBox(block) || taken.has(block.start)) return []
    const { start, end, character } = block.mark
    const section = document.sections[index]
    const path = idAt.get(section?.heading?.start ?? -1) ?? section?.path ?? []
    const words = plainText(source.text.slice(block.text.start, block.text.end), 300)
    const piece = { name: 'mark', start, end, text: character }
    const key = `mark ${JSON.stringify([path, block.level, words])}`
    return [{ kind: 'mark', key, task: undefined, span: piece, pieces: [piece] }]
  })
}
