/** Which task this session should ask for: the ready set, ranked, divided among idle sessions. */
import { admitTask, type Refusal } from '../governor/index.ts'
import { type SessionName, splitTaskKey, type Task, type TaskKey } from '../model/index.ts'
import { forWhoeverCan, helpWanted, lastFailures, type TaskView } from '../projection/index.ts'
import {
  type Contest,
  DRAWN_FROM,
  pick,
  pinnedIds,
  type RankedTask,
  type RankRequest,
  rank,
} from '../scheduler/index.ts'
import { admissionFacts } from './admission-facts.ts'
import { crewOf, matchesFor, scoreOf } from './crew.ts'
import { isExpired } from './expiry.ts'
import { isKept } from './keepers.ts'
import type { PassedOver } from './outcomes.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface Choice {
  readonly view: TaskView
  readonly reasons: readonly string[]
  /** How well the session matches what the task needs, 0 to 1; `undefined` where it needs nothing. */
  readonly score: number | undefined
  /** Better placed tasks that a rule of the governor keeps from the session, best first, at most `MAX_PASSED_OVER`. */
  readonly passedOver: readonly Withheld[]
  /** The claim is another session's, expired by this observer's clocks. */
  readonly steals: boolean
}

export interface ChooseRequest {
  readonly session: SessionName
  readonly lostBefore: boolean
  /** Tasks this command already lost or withdrew from: not asked for twice in one command. */
  readonly avoid: ReadonlySet<TaskKey>
}

/** What the session would be offered first, if a rule of the governor did not withhold it. */
export interface Withheld {
  readonly view: TaskView
  readonly refusal: Refusal
}

export type Chosen =
  | ({ readonly kind: 'choice' } & Choice)
  | { readonly kind: 'look wider' }
  | { readonly kind: 'nothing'; readonly withheld: Withheld | undefined }

/** The task to ask for, if any; `look wider` where tasks that were not judged may come before it. */
export function choose(box: Toolbox, reading: Reading, request: ChooseRequest): Chosen {
  const offers = offersFor(box, reading, request)
  const { ranked, withheld, open } = offers
  const idle = idleSessions(reading, request.session)
  if (!seesEnough(reading, ranked, idle.length)) return { kind: 'look wider' }
  const divided = () =>
    pick({
      ranked,
      contest: contestOf(reading, request.session, { open, idle }),
      session: request.session,
      idle,
      lostBefore: request.lostBefore,
      fraction: box.chance.fraction(),
    })
  const chosen = box.fast === undefined ? divided() : box.fast.pick(ranked, request.session)
  const view = chosen === undefined ? undefined : reading.snapshot.views.get(chosen.task.key)
  if (chosen === undefined || view === undefined) return { kind: 'nothing', withheld }
  const steals = view.status === 'claimed'
  return {
    kind: 'choice',
    view,
    steals,
    passedOver: passedOver(reading, request.session, { ...offers, chosen: chosen.task.key }),
    score: scoreOf(reading, request.session, view.task),
    reasons: [...circumstances(reading, view, steals), ...chosen.reasons],
  }
}

/** What matters more than its place in the ranking. */
function circumstances({ claims }: Reading, view: TaskView, steals: boolean): string[] {
  const wanted = helpWanted(claims).get(view.task.key)
  return [
    ...(steals ? [`${view.holder} gave no sign of life for the lease`] : []),
    ...(wanted === undefined
      ? []
      : [`${wanted.by} is stuck with ${splitTaskKey(wanted.blocked).id} and asks for help`]),
  ]
}

/** Would the task that is picked be the same if all tasks were ranked? */
function seesEnough({ narrow }: Reading, ranked: readonly RankedTask[], idle: number): boolean {
  if (narrow === undefined) return true
  const [top] = ranked
  if (top === undefined || top.tier === 'filler') return false
  return narrow.complete || ranked.length >= Math.max(DRAWN_FROM, idle)
}

/** Everything that may be offered to the session now, best first. */
export function rankFor(box: Toolbox, reading: Reading, request: ChooseRequest): RankedTask[] {
  return offersFor(box, reading, request).ranked
}

interface Contested {
  /** All that may be claimed now, by whomever. */
  readonly open: readonly Task[]
  readonly idle: readonly SessionName[]
}

/** Where something tells the idle sessions apart, they divide all that is open, also what this one may not do. */
function contestOf(reading: Reading, session: SessionName, { open, idle }: Contested): Contest | undefined {
  const crew = idle.length < 2 ? undefined : crewOf(reading, idle, open)
  if (crew === undefined) return undefined
  return { ranked: rank({ ...rankRequest(reading, session, open), pins: [] }), takersOf: crew.takersOf }
}

export interface Offers {
  readonly ranked: RankedTask[]
  /** The best of what only the governor keeps back, where nothing else is left. */
  readonly withheld: Withheld | undefined
  /** All that may be claimed now, by whomever, in board order. */
  readonly open: readonly Task[]
  readonly refused: ReadonlyMap<Task, Refusal>
}

export function offersFor(box: Toolbox, reading: Reading, request: ChooseRequest): Offers {
  const facts = admissionFacts(box, reading, request.session)
  const open: Task[] = []
  const offered: Task[] = []
  const refused = new Map<Task, Refusal>()
  for (const view of reading.snapshot.views.values()) {
    const isOpen = view.status === 'ready' || isExpired(box, reading, view)
    if (!isOpen || request.avoid.has(view.task.key)) continue
    const task = forWhoeverCan(view.task, facts.helping)
    open.push(task)
    const verdict = admitTask(facts, task)
    if (verdict.kind === 'allow') offered.push(task)
    else refused.set(task, verdict)
  }
  const ranked = rankAmong(reading, request.session, offered)
  return {
    ranked,
    open,
    refused,
    withheld: ranked.length > 0 ? undefined : bestWithheld(reading, request.session, refused),
  }
}

const MAX_PASSED_OVER = 5

/** What stands before a task in the ranking of all that is open, and by which rule the session is not offered it. */
export function passedOver(
  reading: Reading,
  session: SessionName,
  { open, refused, chosen }: Pick<Offers, 'open' | 'refused'> & { readonly chosen: TaskKey | undefined },
): Withheld[] {
  const found: Withheld[] = []
  if (refused.size === 0) return found
  for (const { task } of rank(rankRequest(reading, session, open))) {
    if (task.key === chosen || found.length === MAX_PASSED_OVER) break
    const refusal = refused.get(task)
    const view = reading.snapshot.views.get(task.key)
    if (refusal !== undefined && view !== undefined) found.push({ view, refusal })
  }
  return found
}

export function passedOverItem({ view: { task }, refusal: { rule, reason } }: Withheld): PassedOver {
  return { id: task.id, rule, reason }
}

function bestWithheld(
  reading: Reading,
  session: SessionName,
  refused: ReadonlyMap<Task, Refusal>,
): Withheld | undefined {
  const best = refused.size === 0 ? undefined : rankAmong(reading, session, [...refused.keys()])[0]?.task
  const view = best === undefined ? undefined : reading.snapshot.views.get(best.key)
  const refusal = best === undefined ? undefined : refused.get(best)
  return view === undefined || refusal === undefined ? undefined : { view, refusal }
}

function rankAmong(reading: Reading, session: SessionName, tasks: readonly Task[]): RankedTask[] {
  return rank({ ...rankRequest(reading, session, tasks), capabilityFit: matchesFor(reading, session) })
}

function rankRequest(reading: Reading, session: SessionName, tasks: readonly Task[]): RankRequest {
  const { snapshot } = reading
  return {
    ready: tasks,
    session,
    pins: pinsOf(reading, session),
    schedule: snapshot.plan(),
    isKept: isKept(reading),
    failedBy: lastFailures(snapshot.views),
  }
}

/** Joined sessions that hold nothing and were seen within a lease; oneself always. */
export function idleSessions({ snapshot }: Reading, session: SessionName): SessionName[] {
  const others = [...snapshot.sessions.values()]
    .filter(({ active, holds, paused }) => active && holds.length === 0 && paused === undefined)
    .map(({ record }) => record.name)
  return [...new Set([...others, session])].sort()
}

function pinsOf({ branch, snapshot }: Reading, session: SessionName): TaskKey[] {
  return pinnedIds(branch.pins, session).flatMap((id) => taskWithId(snapshot.project.tasks, id)?.key ?? [])
}

function taskWithId(tasks: readonly Task[], id: string): Task | undefined {
  return tasks.find((task) => task.id === id)
}
