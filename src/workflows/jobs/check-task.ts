/** `check ID`: does the work of a task pass? Nothing is completed, and nothing has to be held. */
import { type Evidence, IfBoardError, type ObjectId, type SessionName, type TaskKey } from '../../model/index.ts'
import { findTask } from '../find-task.ts'
import { read } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { judgeWork, type WorkRefusal } from './judge-work.ts'
import type { JobResult } from './run-job.ts'
import { checksOf } from './task-jobs.ts'

export interface CheckRequest {
  readonly session: SessionName | undefined
  readonly task: string
  readonly evidence: Evidence
}

export interface CheckOutcome {
  readonly task: TaskKey
  readonly title: string
  readonly commit: ObjectId | undefined
  readonly refusal: WorkRefusal | undefined
  readonly results: readonly JobResult[]
}

/** @throws IfBoardError `task/unknown`, `task/ambiguous`, `task/no-check` */
export async function checkTask(box: Toolbox, { session, task: typed, evidence }: CheckRequest): Promise<CheckOutcome> {
  const reading = await read(box)
  const { task } = findTask(reading.snapshot, typed)
  const { checks } = reading.config
  if (checksOf(task, checks).length === 0 && checks?.deliverables !== 'all')
    throw new IfBoardError('task/no-check', `\`${task.id}\` has no check`, {
      hint: `A person may give it one: if-board set ${task.id} check 'js:PATH#sha256=HEX'`,
    })
  const { commit } = evidence
  const judged = await judgeWork(box, reading, { task, session, purpose: 'check', commit })
  return { task: task.key, title: task.title, commit, ...judged }
}
