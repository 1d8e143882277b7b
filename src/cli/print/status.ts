/** `status`: one screen with the progress, who does what, what delays the end, what needs a person. Pure. */
import type { Totals } from '../../graph/index.ts'
import type { TaskStatus } from '../../model/index.ts'
import type { PathItem, SessionItem, StatusView } from '../../workflows/views.ts'
import { bar, type Cell, fit, iconOf, inkOf, type Page, table, workTime, wrap } from './page.ts'
import { duration, plural } from './words.ts'

/** What one screen of 40 lines holds beside the headings. */
const SESSIONS = 12
const PATH = 7
const NEEDS = 6

export function statusText(view: StatusView, page: Page): string {
  const lines = [...head(view, page), ...sessions(view, page), ...path(view, page), ...needs(view, page)]
  return `${lines.join('\n')}\n`
}

function head({ boards, totals, fillers }: StatusView, page: Page): string[] {
  const { ink, width } = page
  const share = totals.total === 0 ? 0 : totals.done / totals.total
  const columns = Math.max(10, Math.min(40, width - 50))
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  const ofFillers = fillers.total === 0 ? '' : `, fillers among them ${fillers.done} of ${fillers.total}`
  return [
    ink.bold(fit(boards.length === 0 ? 'no board' : boards.join(', '), width)),
    `${bar(share, columns, ink)}${percent}  ${ink.bold(`${totals.done} of ${plural(totals.total, 'task')} done`)}${ofFillers}`,
    counts(totals, page),
  ]
}

const OPEN: readonly TaskStatus[] = ['claimed', 'review', 'ready', 'blocked', 'paused', 'unknown', 'cancelled']

function counts(totals: Totals, { ink }: Page): string {
  return OPEN.filter((status) => totals[status] > 0)
    .map((status) => inkOf(status, ink)(`${iconOf(status)} ${totals[status]} ${status}`))
    .join('  ')
}

function sessions(view: StatusView, page: Page): string[] {
  const { ink } = page
  if (view.sessions.length === 0) return ['', ink.bold('Sessions'), '  none yet: if-board next']
  const order = { expired: 0, working: 1, idle: 2, paused: 3, silent: 4 }
  const sorted = [...view.sessions].sort((a, b) => order[a.state] - order[b.state])
  const more = sorted.length > SESSIONS ? [`  and ${sorted.length - SESSIONS} more`] : []
  const rows = sorted.slice(0, SESSIONS).map((session) => sessionRow(session, page))
  return ['', ink.bold('Sessions'), ...table(rows, page, 3), ...more]
}

const STATE_INK = { working: 'busy', expired: 'bad', idle: 'open', silent: 'dim', paused: 'aside' } as const

function sessionRow({ name, state, task, title, silentSeconds, freeInSeconds }: SessionItem, { ink }: Page): Cell[] {
  const paint = ink[STATE_INK[state]]
  const free = freeInSeconds === 0 ? 'others may take it' : `free in ${duration(freeInSeconds ?? 0)}`
  const silent = silentSeconds === null ? '' : `silent ${duration(silentSeconds)}`
  return [
    { text: name, paint: ink.bold },
    { text: state, paint },
    { text: task ?? '' },
    { text: title ?? '' },
    { text: [silent, ...(freeInSeconds === null ? [] : [free])].filter(Boolean).join(', '), paint: ink.dim },
  ]
}

function path({ path: items, remainingMinutes }: StatusView, page: Page): string[] {
  if (items.length === 0) return []
  const { ink } = page
  const more = items.length > PATH ? [`  and ${items.length - PATH} more`] : []
  const left = ink.dim(` ${workTime(remainingMinutes)} by the estimates`)
  return [
    '',
    `${ink.bold('Critical path')}${left}`,
    ...table(items.slice(0, PATH).map(pathRow(page)), page, 2),
    ...more,
  ]
}

const pathRow =
  ({ ink }: Page) =>
  ({ id, title, status, holder, estimateMinutes }: PathItem): Cell[] => [
    { text: iconOf(status), paint: inkOf(status, ink) },
    { text: id, paint: ink.bold },
    { text: title },
    { text: estimateMinutes === 0 ? '' : workTime(estimateMinutes) },
    { text: holder === null ? status : `${status} by ${holder}`, paint: inkOf(status, ink) },
  ]

function needs({ needsPerson }: StatusView, page: Page): string[] {
  if (needsPerson.length === 0) return []
  const { ink } = page
  const more = needsPerson.length > NEEDS ? [`  and ${needsPerson.length - NEEDS} more: if-board status --json`] : []
  return [
    '',
    ink.bold('Needs a person'),
    ...needsPerson
      .slice(0, NEEDS)
      .flatMap(({ message, hint }) => [
        ...wrap(message, { ...page, width: page.width - 2 }).map((line) => `  ${line}`),
        ink.dim(`    try: ${fit(hint, Math.max(20, page.width - 9))}`),
      ]),
    ...more,
  ]
}
