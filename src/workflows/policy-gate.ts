/** May this session claim this task? The governor's rules first, because they cost nothing; then policies, where there are any. */
import { type AdmissionFacts, admit, type Refusal } from '../governor/index.ts'
import type { SessionName, Task } from '../model/index.ts'
import type { PolicyAction } from '../ports/index.ts'
import { admissionFacts, type Landed } from './admission-facts.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface ClaimQuestion {
  readonly session: SessionName
  readonly task: Task
  /** The claim itself, where it has landed and is judged once more. */
  readonly landed?: Landed
}

export async function claimRefusal(
  box: Toolbox,
  reading: Reading,
  { session, task, landed }: ClaimQuestion,
): Promise<Refusal | undefined> {
  const facts = admissionFacts(box, reading, session, landed)
  const verdict = admit(facts, task)
  if (verdict.kind === 'refuse') return verdict
  return refusedByPolicy(box, reading, facts, { action: 'claim', task })
}

/** `undefined`: no policy forbids it. Nothing is loaded on a branch without any. */
export async function refusedByPolicy(
  box: Toolbox,
  { branch }: Reading,
  facts: AdmissionFacts,
  asked: { readonly action: PolicyAction; readonly task: Task },
): Promise<Refusal | undefined> {
  if (branch.policies.length === 0) return undefined
  const { openPolicies, policyRefusal } = await import('./policies.ts')
  return policyRefusal(await openPolicies(box, branch), facts, asked)
}
