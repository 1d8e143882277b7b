/**
 * What `next` has to see of the boards and no more, by the index that the hub keeps of a head: the tasks that
 * claims are about, those that are pinned for the session, the first ones that are ready, and what all these
 * depend on. They are judged by the ordinary rules. Where the index cannot say what matters (a claim has lost its row,
 * a ref is not understood), everything has to be read.
 */
import { isDone, judge } from '../claim/index.ts'
import { capabilityBook } from '../governor/index.ts'
import type { Project, SessionName, TaskKey, TaskState } from '../model/index.ts'
import {
  DONE,
  dependenciesOf,
  hasFlag,
  type IndexedDemand,
  type IndexedTask,
  indexedSchedule,
  indexProject,
  judgeProject,
  MOST_TASKS,
  selectTasks,
  type TaskIndex,
  takeSnapshot,
  tasksNamed,
} from '../projection/index.ts'
import { offeringOrder, pinnedIds, sessionMatches } from '../scheduler/index.ts'
import { activeSessions, type Evidence } from './evidence.ts'
import type { Judged, WholeReading } from './reading.ts'
import { keepIndex, openIndex, type StoredIndex } from './task-memory.ts'
import type { Toolbox } from './toolbox.ts'

/** Ready tasks that are looked at besides one for each session: some may be meant for others. */
const SPARE = 64

/** Make the index of a head, once, for every later question about it. */
export async function keepIndexOf(
  box: Toolbox,
  { facts, branch, snapshot, claims, accounts }: WholeReading,
): Promise<void> {
  if (snapshot.project.tasks.length > MOST_TASKS) return
  const nobody = { claims: [], unreadable: new Set<TaskKey>(), sessions: [], active: new Set<SessionName>() }
  // What is claimed, and what is stopped, changes while the head stays.
  const isPlain = claims.length === 0 && accounts.quarantined.size === 0
  const base = isPlain ? snapshot : takeSnapshot({ ...facts, ...nobody })
  const open = base.project.tasks.filter((task) => {
    const status = base.views.get(task.key)?.status
    return !task.filler && (status === 'ready' || status === 'blocked')
  })
  const order = offeringOrder(open, base.plan())
  const offered = order.filter(({ externalBlockers }) => externalBlockers.length === 0).map(({ key }) => key)
  const { thresholdOf } = capabilityBook(branch.config.governor.capabilities)
  await keepIndex(box, branch, indexProject(base, offered, thresholdOf))
}

export interface Narrow {
  readonly judged: Judged
  /** Every task that is ready is among those that were judged, fillers apart. */
  readonly complete: boolean
}

export interface Sight {
  /** Ready tasks of each kind besides one for each session; fewer have to be looked wider at more often, no more. */
  readonly spare?: number
  /** May the session do what needs this? Then enough of that is looked at as well. */
  readonly mayDo?: (demand: IndexedDemand) => boolean
}

/** `undefined` where everything has to be read. */
export async function readNarrow(
  box: Toolbox,
  evidence: Evidence,
  session: SessionName,
  sight: Sight = {},
): Promise<Narrow | undefined> {
  if (evidence.strange.size > 0) return undefined
  const stored = await openIndex(box, evidence.head)
  if (stored === undefined) return undefined
  try {
    return await narrowBy(box, evidence, { session, stored, ...sight })
  } catch (error) {
    // A file that was cut or damaged; whatever else is wrong shows again where everything is read.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  } finally {
    await stored.close()
  }
}

async function narrowBy(
  box: Toolbox,
  evidence: Evidence,
  { session, stored, spare = SPARE, mayDo }: Sight & { readonly session: SessionName; readonly stored: StoredIndex },
): Promise<Narrow | undefined> {
  const { index, frame } = stored
  const claimed = await claimedTasks(evidence, stored, frame.config.doneWhen)
  if (claimed === undefined) return undefined
  const pinned = await pinnedTasks(session, stored)
  const selection = selectTasks(index, {
    certain: new Set([...claimed.keys(), ...pinned]),
    isDone: (task) => claimed.get(task),
    isMine: (words) => sessionMatches(words, session),
    mayDo,
    most: spare + evidence.sessions.length,
  })
  const tasks = await stored.tasks(selection.tasks)
  const snapshot = judgeProject(projectOf(index, tasks), {
    config: frame.config,
    states: new Map(
      [...tasks.values()].flatMap(({ state }): [TaskKey, TaskState][] => (state ? [[state.key, state]] : [])),
    ),
    claims: evidence.claims,
    unreadable: new Set(),
    rowsBefore: new Set(),
    sessions: evidence.sessions,
    active: activeSessions(box, evidence, frame.config),
    since: evidence.mode.since,
    isDoneElsewhere: doneElsewhere(index, tasks),
  })
  const known = { plan: () => indexedSchedule(index, tasks), awaitsFold: () => index.awaitsFold }
  const judged = { ...evidence, branch: frame, config: frame.config, snapshot: { ...snapshot, ...known } }
  return { judged, complete: selection.complete }
}

/**
 * The tasks that claims are about, and whether they are done. `undefined` where a claim has no row of its own, or where
 * a task is done before what it depends on: then others may be ready in another order than the index says.
 */
async function claimedTasks(
  { claims, mode: { since } }: Evidence,
  stored: StoredIndex,
  doneWhen: 'reported' | 'merged',
): Promise<Map<number, boolean> | undefined> {
  const { index } = stored
  const candidates = claims.flatMap(({ key }) => tasksNamed(index, key))
  const rows = new Map<TaskKey, [number, IndexedTask]>()
  for (const [at, row] of await stored.tasks(ascending(candidates))) rows.set(row.task.key, [at, row])
  const claimed = new Map<number, boolean>()
  for (const claim of claims) {
    const found = rows.get(claim.key)
    if (found === undefined) return undefined
    const [at, { task, state }] = found
    claimed.set(at, isDone(judge({ text: task.status, state, claim, since, doneWhen }).standing))
  }
  const isDoneNow = (at: number) => claimed.get(at) ?? hasFlag(index, at, DONE)
  const early = [...claimed].some(([at, done]) => done && !dependenciesOf(index, at).every(isDoneNow))
  return early ? undefined : claimed
}

async function pinnedTasks(session: SessionName, stored: StoredIndex): Promise<number[]> {
  const pinned: number[] = []
  for (const id of pinnedIds(stored.frame.pins, session)) {
    const candidates = await stored.tasks(tasksNamed(stored.index, id))
    const first = [...candidates].find(([, { task }]) => task.id === id)
    if (first !== undefined) pinned.push(first[0])
  }
  return pinned
}

/** Without repeats. */
function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b)
}

function projectOf(index: TaskIndex, tasks: ReadonlyMap<number, IndexedTask>): Project {
  const rows = [...tasks.values()].map(({ task }) => task)
  return {
    boards: index.boards.map((board) => ({ ...board, tasks: [] })),
    tasks: rows,
    byKey: new Map(rows.map((task) => [task.key, task])),
    diagnostics: [],
  }
}

/** What selected tasks depend on and was not selected itself has no claim, so the index knows it. */
function doneElsewhere(index: TaskIndex, tasks: ReadonlyMap<number, IndexedTask>): (key: TaskKey) => boolean {
  const numbers = new Map<TaskKey, number>()
  for (const [at, { task }] of tasks)
    for (const [place, dependency] of dependenciesOf(index, at).entries())
      numbers.set(task.dependencies[place] as TaskKey, dependency)
  return (key) => {
    const number = numbers.get(key)
    return number !== undefined && hasFlag(index, number, DONE)
  }
}
