/**
 * Cedar policies of the branch, asked about one task: what they forbid, in the governor's words.
 *
 * Whatever cannot be judged refuses: a policy that does not fit the schema might be about something else than was
 * meant, and would allow in silence. Texts that were found good are remembered by their blobs.
 */
import type { AdmissionFacts, Refusal } from '../governor/index.ts'
import { type Diagnostic, IfBoardError, type ObjectId, printable, type Task } from '../model/index.ts'
import type { PolicyAction, PolicyDecision, PolicyEngine, PolicyFile } from '../ports/index.ts'
import { readBlob } from './branch-tree.ts'
import { policyQuestion } from './policy-question.ts'
import type { BranchFrame } from './read-branch.ts'
import { POLICY_FOLDER } from './read-branch.ts'
import type { Toolbox } from './toolbox.ts'

/** More bytes than this are no policies that people wrote. */
const MAX_BYTES = 256 * 1024

/** Every policy file; a text that cannot be read is there without one. */
export async function readPolicyFiles(box: Toolbox, branch: Pick<BranchFrame, 'policies'>): Promise<PolicyFile[]> {
  const files: PolicyFile[] = []
  for (const [name, blob] of branch.policies) files.push({ name, text: await policyText(box, blob) })
  return files
}

async function policyText(box: Toolbox, blob: ObjectId): Promise<string | undefined> {
  try {
    const bytes = await readBlob(box.objects, blob)
    return bytes.length > MAX_BYTES ? undefined : new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    // Too large, no file, or not UTF-8: it is for the check to say so.
    if (error instanceof IfBoardError || error instanceof TypeError) return undefined
    throw error
  }
}

/** Policies that were read and found good, ready to be asked; or why nothing may be allowed. */
export type OpenedPolicies =
  | { readonly kind: 'none' }
  | { readonly kind: 'ready'; readonly engine: PolicyEngine; readonly files: readonly PolicyFile[] }
  | { readonly kind: 'broken'; readonly refusal: Refusal }

export async function openPolicies(box: Toolbox, branch: Pick<BranchFrame, 'policies'>): Promise<OpenedPolicies> {
  if (branch.policies.length === 0) return { kind: 'none' }
  const engine = box.policies
  if (engine === undefined) return broken('this part of if-board cannot ask policies')
  const files = await readPolicyFiles(box, branch)
  const [error] = await errorsIn(box, engine, { branch, files })
  return error === undefined ? { kind: 'ready', engine, files } : broken(placed(error))
}

function placed({ file, line, column, message }: Diagnostic): string {
  return `${file}:${line}:${column}: ${message}`
}

function broken(what: string): OpenedPolicies {
  const reason = `the policies cannot be asked, so nothing is allowed: ${printable(what, 400)}`
  const hint = `A person corrects ${POLICY_FOLDER}/ on the branch; all that is wrong: if-board policy check`
  return { kind: 'broken', refusal: { kind: 'refuse', rule: 'policy', reason, hint } }
}

const CHECKED = 'cache/policies.json'

interface Texts {
  readonly branch: Pick<BranchFrame, 'policies'>
  readonly files: readonly PolicyFile[]
}

/** To hold texts to the schema costs more than all the rest of a decision. */
async function errorsIn(box: Toolbox, engine: PolicyEngine, { branch, files }: Texts): Promise<readonly Diagnostic[]> {
  const mark = JSON.stringify({ version: engine.version, policies: branch.policies })
  if ((await box.memory.read(CHECKED)) === mark) return []
  const errors = (await engine.check(files)).filter(({ severity }) => severity === 'error')
  if (errors.length === 0) await box.memory.write(CHECKED, mark)
  return errors
}

/** Asks about one task; `undefined`: nothing forbids it. */
export async function policyRefusal(
  policies: OpenedPolicies,
  facts: AdmissionFacts,
  { action, task }: { readonly action: PolicyAction; readonly task: Task },
): Promise<Refusal | undefined> {
  if (policies.kind === 'none') return undefined
  if (policies.kind === 'broken') return policies.refusal
  return refusalOf(await decisionOn(policies, facts, { action, task }), { action, task })
}

export function decisionOn(
  { engine, files }: Extract<OpenedPolicies, { kind: 'ready' }>,
  facts: AdmissionFacts,
  asked: { readonly action: PolicyAction; readonly task: Task },
): Promise<PolicyDecision> {
  return engine.decide(files, policyQuestion(facts, asked), facts.config.governor.policy.default ?? 'permit')
}

export function refusalOf(
  decision: PolicyDecision,
  { action, task }: { readonly action: PolicyAction; readonly task: Pick<Task, 'id'> },
): Refusal | undefined {
  if (decision.kind === 'permit') return undefined
  const hint = `Each rule for itself: if-board policy explain ${task.id} --action ${action}`
  if (decision.kind === 'error')
    return {
      kind: 'refuse',
      rule: 'policy',
      reason: `a policy failed, so nothing is allowed: ${decision.message}`,
      hint,
    }
  const by = decision.by.map(({ policy, reason }) => (reason === undefined ? policy : `${policy} (${reason})`))
  const reason =
    by.length === 0
      ? `no policy permits to ${action} ${task.id} (policy.default: deny)`
      : `to ${action} ${task.id} is forbidden by ${printable(by.join(', '), 400)}`
  return { kind: 'refuse', rule: 'policy', reason, hint }
}
