/** `witness show TASK`: what happened to one task, as data for sentences. */
import {
  type EpochMs,
  type ProxyWay,
  type Run,
  type SessionName,
  splitTaskKey,
  type TaskKey,
  type Usd,
} from '../../model/index.ts'
import { microUsdText, toMicroUsd } from '../../witness/cost.ts'
import { beginsGrant, eventType, type FieldChange, formatTime } from '../../witness/index.ts'
import { collectGrants, type EndKind, type Grant } from './grants.ts'
import { keysOfTask } from './known-tasks.ts'
import type { EventEntry, LogEntry } from './log.ts'
import { entryTime, entryType, type LogBook, lastEntries, nextGrant } from './log-book.ts'

/** One thing that happened; every sentence is made from one. Times are RFC 3339 UTC with milliseconds. */
export type StoryPart = GrantPart | EventPart | EditPart

interface PartFrame {
  readonly at: string
  /** The fold that sealed it; `null`: not sealed yet. */
  readonly fold: number | null
}

export interface GrantPart extends PartFrame {
  readonly kind: 'grant'
  readonly session: SessionName
  /** How many grants the task has had with this one. */
  readonly epoch: number | null
  /** How well session and task match, 0 to 1. */
  readonly score: number | null
  /** From whom it was taken over. */
  readonly takenFrom: string | null
  /** What was reported while it lasted and with its end; `null`: nothing. */
  readonly cost: StoryCost | null
  /** `null`: it is held now. */
  readonly end: StoryEnd | null
  readonly merged: { readonly at: string; readonly by: SessionName } | null
  /** The session's next grant after it completed the task. */
  readonly claimedNext: { readonly id: string; readonly board: string; readonly at: string } | null
}

export interface StoryCost {
  /** Exact to the millionth of a dollar. */
  readonly usd: Usd | null
  /** As reported; `null`: the time of the grant stands for it. */
  readonly seconds: number | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
}

export interface StoryEnd {
  readonly kind: EndKind
  readonly at: string | null
  readonly by: string | null
  readonly reason: string | null
  readonly note: string | null
  readonly evidence: string | null
  /** Between the grant and its end, by the clocks of those who said so. */
  readonly seconds: number | null
  readonly sealed: boolean
}

/** What moved no grant: a lost race, a denial, a note, a report, a command that was run, a request that was not granted. */
export interface EventPart extends PartFrame {
  readonly kind: 'lost' | 'denied' | 'note' | 'cost' | 'breaker' | 'ran' | 'executed' | 'not granted' | 'other'
  readonly type: string
  readonly session: SessionName
  readonly from: string | null
  readonly reason: string | null
  /** What the task's breaker became: `open` or `closed`. */
  readonly breaker: string | null
  readonly cost: StoryCost | null
  /** What ran, and how it ended. */
  readonly ran: Run | null
  /** Whether a command that was told of a proxy had another way out. */
  readonly proxy: ProxyWay | null
}

export interface EditPart extends PartFrame {
  readonly kind: 'edit'
  readonly author: string
  readonly changes: readonly FieldChange[]
}

export interface TaskStory {
  readonly task: {
    readonly id: string
    readonly board: string
    readonly title: string | null
    readonly status: string | null
  }
  /** All keys under which the log knows it. */
  readonly keys: readonly TaskKey[]
  /** In the order in which it happened, as far as clocks can tell. */
  readonly parts: readonly StoryPart[]
}

/** @throws IfBoardError `task/unknown`, `task/ambiguous` */
export async function taskStory(book: LogBook, typed: string): Promise<TaskStory> {
  const keys = keysOfTask(book, typed)
  const { entries } = await lastEntries(book, { keys }, 0)
  const grants = collectGrants()
  for (const entry of entries) grants.add(entry)
  const ended = grants.all(liveClaims(book))
  const told = await Promise.all(ended.map((grant) => grantPart(book, grant)))
  const inGrants = new Set<LogEntry | undefined>(ended.flatMap(({ begun, end, merged }) => [begun, end?.entry, merged]))
  const isTold = (entry: LogEntry) => inGrants.has(entry) || (entryType(entry) === 'cost' && grants.holds(entry))
  const others = entries.filter((entry) => !isTold(entry)).flatMap((entry) => otherPart(entry, keys))
  return {
    task: taskFacts(book, keys, entries),
    keys: [...keys],
    parts: [...told, ...others].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
  }
}

export function liveClaims({ reading }: LogBook): Set<Grant['begun']['commit']> {
  return new Set(reading.claims.filter(({ kind }) => kind === 'granted').map(({ oid }) => oid))
}

/** As the board calls it today, else as the log did last. */
function taskFacts({ reading }: LogBook, keys: ReadonlySet<TaskKey>, entries: readonly LogEntry[]): TaskStory['task'] {
  const { views } = reading.snapshot
  const view = [...keys].map((key) => views.get(key)).find((found) => found !== undefined)
  if (view !== undefined) return { ...named(view.task.key), title: view.task.title, status: view.status }
  const last = entries.findLast((entry) => entry.kind === 'event')
  const said = last?.kind === 'event' ? last.event : undefined
  return { ...named(said?.subject ?? ([...keys][0] as TaskKey)), title: said?.data.task?.title ?? null, status: null }
}

function named(key: TaskKey): { readonly id: string; readonly board: string } {
  const { id, board } = splitTaskKey(key)
  return { id, board }
}

async function grantPart(book: LogBook, grant: Grant): Promise<GrantPart> {
  const { begun, from, end, merged, session } = grant
  const { epoch, score, from: victim } = begun.event.data
  const next = end?.kind === 'completed' && end.entry !== undefined ? await nextGrant(book, end.entry) : undefined
  return {
    kind: 'grant',
    at: formatTime(from),
    fold: begun.fold ?? null,
    session,
    epoch: epoch ?? null,
    score: score ?? null,
    takenFrom: eventType(begun.event) === 'steal' ? (victim ?? null) : null,
    cost: totalCost(grant),
    end: end === undefined ? null : storyEnd(end, from),
    merged: merged === undefined ? null : { at: merged.event.time, by: merged.event.session },
    claimedNext: next?.event.subject === undefined ? null : { ...named(next.event.subject), at: next.event.time },
  }
}

function storyEnd({ kind, at, by, entry }: NonNullable<Grant['end']>, from: EpochMs): StoryEnd {
  const { reason, blocker, evidence } = entry?.event.data ?? {}
  return {
    kind,
    at: at === undefined ? null : formatTime(at),
    by: by ?? null,
    reason: kind === 'stolen' ? null : (reason ?? blocker ?? null),
    note: evidence?.note ?? null,
    evidence: evidence?.reference ?? null,
    seconds: at === undefined ? null : Math.max(0, at - from) / 1000,
    sealed: entry === undefined || entry.fold !== undefined,
  }
}

function totalCost({ costs }: Pick<Grant, 'costs'>): StoryCost | null {
  if (costs.length === 0) return null
  const sum = (amounts: readonly (number | undefined)[]) => {
    const known = amounts.filter((amount) => amount !== undefined)
    return known.length === 0 ? null : known.reduce((total, amount) => total + amount, 0)
  }
  const usd = costs.flatMap((cost) => (cost.usd === undefined ? [] : [toMicroUsd(cost.usd)]))
  return {
    usd: usd.length === 0 ? null : Number(microUsdText(usd.reduce((total, one) => total + one, 0n))),
    seconds: sum(costs.map(({ seconds }) => seconds)),
    inputTokens: sum(costs.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(costs.map(({ outputTokens }) => outputTokens)),
  }
}

/** What no grant tells: folds of the board repeat what was said, so of records only people's edits count. */
function otherPart(entry: LogEntry, keys: ReadonlySet<TaskKey>): (EventPart | EditPart)[] {
  if (entry.kind === 'record') {
    const { kind, author, time, changes } = entry.record
    const ours = changes.filter(({ key }) => keys.has(key))
    return kind === 'edit' ? [{ kind, at: time, fold: entry.fold, author, changes: ours }] : []
  }
  return [eventPart(entry)]
}

function eventPart(entry: EventEntry): EventPart {
  const { event, fold } = entry
  const { reason, blocker, rule, from, cost, breaker, ran, executed } = event.data
  const type = eventType(event)
  return {
    kind: kindOf(type),
    type,
    at: formatTime(entryTime(entry)),
    fold: fold ?? null,
    session: event.session,
    from: from ?? null,
    reason: reason ?? blocker ?? rule ?? null,
    breaker: breaker?.to ?? null,
    cost: cost === undefined ? null : totalCost({ costs: [cost] }),
    ran: ran ?? null,
    proxy: executed?.proxy ?? null,
  }
}

function kindOf(type: ReturnType<typeof eventType>): EventPart['kind'] {
  if (type === 'lost' || type === 'denied' || type === 'note' || type === 'cost' || type === 'breaker') return type
  if (type === 'ran' || type === 'executed') return type
  return beginsGrant(type) ? 'not granted' : 'other'
}
