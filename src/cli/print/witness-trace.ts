/**
 * `witness trace` as a picture: a bar for each grant over one axis of time, in the width of the terminal. Pure.
 *
 * One task: a line for each grant, with who, how long and how it ended. All tasks: a line for each task, its grants in
 * one lane, each drawn by how it ended.
 */
import type { Span, Trace, TraceView } from '../../workflows/witness/trace.ts'
import { stringWidth } from '../terminal/string-width.ts'
import { fit, type Ink, type Page } from './page.ts'
import { clockOf, dayAndClock, dayOf, spokenDuration } from './time.ts'

interface Axis {
  readonly startMs: number
  readonly endMs: number
  readonly columns: number
}

const LONGEST_NAME = 24
const NARROWEST_AXIS = 20
const WIDEST_AXIS = 60

export function traceText(view: TraceView, page: Page, whole: boolean): string {
  if (view.traces.length === 0) return 'No task was granted yet.\n'
  return whole ? projectText(view, page) : view.traces.map((trace) => taskText(trace, view.now, page)).join('\n')
}

function taskText(trace: Trace, now: string, page: Page): string {
  const { ink } = page
  const labels = trace.spans.map(({ session }) => fit(session, LONGEST_NAME))
  const width = widest(labels)
  const axis = axisOf(trace.spans, now, axisColumns(page, width + 58))
  const lines = trace.spans.map((span, at) => {
    const label = pad(labels[at] ?? '', width)
    return fitted(`${ink.bold(label)}  ${barOf([span], now, axis, ink)}`, spanWords(span), page)
  })
  return `${[
    ink.bold(fit([trace.id, trace.title ?? ''].filter(Boolean).join('  '), page.width)),
    ink.dim(`trace ${trace.traceId}`),
    `${' '.repeat(width + 2)}${ink.dim(axisText(axis))}`,
    ...lines,
  ].join('\n')}\n`
}

function spanWords({ from, seconds, outcome, reason, kind, sealed }: Span): string {
  return [
    clockOf(from),
    seconds === null ? '' : spokenDuration(seconds),
    `${kind === 'steal' ? 'took over, ' : ''}${outcome}`,
    reason ?? '',
    sealed ? '' : 'not sealed yet',
  ]
    .filter(Boolean)
    .join('; ')
}

function projectText({ traces, now }: TraceView, page: Page): string {
  const { ink } = page
  const labels = traces.map(({ id }) => fit(id, LONGEST_NAME))
  const width = widest(labels)
  const axis = axisOf(
    traces.flatMap(({ spans }) => spans),
    now,
    axisColumns(page, width + 30),
  )
  const lines = traces.map(({ spans }, at) => {
    const last = spans.at(-1) as Span
    const label = pad(labels[at] ?? '', width)
    return fitted(`${ink.bold(label)}  ${barOf(spans, now, axis, ink)}`, laneWords(spans, last), page)
  })
  const legend = `${ink.good('█')} completed  ${ink.bad('▒')} given up or lost  ${ink.busy('▶')} held now`
  return `${[`${' '.repeat(width + 2)}${ink.dim(axisText(axis))}`, ...lines, '', legend].join('\n')}\n`
}

function laneWords(spans: readonly Span[], last: Span): string {
  return `${last.session}: ${last.outcome}${spans.length > 1 ? `, grant ${spans.length}` : ''}`
}

/** Behind the bar, as much as fits. */
function fitted(bar: string, words: string, page: Page): string {
  return `${bar}  ${fit(words, page.width - stringWidth(bar) - 2)}`.trimEnd()
}

function axisColumns({ width }: Page, beside: number): number {
  return Math.max(NARROWEST_AXIS, Math.min(WIDEST_AXIS, width - beside))
}

function axisOf(spans: readonly Span[], now: string, columns: number): Axis {
  let startMs = Number.POSITIVE_INFINITY
  let endMs = Number.NEGATIVE_INFINITY
  for (const span of spans) {
    startMs = Math.min(startMs, Date.parse(span.from))
    endMs = Math.max(endMs, endOf(span, now))
  }
  return { startMs, endMs: Math.max(endMs, startMs + 1000), columns }
}

/** What is held is drawn up to now; of what ended nobody knows when, only the beginning is. */
function endOf({ from, until, outcome }: Span, now: string): number {
  const start = Date.parse(from)
  if (until !== null) return Math.max(start, Date.parse(until))
  return outcome === 'held' ? Math.max(start, Date.parse(now)) : start
}

/** Both ends of the axis, the day where it is another. */
function axisText({ startMs, endMs, columns }: Axis): string {
  const [start, end] = [new Date(startMs).toISOString(), new Date(endMs).toISOString()]
  const left = `${dayOf(start)} ${clockOf(start).slice(0, 8)}`
  const right = dayOf(start) === dayOf(end) ? clockOf(end).slice(0, 8) : dayAndClock(end).slice(0, 19)
  return `${left}${' '.repeat(Math.max(1, columns - left.length - right.length))}${right}`
}

/** Later spans are drawn over earlier ones; none is too short to be seen. */
function barOf(spans: readonly Span[], now: string, { startMs, endMs, columns }: Axis, ink: Ink): string {
  const cells = Array.from({ length: columns }, () => ink.dim('·'))
  const columnAt = (ms: number) => Math.min(columns - 1, Math.floor(((ms - startMs) / (endMs - startMs)) * columns))
  for (const span of spans) {
    const first = columnAt(Date.parse(span.from))
    const last = Math.max(first, columnAt(endOf(span, now) - 1))
    for (let column = first; column <= last; column += 1) cells[column] = cellOf(span, column === last, ink)
  }
  return cells.join('')
}

function cellOf({ outcome }: Span, isLast: boolean, ink: Ink): string {
  if (outcome === 'held') return ink.busy(isLast ? '▶' : '█')
  return outcome === 'completed' ? ink.good('█') : ink.bad('▒')
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0)
}

function pad(text: string, width: number): string {
  return `${text}${' '.repeat(Math.max(0, width - stringWidth(text)))}`
}
