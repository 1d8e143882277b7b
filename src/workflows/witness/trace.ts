/** `witness trace`: grants as spans of their tasks' traces, for one task or for the project. */
import { type EpochMs, IfBoardError, printable, splitTaskKey, type TaskKey } from '../../model/index.ts'
import { eventType, formatTime, parseTraceparent, traceIdOf } from '../../witness/index.ts'
import { collectGrants, type EndKind, type Grant } from './grants.ts'
import { keysOfTask, keysOfTrace } from './known-tasks.ts'
import { type LogBook, type LogFilter, logEntries } from './log-book.ts'
import { liveClaims } from './story.ts'

/** One grant. Times are RFC 3339 UTC with milliseconds. */
export interface Span {
  /** 16 hexadecimal digits; `null`: the event is older than traces. */
  readonly spanId: string | null
  readonly session: string
  readonly kind: 'claim' | 'steal'
  readonly from: string
  /** `null`: it is held now, or the log does not say. */
  readonly until: string | null
  readonly seconds: number | null
  /** `held`: it is held now. */
  readonly outcome: EndKind | 'held'
  readonly reason: string | null
  readonly sealed: boolean
}

export interface Trace {
  /** 32 hexadecimal digits: one trace for each task. */
  readonly traceId: string
  readonly id: string
  readonly board: string
  readonly title: string | null
  /** Oldest first. */
  readonly spans: readonly Span[]
}

export interface TraceView {
  /** What held tasks are drawn up to. */
  readonly now: string
  /** By their first grant. */
  readonly traces: readonly Trace[]
}

const TRACE_ID = /^[0-9a-fA-F]{32}$/

/**
 * @param typed  id of a task, a trace id, or `undefined` for all tasks
 * @throws IfBoardError `task/unknown`, `task/ambiguous`
 */
export async function traceView(
  book: LogBook,
  typed: string | undefined,
  since: EpochMs | undefined,
): Promise<TraceView> {
  const grants = collectGrants()
  const filter: LogFilter = typed === undefined ? {} : { keys: keysOf(book, typed) }
  for await (const entry of logEntries(book, filter)) grants.add(entry)
  const byTask = new Map<TaskKey, Grant[]>()
  for (const grant of grants.all(liveClaims(book))) {
    if (since !== undefined && (grant.end?.at ?? Number.POSITIVE_INFINITY) < since) continue
    const known = byTask.get(grant.key)
    if (known === undefined) byTask.set(grant.key, [grant])
    else known.push(grant)
  }
  const traces = [...byTask].map(([key, all]) => ({ trace: traceOf(book, key, all), start: all[0]?.from ?? 0 }))
  return {
    now: formatTime(book.reading.now.wallMs),
    traces: traces.sort((a, b) => a.start - b.start).map(({ trace }) => trace),
  }
}

/** A trace id that no task has may still be the id of a task. */
function keysOf(book: LogBook, typed: string): ReadonlySet<TaskKey> {
  const traced = TRACE_ID.test(typed) ? keysOfTrace(book, typed) : new Set<TaskKey>()
  if (traced.size > 0) return traced
  if (!TRACE_ID.test(typed)) return keysOfTask(book, typed)
  throw new IfBoardError('task/unknown', `no task has the trace \`${printable(typed, 40)}\``, {
    hint: 'if-board witness trace',
  })
}

function traceOf({ box, reading }: LogBook, key: TaskKey, grants: readonly Grant[]): Trace {
  const { id, board } = splitTaskKey(key)
  const said = grants.at(-1)?.begun.event.data.task?.title
  const title = reading.snapshot.views.get(key)?.task.title ?? said ?? null
  const spans = grants.map(spanOf).sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
  return { traceId: traceIdOf(box.boardId, key, box.sha256), id, board, title, spans }
}

function spanOf({ begun, session, from, end }: Grant): Span {
  const { traceparent } = begun.event
  const { reason, blocker } = end?.entry?.event.data ?? {}
  const at = end?.at
  return {
    spanId: traceparent === undefined ? null : (parseTraceparent(traceparent)?.spanId ?? null),
    session,
    kind: eventType(begun.event) === 'steal' ? 'steal' : 'claim',
    from: formatTime(from),
    until: at === undefined ? null : formatTime(at),
    seconds: at === undefined ? null : Math.max(0, at - from) / 1000,
    outcome: end?.kind ?? 'held',
    reason: end?.kind === 'stolen' ? null : (reason ?? blocker ?? null),
    sealed: begun.fold !== undefined && (end?.entry === undefined || end.entry.fold !== undefined),
  }
}
