/** `witness log`: entries as aligned lines, as JSON, as rows of a table. Pure. */
import { type SignedEvent, splitTaskKey } from '../../model/index.ts'
import { costOf, microUsdText, toMicroUsd } from '../../witness/cost.ts'
import { eventType } from '../../witness/index.ts'
import type { EventEntry, LogEntry, RecordEntry } from '../../workflows/witness/log.ts'
import { entryName, entryType, whenOf } from '../../workflows/witness/log-book.ts'
import { csvText } from '../csv.ts'
import { type Cell, type Ink, type Page, table } from './page.ts'
import { runWords } from './run.ts'
import { changeWords } from './story.ts'
import { dayAndClock } from './time.ts'
import { idOf } from './words.ts'

/** Newest last, or as they are handed in. */
export function logText(entries: readonly LogEntry[], page: Page): string {
  if (entries.length === 0) return 'Nothing in the log matches.\n'
  const rows = entries.map((entry): Cell[] => [
    { text: dayAndClock(timeOf(entry)), paint: page.ink.dim },
    { text: entryName(entry), paint: page.ink.bold },
    { text: typeWords(entry), paint: paintOf(entry, page.ink) },
    { text: tasksOf(entry) },
    { text: detailOf(entry) },
  ])
  return `${table(rows, page, 4, 0).join('\n')}\n`
}

function paintOf(entry: LogEntry, ink: Ink): Cell['paint'] {
  switch (entryType(entry)) {
    case 'complete':
    case 'merged':
      return ink.good
    case 'claim':
    case 'steal':
      return ink.busy
    case 'fail':
    case 'denied':
    case 'revoked':
      return ink.bad
    case 'edit':
      return ink.aside
    default:
      return undefined
  }
}

function typeWords(entry: LogEntry): string {
  return entry.kind === 'event' && entry.granted === false ? `${entryType(entry)} (not granted)` : entryType(entry)
}

function timeOf(entry: LogEntry): string {
  return entry.kind === 'event' ? whenOf(entry.event) : entry.record.time
}

function tasksOf(entry: LogEntry): string {
  if (entry.kind === 'event') return entry.event.subject === undefined ? '' : idOf(entry.event.subject)
  const ids = [...new Set(entry.record.changes.map(({ key }) => idOf(key)))]
  return ids.length > 3 ? `${ids.slice(0, 3).join(' ')} +${ids.length - 3}` : ids.join(' ')
}

function detailOf(entry: LogEntry): string {
  const parts = entry.kind === 'event' ? eventDetails(entry) : recordDetails(entry)
  return parts.filter(Boolean).join('; ')
}

function eventDetails({ event, fold }: EventEntry): string[] {
  const { from, reason, blocker, breaker, evidence, score, why, ran } = event.data
  return [
    fold === undefined ? 'not sealed yet' : '',
    from === undefined ? '' : `${FROM[eventType(event)] ?? 'from'} ${from}`,
    score === undefined ? '' : `matched ${Math.round(score * 100)} %`,
    costWords(event),
    breaker === undefined ? '' : `${breaker.name} ${breaker.to} (${breaker.rule})`,
    ran === undefined ? '' : runWords(ran),
    reason ?? blocker ?? '',
    evidence?.note ?? '',
    evidence?.reference ?? '',
    evidence?.commit?.slice(0, 12) ?? '',
    ...(why ?? []),
  ]
}

/** What `from` means differs. */
const FROM: Readonly<Partial<Record<ReturnType<typeof eventType>, string>>> = { lost: 'to', merged: 'of', denied: 'by' }

function costWords(event: SignedEvent): string {
  const usd = costOf(event)?.usd
  return usd === undefined ? '' : `$${microUsdText(toMicroUsd(usd))}`
}

function recordDetails({ record }: RecordEntry): string[] {
  const { changes, more = 0 } = record
  return [...changes.slice(0, 3).map(changeWords), changes.length + more > 3 ? `${changes.length + more - 3} more` : '']
}

/** One entry as data; an event is there as it was signed. */
export function entryJson(entry: LogEntry): object {
  const frame = { type: entryType(entry), fold: entry.kind === 'event' ? (entry.fold ?? null) : entry.fold }
  if (entry.kind === 'record') return { kind: entry.record.kind, ...frame, record: entry.record }
  return { kind: 'event', ...frame, granted: entry.granted ?? null, commit: entry.commit, event: entry.event }
}

const COLUMNS = ['time', 'fold', 'name', 'type', 'granted', 'board', 'task', 'title', 'from', 'reason'] as const
const MORE = ['note', 'evidence', 'branch', 'commit', 'usd', 'score', 'sequence', 'id'] as const

export function logCsv(entries: readonly LogEntry[]): string {
  return csvText([
    [...COLUMNS, ...MORE],
    ...entries.flatMap((entry) => (entry.kind === 'event' ? [eventRow(entry)] : recordRows(entry))),
  ])
}

function eventRow(entry: EventEntry): (string | number | undefined)[] {
  const { event, fold, granted } = entry
  const { task, from, reason, blocker, rule, evidence, score } = event.data
  const usd = costOf(event)?.usd
  return [
    whenOf(event),
    fold,
    event.session,
    eventType(event),
    granted === undefined ? undefined : granted ? 'yes' : 'no',
    ...(event.subject === undefined ? ['', ''] : placeOf(event.subject)),
    task?.title,
    from,
    reason ?? blocker ?? rule,
    evidence?.note,
    evidence?.reference,
    evidence?.branch,
    evidence?.commit,
    usd === undefined ? undefined : microUsdText(toMicroUsd(usd)),
    score,
    event.sequence,
    event.id,
  ]
}

/** A row for each field that was changed. */
function recordRows({ record, fold }: RecordEntry): (string | number | undefined)[][] {
  const { time, author, kind, commit, changes } = record
  const rows = changes.length === 0 ? [undefined] : changes
  return rows.map((change) => [
    time,
    fold,
    author,
    kind,
    undefined,
    ...(change === undefined ? ['', ''] : placeOf(change.key)),
    undefined,
    undefined,
    change === undefined ? undefined : changeWords(change),
    ...[undefined, undefined, undefined],
    commit,
    ...[undefined, undefined, undefined, undefined],
  ])
}

function placeOf(key: NonNullable<SignedEvent['subject']>): [string, string] {
  const { board, id } = splitTaskKey(key)
  return [board, id]
}
