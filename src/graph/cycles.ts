import { type Diagnostic, type Project, printable, splitTaskKey, type TaskKey } from '../model/index.ts'
import { at, type IndexedTasks, indexTasks } from './indexed.ts'

/** How many ids of a cycle a message names. */
const NAMED = 8

/**
 * Dependency cycles, each as a path: every task depends on the next, the last on the first.
 *
 * One per knot of tasks that wait for each other: a shortest one through the knot's first task in
 * board order. (A knot can hold more cycles than could be listed; the next one shows when this one
 * is mended.) Ordered by that task. O(tasks + dependencies), but for the sorting of each knot.
 */
export function findCycles(project: Project): readonly TaskKey[][] {
  const graph = indexTasks(project.tasks)
  return knots(graph)
    .sort((a, b) => at(a, 0) - at(b, 0))
    .map((knot) => shortestCycle(knot, graph))
    .map((path) => path.map((index) => at(project.tasks, index).key))
}

/** `board/cycle` for each cycle, at the place of its first task. */
export function cycleDiagnostics(project: Project): Diagnostic[] {
  return findCycles(project).flatMap((path) => {
    const [first] = path
    const task = first === undefined ? undefined : project.byKey.get(first)
    if (first === undefined || task === undefined) return []
    const named = path.length > NAMED ? [...path.slice(0, NAMED).map(name), '…'] : path.map(name)
    return [
      {
        ...task.place,
        code: 'board/cycle',
        severity: 'error' as const,
        message: `${path.length} tasks wait for each other: ${[...named, name(first)].join(' → ')}`,
        hint: 'Decide which of them comes first, and correct its dependencies',
      },
    ]
  })
}

function name(key: TaskKey): string {
  return `\`${printable(splitTaskKey(key).id, 80)}\``
}

/**
 * Sets of two or more tasks that all reach each other, or of one that depends on itself; each set
 * in board order. Kosaraju's algorithm, with stacks of its own because a chain of dependencies may
 * be longer than the call stack is deep.
 */
function knots(graph: IndexedTasks): number[][] {
  const seen = new Uint8Array(graph.tasks.length)
  const found: number[][] = []
  for (const root of finishOrder(graph.after).reverse()) {
    if (seen[root] === 1) continue
    const members = reach(root, graph.before, seen).sort((a, b) => a - b)
    if (members.length > 1 || at(graph.before, root).includes(root)) found.push(members)
  }
  return found
}

/** Tasks in the order in which a depth-first walk leaves them. */
function finishOrder(edges: readonly (readonly number[])[]): number[] {
  const finished: number[] = []
  const seen = new Uint8Array(edges.length)
  for (let root = 0; root < edges.length; root += 1) {
    if (seen[root] === 1) continue
    seen[root] = 1
    const stack = [{ index: root, next: 0 }]
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const child = at(edges, top.index)[top.next]
      top.next += 1
      if (child === undefined) {
        finished.push(top.index)
        stack.pop()
      } else if (seen[child] === 0) {
        seen[child] = 1
        stack.push({ index: child, next: 0 })
      }
    }
  }
  return finished
}

/** Everything not yet seen that can be reached from here, marked as seen. */
function reach(root: number, edges: readonly (readonly number[])[], seen: Uint8Array): number[] {
  seen[root] = 1
  const members = [root]
  for (const index of members) {
    for (const next of at(edges, index)) {
      if (seen[next] === 1) continue
      seen[next] = 1
      members.push(next)
    }
  }
  return members
}

/** Breadth first along the dependencies, from the knot's first task back to it. */
function shortestCycle(knot: readonly number[], { before }: IndexedTasks): number[] {
  const root = at(knot, 0)
  const inside = new Set(knot)
  const cameFrom = new Map<number, number>()
  const queue = [root]
  for (const index of queue) {
    for (const next of at(before, index)) {
      if (next === root) return pathTo(index, root, cameFrom)
      if (!inside.has(next) || cameFrom.has(next)) continue
      cameFrom.set(next, index)
      queue.push(next)
    }
  }
  return [...knot]
}

function pathTo(end: number, root: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path: number[] = []
  for (let index: number | undefined = end; index !== undefined && index !== root; index = cameFrom.get(index))
    path.push(index)
  return [root, ...path.reverse()]
}
