/** Which task this session should ask for: the ready set, ranked, divided among idle sessions. */
import { admitTask, type Refusal } from '../governor/index.ts'
import type { SessionName, Task, TaskKey } from '../model/index.ts'
import { lastFailures, type TaskView } from '../projection/index.ts'
import { DRAWN_FROM, pick, pinnedIds, type RankedTask, rank, sessionMatches } from '../scheduler/index.ts'
import { admissionFacts } from './admission-facts.ts'
import { isExpired } from './expiry.ts'
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
  const { ranked, withheld } = offersFor(box, reading, request)
  const idle = idleSessions(reading, request.session)
  if (!seesEnough(reading, ranked, idle.length)) return { kind: 'look wider' }
  const chosen = pick({
    ranked,
    session: request.session,
    idle,
    lostBefore: request.lostBefore,
    fraction: box.chance.fraction(),
  })
  const view = chosen === undefined ? undefined : reading.snapshot.views.get(chosen.task.key)
  if (chosen === undefined || view === undefined) return { kind: 'nothing', withheld }
  const steals = view.status === 'claimed'
  return {
    kind: 'choice',
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
  return offersFor(box, reading, request).ranked
}

interface Offers {
  readonly ranked: RankedTask[]
  /** The best of what only the governor keeps back, where nothing else is left. */
  readonly withheld: Withheld | undefined
}

function offersFor(box: Toolbox, reading: Reading, request: ChooseRequest): Offers {
  const facts = admissionFacts(box, reading, request.session)
  const offered: Task[] = []
  const refused = new Map<Task, Refusal>()
  for (const view of reading.snapshot.views.values()) {
    const isOpen = view.status === 'ready' || isExpired(box, reading, view)
    if (!isOpen || request.avoid.has(view.task.key)) continue
    const verdict = admitTask(facts, view.task)
    if (verdict.kind === 'allow') offered.push(view.task)
    else refused.set(view.task, verdict)
  }
  const ranked = rankAmong(reading, request.session, offered)
  return { ranked, withheld: ranked.length > 0 ? undefined : bestWithheld(reading, request.session, refused) }
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
  const { snapshot } = reading
  return rank({
    ready: tasks,
    session,
    pins: pinsOf(reading, session),
    schedule: snapshot.plan(),
    isActive: (words) => isActive(reading, words),
    failedBy: lastFailures(snapshot.views),
  })
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
