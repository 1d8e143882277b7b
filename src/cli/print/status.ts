/** `status`: one screen with the progress, who does what, what delays the end, what needs a person. Pure. */
import type { Totals } from '../../graph/index.ts'
import type { TaskStatus } from '../../model/index.ts'
import type { PathItem, SessionItem, StatusView } from '../../workflows/views.ts'
import { bar, type Cell, fit, iconOf, inkOf, type Page, table, workTime, wrap } from './page.ts'
import { sessionCostText } from './session-cost.ts'
import { duration, plural } from './words.ts'

/** How many items of each section are shown. */
interface Limits {
  readonly sessions: number
  readonly path: number
  readonly needs: number
}

/** What one page of 40 lines holds beside the headings. */
const ONE_PAGE: Limits = { sessions: 12, path: 7, needs: 6 }

export function statusText(view: StatusView, page: Page): string {
  return `${linesOf(view, page, ONE_PAGE).join('\n')}\n`
}

/** As much as `height` lines hold: of the sections, the one that shows most gives way first, of equals the path. */
export function statusLines(view: StatusView, page: Page, height: number): string[] {
  const limits = {
    sessions: Math.min(view.sessions.length, height),
    path: Math.min(view.path.length, height),
    needs: Math.min(view.needsPerson.length, height),
  }
  for (;;) {
    const lines = linesOf(view, page, limits)
    const longest = (['needs', 'sessions', 'path'] as const).reduce((a, b) => (limits[b] >= limits[a] ? b : a))
    if (lines.length <= height || limits[longest] <= 1) return lines.slice(0, Math.max(0, height))
    limits[longest] -= 1
  }
}

function linesOf(view: StatusView, page: Page, limits: Limits): string[] {
  return [
    ...head(view, page),
    ...sessions(view, page, limits.sessions),
    ...path(view, page, limits.path),
    ...needs(view, page, limits.needs),
  ]
}

function head({ boards, totals, fillers }: StatusView, page: Page): string[] {
  const { ink, width } = page
  const share = totals.total === 0 ? 0 : totals.done / totals.total
  const columns = Math.max(10, Math.min(40, width - 50))
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  const done = `${totals.done} of ${plural(totals.total, 'task')} done`
  const ofFillers = fillers.total === 0 ? '' : `, fillers among them ${fillers.done} of ${fillers.total}`
  const room = width - columns - percent.length - 2 - done.length
  return [
    ink.bold(fit(boards.length === 0 ? 'no board' : boards.join(', '), width)),
    `${bar(share, columns, ink)}${percent}  ${ink.bold(done)}${ofFillers.length <= room ? ofFillers : ''}`,
    ...counts(totals, page),
  ]
}

const OPEN: readonly TaskStatus[] = ['claimed', 'review', 'ready', 'blocked', 'paused', 'unknown', 'cancelled']

/** In as many lines as the width asks for. */
function counts(totals: Totals, { ink, width }: Page): string[] {
  const lines: string[] = []
  let used = width
  for (const status of OPEN.filter((each) => totals[each] > 0)) {
    const text = `${iconOf(status)} ${totals[status]} ${status}`
    const painted = inkOf(status, ink)(text)
    if (used + 2 + text.length > width) used = lines.push(painted) && text.length
    else {
      lines.push(`${lines.pop()}  ${painted}`)
      used += 2 + text.length
    }
  }
  return lines.length === 0 ? [''] : lines
}

function sessions(view: StatusView, page: Page, limit: number): string[] {
  const { ink } = page
  if (view.sessions.length === 0) return ['', ink.bold('Sessions'), '  none yet: if-board next']
  const order = { expired: 0, working: 1, idle: 2, paused: 3, silent: 4 }
  const sorted = [...view.sessions].sort((a, b) => order[a.state] - order[b.state])
  const more = sorted.length > limit ? [`  and ${sorted.length - limit} more`] : []
  const rows = sorted.slice(0, limit).map((session) => sessionRow(session, page))
  return ['', ink.bold('Sessions'), ...table(rows, page, 3), ...more]
}

const STATE_INK = { working: 'busy', expired: 'bad', idle: 'open', silent: 'dim', paused: 'aside' } as const

function sessionRow(session: SessionItem, { ink }: Page): Cell[] {
  const { name, state, activity, activitySeconds, task, title, silentSeconds, freeInSeconds } = session
  const doing = state === 'idle' ? activity : state
  const paint = ink[STATE_INK[state]]
  const free = freeInSeconds === 0 ? 'others may take it' : `free in ${duration(freeInSeconds ?? 0)}`
  const silent = silentSeconds === null ? '' : `silent ${duration(silentSeconds)}`
  return [
    { text: name, paint: ink.bold },
    { text: activitySeconds === null ? doing : `${doing} ${duration(activitySeconds)}`, paint },
    { text: task ?? '' },
    { text: title ?? '' },
    { text: sessionCostText(session.cost), paint: ink.dim },
    { text: [silent, ...(freeInSeconds === null ? [] : [free])].filter(Boolean).join(', '), paint: ink.dim },
  ]
}

function path({ path: items, remainingMinutes }: StatusView, page: Page, limit: number): string[] {
  if (items.length === 0) return []
  const { ink } = page
  const more = items.length > limit ? [`  and ${items.length - limit} more`] : []
  const left = ink.dim(` ${workTime(remainingMinutes)} by the estimates`)
  return [
    '',
    `${ink.bold('Critical path')}${left}`,
    ...table(items.slice(0, limit).map(pathRow(page)), page, 2),
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

function needs({ needsPerson }: StatusView, page: Page, limit: number): string[] {
  if (needsPerson.length === 0) return []
  const { ink } = page
  const more = needsPerson.length > limit ? [`  and ${needsPerson.length - limit} more: if-board status --json`] : []
  return [
    '',
    ink.bold('Needs a person'),
    ...needsPerson
      .slice(0, limit)
      .flatMap(({ message, hint }) => [
        ...wrap(message, { ...page, width: page.width - 2 }).map((line) => `  ${line}`),
        ink.dim(`    try: ${fit(hint, Math.max(20, page.width - 9))}`),
      ]),
    ...more,
  ]
}
