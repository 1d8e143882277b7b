import type { Project, TaskKey } from '../model/index.ts'
import { at, indexTasks, layer } from './indexed.ts'

export interface TopologicalOrder {
  /** Every dependency before its dependants; by depth, then as the dependencies are met. */
  readonly order: readonly TaskKey[]
  /** Tasks on a cycle or behind one, in board order: none of them can ever become ready. */
  readonly cyclic: readonly TaskKey[]
}

/** An order in which the tasks can be done. O(tasks + dependencies). */
export function topologicalOrder(project: Project): TopologicalOrder {
  const { order, depth } = layer(indexTasks(project.tasks))
  return {
    order: order.map((index) => at(project.tasks, index).key),
    cyclic: project.tasks.filter((_, index) => at(depth, index) < 0).map((task) => task.key),
  }
}
