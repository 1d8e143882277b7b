/** Rules of `lint` that need every board's dependencies resolved, and what they make of each task. */
import { type Diagnostic, printable, type Task, type TaskKey } from '../model/index.ts'
import type { Snapshot } from '../projection/index.ts'

export function lintGraph(snapshot: Snapshot): Diagnostic[] {
  return [...contradictions(snapshot), ...sharedDeliverables(snapshot)]
}

/** Status words that say something else than the dependencies: readiness is computed, so these mislead readers only. */
function contradictions({ project, views }: Snapshot): Diagnostic[] {
  return project.tasks.flatMap((task): Diagnostic[] => {
    const view = views.get(task.key)
    const waits = (view?.blockedBy ?? []).map((key) => views.get(key)?.task).filter((found) => found !== undefined)
    if (task.statusText !== '' && task.status === 'available' && waits.length > 0)
      return [finding(task, 'board/stale-status', 'info', `says it is available, but ${namesOf(waits)} not done`)]
    if (task.status === 'blocked' && view?.status === 'ready')
      return [finding(task, 'board/stale-status', 'info', 'says it is blocked, but nothing holds it')]
    if (task.status === 'done' && waits.length > 0)
      return [finding(task, 'board/done-too-early', 'warning', `is done, but ${namesOf(waits)} not`)]
    if (task.status === 'claimed' && waits.length > 0)
      return [finding(task, 'board/claimed-too-early', 'warning', `is claimed, but ${namesOf(waits)} not done`)]
    return []
  })
}

const NAMED = 5

function namesOf(tasks: readonly Task[]): string {
  const named = tasks.slice(0, NAMED).map(({ id }) => `\`${printable(id, 60)}\``)
  const more = tasks.length > NAMED ? [`${tasks.length - NAMED} more`] : []
  return `${[...named, ...more].join(', ')} ${tasks.length === 1 ? 'is' : 'are'}`
}

function finding({ id, place }: Task, code: string, severity: Diagnostic['severity'], what: string): Diagnostic {
  const hint = 'Correct the word or the dependencies; on a shared board a fold brings stale words in line'
  return { ...place, code, severity, message: `\`${printable(id, 60)}\` ${what}`, hint }
}

/** Deliverables of one cell that are looked at, and findings of the rule, at most: each costs a walk. */
const MAX_FILES = 20
const MAX_SHARED = 200

/**
 * Open tasks that will write one file. At the same time, they overwrite each other: a warning. One behind
 * the other, it may be meant so: information. Only what looks like a path or an address is compared, since
 * `tests` of two tasks are not the same tests.
 */
function sharedDeliverables({ project, views }: Snapshot): Diagnostic[] {
  const first = new Map<string, Task>()
  let told = 0
  return project.tasks.flatMap((task): Diagnostic[] => {
    const status = views.get(task.key)?.status
    if (status === 'done' || status === 'cancelled') return []
    return pathsIn(task.deliverable).flatMap((path): Diagnostic[] => {
      const other = first.get(path)
      if (other === undefined) first.set(path, task)
      if (other === undefined || other.key === task.key || told >= MAX_SHARED) return []
      told += 1
      const isOrdered = waitsFor(project.byKey, task, other.key) || waitsFor(project.byKey, other, task.key)
      return [
        {
          ...task.place,
          code: 'board/same-deliverable',
          severity: isOrdered ? 'info' : 'warning',
          message: `\`${printable(task.id, 60)}\` delivers \`${printable(path, 120)}\`, and so does \`${printable(other.id, 60)}\``,
          hint: 'Let one of the two depend on the other, or name the parts that each of them writes',
        },
      ]
    })
  })
}

function pathsIn(deliverable: string | undefined): string[] {
  const words = (deliverable ?? '').split(/[,;\s]+/).slice(0, MAX_FILES)
  return [...new Set(words.filter((word) => /^[\w@.~:/-]*(?:\/[\w@.-]+|\w\.[a-z]\w{0,9})$/i.test(word)))]
}

/** Does the task wait for this one, over any number of others? O(tasks + dependencies). */
function waitsFor(tasks: ReadonlyMap<TaskKey, Task>, { dependencies }: Task, wanted: TaskKey): boolean {
  const seen = new Set<TaskKey>(dependencies)
  for (const key of seen) {
    if (key === wanted) return true
    for (const next of tasks.get(key)?.dependencies ?? []) seen.add(next)
  }
  return false
}
