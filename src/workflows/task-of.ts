import { type EventTask, splitTaskKey, type TaskKey } from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'

/** The task as an event names it: by the key of its claim, which is an older one where the row was renamed or moved. */
export function taskOf({ task }: TaskView, key: TaskKey = task.key): EventTask {
  return { ...splitTaskKey(key), title: task.title }
}
