/** What a policy is asked about: session, task and circumstances, as the reading shows them. Pure. */
import { type AdmissionFacts, type BudgetLine, localTime, names } from '../governor/index.ts'
import type { Task } from '../model/index.ts'
import type { PolicyAction, PolicyContext, PolicyQuestion, PolicyResource, PolicySession } from '../ports/index.ts'

export function policyQuestion(
  facts: AdmissionFacts,
  { action, task }: { readonly action: PolicyAction; readonly task: Task },
): PolicyQuestion {
  return { action, principal: sessionOf(facts), resource: taskOf(facts, task), context: contextOf(facts, task) }
}

function sessionOf({ session, holds, accounts, skills, reputation }: AdmissionFacts): PolicySession {
  const account = accounts.ledger.sessions.find((one) => one.session === session)
  return {
    name: session,
    capabilities: [...skills.has],
    ...(account?.model === undefined ? {} : { model: account.model }),
    holds,
    reputation: Math.floor(100 * reputation),
  }
}

function taskOf({ accounts, config }: AdmissionFacts, task: Task): PolicyResource {
  const { key, id, board, title, section, priority, model, capabilities, estimateMinutes, budgetUsd, filler } = task
  return {
    key,
    id,
    board,
    title,
    capabilities,
    approved: names(config.governor.policy.approved, task),
    filler,
    tried: accounts.taskAccount(key)?.tried ?? [],
    ...(section === undefined ? {} : { section }),
    ...(priority === undefined ? {} : { priority }),
    ...(model === undefined ? {} : { model }),
    ...(estimateMinutes === undefined ? {} : { estimateMinutes: whole(estimateMinutes) }),
    ...(budgetUsd === undefined ? {} : { budgetCents: whole(budgetUsd * 100) }),
  }
}

const MICRO_PER_CENT = 10_000

function contextOf({ now, session, accounts, liveClaims, budget }: AdmissionFacts, task: Task): PolicyContext {
  const local = localTime(now, 'UTC') ?? { day: 0, minute: 0 }
  const spent = accounts.ledger.sessions.find((one) => one.session === session)?.spent.microUsd ?? 0
  const left = leftOf([...budget.lines, ...budget.linesFor(task)])
  return {
    hour: Math.floor(local.minute / 60),
    minute: local.minute % 60,
    weekday: local.day,
    spentCents: whole(spent / MICRO_PER_CENT),
    ...(left === undefined ? {} : { leftCents: whole(left / MICRO_PER_CENT) }),
    liveClaims,
  }
}

/** What the narrowest bound leaves, in millionths of a dollar. */
function leftOf(lines: readonly BudgetLine[]): number | undefined {
  const left = lines.flatMap(({ cap, spent, reserved }) =>
    cap.microUsd === undefined ? [] : [cap.microUsd - spent.microUsd - reserved.microUsd],
  )
  return left.length === 0 ? undefined : Math.min(...left)
}

/** Cedar’s numbers are whole; ours stay within those that a double holds. */
function whole(amount: number): number {
  return Math.max(0, Math.min(Math.floor(amount), Number.MAX_SAFE_INTEGER))
}
