import type { Task, TaskKey } from '../model/index.ts'

/**
 * Tasks as numbers 0 … n−1 in the order given, so that a walk over 100,000 of them needs arrays
 * only. Dependencies on tasks that are not among them are left out.
 */
export interface IndexedTasks {
  readonly tasks: readonly Task[]
  /** Per task, what must be done first, in the order it is named. */
  readonly before: readonly (readonly number[])[]
  /** Per task, what waits for it, in board order. */
  readonly after: readonly (readonly number[])[]
}

export function indexTasks(tasks: readonly Task[]): IndexedTasks {
  const numbers = new Map<TaskKey, number>(tasks.map((task, at) => [task.key, at]))
  const after: number[][] = tasks.map(() => [])
  const before = tasks.map((task, at) => {
    const numbersBefore: number[] = []
    for (const key of task.dependencies) {
      const dependency = numbers.get(key)
      if (dependency === undefined) continue
      numbersBefore.push(dependency)
      after[dependency]?.push(at)
    }
    return numbersBefore
  })
  return { tasks, before, after }
}

/** The entry of an array that was made as long as the tasks are many. */
export function at<Value>(values: readonly Value[], index: number): Value {
  return values[index] as Value
}

export interface Layers {
  /** Dependencies before dependants; what is on a cycle, or behind one, is missing. */
  readonly order: readonly number[]
  /** Per task, the length of the longest chain of dependencies before it; −1 where it is missing. */
  readonly depth: readonly number[]
}

/** Kahn's algorithm: take away what waits for nothing, until nothing of that kind is left. */
export function layer({ tasks, before, after }: IndexedTasks): Layers {
  const waitsFor = before.map((dependencies) => dependencies.length)
  const depth = waitsFor.map((count): number => (count === 0 ? 0 : -1))
  const order = tasks.map((_, index) => index).filter((index) => waitsFor[index] === 0)
  // The loop also walks what it appends.
  for (const index of order) {
    for (const dependant of at(after, index)) {
      const left = at(waitsFor, dependant) - 1
      waitsFor[dependant] = left
      if (left > 0) continue
      // The last dependency to be taken is a deepest one, because the queue is ordered by depth.
      depth[dependant] = at(depth, index) + 1
      order.push(dependant)
    }
  }
  return { order, depth }
}
