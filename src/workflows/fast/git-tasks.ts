/** Tasks as git says them, for whoever fills etcd and folds what it holds. */
import type { GitTask } from '../../fast/projector.ts'
import type { TaskKey } from '../../model/index.ts'
import type { TaskView } from '../../projection/index.ts'
import type { WholeReading } from '../read.ts'

/** `about`: what a claim in etcd needs to know of a task, the value of its ready key. */
export function gitTasks({ snapshot }: WholeReading, about: (view: TaskView) => string): ReadonlyMap<TaskKey, GitTask> {
  return new Map([...snapshot.views].map(([key, view]) => [key, gitTask(view, about)]))
}

function gitTask(view: TaskView, about: (view: TaskView) => string): GitTask {
  const { status } = view
  return {
    settled: status === 'done' || status === 'cancelled' || status === 'review',
    ready: status === 'ready',
    // Only who knows what etcd holds can say which of it a fold has accepted.
    completedBy: undefined,
    about: about(view),
  }
}
