/** `status`: how far the project is, who does what, what delays the end, what needs a person. */
import { claimRef, elapsedMs, sessionRef } from '../claim/index.ts'
import { type Objective, objectivesOf } from '../governor/slo.ts'
import { progress, type Schedule, type Totals } from '../graph/index.ts'
import { type EpochMs, type SessionName, splitTaskKey, type TaskStatus } from '../model/index.ts'
import { heldBy, knownSessions, type Need, needsPerson, type Snapshot, type TaskView } from '../projection/index.ts'
import { formatTime, parseTime } from '../witness/index.ts'
import { type BreakerItem, breakersOf } from './breaker-list.ts'
import { type Reading, read } from './read.ts'
import { type CostPart, type SessionCosts, sessionCosts, UNKNOWN_COST } from './session-costs.ts'
import type { Toolbox } from './toolbox.ts'
import { type BudgetItem, budgetAlerts, budgetItems } from './views-budget.ts'
import { helpNeeds } from './who-could.ts'

/**
 * `working` and `expired` hold a task, `expired` without a sign of life for its lease; `idle` and
 * `silent` hold none, `silent` without a sign of life for a lease; `paused` was set aside by a person.
 */
export type SessionState = 'working' | 'expired' | 'idle' | 'silent' | 'paused'

/**
 * What a person asks: `waiting` holds nothing because nothing is ready, `idle` although something is, `blocked` because
 * the last it said was that its task waits for something outside; `silent` gave no sign of life for a lease.
 */
export type SessionActivity = 'working' | 'idle' | 'waiting' | 'blocked' | 'silent' | 'paused'

export interface SessionItem {
  readonly name: string
  readonly state: SessionState
  readonly activity: SessionActivity
  /** RFC 3339: when the session said what made it so, by its own clock; `null` where it said nothing. */
  readonly activitySince: string | null
  /** How long ago that was; `null` where it is not known. */
  readonly activitySeconds: number | null
  /** Id of the oldest task held. */
  readonly task: string | null
  readonly title: string | null
  /** Ids of all tasks held, oldest first. */
  readonly tasks: readonly string[]
  /** RFC 3339: when the oldest was granted, by the session's clock. */
  readonly since: string | null
  /** How long this observer has seen the session's chain stand still; `null` when it has no chain. */
  readonly silentSeconds: number | null
  /** After how much more silence others may take the task, by this observer's clocks; `null` when it holds none. */
  readonly freeInSeconds: number | null
  /** By source; what is not known says `unknown`, and is no 0. */
  readonly cost: readonly CostPart[]
}

export interface PathItem {
  readonly id: string
  readonly title: string
  readonly status: TaskStatus
  readonly holder: string | null
  readonly estimateMinutes: number
}

export interface StatusView {
  readonly boards: readonly string[]
  readonly totals: Totals
  /** The part of `totals` that are fillers. */
  readonly fillers: Totals
  readonly sessions: readonly SessionItem[]
  readonly criticalPath: readonly string[]
  readonly path: readonly PathItem[]
  /** Length of the critical path by the estimates. */
  readonly remainingMinutes: number
  readonly needsPerson: readonly (Need | MissingBoard | BreakerNeed | BudgetNeed)[]
  /** What is not closed. */
  readonly breakers: readonly BreakerItem[]
  /** Those that are set, one for each board that has ended grants. */
  readonly objectives: readonly Objective[]
  /** RFC 3339: what ended since then is in the costs of the sessions; `null`: all that the log has. */
  readonly costsSince: string | null
  /** Caps that are set, and how far they are used. */
  readonly budget: readonly BudgetItem[]
}

/** A board that the configuration names and the branch does not have. */
export interface MissingBoard extends Omit<Need, 'kind'> {
  readonly kind: 'missing-board'
}

const NO_COSTS: SessionCosts = { of: new Map(), since: null }

/** A session that the governor has stopped; stopped tasks are among those of the boards. */
export interface BreakerNeed extends Omit<Need, 'kind'> {
  readonly kind: 'breaker'
}

/** A cap that is used as far as a person wants to hear of. */
export interface BudgetNeed extends Omit<Need, 'kind'> {
  readonly kind: 'budget'
}

export async function status(box: Toolbox): Promise<StatusView> {
  const reading = await read(box)
  return statusOf(box, reading, await sessionCosts(box, reading))
}

/** As `reading.now` has it: who reads once and shows later says when that is. */
export function statusOf(box: Toolbox, reading: Reading, costs: SessionCosts = NO_COSTS): StatusView {
  const { snapshot } = reading
  const views = [...snapshot.views.values()]
  const plan = snapshot.plan()
  const path = pathItems(snapshot, plan)
  const breakers = breakersOf(reading)
  const { sessions } = reading.accounts.ledger
  const boards = snapshot.project.boards.map(({ name }) => name)
  return {
    boards,
    totals: progress(views.map((view) => view.status)),
    fillers: progress(views.filter(({ task }) => task.filler).map((view) => view.status)),
    sessions: knownSessions(snapshot).map((name) => ({
      ...sessionItem(box, reading, name),
      cost: costs.of.get(name) ?? UNKNOWN_COST,
    })),
    criticalPath: path.map(({ id }) => id),
    path,
    remainingMinutes: plan.totalMinutes,
    needsPerson: [
      ...missingBoards(reading),
      ...breakers.flatMap(breakerNeed),
      ...budgetNeeds(reading),
      ...helpNeeds(box, reading),
      ...needsPerson(snapshot, plan),
    ],
    breakers,
    objectives: objectivesOf(sessions, boards, reading.config.governor.slo),
    costsSince: costs.since,
    budget: budgetItems(reading),
  }
}

function budgetNeeds(reading: Reading): BudgetNeed[] {
  return budgetAlerts(reading).map(({ scope, name, message, hint }) => {
    const task = scope === 'task' ? name : null
    return { kind: 'budget', task, message, hint, place: null }
  })
}

function missingBoards({ branch }: Reading): MissingBoard[] {
  return branch.missing.map((name) => ({
    kind: 'missing-board',
    task: null,
    message: `the configuration names the board ${name}, which the coordination branch does not have`,
    hint: 'Put the file back on the coordination branch, or take its name out of the configuration',
    place: null,
  }))
}

function breakerNeed({ of, name, state, reason, hint }: BreakerItem): BreakerNeed[] {
  if (of === 'task') return []
  return [{ kind: 'breaker', task: null, message: `the breaker of ${name} is ${state}: ${reason}`, hint, place: null }]
}

function pathItems({ views }: Snapshot, plan: Schedule): PathItem[] {
  return plan.criticalPath.map((key) => {
    const view = views.get(key)
    return {
      id: splitTaskKey(key).id,
      title: view?.task.title ?? '',
      status: view?.status ?? 'unknown',
      holder: view?.holder ?? null,
      estimateMinutes: plan.ownMinutes.get(key) ?? 0,
    }
  })
}

function sessionItem(box: Toolbox, reading: Reading, name: SessionName): Omit<SessionItem, 'cost'> {
  const { snapshot, ledger, now } = reading
  const held = heldBy(snapshot, name)
  const oldest = held[0]
  const seen = ledger.get(sessionRef(box.layout, name, box.sha256))
  const silentMs = seen === undefined ? undefined : elapsedMs(seen, now)
  const freeInMs = oldest === undefined ? undefined : leaseLeftMs(box, reading, oldest, silentMs)
  const state = stateOf(snapshot, name, { freeInMs, silentMs })
  const said = snapshot.sessions.get(name)?.record.last?.event
  const since = oldest?.claim === undefined ? null : formatTime(oldest.claim.at)
  const activitySince = since ?? said?.time ?? null
  return {
    name,
    state,
    activity: activityOf(snapshot, state, said?.type),
    activitySince,
    activitySeconds: activitySince === null ? null : secondsSince(activitySince, now.wallMs),
    task: oldest?.task.id ?? null,
    title: oldest?.task.title ?? null,
    tasks: held.map(({ task }) => task.id),
    since,
    silentSeconds: silentMs === undefined ? null : Math.floor(silentMs / 1000),
    freeInSeconds: freeInMs === undefined ? null : Math.ceil(freeInMs / 1000),
  }
}

/** Another machine's clock may be ahead of this one's. */
function secondsSince(time: string, nowMs: EpochMs): number | null {
  const at = parseTime(time)
  return at === undefined ? null : Math.max(0, Math.floor((nowMs - at) / 1000))
}

function activityOf({ views }: Snapshot, state: SessionState, said: string | undefined): SessionActivity {
  if (state === 'expired') return 'silent'
  if (state !== 'idle') return state
  if (said === 'if-board.block') return 'blocked'
  return [...views.values()].some(({ status }) => status === 'ready') ? 'idle' : 'waiting'
}

interface Quiet {
  readonly freeInMs: number | undefined
  readonly silentMs: number | undefined
}

/** By the clock of now: what was read may be older than a lease. */
function stateOf({ config }: Snapshot, name: SessionName, { freeInMs, silentMs }: Quiet): SessionState {
  if (config.pausedSessions.has(name)) return 'paused'
  if (freeInMs !== undefined) return freeInMs === 0 ? 'expired' : 'working'
  return silentMs !== undefined && silentMs < config.leaseMinutes * 60_000 ? 'idle' : 'silent'
}

/** What is left of the lease for this observer: claim and chain must both stand still for all of it. */
function leaseLeftMs(box: Toolbox, { ledger, now }: Reading, { claim }: TaskView, silentMs: number | undefined) {
  if (claim === undefined) return undefined
  const seen = ledger.get(claimRef(box.layout, claim.key, box.sha256))
  const claimMs = seen === undefined ? 0 : elapsedMs(seen, now)
  return Math.max(0, claim.leaseMs - Math.min(claimMs, silentMs ?? Number.POSITIVE_INFINITY))
}
