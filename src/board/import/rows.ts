/** Imported tasks as rows of a board: a new one in table form, or values for one that is there. */
import type { TaskId } from '../../model/index.ts'
import { cellMarkdown } from '../cells.ts'
import type { FieldName } from '../dialects/dialect.ts'
import { oneLine } from '../inline.ts'
import { nextId } from '../next-id.ts'
import type { ImportedTask } from './imported.ts'

/** Longest text of one cell, in UTF-16 code units: what a board shows of a description. */
const MAX_CELL = 4000

export interface ImportRow {
  readonly id: TaskId
  readonly title: string
  readonly status: string
  readonly values: ReadonlyMap<Exclude<FieldName, 'status'>, string>
  readonly section: string | undefined
  readonly line: number
  /** Dependencies that no task of the file or the board has: they block as words. */
  readonly unknown: readonly string[]
  /** Part of the description did not fit. */
  readonly cut: boolean
}

/**
 * One row per task, with an id for those that have none. `known` are ids that dependencies may name beside those
 * of the file; `taken` are ids that no new one may be.
 */
export function rowsFor(
  tasks: readonly ImportedTask[],
  { known, taken }: { readonly known: ReadonlySet<string>; readonly taken: Iterable<string> },
): ImportRow[] {
  const ids = new Set([...known, ...tasks.flatMap(({ id }) => id ?? [])])
  const used = new Set([...taken, ...ids])
  let last: TaskId | undefined
  return tasks.map((task) => {
    if (task.id !== undefined) return rowOf(task, task.id as TaskId, ids)
    do last = nextId(last, [], [])
    while (used.has(last))
    return rowOf(task, last, ids)
  })
}

function rowOf(task: ImportedTask, id: TaskId, ids: ReadonlySet<string>): ImportRow {
  const unknown = task.dependencies.filter((need) => !ids.has(need))
  const needs = task.dependencies.map((need) => (ids.has(need) ? need : quoted(need)))
  const description = task.description?.trim().replace(/\s*(?:\r\n|\n|\r)\s*/g, '<br>')
  const values = new Map<Exclude<FieldName, 'status'>, string>()
  const put = (field: Exclude<FieldName, 'status'>, value: string | undefined) => {
    const text = oneLine(value ?? '').slice(0, MAX_CELL)
    if (text !== '') values.set(field, text)
  }
  put('dependencies', needs.join(', '))
  put('owner', task.owner)
  put('priority', task.priority)
  put('estimate', task.estimate)
  put('description', description)
  return {
    id,
    title: task.title,
    status: task.status,
    values,
    section: task.section,
    line: task.line,
    unknown,
    cut: (description?.length ?? 0) > MAX_CELL,
  }
}

/** An external blocker, word for word. */
function quoted(text: string): string {
  return `"${oneLine(text)
    .replace(/["\\|]/g, "'")
    .slice(0, 200)}"`
}

const HEADERS: readonly (readonly [Exclude<FieldName, 'status'>, string])[] = [
  ['dependencies', 'Dependencies'],
  ['priority', 'Priority'],
  ['owner', 'Owner'],
  ['estimate', 'Est'],
  ['description', 'Description'],
]

/** A new board: a table per section, with the columns that some task has a value for. */
export function newBoard(rows: readonly ImportRow[]): string {
  const columns = HEADERS.filter(([field]) => field === 'dependencies' || rows.some(({ values }) => values.has(field)))
  const tables = [...groups(rows)].map(([section, own]) => {
    const lines = own.map(({ id, title: words, status, values }) =>
      line([
        id,
        words,
        status,
        ...columns.map(([field]) => values.get(field) ?? (field === 'dependencies' ? 'None' : '')),
      ]),
    )
    const headers = ['ID', 'Task', 'Status', ...columns.map(([, header]) => header)]
    const head = [line(headers), `|${headers.map(() => '---|').join('')}`]
    return [...(section === undefined ? [] : [`## ${oneLine(section)}`, '']), ...head, ...lines, ''].join('\n')
  })
  return ['# Tasks', '', ...tables].join('\n')
}

function groups(rows: readonly ImportRow[]): Map<string | undefined, ImportRow[]> {
  const sections = new Map<string | undefined, ImportRow[]>()
  for (const row of rows) {
    const section = sections.get(row.section)
    if (section === undefined) sections.set(row.section, [row])
    else section.push(row)
  }
  return sections
}

function line(cells: readonly string[]): string {
  return `|${cells.map((cell) => ` ${cellMarkdown(oneLine(cell))} |`).join('')}`
}
