/**
 * A recorded day: who claimed and completed which task when.
 *
 *     {"events": [{"at": "2025-11-12T10:57:05Z", "session": "session-1", "kind": "claim", "task": "F1.1"}, …]}
 *
 * `kind` is `claim` or `done`; `at` is RFC 3339 in UTC. Other fields are for readers. The file comes
 * from anywhere: what is not understood is an error with its line, never skipped.
 */
import {
  type EpochMs,
  IfBoardError,
  isSessionName,
  isTaskId,
  printable,
  type SessionName,
  type TaskId,
} from '../model/index.ts'
import { parseTime } from '../witness/index.ts'
import { jsonFaultAt } from './replay-json.ts'

export interface DayEvent {
  readonly at: EpochMs
  readonly session: SessionName
  readonly kind: 'claim' | 'done'
  readonly task: TaskId
}

export interface History {
  /** In order of time; events of one instant in the order of the file. At least one. */
  readonly events: readonly DayEvent[]
  readonly startAt: EpochMs
  /** Each with its first event, in the order in which they appear. */
  readonly sessions: ReadonlyMap<SessionName, EpochMs>
}

const MAX_CHARACTERS = 8 * 1024 * 1024
const MAX_EVENTS = 20_000
const MAX_SESSIONS = 64
/** A replay polls in virtual time, so a day of years would never end. */
const MAX_SPAN_MS = 7 * 24 * 3_600_000

/** @throws IfBoardError `history/invalid` */
export function parseHistory(text: string, file: string): History {
  if (text.length > MAX_CHARACTERS) throw invalid(file, 1, 'the record is larger than 8 MiB')
  const value = parseJson(text, file)
  const list = isRecord(value) ? value.events : undefined
  if (!Array.isArray(list)) throw invalid(file, 1, 'the record has no list `events`')
  if (list.length === 0) throw invalid(file, 1, 'the record has no event')
  if (list.length > MAX_EVENTS) throw invalid(file, 1, `the record has more than ${MAX_EVENTS} events`)
  let lines: readonly number[] | undefined
  const lineOf = (index: number) => {
    lines ??= linesOfEvents(text)
    return lines[index] ?? 1
  }
  const read = list.map((event, index) => readEvent(event, (what) => invalid(file, lineOf(index), what)))
  const order = read.map((_, index) => index).sort((a, b) => timeAt(read, a) - timeAt(read, b))
  const events = order.map((index) => read[index] as DayEvent)
  const startAt = timeAt(events, 0)
  if (timeAt(events, events.length - 1) - startAt > MAX_SPAN_MS)
    throw invalid(file, lineOf(order.at(-1) ?? 0), 'the record spans more than 7 days')
  const sessions = new Map<SessionName, EpochMs>()
  for (const { session, at } of events) if (!sessions.has(session)) sessions.set(session, at)
  if (sessions.size > MAX_SESSIONS) throw invalid(file, 1, `the record has more than ${MAX_SESSIONS} sessions`)
  return { events, startAt, sessions }
}

function timeAt(events: readonly DayEvent[], index: number): EpochMs {
  return events[index]?.at ?? 0
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(file, lineAt(text, jsonFaultAt(text)), 'the record is not JSON', cause)
  }
}

function readEvent(event: unknown, fail: (what: string) => IfBoardError): DayEvent {
  if (!isRecord(event)) throw fail('an event is not an object')
  const { at, session, kind, task } = event
  const time = typeof at === 'string' ? timeOf(at) : undefined
  if (time === undefined) throw fail(`\`at\` is no RFC 3339 time in UTC: ${shown(at)}`)
  if (typeof session !== 'string' || !isSessionName(session)) throw fail(`\`session\` is no name: ${shown(session)}`)
  if (kind !== 'claim' && kind !== 'done') throw fail(`\`kind\` is neither \`claim\` nor \`done\`: ${shown(kind)}`)
  if (typeof task !== 'string' || !isTaskId(task)) throw fail(`\`task\` is no task id: ${shown(task)}`)
  return { at: time, session, kind, task }
}

/** RFC 3339 in UTC; fractions of a second are optional and count to the millisecond. */
function timeOf(text: string): EpochMs | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)$/.exec(text)
  if (match === null) return undefined
  return parseTime(`${match[1]}.${(match[2] ?? '').padEnd(3, '0').slice(0, 3)}Z`)
}

function shown(value: unknown): string {
  return `\`${printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'), 60)}\``
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(file: string, line: number, what: string, cause?: unknown): IfBoardError {
  return new IfBoardError('history/invalid', what, {
    place: { file, line, column: 1 },
    hint: 'Give a record with `events`: `[{"at": "2025-11-12T10:57:05Z", "session": "session-1", "kind": "claim", "task": "P0.1.1"}]`',
    cause,
  })
}

function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

/** Lines on which the elements of the outermost list `events` begin. */
function linesOfEvents(text: string): number[] {
  let found: number[] = []
  let key = ''
  let inside = false
  for (const { token, line, depth } of tokensOf(text)) {
    if (depth === 1) {
      inside = token === '[' && key === '"events"'
      if (inside) found = []
      if (token.startsWith('"')) key = token
    } else if (depth === 2 && inside) found.push(line)
  }
  return found
}

/** Strings, scalars and opening brackets with their line and how many brackets are open around them; the text is valid JSON. */
function* tokensOf(text: string): Generator<{ readonly token: string; readonly line: number; readonly depth: number }> {
  let line = 1
  let depth = 0
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|\n|[^\s,:{}[\]"]+/g)) {
    if (token === '\n') line += 1
    else if (token === '}' || token === ']') depth -= 1
    else yield { token, line, depth }
    if (token === '{' || token === '[') depth += 1
  }
}
