/**
 * `witness cost`: what sessions reported, what their transcripts tell, and what their time would cost where neither is.
 *
 * Money is counted in millionths of a dollar, as whole numbers, so sums are exact. Each report counts once: a `cost`
 * event and the `complete` of the same grant tell different amounts; `merged` repeats what its completion said and does
 * not count. Time is that of grants that have ended. An estimate never stands in the column of reports.
 */
import { type Cost, type EpochMs, type SessionName, splitTaskKey, type TaskKey } from '../../model/index.ts'
import { costOf, type MicroUsd, rateTimes, toMicroUsd } from '../../witness/cost.ts'
import { eventType, formatTime } from '../../witness/index.ts'
import { collectGrants, type Grant } from './grants.ts'
import type { EventEntry } from './log.ts'
import { entryTime, type LogBook, logEntries } from './log-book.ts'
import { liveClaims } from './story.ts'

export const COST_GROUPS = ['session', 'task', 'model', 'day'] as const
export type CostGroup = (typeof COST_GROUPS)[number]

export interface CostRequest {
  readonly by: CostGroup
  readonly since?: EpochMs | undefined
  readonly until?: EpochMs | undefined
}

export interface CostRow {
  /** Session, id of the task, model, or day in UTC; `''`: not known. */
  readonly name: string
  /** For `task`: its board. */
  readonly board: string | undefined
  readonly reports: number
  /** Reports that name no sum of money: what they cost is not known. */
  readonly unpriced: number
  /** Typed by whoever did the work. */
  readonly reported: MicroUsd
  /** By what tools told over OpenTelemetry. */
  readonly told: MicroUsd
  /** By transcripts and list prices. */
  readonly measured: MicroUsd
  /** Rate × time of grants in which no money was reported. */
  readonly estimated: MicroUsd
  /** Milliseconds between grants and their ends. */
  readonly workMs: number
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface Costs {
  readonly by: CostGroup
  /** The dearest first; days in their order. */
  readonly rows: readonly CostRow[]
  readonly total: CostRow
}

type Sums = { -readonly [Field in keyof CostRow]: CostRow[Field] }

/** What is counted: a report, or a stretch of work. */
export interface Counted {
  readonly at: EpochMs
  readonly session: SessionName
  readonly key: TaskKey | undefined
  readonly model: string
  readonly cost?: Cost
  readonly workMs?: number
  readonly estimated?: MicroUsd
}

/** What a session said of itself when it joined. */
interface Joined {
  readonly model: string
  readonly rateUsdPerHour: number | undefined
}

export async function costs(book: LogBook, request: CostRequest): Promise<Costs> {
  return summed(await countedOf(book), request)
}

export async function countedOf(book: LogBook): Promise<Counted[]> {
  const joined = new Map<SessionName, Joined>()
  const begun = new Map<EventEntry, Joined | undefined>()
  const grants = collectGrants()
  const counted: Counted[] = []
  for await (const entry of logEntries(book)) {
    grants.add(entry)
    if (entry.kind !== 'event') continue
    const { event, granted } = entry
    if (eventType(event) === 'joined') joined.set(event.session, joinedOf(entry))
    if (granted === true) begun.set(entry, joined.get(event.session))
    counted.push(...reportOf(entry, joined.get(event.session)))
  }
  for (const grant of grants.all(liveClaims(book))) counted.push(...workOf(grant, begun.get(grant.begun)))
  return counted
}

function joinedOf({ event }: EventEntry): Joined {
  const { model = '', rateUsdPerHour } = event.data
  return { model, rateUsdPerHour }
}

function reportOf(entry: EventEntry, joined: Joined | undefined): Counted[] {
  const { event } = entry
  const cost = costOf(event)
  if (cost === undefined) return []
  const model = cost.model ?? joined?.model ?? ''
  return [{ at: entryTime(entry), session: event.session, key: event.subject, model, cost }]
}

/** The time of a grant, cut at midnight so that each day has its own. */
function workOf({ key, session, from, end, costs: reports }: Grant, joined: Joined | undefined): Counted[] {
  if (end?.at === undefined || end.kind === 'withdrawn') return []
  const rate = reports.some(({ usd }) => usd !== undefined) ? undefined : joined?.rateUsdPerHour
  const model = reports.find((report) => report.model !== undefined)?.model ?? joined?.model ?? ''
  return cutAtMidnight(from, end.at).map(({ at, ms }) => ({
    ...{ at, session, key, model },
    workMs: ms,
    ...(rate === undefined ? {} : { estimated: rateTimes(rate, ms) }),
  }))
}

const DAY_MS = 86_400_000
/** A grant that seems to have lasted longer tells of a wrong clock; it is counted in one piece. */
const MOST_DAYS = 366

function cutAtMidnight(from: EpochMs, until: EpochMs): { readonly at: EpochMs; readonly ms: number }[] {
  if (until <= from) return []
  if (until - from > MOST_DAYS * DAY_MS) return [{ at: from, ms: until - from }]
  const pieces: { readonly at: EpochMs; readonly ms: number }[] = []
  for (let at = from; at < until; ) {
    const next = Math.min(until, (Math.floor(at / DAY_MS) + 1) * DAY_MS)
    pieces.push({ at, ms: next - at })
    at = next
  }
  return pieces
}

function summed(counted: readonly Counted[], { by, since = 0, until = Number.POSITIVE_INFINITY }: CostRequest): Costs {
  const rows = new Map<string, Sums>()
  const total = noCosts('', undefined)
  for (const one of counted) {
    if (one.at < since || one.at >= until) continue
    const { name, board } = groupOf(one, by)
    const row = rows.get(`${board}:${name}`) ?? noCosts(name, board)
    rows.set(`${board}:${name}`, row)
    for (const sums of [row, total]) count(sums, one)
  }
  return { by, rows: [...rows.values()].sort(by === 'day' ? byName : byMoney), total }
}

function groupOf({ at, session, key, model }: Counted, by: CostGroup): Pick<CostRow, 'name' | 'board'> {
  switch (by) {
    case 'session':
      return { name: session, board: undefined }
    case 'model':
      return { name: model, board: undefined }
    case 'day':
      return { name: formatTime(at).slice(0, 10), board: undefined }
    case 'task': {
      const place = key === undefined ? undefined : splitTaskKey(key)
      return { name: place?.id ?? '', board: place?.board }
    }
  }
}

function noCosts(name: string, board: string | undefined): Sums {
  return {
    name,
    board,
    reports: 0,
    unpriced: 0,
    reported: 0n,
    told: 0n,
    measured: 0n,
    estimated: 0n,
    workMs: 0,
    inputTokens: 0,
    outputTokens: 0,
  }
}

function count(sums: Sums, { cost, workMs = 0, estimated = 0n }: Counted): void {
  sums.reports += cost === undefined ? 0 : 1
  sums.unpriced += cost !== undefined && cost.usd === undefined ? 1 : 0
  if (cost?.usd !== undefined) sums[COLUMNS[cost.source ?? 'reported']] += toMicroUsd(cost.usd)
  sums.estimated += estimated
  sums.workMs += workMs
  sums.inputTokens += cost?.inputTokens ?? 0
  sums.outputTokens += cost?.outputTokens ?? 0
}

/** Where a figure belongs, by what it says of itself. */
const COLUMNS = { reported: 'reported', otel: 'told', transcript: 'measured', estimate: 'estimated' } as const

function byName(a: CostRow, b: CostRow): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

function moneyOf({ reported, told, measured, estimated }: CostRow): MicroUsd {
  return reported + told + measured + estimated
}

function byMoney(a: CostRow, b: CostRow): number {
  const [left, right] = [moneyOf(a), moneyOf(b)]
  return left === right ? b.workMs - a.workMs || byName(a, b) : left > right ? -1 : 1
}
