/**
 * Grants as the log tells them: who held a task, from when, until when, and how it ended.
 *
 * A grant begins with a `claim` or `steal` that was granted. What ends it replaces the commit of exactly that event
 * (the claim ref's old value), so no grant takes another's end, whatever the clocks of two sessions say. Two ends have no
 * event: a person's, by the board, where the first change of its status after it counts; and that of a lease in etcd, which
 * the fold shows that frees the task again, or the next grant that replaces nothing. What its own session registered on the
 * way down to git is the same grant.
 */
import type { Cost, EpochMs, ObjectId, SessionName, TaskKey } from '../../model/index.ts'
import { costOf } from '../../witness/cost.ts'
import { type BoardRecord, CLAIM_KINDS, eventType, parseTime } from '../../witness/index.ts'
import type { EventEntry, LogEntry } from './log.ts'
import { entryTime } from './log-book.ts'

export type EndKind =
  | 'completed'
  | 'released'
  | 'failed'
  | 'blocked'
  | 'revoked'
  | 'withdrawn'
  /** Another session took the task over. */
  | 'stolen'
  /** A person took it back on the board. */
  | 'taken back'
  /** Its lease ended in etcd, or it was not kept when etcd was given up: at the latest at that moment. */
  | 'lapsed'
  /** It is over, and the log does not say how. */
  | 'unknown'

export interface GrantEnd {
  readonly kind: EndKind
  /** `undefined`: not known. */
  readonly at: EpochMs | undefined
  /** What was said; absent where the board says it. */
  readonly entry?: EventEntry
  /** Session that took it over, or who took it back. */
  readonly by?: string
}

export interface Grant {
  readonly key: TaskKey
  readonly session: SessionName
  readonly from: EpochMs
  readonly begun: EventEntry
  /** `undefined`: it is held now. */
  readonly end: GrantEnd | undefined
  /** Reports of this session while it held the task and with its end. */
  readonly costs: readonly Cost[]
  readonly merged: EventEntry | undefined
}

interface Draft {
  readonly grant: Omit<Grant, 'end' | 'costs' | 'merged'>
  /** What the claim ref may hold for it: one more each time that a switch carried it. */
  readonly commits: ObjectId[]
  end?: GrantEnd
  readonly costs: Cost[]
  merged?: EventEntry
  /** Of the mode record under which it counts now, and whether etcd decides there. */
  modeEpoch: number
  inEtcd: boolean
  /** What a fold wrote on the board for it, by its first word. */
  shownAs?: string
  /** What ended it without an event, if nothing else did. */
  over?: GrantEnd
}

interface Drafts {
  /** In the order of the log. */
  readonly all: Draft[]
  readonly byCommit: Map<ObjectId, Draft>
  /** By the commit of the completing event. */
  readonly completed: Map<ObjectId, Draft>
  /** Newest grant of each session and task. */
  readonly newest: Map<string, Draft>
  /** Without an end so far. */
  readonly open: Map<TaskKey, Set<Draft>>
}

export interface Grants {
  /** The next entry of the log, in its order. */
  add(entry: LogEntry): void
  /** All of them in the order of the log, given the claims that live now. */
  all(live: ReadonlySet<ObjectId>): Grant[]
  /** Did some grant of its session and task begin before this event, or with it? */
  holds(entry: LogEntry): boolean
}

/** Collects grants from entries that are handed in one by one, so that a long log is never held whole. */
export function collectGrants(): Grants {
  const drafts: Drafts = { all: [], byCommit: new Map(), completed: new Map(), newest: new Map(), open: new Map() }
  return {
    add: (entry) => (entry.kind === 'event' ? addEvent(drafts, entry) : addRecord(drafts, entry.record)),
    all: (live) => drafts.all.map((draft) => finished(draft, live)),
    holds: (entry) => entry.kind === 'event' && draftOf(drafts, entry) !== undefined,
  }
}

function addEvent(drafts: Drafts, entry: EventEntry): void {
  const { event, granted } = entry
  const replaced = event.data.replaces === undefined ? undefined : drafts.byCommit.get(event.data.replaces)
  const kind = CLAIM_KINDS.get(eventType(event))
  if (kind !== undefined && replaced !== undefined && granted !== false) endDraft(drafts, replaced, entry)
  if (granted === true) beginOrGoOn(drafts, entry)
  if (eventType(event) === 'carried' && replaced !== undefined) carry(drafts, replaced, entry)
  if (eventType(event) === 'merged') mergeDraft(drafts, entry)
  const cost = costOf(event)
  if (cost !== undefined) draftOf(drafts, entry)?.costs.push(cost)
  if (eventType(event) === 'complete' && replaced !== undefined) drafts.completed.set(entry.commit, replaced)
}

/** The same grant under another value: what ends it replaces that one. */
function carry({ byCommit }: Drafts, draft: Draft, { commit, event }: EventEntry): void {
  draft.commits.push(commit)
  draft.modeEpoch = event.data.modeEpoch ?? draft.modeEpoch
  draft.inEtcd = event.data.inEtcd === true
  byCommit.set(commit, draft)
}

/** A claim of etcd that its session registers while that is drained, in the epoch behind it, has begun before. */
function beginOrGoOn(drafts: Drafts, entry: EventEntry): void {
  const { subject, session, data } = entry.event
  const before = drafts.newest.get(`${session} ${subject}`)
  const isOpen = before !== undefined && drafts.open.get(subject as TaskKey)?.has(before) === true
  const isNext = isOpen && before.inEtcd && data.inEtcd !== true && data.modeEpoch === before.modeEpoch + 1
  if (isNext && before.over === undefined) carry(drafts, before, entry)
  else begin(drafts, entry)
}

function begin({ all, byCommit, newest, open }: Drafts, begun: EventEntry): void {
  const { event, commit } = begun
  const key = event.subject as TaskKey
  const draft: Draft = {
    grant: { key, session: event.session, from: entryTime(begun), begun },
    commits: [commit],
    modeEpoch: event.data.modeEpoch ?? 0,
    inEtcd: event.data.inEtcd === true,
    costs: [],
  }
  const others = open.get(key) ?? new Set()
  const lapsed: GrantEnd = { kind: 'lapsed', at: entryTime(begun) }
  for (const other of others) if (other.inEtcd) other.over ??= lapsed
  all.push(draft)
  byCommit.set(commit, draft)
  newest.set(`${event.session} ${key}`, draft)
  open.set(key, others.add(draft))
}

const ENDS: Readonly<Record<string, EndKind>> = {
  complete: 'completed',
  release: 'released',
  fail: 'failed',
  block: 'blocked',
  revoked: 'revoked',
  withdraw: 'withdrawn',
  claim: 'stolen',
  steal: 'stolen',
}

function endDraft(drafts: Drafts, draft: Draft, entry: EventEntry): void {
  const kind = ENDS[eventType(entry.event)]
  if (kind === undefined || draft.end !== undefined) return
  draft.end = { kind, at: entryTime(entry), entry, by: entry.event.session }
  drafts.open.get(draft.grant.key)?.delete(draft)
}

function mergeDraft({ completed }: Drafts, entry: EventEntry): void {
  const draft = completed.get(entry.event.data.replaces as ObjectId)
  if (draft !== undefined) draft.merged = entry
}

function draftOf({ byCommit, newest }: Drafts, entry: EventEntry): Draft | undefined {
  const { event } = entry
  const replaced = event.data.replaces === undefined ? undefined : byCommit.get(event.data.replaces)
  const own = replaced?.grant.session === event.session ? replaced : undefined
  const begun = entry.granted === true ? byCommit.get(entry.commit) : undefined
  return begun ?? own ?? newest.get(`${event.session} ${event.subject}`)
}

function addRecord({ open }: Drafts, record: BoardRecord): void {
  for (const change of record.changes)
    if (change.field === 'status')
      for (const draft of open.get(change.key) ?? []) changeStatus(draft, record, change.to)
}

function changeStatus(draft: Draft, { kind, author, time }: BoardRecord, to = ''): void {
  const [word = ''] = to.split(/\s/)
  if (kind === 'edit') draft.over ??= { kind: 'taken back', at: parseTime(time), by: author }
  // What the first one writes is that it is held.
  else if (draft.shownAs === undefined) draft.shownAs = word
  else if (word !== draft.shownAs && draft.inEtcd) draft.over ??= { kind: 'lapsed', at: parseTime(time) }
}

function finished({ grant, commits, end, costs, merged, over }: Draft, live: ReadonlySet<ObjectId>): Grant {
  const isLive = commits.some((commit) => live.has(commit))
  const ended = end ?? (isLive ? undefined : (over ?? { kind: 'unknown', at: undefined }))
  return { ...grant, end: ended, costs, merged }
}
