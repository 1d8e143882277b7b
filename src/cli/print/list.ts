/** `list`: a table of tasks. Pure. */
import type { TaskItem } from '../../projection/index.ts'
import type { TaskList } from '../../workflows/views.ts'
import { diagnosticLines } from './lint.ts'
import { type Cell, iconOf, inkOf, type Page, table } from './page.ts'
import { plural } from './words.ts'

export function listText({ tasks, diagnostics }: TaskList, page: Page): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const lines = [
    ...(tasks.length === 0 ? ['no task'] : taskTable(tasks, page)),
    ...(errors.length === 0 ? [] : ['', ...diagnosticLines(errors, page)]),
  ]
  return `${lines.join('\n')}\n`
}

/** Tasks under the name of their board, where there are several boards. */
export function taskTable(tasks: readonly TaskItem[], page: Page): string[] {
  const boards = [...new Set(tasks.map(({ board }) => board))]
  const rows = table(
    tasks.map((task) => row(task, page)),
    page,
    3,
    0,
  )
  const summary = ['', page.ink.dim(summaryOf(tasks))]
  if (boards.length === 1) return [...rows, ...summary]
  const under = boards.flatMap((board, at) => [
    ...(at === 0 ? [] : ['']),
    page.ink.bold(board),
    ...rows.filter((_, index) => tasks[index]?.board === board),
  ])
  return [...under, ...summary]
}

function row(task: TaskItem, { ink }: Page): Cell[] {
  const paint = inkOf(task.status, ink)
  return [
    { text: iconOf(task.status), paint },
    { text: task.id, paint: ink.bold },
    { text: task.status, paint },
    { text: task.title },
    { text: remark(task), paint: ink.dim },
  ]
}

const NAMED = 3

/** What the reader asks next: who, by whom, or what it waits for. */
function remark({
  status,
  holder,
  done,
  blockedBy,
  externalBlockers,
  owner,
  assigned,
  pausedBecause,
}: TaskItem): string {
  if (status === 'claimed') return holder === 'person' ? 'a person' : (holder ?? '')
  if (done !== null) return done.by
  if (status === 'paused') return pausedBecause ?? ''
  const waits = [...blockedBy, ...externalBlockers.map((text) => `"${text}"`)]
  const more = waits.length > NAMED ? ` +${waits.length - NAMED}` : ''
  if (waits.length > 0) return `after ${waits.slice(0, NAMED).join(', ')}${more}`
  return owner ?? assigned ?? ''
}

function summaryOf(tasks: readonly TaskItem[]): string {
  const counts = new Map<string, number>()
  for (const { status } of tasks) counts.set(status, (counts.get(status) ?? 0) + 1)
  return `${plural(tasks.length, 'task')}: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}`
}
