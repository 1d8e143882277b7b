/** May this completion be said? Paths that its commit changed, and what policies say of completing. */
import { forbiddenPaths, type Refusal } from '../governor/index.ts'
import type { ChangedPaths, Evidence, SessionName } from '../model/index.ts'
import { admissionFacts } from './admission-facts.ts'
import type { HeldTask } from './find-task.ts'
import { refusedByPolicy } from './policy-gate.ts'
import type { Reading } from './read.ts'
import { taskOfEvent } from './task-of.ts'
import type { Toolbox } from './toolbox.ts'

export interface Completion {
  readonly session: SessionName
  readonly held: HeldTask
  readonly evidence: Evidence
}

export async function completionRefusal(
  box: Toolbox,
  reading: Reading,
  { session, held, evidence }: Completion,
): Promise<Refusal | undefined> {
  const rules = reading.config.governor.policy
  if (rules.forbiddenPaths.length > 0) {
    const refusal = forbiddenPaths(rules, await changedBy(box, reading, evidence))
    if (refusal !== undefined) return refusal
  }
  const task =
    held.kind === 'row' ? held.view.task : taskOfEvent({ subject: held.claim.key, data: held.claim.event.data })
  const facts = admissionFacts(box, reading, session)
  return refusedByPolicy(box, reading, facts, { action: 'complete', task })
}

async function changedBy(box: Toolbox, { config }: Reading, { commit }: Evidence): Promise<ChangedPaths> {
  if (commit === undefined) return { kind: 'unknown', reason: 'no commit is named, and HEAD has none' }
  return box.work.changedPaths(commit, config.baseBranch)
}
