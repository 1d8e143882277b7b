/** Which tasks have another status than at the reading before. Pure. */
import type { TaskKey } from '../../model/index.ts'
import type { Snapshot, TaskView } from '../../projection/index.ts'
import type { Telling } from './events.ts'

/** A board that was replaced is one change for a person, not ten thousand. */
const MOST_TOLD = 200

export function taskChanges(before: Snapshot, after: Snapshot): Telling[] {
  const changed = [...after.views].filter(([key, view]) => before.views.get(key)?.status !== view.status)
  return changed.slice(0, MOST_TOLD).map(([key, view]) => changeOf(before.views.get(key as TaskKey), view))
}

function changeOf(before: TaskView | undefined, { task, status, holder }: TaskView): Telling {
  return {
    event: 'task',
    task: task.id,
    title: task.title,
    from: before?.status ?? null,
    to: status,
    session: holder ?? before?.holder ?? null,
  }
}
