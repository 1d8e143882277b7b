/**
 * The log, opened for questions: sealed folds by their index, and what no fold has sealed yet.
 *
 * It can be read where the branch was rewound too, for that is when people ask what happened.
 */
import type { EpochMs, ObjectId, SessionName, SignedEvent, TaskKey } from '../../model/index.ts'
import { eventType, formatTime, parseTime } from '../../witness/index.ts'
import { readRewound, type WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { type EventEntry, type LogEntry, noteEntries, unsealedEntries } from './log.ts'
import { type FoldRow, readLogIndex } from './log-index.ts'
import { readNotes } from './sealed-log.ts'

export interface LogBook {
  readonly box: Toolbox
  readonly reading: WholeReading
  /** The branch was rewound: the fold that it no longer holds. */
  readonly missingFold: ObjectId | undefined
  readonly folds: readonly FoldRow[]
  readonly unsealed: readonly EventEntry[]
}

/** What is looked for; a field that is absent leaves nothing out. */
export interface LogFilter {
  readonly keys?: ReadonlySet<TaskKey> | undefined
  /** A session, or the author of a change of the boards. */
  readonly name?: string | undefined
  /** Types of events, `edit` and `fold`. */
  readonly types?: ReadonlySet<string> | undefined
  /** From this instant on. */
  readonly since?: EpochMs | undefined
  /** Before this instant. */
  readonly until?: EpochMs | undefined
  /** Folds after this one. */
  readonly sinceFold?: number | undefined
}

/** @throws IfBoardError  as `read` does, without `board/rewound` */
export async function openLog(box: Toolbox): Promise<LogBook> {
  const { missingFold, ...reading } = await readRewound(box)
  return { ...(await openLogOn(box, reading)), missingFold }
}

/** For whoever has read already, on a branch that was not rewound. */
export async function openLogOn(box: Toolbox, reading: WholeReading): Promise<LogBook> {
  const folds = await readLogIndex(box, reading)
  return { box, reading, missingFold: undefined, folds, unsealed: await unsealedEntries(box, reading) }
}

/** Matching entries in the order of the log. */
export async function* logEntries(book: LogBook, filter: LogFilter = {}): AsyncGenerator<LogEntry> {
  yield* sealedEntries(book, book.folds, filter)
  for (const entry of book.unsealed) if (matches(entry, filter)) yield entry
}

/** The newest matching entries, oldest of them first, and how many match in all. `limit` 0: all of them. */
export async function lastEntries(book: LogBook, filter: LogFilter, limit: number) {
  const matching: LogEntry[] = []
  const { folds, more } = isEmpty(filter) && limit > 0 ? newestFolds(book, limit) : { folds: book.folds, more: 0 }
  for await (const entry of logEntries({ ...book, folds }, filter)) matching.push(entry)
  return { entries: limit > 0 ? matching.slice(-limit) : matching, total: more + matching.length }
}

/** As many of the newest folds as hold so many entries, and the number of entries in the others. */
function newestFolds({ folds, unsealed }: LogBook, limit: number) {
  let wanted = limit - unsealed.length
  let first = folds.length
  while (wanted > 0 && first > 0) {
    first -= 1
    wanted -= sizeOf(folds[first] as FoldRow)
  }
  const more = folds.slice(0, first).reduce((sum, row) => sum + sizeOf(row), 0)
  return { folds: folds.slice(first), more }
}

function sizeOf({ events, records }: FoldRow): number {
  return events + records
}

function isEmpty(filter: LogFilter): boolean {
  return Object.values(filter).every((value) => value === undefined)
}

async function* sealedEntries(book: LogBook, folds: readonly FoldRow[], filter: LogFilter): AsyncGenerator<LogEntry> {
  const wanted = (event: SignedEvent) => eventMatches(event, filter)
  for await (const note of readNotes(
    book.box,
    folds.filter((row) => mayMatch(row, filter)),
  ))
    for (const entry of noteEntries(book.box, note, wanted))
      if (entry.kind === 'event' || matches(entry, filter)) yield entry
}

/** The next grant of a session beyond this event of its chain. */
export async function nextGrant(book: LogBook, after: EventEntry): Promise<EventEntry | undefined> {
  const { session, sequence } = after.event
  const filter: LogFilter = {
    name: session,
    types: new Set(['claim', 'steal']),
    sinceFold: after.fold === undefined ? book.folds.at(-1)?.fold : after.fold - 1,
  }
  for await (const entry of logEntries(book, filter))
    if (entry.kind === 'event' && entry.granted === true && entry.event.sequence > sequence) return entry
  return undefined
}

export function entryTime(entry: LogEntry): EpochMs {
  return parseTime(entry.kind === 'event' ? whenOf(entry.event) : entry.record.time) ?? 0
}

/** When it happened: lost races and denials are said with the session's next push. */
export function whenOf({ time, data }: SignedEvent): string {
  return data.happened ?? time
}

/** Of an event its type, of a change of the boards its kind. */
export function entryType(entry: LogEntry): string {
  return entry.kind === 'event' ? eventType(entry.event) : entry.record.kind
}

export function entryName(entry: LogEntry): SessionName | string {
  return entry.kind === 'event' ? entry.event.session : entry.record.author
}

function mayMatch(row: FoldRow, { keys, name, types, since, until, sinceFold }: LogFilter): boolean {
  if (sinceFold !== undefined && row.fold <= sinceFold) return false
  if (keys !== undefined && !row.keys.some((key) => keys.has(key as TaskKey))) return false
  if (name !== undefined && !row.names.includes(name)) return false
  if (types !== undefined && !row.types.some((type) => types.has(type))) return false
  // Times of this form are in order as texts are.
  if (since !== undefined && row.until < formatTime(since)) return false
  return until === undefined || row.from < formatTime(until)
}

function matches(entry: LogEntry, filter: LogFilter): boolean {
  if (entry.kind === 'event') return eventMatches(entry.event, filter)
  const { keys, name, types } = filter
  const { record } = entry
  if (keys !== undefined && !record.changes.some(({ key }) => keys.has(key))) return false
  if (name !== undefined && record.author !== name) return false
  if (types !== undefined && !types.has(record.kind)) return false
  return isWithin(record.time, filter)
}

function eventMatches(event: SignedEvent, filter: LogFilter): boolean {
  const { keys, name, types } = filter
  if (keys !== undefined && (event.subject === undefined || !keys.has(event.subject))) return false
  if (name !== undefined && event.session !== name) return false
  if (types !== undefined && !types.has(eventType(event))) return false
  return isWithin(whenOf(event), filter)
}

function isWithin(time: string, { since, until }: LogFilter): boolean {
  const at = parseTime(time) ?? 0
  return (since === undefined || at >= since) && (until === undefined || at < until)
}
