/** Where commands meet policies: nothing is loaded on a branch without any. */
import type { AdmissionFacts, Refusal } from '../governor/index.ts'
import type { Task } from '../model/index.ts'
import type { PolicyAction } from '../ports/index.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** `undefined`: no policy forbids it. */
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
