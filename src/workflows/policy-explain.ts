/** `policy explain ID`: every rule about one task and one session, in their order, with what decided. */
import { forbiddenPaths, policyVerdicts, type Refusal, refusals } from '../governor/index.ts'
import type { SessionName } from '../model/index.ts'
import type { PolicyAction } from '../ports/index.ts'
import { admissionFacts } from './admission-facts.ts'
import { findTask } from './find-task.ts'
import { decisionOn, openPolicies, refusalOf } from './policies.ts'
import { read } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface ExplainRequest {
  readonly task: string
  readonly session: SessionName
  readonly action: PolicyAction
}

export interface ExplainedRule {
  readonly rule: string
  readonly verdict: 'allow' | 'refuse'
  /** In words; of what allows, which policies permitted it, if any did by name. */
  readonly reason: string | null
  readonly policies: readonly string[]
}

export interface Explanation {
  readonly task: { readonly id: string; readonly board: string; readonly title: string }
  readonly session: string
  readonly action: PolicyAction
  /** What all rules together say. */
  readonly verdict: 'allow' | 'refuse'
  readonly rules: readonly ExplainedRule[]
}

/** @throws IfBoardError `task/unknown`, `task/ambiguous`, and as `read` */
export async function policyExplain(box: Toolbox, { task, session, action }: ExplainRequest): Promise<Explanation> {
  const reading = await read(box)
  const { task: found } = findTask(reading.snapshot, task)
  const facts = admissionFacts(box, reading, session)
  const simple = action === 'claim' ? policyVerdicts(facts, found) : []
  const own = new Set<string>(simple.map(({ rule }) => rule))
  const others = action === 'claim' ? refusals(facts, found).filter(({ rule }) => !own.has(rule)) : []
  const rules = [
    ...others.map((refusal) => explained(refusal.rule, refusal)),
    ...simple.map(({ rule, refusal }) => explained(rule, refusal)),
    ...(action === 'complete' ? [await pathsOfHead(box, reading.config)] : []),
    await byPolicies(box, { reading, facts, task: found, action }),
  ]
  const verdict = rules.some((rule) => rule.verdict === 'refuse') ? 'refuse' : 'allow'
  const { id, board, title } = found
  return { task: { id, board, title }, session, action, verdict, rules }
}

function explained(rule: string, refusal: Refusal | undefined): ExplainedRule {
  return { rule, verdict: refusal === undefined ? 'allow' : 'refuse', reason: refusal?.reason ?? null, policies: [] }
}

/** As `done` would judge it now. */
async function pathsOfHead(box: Toolbox, { governor, baseBranch }: Reading['config']): Promise<ExplainedRule> {
  const { commit } = await box.work.head()
  if (governor.policy.forbiddenPaths.length === 0) return explained('forbidden-paths', undefined)
  const changed =
    commit === undefined
      ? { kind: 'unknown' as const, reason: 'HEAD has no commit' }
      : await box.work.changedPaths(commit, baseBranch)
  return explained('forbidden-paths', forbiddenPaths(governor.policy, changed))
}

type Reading = Awaited<ReturnType<typeof read>>

interface Asked {
  readonly reading: Reading
  readonly facts: ReturnType<typeof admissionFacts>
  readonly task: Reading['snapshot']['project']['tasks'][number]
  readonly action: PolicyAction
}

async function byPolicies(box: Toolbox, { reading, facts, task, action }: Asked): Promise<ExplainedRule> {
  const policies = await openPolicies(box, reading.branch)
  if (policies.kind !== 'ready') return explained('policy', policies.kind === 'broken' ? policies.refusal : undefined)
  const decision = await decisionOn(policies, facts, { action, task })
  const by = decision.kind === 'error' ? [] : decision.by.map(({ policy }) => policy)
  return { ...explained('policy', refusalOf(decision, { action, task })), policies: by }
}
