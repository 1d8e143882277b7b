/** Did a change leave alone what it was not to touch? */
import type { BoardTask, TaskId } from '../model/index.ts'

/** What a task says, without the places where it says it. */
export function meaningOf(task: BoardTask): string {
  return JSON.stringify(task, (name, value: unknown) => (name === 'place' ? undefined : value))
}

/**
 * The first task that means something else than before, is gone, or is out of its order; `undefined`: none.
 * `except` may change and be new. That a task waits for one of the new ones is no change of it: `All above` names
 * them too, and a `Phase 7` that named nothing may have waited for just this.
 */
export function firstOtherChange(
  before: readonly BoardTask[],
  after: readonly BoardTask[],
  except: ReadonlySet<TaskId>,
): TaskId | undefined {
  const known = new Set(before.map(({ id }) => id))
  const isNew = (id: TaskId) => except.has(id) && !known.has(id)
  const old = before.filter(({ id }) => !except.has(id))
  const now = after.filter(({ id }) => !except.has(id))
  const changed = old.find((task, index) => {
    const other = now[index]
    if (other === undefined) return true
    if (!other.dependencies.some(({ id }) => isNew(id))) return meaningOf(task) !== meaningOf(other)
    return meaningOf(without(task, isNew)) !== meaningOf(without(other, isNew))
  })
  return changed?.id ?? now[old.length]?.id
}

function without(task: BoardTask, isNew: (id: TaskId) => boolean): BoardTask {
  return { ...task, dependencies: task.dependencies.filter(({ id }) => !isNew(id)), externalBlockers: [] }
}
