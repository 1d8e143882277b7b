/** One more row of a task table, written like the rows that are there. */
import type { TaskId } from '../../model/index.ts'
import type { TableBlock } from '../blocks.ts'
import { type Cell, cellMarkdown, type Row } from '../cells.ts'
import type { ColumnName } from '../columns.ts'
import { isEmptyMark } from '../fields.ts'
import { plainText } from '../inline.ts'
import { lineSpan, type Source } from '../source.ts'
import type { Addition, NewTask } from './dialect.ts'

interface TaskTable {
  readonly source: Source
  readonly table: TableBlock
  readonly columns: ReadonlyMap<ColumnName, number>
}

interface Neighbour {
  readonly row: Row
  readonly id: TaskId
}

/** The row behind `like`, or the first one of its table. */
export function rowAddition(target: TaskTable, like: Neighbour | undefined, task: NewTask): Addition {
  const { source, table } = target
  const pattern = like?.row ?? table.header
  const lead = source.text.slice(lineSpan(source.text, pattern.start).start, pattern.start)
  const cells = table.header.cells.map((_, index) => cellOf(target, index, like, task))
  const open = source.text[pattern.start] === '|' ? '|' : ''
  const row = `${lead}${open}${cells.join('|')}${pattern.closed ? '|' : ''}`
  const lineOf = (at: Row) => source.text.slice(lineSpan(source.text, at.start).start, at.end)
  return {
    lines: [pattern.closed ? row : row.trimEnd()],
    head: [lineOf(table.header), lineOf(table.delimiter)],
    after: lineSpan(source.text, (like?.row ?? table.delimiter).start).end,
    spaced: false,
  }
}

/** What stands between two pipes: the value with the padding of its column. */
function cellOf(target: TaskTable, index: number, like: Neighbour | undefined, task: NewTask): string {
  const { source, table } = target
  const value = cellMarkdown(markdownOf(target, index, like, task))
  const first = index === 0 && source.text[(like?.row ?? table.header).start] !== '|'
  const lead = first ? '' : ' '
  return `${lead}${value}${value === '' && !first ? '' : ' '}`.padEnd(mannerOf(target)[index]?.width ?? 0)
}

function markdownOf(target: TaskTable, index: number, like: Neighbour | undefined, task: NewTask): string {
  const name = [...target.columns].find(([, column]) => column === index)?.[0]
  if (name === 'id') return like === undefined ? task.id : inManner(target, index, like, task.id)
  if (name === 'title') return task.title
  const value = name === undefined ? undefined : task.values.get(name)
  if (value !== undefined) return value
  const { isFilled, blank } = mannerOf(target)[index] ?? { isFilled: false, blank: '' }
  if (name !== 'status') return blank
  return isFilled ? task.open : ''
}

/** How a column is written. */
interface Manner {
  /** Of a cell with its padding, in a table that somebody aligned; 0 where they did not. */
  readonly width: number
  /** What stands where there is no value, such as `-`. */
  readonly blank: string
  /** Some cell has a text, or there is no row to tell. */
  readonly isFilled: boolean
}

const manners = new WeakMap<TableBlock, readonly Manner[]>()

/** Looked up once per table: many rows may be added at once. */
function mannerOf({ source, table }: TaskTable): readonly Manner[] {
  const known = manners.get(table)
  if (known !== undefined) return known
  const { header, rows } = table
  const width = (cell: Cell | undefined) => (cell === undefined ? 0 : cell.inner.end - cell.inner.start)
  const isAligned = rows.every(({ cells }) => header.cells.every((cell, at) => width(cells[at]) === width(cell)))
  const found = header.cells.map((cell, index): Manner => {
    const texts = rows.map(({ cells }) => rawText(source, cells[index]))
    return {
      width: isAligned ? width(cell) : 0,
      blank: texts.find((text) => text !== '' && isEmptyMark(plainText(text, 60))) ?? '',
      isFilled: texts.length === 0 || texts.some((text) => text !== ''),
    }
  })
  manners.set(table, found)
  return found
}

/** The id with the marks that its neighbour's id has; one in a link stays plain, its target would be wrong. */
function inManner({ source }: TaskTable, index: number, { row, id }: Neighbour, value: string): string {
  const raw = rawText(source, row.cells[index])
  const at = raw.indexOf(id)
  const marks = at < 0 ? '' : raw.slice(0, at) + raw.slice(at + id.length)
  return /^[*_`~]+$/.test(marks) ? raw.slice(0, at) + value + raw.slice(at + id.length) : value
}

function rawText(source: Source, cell: Cell | undefined): string {
  return cell === undefined ? '' : source.text.slice(cell.start, cell.end)
}
