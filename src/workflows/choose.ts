/** Which task this session should ask for: the ready set, ranked, divided among idle sessions. */
import { claimRef, mayBeStolen, sessionRef } from '../claim/index.ts'
import type { SessionName, Task, TaskKey } from '../model/index.ts'
import { lastFailures, type TaskView } from '../projection/index.ts'
import { DRAWN_FROM, pick, pinnedIds, type RankedTask, rank, sessionMatches } from '../scheduler/index.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface Choice {
  readonly view: TaskView
  readonly reasons: readonly string[]
  /** The claim is another session's, expired by this observer's clocks. */
  readonly steals: boolean
}

export interface ChooseRequest {
  readonly session: SessionName
  readonly lostBefore: boolean
  /** Tasks this command already lost or withdrew from: not asked for twice in one command. */
  readonly avoid: ReadonlySet<TaskKey>
}

/** The task to ask for, if any; `look wider` where tasks that were not judged may come before it. */
export function choose(box: Toolbox, reading: Reading, request: ChooseRequest): Choice | 'look wider' | undefined {
  const ranked = rankFor(box, reading, request)
  const idle = idleSessions(reading, request.session)
  if (!seesEnough(reading, ranked, idle.length)) return 'look wider'
  const chosen = pick({
    ranked,
    session: request.session,
    idle,
    lostBefore: request.lostBefore,
    fraction: box.chance.fraction(),
  })
  const view = chosen === undefined ? undefined : reading.snapshot.views.get(chosen.task.key)
  if (chosen === undefined || view === undefined) return undefined
  const steals = view.status === 'claimed'
  return {
    view,
    steals,
    reasons: steals ? [`${view.holder} gave no sign of life for the lease`, ...chosen.reasons] : chosen.reasons,
  }
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
  const { snapshot } = reading
  const offered = [...snapshot.views.values()].filter(
    (view) => !request.avoid.has(view.task.key) && (view.status === 'ready' || isExpired(box, reading, view)),
  )
  return rank({
    ready: offered.map(({ task }) => task),
    session: request.session,
    pins: pinsOf(reading, request.session),
    schedule: snapshot.plan(),
    isActive: (words) => isActive(reading, words),
    failedBy: lastFailures(snapshot.views),
  })
}

/** A grant that this observer saw unchanged, with its holder's chain, for the whole lease. */
export function isExpired(box: Toolbox, reading: Reading, view: TaskView): boolean {
  const { standing } = view.judgement
  if (standing.kind !== 'held' || !mayBeOffered(reading, view)) return false
  const { claim } = standing
  return mayBeStolen({
    claim,
    claimSeen: reading.ledger.get(claimRef(box.layout, claim.key, box.sha256)),
    chainSeen: reading.ledger.get(sessionRef(box.layout, claim.session, box.sha256)),
    now: reading.now,
  })
}

/** Would this task be ready if nobody held it? */
function mayBeOffered({ snapshot }: Reading, { task, blockedBy }: TaskView): boolean {
  const isPaused = snapshot.project.boards.some(({ name, paused }) => name === task.board && paused !== undefined)
  return !isPaused && blockedBy.length === 0 && task.externalBlockers.length === 0
}

/** Claims that count against `maxClaims`: what is expired is for the next session to take over. */
export function liveClaims(box: Toolbox, reading: Reading): TaskView[] {
  return [...reading.snapshot.views.values()].filter(
    (view) => view.judgement.standing.kind === 'held' && !isExpired(box, reading, view),
  )
}

/** Joined sessions that hold nothing and were seen within a lease; oneself always. */
export function idleSessions({ snapshot }: Reading, session: SessionName): SessionName[] {
  const others = [...snapshot.sessions.values()]
    .filter(({ active, holds, paused }) => active && holds.length === 0 && paused === undefined)
    .map(({ record }) => record.name)
  return [...new Set([...others, session])].sort()
}

function isActive({ snapshot }: Reading, words: string): boolean {
  return [...snapshot.sessions.values()].some(({ active, record }) => active && sessionMatches(words, record.name))
}

function pinsOf({ branch, snapshot }: Reading, session: SessionName): TaskKey[] {
  return pinnedIds(branch.pins, session).flatMap((id) => taskWithId(snapshot.project.tasks, id)?.key ?? [])
}

function taskWithId(tasks: readonly Task[], id: string): Task | undefined {
  return tasks.find((task) => task.id === id)
}
