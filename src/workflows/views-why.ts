/** `why ID`: is it ready, what exactly holds it, and where it stands for a session. */
import { type Refusal, refusals, taskWayOut } from '../governor/index.ts'
import { findCycles } from '../graph/index.ts'
import { type SessionName, splitTaskKey, type TaskKey, type TaskStatus } from '../model/index.ts'
import {
  forWhoeverCan,
  type HelpWanted,
  helpOf,
  helpWanted,
  type Snapshot,
  type TaskItem,
  type TaskView,
  taskItem,
} from '../projection/index.ts'
import { type RankedTask, sessionMatches } from '../scheduler/index.ts'
import { admissionFacts } from './admission-facts.ts'
import { offersFor, passedOver, passedOverItem } from './choose.ts'
import { isExpired } from './expiry.ts'
import { findTask } from './find-task.ts'
import type { PassedOver } from './outcomes.ts'
import { type Reading, read } from './read.ts'
import type { Toolbox } from './toolbox.ts'
import { type Could, whoCould } from './who-could.ts'

/** One task on the way to what holds the asked one; the asked task comes first. */
export interface ChainItem {
  readonly id: string
  readonly board: string
  readonly title: string
  readonly status: TaskStatus
  readonly holder: string | null
  /** Steps of dependencies from the asked task. */
  readonly depth: number
  /** Ids of the unfinished tasks it waits for. */
  readonly waitsFor: readonly string[]
  readonly externalBlockers: readonly string[]
  /** Nothing else holds it: this is where something has to happen. */
  readonly isRoot: boolean
}

export interface Ranking {
  /** 1 = best; `null` = not offered to this session, for the reason in `withheld`. */
  readonly position: number | null
  readonly of: number
  readonly tier: RankedTask['tier'] | null
  readonly reasons: readonly string[]
  readonly withheld: string | null
  /** Ids of what is ranked before it, at most ten. */
  readonly before: readonly string[]
  /** Better placed tasks that a rule of the governor keeps from the session, best first; a few of them. */
  readonly passedOver: readonly PassedOver[]
}

export interface WhyView {
  readonly task: TaskItem
  readonly session: string | null
  /** May the task be claimed now, by somebody? */
  readonly ready: boolean
  /** In words, most important first. */
  readonly reasons: readonly string[]
  readonly chain: readonly ChainItem[]
  /** More tasks hold it than `chain` names. */
  readonly chainCut: boolean
  /** Ids of the cycle that it is on or waits for; empty = none. */
  readonly cycle: readonly string[]
  /** The governor's word on one more task for this session; `null` without a session. */
  readonly verdict: {
    readonly kind: 'allow' | 'refuse'
    readonly rule: string | null
    readonly reason: string | null
    readonly hint: string | null
    /** Further rules that refuse, in their order. */
    readonly others: readonly RefusalItem[]
  } | null
  /** `null` without a session, or while the task is not ready. */
  readonly ranking: Ranking | null
  /** Active sessions by name, and what keeps each from the task; none while it is not ready. */
  readonly who: readonly Who[]
}

export interface RefusalItem {
  readonly rule: string
  readonly reason: string
  readonly hint: string | null
}

export interface Who {
  readonly session: string
  /** `null` = it may do it. */
  readonly rule: string | null
  readonly reason: string | null
}

const MAX_CHAIN = 100
const MAX_BEFORE = 10

/** @throws IfBoardError `task/unknown`, `task/ambiguous` */
export async function why(box: Toolbox, id: string, session?: SessionName): Promise<WhyView> {
  const reading = await read(box)
  const { snapshot } = reading
  const view = findTask(snapshot, id)
  const expired = isExpired(box, reading, view)
  const ready = view.status === 'ready' || expired
  const { chain, cut } = ready ? { chain: [], cut: false } : chainOf(snapshot, view.task.key)
  const cycle = view.status === 'blocked' ? cycleBehind(snapshot, view.task.key) : []
  return {
    task: taskItem(view),
    session: session ?? null,
    ready,
    reasons: expired
      ? [`ready to be taken over: ${view.holder} gave no sign of life for the lease`]
      : reasonsFor(reading, view, cycle),
    chain,
    chainCut: cut,
    cycle,
    verdict: session === undefined ? null : verdictFor(box, reading, session, view),
    ranking: session === undefined || !ready ? null : rankingFor(box, reading, view, session),
    who: ready ? whoCould(box, reading, view.task).map(whoItem) : [],
  }
}

function reasonsFor({ snapshot, claims }: Reading, view: TaskView, cycle: readonly string[]): string[] {
  const { task, status, holder, pausedBecause, claim } = view
  const helping = helpWanted(claims)
  const wanted = helping.get(task.key)
  switch (status) {
    case 'ready':
      return [...(wanted === undefined ? [] : [helpReason(wanted)]), ...readyReasons(forWhoeverCan(task, helping))]
    case 'claimed':
      return [`${holder === 'person' ? 'a person' : holder} holds it`]
    case 'review':
      return [`${claim?.session} completed it; it waits until the base branch contains its commit`]
    case 'done':
      return ['it is done']
    case 'cancelled':
      return ['a person cancelled it']
    case 'paused':
      if (view.quarantine !== undefined) return [`quarantined: ${view.quarantine}; ${taskWayOut(task.id)}`]
      return [`a person set it aside${pausedBecause === undefined ? '' : `: ${pausedBecause}`}`]
    case 'unknown':
      return [
        view.judgement.standing.kind === 'unknown'
          ? `its status is not understood: ${task.statusText}`
          : 'its claim cannot be read, so it is not offered',
      ]
    case 'blocked':
      return blockedReasons(snapshot, view, cycle)
  }
}

function helpReason({ by, blocked }: HelpWanted): string {
  return `made because ${by} is stuck with ${splitTaskKey(blocked).id}, which waits for it`
}

function readyReasons({ dependencies, owner, assigned, filler }: TaskView['task']): string[] {
  const count = dependencies.length
  const meant = owner ?? assigned
  return [
    count === 0
      ? 'ready: it depends on nothing, and nobody holds it'
      : `ready: ${count === 1 ? 'its dependency is' : `all ${count} dependencies are`} done, and nobody holds it`,
    ...(meant === undefined ? [] : [`meant for ${meant}; others get it when that session is silent or never joined`]),
    ...(filler ? ['a filler: offered where nothing else is ready'] : []),
  ]
}

function blockedReasons(snapshot: Snapshot, { task, blockedBy, claim }: TaskView, cycle: readonly string[]): string[] {
  const help = helpOf(claim)
  return [
    ...(cycle.length > 0 ? [`it can never become ready: ${[...cycle, cycle[0]].join(' → ')} wait for each other`] : []),
    ...blockedBy.map(
      (key) =>
        `waits for ${describe(snapshot, key)}${key === help ? `: the help that ${claim?.session} asked for` : ''}`,
    ),
    ...task.externalBlockers.map(({ text }) => `waits for something outside the boards: ${text}`),
  ]
}

function describe({ views }: Snapshot, key: TaskKey): string {
  const view = views.get(key)
  const { id } = splitTaskKey(key)
  if (view === undefined) return id
  return `${id}, ${view.status}${view.holder === undefined ? '' : ` by ${view.holder}`}`
}

/** Breadth first along unfinished dependencies; each task once. */
function chainOf({ views }: Snapshot, asked: TaskKey): { readonly chain: ChainItem[]; readonly cut: boolean } {
  const chain: ChainItem[] = []
  const depths = new Map<TaskKey, number>([[asked, 0]])
  for (const [key, depth] of depths) {
    const view = views.get(key)
    if (view === undefined) continue
    if (chain.length >= MAX_CHAIN) return { chain, cut: true }
    const waits = view.status === 'done' || view.status === 'cancelled' ? [] : view.blockedBy
    chain.push(chainItem(view, depth, waits))
    for (const next of waits) if (!depths.has(next)) depths.set(next, depth + 1)
  }
  return { chain, cut: false }
}

function chainItem({ task, status, holder }: TaskView, depth: number, waits: readonly TaskKey[]): ChainItem {
  return {
    id: task.id,
    board: task.board,
    title: task.title,
    status,
    holder: holder ?? null,
    depth,
    waitsFor: waits.map((key) => splitTaskKey(key).id),
    externalBlockers: task.externalBlockers.map(({ text }) => text),
    isRoot: waits.length === 0,
  }
}

/** Ids of the first cycle that the task reaches through unfinished dependencies. */
function cycleBehind({ project, views }: Snapshot, asked: TaskKey): string[] {
  const cycles = findCycles(project)
  if (cycles.length === 0) return []
  const reached = new Set<TaskKey>([asked])
  for (const key of reached) for (const next of views.get(key)?.blockedBy ?? []) reached.add(next)
  const path = cycles.find((keys) => keys.some((key) => reached.has(key))) ?? []
  return path.map((key) => splitTaskKey(key).id)
}

/** The first rule that refuses is the answer; the others would be, once it no longer does. */
function verdictFor(box: Toolbox, reading: Reading, session: SessionName, { task }: TaskView): WhyView['verdict'] {
  const [first, ...others] = refusals(admissionFacts(box, reading, session), task).map(refusalItem)
  return first === undefined
    ? { kind: 'allow', rule: null, reason: null, hint: null, others }
    : { kind: 'refuse', ...first, others }
}

function refusalItem({ rule, reason, hint }: Refusal): RefusalItem {
  return { rule, reason, hint: hint ?? null }
}

function whoItem({ session, refusal }: Could): Who {
  return { session, rule: refusal?.rule ?? null, reason: refusal?.reason ?? null }
}

function rankingFor(box: Toolbox, reading: Reading, view: TaskView, session: SessionName): Ranking {
  const offers = offersFor(box, reading, { session, lostBefore: false, avoid: new Set() })
  const { ranked } = offers
  const at = ranked.findIndex(({ task }) => task.key === view.task.key)
  const found = ranked[at]
  const before = ranked.slice(0, at < 0 ? MAX_BEFORE : Math.min(at, MAX_BEFORE)).map(({ task }) => task.id)
  return {
    position: found === undefined ? null : at + 1,
    of: ranked.length,
    tier: found?.tier ?? null,
    reasons: found?.reasons ?? [],
    withheld: found === undefined ? withheldBecause(view, session, ranked) : null,
    before,
    passedOver: passedOver(reading, session, { ...offers, chosen: view.task.key }).map(passedOverItem),
  }
}

/** The rules by which the ranking leaves a ready task out, in its order. */
function withheldBecause({ task, claim }: TaskView, session: SessionName, ranked: readonly RankedTask[]): string {
  if (claim?.event.type === 'if-board.fail' && claim.session === session)
    return `${session} was the last to fail at it; another session tries first`
  const words = task.owner ?? task.assigned
  if (words !== undefined && !sessionMatches(words, session)) return `it is meant for ${words}, which is active`
  if (task.filler && ranked.some(({ tier }) => tier !== 'filler'))
    return 'it is a filler, and other work is ready for this session'
  return 'it is not offered to this session'
}
