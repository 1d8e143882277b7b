/** May this completion be said? Paths that its commit changed, and what policies say of completing. */
import { forbiddenPaths, type Refusal } from '../governor/index.ts'
import { type ChangedPaths, type Evidence, type SessionName, splitTaskKey, type Task } from '../model/index.ts'
import { admissionFacts } from './admission-facts.ts'
import type { HeldTask } from './find-task.ts'
import { openPolicies, policyRefusal } from './policies.ts'
import type { Reading } from './read.ts'
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
  const policies = await openPolicies(box, reading.branch)
  if (policies.kind === 'none') return undefined
  return policyRefusal(policies, admissionFacts(box, reading, session), { action: 'complete', task: taskOf(held) })
}

async function changedBy(box: Toolbox, { config }: Reading, { commit }: Evidence): Promise<ChangedPaths> {
  if (commit === undefined) return { kind: 'unknown', reason: 'no commit is named, and HEAD has none' }
  return box.work.changedPaths(commit, config.baseBranch)
}

/** Of a claim whose row is gone, what its event says. */
function taskOf(held: HeldTask): Task {
  if (held.kind === 'row') return held.view.task
  const { key, event } = held.claim
  const { board, id } = splitTaskKey(key)
  const unknown = { description: undefined, statusNote: undefined, owner: undefined, assigned: undefined }
  const unsaid = { deliverable: undefined, estimateMinutes: undefined, model: undefined, priority: undefined }
  const unset = { budgetUsd: undefined, check: undefined, run: undefined, section: undefined }
  const lists = { dependencies: [], externalBlockers: [], capabilities: [], acceptance: [] }
  const place = { file: board, line: 1, column: 1 }
  const title = event.data.task?.title ?? ''
  return {
    ...unknown,
    ...unsaid,
    ...unset,
    ...lists,
    key,
    id,
    board,
    title,
    status: 'claimed',
    statusText: '',
    filler: false,
    place,
  }
}
