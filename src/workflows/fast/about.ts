/** What stands in etcd of a task that may be claimed, for people who look there; sessions read the board. */
import { clip } from '../../model/index.ts'
import type { TaskView } from '../../projection/index.ts'

const MAX_TITLE = 200

/** JSON: {"title": …}. The value of the task's ready key. */
export function aboutTask({ task }: TaskView): string {
  return JSON.stringify({ title: clip(task.title, MAX_TITLE) })
}
