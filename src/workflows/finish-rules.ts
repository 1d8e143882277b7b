/** May this completion be said? Paths that its commit changed, what policies say of completing, and its checks. */
import { forbiddenPaths, type Refusal } from '../governor/index.ts'
import type { ChangedPaths, Evidence, SessionName } from '../model/index.ts'
import { admissionFacts } from './admission-facts.ts'
import type { HeldTask } from './find-task.ts'
import type { CheckMemo } from './jobs/judge-work.ts'
import { isCheckedTask } from './jobs/task-jobs.ts'
import { refusedByPolicy } from './policy-gate.ts'
import type { Reading } from './read.ts'
import { taskOfEvent } from './task-of.ts'
import type { Toolbox } from './toolbox.ts'

export interface Completion {
  readonly session: SessionName
  readonly held: HeldTask
  readonly evidence: Evidence
  readonly checked: CheckMemo
}

export async function completionRefusal(
  box: Toolbox,
  reading: Reading,
  { session, held, evidence, checked }: Completion,
): Promise<(Refusal & { readonly output?: string }) | undefined> {
  const rules = reading.config.governor.policy
  if (rules.forbiddenPaths.length > 0) {
    const refusal = forbiddenPaths(rules, await changedBy(box, reading, evidence))
    if (refusal !== undefined) return refusal
  }
  const task =
    held.kind === 'row' ? held.view.task : taskOfEvent({ subject: held.claim.key, data: held.claim.event.data })
  const facts = admissionFacts(box, reading, session)
  const forbidden = await refusedByPolicy(box, reading, facts, { action: 'complete', task })
  if (forbidden !== undefined || box.jobs === 'believed' || !isCheckedTask(task, reading.config.checks))
    return forbidden
  const { judgeWork } = await import('./jobs/judge-work.ts')
  const { commit } = evidence
  return (await judgeWork(box, reading, { task, session, purpose: 'done', commit }, checked)).refusal
}

async function changedBy(box: Toolbox, { config }: Reading, { commit }: Evidence): Promise<ChangedPaths> {
  if (commit === undefined) return { kind: 'unknown', reason: 'no commit is named, and HEAD has none' }
  return box.work.changedPaths(commit, config.baseBranch)
}
