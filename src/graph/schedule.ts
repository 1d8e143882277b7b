import type { Project, Task, TaskKey } from '../model/index.ts'
import { at, type IndexedTasks, indexTasks, layer } from './indexed.ts'

/** Estimate of a task that names none, in minutes. */
const DEFAULT_ESTIMATE_MINUTES = 60

/**
 * How long the rest takes if enough sessions work on it, by the critical path method: each task
 * starts as soon as its dependencies are done. All figures in minutes.
 *
 * Tasks that are done, cancelled, on a cycle or behind one are in none of the maps.
 */
export interface Schedule {
  /** Own estimate, or the default. */
  readonly ownMinutes: ReadonlyMap<TaskKey, number>
  /** Longest way from this task's start to the end of what waits for it, itself included. */
  readonly remainingMinutes: ReadonlyMap<TaskKey, number>
  /** How much later it may start without delaying the end; absent for fillers that nothing waits for. */
  readonly slackMinutes: ReadonlyMap<TaskKey, number>
  /** One longest chain, first task first; the earliest in board order where several are as long. */
  readonly criticalPath: readonly TaskKey[]
  /** Length of the critical path. */
  readonly totalMinutes: number
}

/**
 * Critical path and slack of what is not done. Fillers count only where a task that is none waits
 * for them, or where nothing else is left. O(tasks + dependencies).
 */
export function schedule(
  project: Project,
  isDone: (key: TaskKey) => boolean,
  defaultMinutes: number = DEFAULT_ESTIMATE_MINUTES,
): Schedule {
  const graph = indexTasks(project.tasks.filter((task) => task.status !== 'cancelled' && !isDone(task.key)))
  const { order } = layer(graph)
  const own = graph.tasks.map((task) => estimate(task, defaultMinutes))
  const counted = countedTasks(graph, order)
  const starts = earliestStarts(graph, order, own)
  const { remaining, next } = longestTails(graph, order, own, counted)
  const path = longestPath(graph, order, remaining, next, counted)
  const totalMinutes = path.length === 0 ? 0 : at(remaining, at(path, 0))
  const slack = (index: number) => Math.max(0, totalMinutes - at(starts, index) - at(remaining, index))
  const keyOf = (index: number): TaskKey => at(graph.tasks, index).key
  const scheduled = [...order].sort((a, b) => a - b)
  return {
    ownMinutes: new Map(scheduled.map((index) => [keyOf(index), at(own, index)])),
    remainingMinutes: new Map(scheduled.map((index) => [keyOf(index), at(remaining, index)])),
    slackMinutes: new Map(scheduled.filter((index) => counted[index]).map((index) => [keyOf(index), slack(index)])),
    criticalPath: path.map(keyOf),
    totalMinutes,
  }
}

function estimate({ estimateMinutes }: Task, defaultMinutes: number): number {
  const usable = estimateMinutes !== undefined && Number.isFinite(estimateMinutes) && estimateMinutes >= 0
  return usable ? estimateMinutes : defaultMinutes
}

/** Which tasks the end waits for: all but fillers that lead to fillers only; all if only these are left. */
function countedTasks({ tasks, after }: IndexedTasks, order: readonly number[]): boolean[] {
  const counted = tasks.map(() => false)
  for (const index of [...order].reverse()) {
    counted[index] = !at(tasks, index).filler || at(after, index).some((dependant) => counted[dependant])
  }
  return counted.includes(true) ? counted : tasks.map(() => true)
}

function earliestStarts({ before }: IndexedTasks, order: readonly number[], own: readonly number[]): number[] {
  const starts = own.map(() => 0)
  for (const index of order) {
    for (const dependency of at(before, index))
      starts[index] = Math.max(at(starts, index), at(starts, dependency) + at(own, dependency))
  }
  return starts
}

interface Tails {
  readonly remaining: readonly number[]
  /** Dependant on the longest way to the end; −1 at its last task. */
  readonly next: readonly number[]
}

function longestTails(
  { after }: IndexedTasks,
  order: readonly number[],
  own: readonly number[],
  counted: readonly boolean[],
): Tails {
  // −1 also marks what has no place in the order: it is never longer than nothing.
  const remaining = own.map(() => -1)
  const next = own.map(() => -1)
  for (const index of [...order].reverse()) {
    let longest = -1
    for (const dependant of at(after, index)) {
      if (at(remaining, dependant) <= longest || (counted[index] && !counted[dependant])) continue
      longest = at(remaining, dependant)
      next[index] = dependant
    }
    remaining[index] = at(own, index) + Math.max(0, longest)
  }
  return { remaining, next }
}

function longestPath(
  { before }: IndexedTasks,
  order: readonly number[],
  remaining: readonly number[],
  next: readonly number[],
  counted: readonly boolean[],
): number[] {
  let start = -1
  for (const index of order) {
    const isStart = counted[index] && at(before, index).length === 0
    if (isStart && (start < 0 || at(remaining, index) > at(remaining, start))) start = index
  }
  const path: number[] = []
  for (let index = start; index >= 0; index = at(next, index)) path.push(index)
  return path
}
