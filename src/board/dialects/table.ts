/** GFM tables with an id column and a title column, found by the words of their header. */
import { type Diagnostic, invariant, printable } from '../../model/index.ts'
import type { TableBlock } from '../blocks.ts'
import type { Cell, Row } from '../cells.ts'
import { type ColumnName, columnNamed, FIELD_TITLES } from '../columns.ts'
import { isConflictLine } from '../conflict.ts'
import { isEmptyMark } from '../fields.ts'
import { isIdShaped, readId } from '../ids.ts'
import { plainText } from '../inline.ts'
import type { Section } from '../sections.ts'
import { placeAt, type Source } from '../source.ts'
import type { Addition, BoardDocument, Dialect, Draft, Field, FieldName, NewTask, Reading, Slot } from './dialect.ts'
import { rowAddition } from './table-row.ts'

export const tableDialect: Dialect = {
  name: 'table',
  read(document: BoardDocument): Reading {
    const drafts: Draft[] = []
    const diagnostics: Diagnostic[] = []
    const taken: TableBlock[] = []
    document.blocks.forEach((block, index) => {
      if (block.kind !== 'table') return
      const section = document.sections[index] as Section
      const columns = taskColumns(document.source, block)
      if (columns === undefined) return
      if (section.explains) {
        diagnostics.push({
          code: 'board/not-read',
          severity: 'info',
          message: `the table under \`${printable(section.title ?? '', 80)}\` is taken for an explanation, not for tasks`,
          ...placeAt(document.source, block.start),
        })
        return
      }
      taken.push(block)
      for (const row of block.rows) {
        const draft = rowDraft({ source: document.source, table: block, columns, section }, row, diagnostics)
        if (draft !== undefined) drafts.push(draft)
      }
    })
    return { drafts, taken, diagnostics }
  },
  slot({ source }, { group, start, section }, field) {
    const found = rowAt(source, group, start)
    return found === undefined
      ? undefined
      : slotFor({ source, section, ...found }, found.row, field, COLUMN_HEADERS[field])
  },
  add({ source }, { group, start, id }, task) {
    const found = rowAt(source, group, start)
    invariant(found !== undefined, 'a draft of the table dialect stands in a table')
    return rowAddition({ source, ...found }, { row: found.row, id }, task)
  },
}

/** How a column is called that a table does not have yet: short. */
const COLUMN_HEADERS: Readonly<Record<FieldName | 'title', string>> = {
  ...FIELD_TITLES,
  title: 'Task',
  estimate: 'Est',
}

function rowAt(source: Source, group: Draft['group'], start: number) {
  if (!('kind' in group) || group.kind !== 'table') return undefined
  const row = group.rows.find((each) => each.start === start)
  const columns = taskColumns(source, group)
  return row === undefined || columns === undefined ? undefined : { table: group, row, columns }
}

/** A first row for a table that has the header of a task table and no rows; `undefined` for every other table. */
export function firstRow(source: Source, table: TableBlock, task: NewTask): Addition | undefined {
  const columns = table.rows.length === 0 ? namedColumns(source, table) : undefined
  return columns === undefined ? undefined : rowAddition({ source, table, columns }, undefined, task)
}

type Columns = ReadonlyMap<ColumnName, number>

/** Column numbers of a task table; `undefined` for every other table. */
function taskColumns(source: Source, table: TableBlock): Columns | undefined {
  const columns = namedColumns(source, table)
  return columns !== undefined && mostLookLikeIds(source, table, columns.get('id') as number) ? columns : undefined
}

/** The same by the words of its header alone. */
function namedColumns(source: Source, table: TableBlock): Columns | undefined {
  const columns = new Map<ColumnName, number>()
  table.header.cells.forEach((cell, index) => {
    const name = columnNamed(source.text.slice(cell.start, cell.end))
    if (name !== undefined && !columns.has(name)) columns.set(name, index)
  })
  useTaskColumnAsId(source, table, columns)
  const works = (['status', 'dependencies', 'estimate'] as const).some((name) => columns.has(name))
  if (!columns.has('title') && columns.has('description') && works) {
    columns.set('title', columns.get('description') as number)
    columns.delete('description')
  }
  if (!columns.has('id') || !columns.has('title')) return undefined
  return headerIs(source, table, columns.get('title'), 'name') && !works ? undefined : columns
}

/** `| Task | Title |` and `| Task | Description |`: the ids stand under `Task`. */
function useTaskColumnAsId(source: Source, table: TableBlock, columns: Map<ColumnName, number>): void {
  const task = columns.get('title')
  if (columns.has('id') || task === undefined || !headerIs(source, table, task, 'task')) return
  const other = table.header.cells.findIndex(
    (cell, index) =>
      index !== task && ['title', 'description'].includes(columnNamed(source.text.slice(cell.start, cell.end)) ?? ''),
  )
  if (other < 0 || !table.rows.every((row) => isIdShaped(readId(cellText(source, row.cells[task])) ?? ''))) return
  columns.set('id', task)
  columns.set('title', other)
  if (columns.get('description') === other) columns.delete('description')
}

function headerIs(source: Source, table: TableBlock, column: number | undefined, word: string): boolean {
  return plainText(cellText(source, table.header.cells[column ?? -1]), 60).toLowerCase() === word
}

function mostLookLikeIds(source: Source, table: TableBlock, column: number): boolean {
  let ids = 0
  let others = 0
  for (const row of table.rows) {
    const text = cellText(source, row.cells[column])
    if (text === '') continue
    const id = readId(text)
    if (id !== undefined && /^\S{1,64}$/.test(id)) ids += 1
    else others += 1
  }
  return ids > 0 && ids >= others
}

function cellText(source: Source, cell: Cell | undefined): string {
  return cell === undefined ? '' : source.text.slice(cell.start, cell.end)
}

interface TableContext {
  readonly source: Source
  readonly table: TableBlock
  readonly columns: Columns
  readonly section: Section
}

function rowDraft(context: TableContext, row: Row, diagnostics: Diagnostic[]): Draft | undefined {
  const { source, table, columns, section } = context
  // A merge that nobody finished, pushed: lint tells of it, and nobody is offered its marks.
  if (isConflictLine(source.text.slice(row.start, row.end))) return undefined
  const text = (name: ColumnName) => cellText(source, row.cells[columns.get(name) ?? -1])
  const idCell = text('id')
  const title = plainText(text('title'), 500)
  const id = readId(idCell)
  if (id === undefined || isEmptyMark(id) || /^(?:sub)?totals?:?$/i.test(id) || /^(?:\.\.\.|…)$/.test(id)) {
    if (id === undefined && (title !== '' || idCell !== ''))
      diagnostics.push({
        code: idCell === '' ? 'board/no-id' : 'board/invalid-id',
        severity: 'warning',
        message: idCell === '' ? 'this row has no id and is no task' : `\`${printable(idCell, 60)}\` is no task id`,
        hint: 'Give the row an id of 1 to 128 printable characters, such as `P0.1.2`',
        ...placeAt(source, row.start),
      })
    return undefined
  }
  return {
    role: 'task',
    origin: 'table',
    id,
    title,
    section,
    start: row.start,
    end: row.end,
    fields: rowFields(context, row),
    slots: {
      status: slotFor(context, row, 'status', 'Status'),
      dependencies: slotFor(context, row, 'dependencies', 'Dependencies'),
    },
    acceptance: [],
    inline: {},
    group: table,
  }
}

function rowFields({ source, columns }: TableContext, row: Row): Map<FieldName, Field> {
  const fields = new Map<FieldName, Field>()
  for (const [name, column] of columns) {
    const cell = row.cells[column]
    if (name === 'id' || name === 'title' || cell === undefined) continue
    fields.set(name, { start: cell.start, end: cell.end, text: cellText(source, cell) })
  }
  return fields
}

function slotFor({ table, columns }: TableContext, row: Row, name: ColumnName, header: string): Slot {
  const column = columns.get(name)
  if (column === undefined) return { kind: 'column', table, row, header }
  const cell = row.cells[column]
  if (cell === undefined) return { kind: 'short-row', row, column }
  return { kind: 'span', span: { start: cell.start, end: cell.end }, inner: cell.inner }
}
