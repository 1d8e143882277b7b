/**
 * All tasks as numbers: enough to tell which few of them `next` has to look at.
 *
 * A board of 100,000 tasks cannot be judged, or even be read as JSON, at every poll. What boards and
 * state say without any claim changes with the head of the branch alone; claims are few. So the standing of every
 * task without claims is kept here, in the order in which tasks are offered, and a poll judges by the ordinary
 * rules only a selection of tasks: those that claims are about, the first ones that are ready, and what they depend on.
 */
import type { Schedule } from '../graph/index.ts'
import { type BoardName, invariant, type Task, type TaskKey, type TaskState } from '../model/index.ts'
import type { Snapshot } from './snapshot.ts'

/** Tasks are numbered from 0 in board order. */
export interface TaskIndex {
  readonly boards: readonly {
    readonly name: BoardName
    readonly title: string | undefined
    readonly paused: string | undefined
  }[]
  readonly totalMinutes: number
  /** Does some text say what no fold has recorded yet? */
  readonly awaitsFold: boolean
  /** Owner words, or those of the section, that tasks have; the first are none. */
  readonly words: readonly string[]
  /** What tasks need of a session, as their cells say it; the first is nothing. */
  readonly demands: readonly IndexedDemand[]
  readonly columns: TaskColumns
}

export interface TaskColumns {
  /** Bits: `DONE`, and `CRITICAL` for the critical path. */
  readonly flags: Uint8Array
  /** Task `i` depends on `dependencies[starts[i]]` up to before `dependencies[starts[i + 1]]`. */
  readonly starts: Uint32Array
  readonly dependencies: Uint32Array
  /** Open tasks that are no fillers, best first for a session that nothing is pinned for or assigned to. */
  readonly offered: Uint32Array
  /** Which of `words` a task has. */
  readonly wordsOf: Uint32Array
  /** Which of `demands` a task has. */
  readonly demandsOf: Uint32Array
  /** Minutes as in `Schedule`; −1 where it has none. */
  readonly own: Float64Array
  readonly remaining: Float64Array
  /** Hashes of keys and ids, ascending, and whose they are. */
  readonly names: Uint32Array
  readonly named: Uint32Array
}

/** Tasks with equal capabilities and threshold are equal for whoever may do them. */
export interface IndexedDemand {
  readonly capabilities: readonly string[]
  readonly threshold: number
}

export const DONE = 1
const CRITICAL = 2

/** One task with everything that judging it needs besides claims. */
export interface IndexedTask {
  readonly task: Task
  readonly state?: TaskState
}

/**
 * `base` is the snapshot without claims; `offered` its open tasks, best first; `thresholdOf` what part of what a task
 * needs a session must have.
 *
 * @returns the index, and every task in its order
 */
export function indexProject(
  base: Snapshot,
  offered: readonly TaskKey[],
  thresholdOf: (task: Task) => number,
): { index: TaskIndex; tasks: IndexedTask[] } {
  const { project, states } = base
  const plan = base.plan()
  const numbers = new Map(project.tasks.map(({ key }, at) => [key, at]))
  const numberOf = (key: TaskKey) => numbers.get(key) as number
  const wordNumbers = new Map<string, number>([['', 0]])
  const demandNumbers = new Map<string, number>([[JSON.stringify(NO_DEMAND), 0]])
  const count = project.tasks.length
  const columns = {
    flags: new Uint8Array(count),
    starts: new Uint32Array(count + 1),
    offered: Uint32Array.from(offered, numberOf),
    wordsOf: new Uint32Array(count),
    demandsOf: new Uint32Array(count),
    own: new Float64Array(count),
    remaining: new Float64Array(count),
  }
  const dependencies: number[] = []
  const critical = new Set(plan.criticalPath)
  for (const [at, task] of project.tasks.entries()) {
    columns.flags[at] = (base.isDone(task.key) ? DONE : 0) | (critical.has(task.key) ? CRITICAL : 0)
    for (const key of task.dependencies) dependencies.push(numberOf(key))
    columns.starts[at + 1] = dependencies.length
    columns.wordsOf[at] = numberIn(wordNumbers, task.owner ?? task.assigned ?? '')
    columns.demandsOf[at] = numberIn(demandNumbers, JSON.stringify(demandOf(task, thresholdOf)))
    columns.own[at] = plan.ownMinutes.get(task.key) ?? -1
    columns.remaining[at] = plan.remainingMinutes.get(task.key) ?? -1
  }
  const index: TaskIndex = {
    boards: project.boards.map(({ name, title, paused }) => ({ name, title, paused })),
    totalMinutes: plan.totalMinutes,
    awaitsFold: base.awaitsFold(),
    words: [...wordNumbers.keys()],
    demands: [...demandNumbers.keys()].map((demand) => JSON.parse(demand) as IndexedDemand),
    columns: { ...columns, dependencies: Uint32Array.from(dependencies), ...nameColumns(project.tasks) },
  }
  return { index, tasks: project.tasks.map((task) => withState(task, states.get(task.key))) }
}

const NO_DEMAND: IndexedDemand = { capabilities: [], threshold: 0 }

function demandOf(task: Task, thresholdOf: (task: Task) => number): IndexedDemand {
  const { capabilities } = task
  return capabilities.length === 0 ? NO_DEMAND : { capabilities, threshold: thresholdOf(task) }
}

function withState(task: Task, state: TaskState | undefined): IndexedTask {
  return state === undefined ? { task } : { task, state }
}

function numberIn(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text) ?? numbers.size
  numbers.set(text, known)
  return known
}

function nameColumns(tasks: readonly Task[]): Pick<TaskColumns, 'names' | 'named'> {
  // Pairs of hash and task as one number each, so that they sort fast; 2⁵³ leaves room for 2²¹ tasks.
  const pairs = new Float64Array(2 * tasks.length)
  for (const [at, { key, id }] of tasks.entries()) {
    pairs[2 * at] = nameHash(key) * MOST_TASKS + at
    pairs[2 * at + 1] = nameHash(id) * MOST_TASKS + at
  }
  pairs.sort()
  return {
    names: Uint32Array.from(pairs, (pair) => Math.floor(pair / MOST_TASKS)),
    named: Uint32Array.from(pairs, (pair) => pair % MOST_TASKS),
  }
}

/** More tasks than this are not indexed. */
export const MOST_TASKS = 2 ** 21

/** FNV-1a over UTF-16 code units, 32 bits: it only has to spread, and whoever looks a name up compares it. */
function nameHash(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Tasks that may have this key or id, in board order: equal hashes are no proof. */
export function tasksNamed({ columns: { names, named } }: TaskIndex, name: string): number[] {
  const hash = nameHash(name)
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((names[middle] as number) < hash) low = middle + 1
    else high = middle
  }
  const found: number[] = []
  for (; names[low] === hash; low += 1) found.push(named[low] as number)
  return [...new Set(found)]
}

export interface Wanted {
  /** Tasks that must be among the selected: what claims are about, pins. */
  readonly certain: ReadonlySet<number>
  /** Whether a task that a claim is about is done; `undefined` = no claim is about it. */
  readonly isDone: (task: number) => boolean | undefined
  /** Do these owner words mean the session that asks? */
  readonly isMine: (words: string) => boolean
  /** May the session do what needs this? Absent: it is not known yet. */
  readonly mayDo?: ((demand: IndexedDemand) => boolean) | undefined
  /** Ready tasks to select of each kind: of all, of those that are meant for this session, of those that it may do. */
  readonly most: number
}

export interface Selection {
  /** Ascending. */
  readonly tasks: readonly number[]
  /** No other task is ready, fillers apart. */
  readonly complete: boolean
}

/**
 * The tasks that decide what a session is offered: ranked among themselves, the first `most` come out as they would
 * among all tasks, because within a tier only pins and what is meant for this session go before the order of the index.
 */
export function selectTasks(index: TaskIndex, wanted: Wanted): Selection {
  const mine = index.words.map((words) => words !== '' && wanted.isMine(words))
  const first = firstReady(index, wanted, () => true)
  const own = mine.includes(true)
    ? firstReady(index, wanted, (task) => mine[index.columns.wordsOf[task] as number] === true)
    : undefined
  const doable = wanted.mayDo === undefined ? undefined : firstDoable(index, wanted, wanted.mayDo)
  const selected = new Set([...wanted.certain, ...first.tasks, ...(own?.tasks ?? []), ...(doable?.tasks ?? [])])
  for (const task of [...selected]) for (const dependency of dependenciesOf(index, task)) selected.add(dependency)
  return { tasks: [...selected].sort((a, b) => a - b), complete: first.complete }
}

function firstDoable(index: TaskIndex, wanted: Wanted, mayDo: (demand: IndexedDemand) => boolean) {
  const may = index.demands.map(mayDo)
  return firstReady(index, wanted, (task) => may[index.columns.demandsOf[task] as number] === true)
}

function firstReady(index: TaskIndex, wanted: Wanted, counts: (task: number) => boolean) {
  const tasks: number[] = []
  for (const task of index.columns.offered) {
    if (wanted.certain.has(task) || !counts(task) || !isReady(index, wanted, task)) continue
    if (tasks.length === wanted.most) return { tasks, complete: false }
    tasks.push(task)
  }
  return { tasks, complete: true }
}

function isReady(index: TaskIndex, { isDone }: Wanted, task: number): boolean {
  const { starts, dependencies } = index.columns
  for (let at = starts[task] as number; at < (starts[task + 1] as number); at += 1) {
    const dependency = dependencies[at] as number
    if (!(isDone(dependency) ?? hasFlag(index, dependency, DONE))) return false
  }
  return true
}

export function dependenciesOf({ columns: { starts, dependencies } }: TaskIndex, task: number): Uint32Array {
  return dependencies.subarray(starts[task], starts[task + 1])
}

export function hasFlag({ columns: { flags } }: TaskIndex, task: number, flag: number): boolean {
  return ((flags[task] as number) & flag) !== 0
}

/** The schedule as it is without claims, of the selected tasks; slack is not kept. */
export function indexedSchedule(index: TaskIndex, tasks: ReadonlyMap<number, IndexedTask>): Schedule {
  const { own, remaining } = index.columns
  const minutes = (column: Float64Array) =>
    new Map(
      [...tasks].flatMap(([at, { task }]) => ((column[at] as number) < 0 ? [] : [[task.key, column[at] as number]])),
    )
  return {
    ownMinutes: minutes(own),
    remainingMinutes: minutes(remaining),
    slackMinutes: new Map(),
    criticalPath: [...tasks].filter(([at]) => hasFlag(index, at, CRITICAL)).map(([, { task }]) => task.key),
    totalMinutes: index.totalMinutes,
  }
}

const COLUMNS = [
  'flags',
  'starts',
  'dependencies',
  'offered',
  'wordsOf',
  'demandsOf',
  'own',
  'remaining',
  'names',
  'named',
] as const

type Column = Uint8Array | Uint32Array | Float64Array

/** Column by column, each with the bytes that it takes in this machine's order. */
export function columnBytes(columns: TaskColumns): Uint8Array[] {
  return COLUMNS.map((name) => {
    const { buffer, byteOffset, byteLength } = columns[name]
    return new Uint8Array(buffer, byteOffset, byteLength)
  })
}

/** The way back. `sizes` are bytes, in the order of `columnBytes`. */
export function columnsFrom(bytes: Uint8Array, sizes: readonly number[]): TaskColumns {
  invariant(sizes.length === COLUMNS.length, 'an index has all of its columns')
  let at = 0
  const read = <T extends Column>(Type: new (buffer: ArrayBuffer) => T, column: number): T => {
    const size = sizes[column] as number
    // A copy begins at an offset that suits any type.
    const copy = bytes.slice(at, at + size).buffer
    at += size
    return new Type(copy)
  }
  return {
    flags: read(Uint8Array, 0),
    starts: read(Uint32Array, 1),
    dependencies: read(Uint32Array, 2),
    offered: read(Uint32Array, 3),
    wordsOf: read(Uint32Array, 4),
    demandsOf: read(Uint32Array, 5),
    own: read(Float64Array, 6),
    remaining: read(Float64Array, 7),
    names: read(Uint32Array, 8),
    named: read(Uint32Array, 9),
  }
}
