import type { Project, Task, TaskKey } from '../model/index.ts'

type Ask = (key: TaskKey) => boolean

/**
 * Tasks that may be claimed, in board order: open, without external blocker, every dependency done.
 *
 * `isOpen` is the caller's word on status and claims. A cancelled dependency is not done, so it
 * holds its dependants back. O(tasks + dependencies).
 */
export function readyTasks(project: Project, isOpen: Ask, isDone: Ask): Task[] {
  return project.tasks.filter((task) => isOpen(task.key) && mayStart(task, isDone))
}

/** Dependencies that are not done, in the order the task names them. */
export function blockedBy(task: Task, isDone: Ask): TaskKey[] {
  return task.dependencies.filter((key) => !isDone(key))
}

/** For every task, those that name it as a dependency, in board order. */
export function dependants(project: Project): ReadonlyMap<TaskKey, TaskKey[]> {
  const waiting = new Map<TaskKey, TaskKey[]>(project.tasks.map((task) => [task.key, []]))
  for (const task of project.tasks) {
    for (const key of task.dependencies) waiting.get(key)?.push(task.key)
  }
  return waiting
}

/** Tasks that wait for `finished` alone: its completion makes them ready as far as dependencies go. */
export function unblockedBy(project: Project, finished: TaskKey, isDone: Ask): TaskKey[] {
  const isDoneThen: Ask = (key) => key === finished || isDone(key)
  return project.tasks
    .filter((task) => task.dependencies.includes(finished) && !isDoneThen(task.key) && mayStart(task, isDoneThen))
    .map((task) => task.key)
}

function mayStart(task: Task, isDone: Ask): boolean {
  return task.externalBlockers.length === 0 && task.dependencies.every(isDone)
}
