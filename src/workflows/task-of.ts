import { type EventTask, type SignedEvent, splitTaskKey, type Task, type TaskKey } from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'

/** The task as an event names it: by the key of its claim, which is an older one where the row was renamed or moved. */
export function taskOf({ task }: TaskView, key: TaskKey = task.key): EventTask {
  return { ...splitTaskKey(key), title: task.title }
}

/** Of a task whose row is gone, what an event says. */
export function taskOfEvent({ subject, data }: Pick<SignedEvent, 'subject' | 'data'>): Task {
  const key = subject ?? (':' as TaskKey)
  const { board, id } = splitTaskKey(key)
  const unknown = { description: undefined, statusNote: undefined, owner: undefined, assigned: undefined }
  const unsaid = { deliverable: undefined, estimateMinutes: undefined, model: undefined, priority: undefined }
  const unset = { budgetUsd: undefined, check: undefined, run: undefined, section: undefined }
  const lists = { dependencies: [], externalBlockers: [], capabilities: [], acceptance: [] }
  const row = { status: 'claimed', statusText: '', filler: false, place: { file: board, line: 1, column: 1 } } as const
  return { ...unknown, ...unsaid, ...unset, ...lists, ...row, key, id, board, title: data.task?.title ?? '' }
}
