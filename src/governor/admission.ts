/**
 * May this session take one more task, and this task? The first rule that refuses is the answer, in the order of
 * docs/governor.md. A rule is a pure function of what was read; its file is named after it.
 */
import type { Task } from '../model/index.ts'
import { breakerStops } from './breaker-rules.ts'
import { budgetGone, budgetOverrun } from './budget-rules.ts'
import { capabilities } from './capability-rule.ts'
import { help } from './help.ts'
import { approval, hours, section, sessionsPerTask } from './policy.ts'
import { reputationTooLow } from './reputation.ts'
import type { AdmissionFacts, Refusal, Verdict } from './verdict.ts'

type SessionRule = (facts: AdmissionFacts) => Refusal | undefined
type TaskRule = (facts: AdmissionFacts, task: Task) => Refusal | undefined

/** Rules of the session alone: they refuse the whole `next`. */
const SESSION_RULES: readonly SessionRule[] = [sessionPaused, maxTasks, maxClaims, breakerStops, budgetGone, hours]

/** Rules of a task, or of a task and the session: they take it out of what is offered. */
const TASK_RULES: readonly TaskRule[] = [
  budgetOverrun,
  section,
  approval,
  sessionsPerTask,
  capabilities,
  help,
  reputationTooLow,
]

/** Judge one more claim of whatever task. */
export function admitSession(facts: AdmissionFacts): Verdict {
  return firstOf(SESSION_RULES.values(), (rule) => rule(facts))
}

/** Judge this task, for a session that `admitSession` allows one more claim. */
export function admitTask(facts: AdmissionFacts, task: Task): Verdict {
  return firstOf(TASK_RULES.values(), (rule) => rule(facts, task))
}

/** Both. */
export function admit(facts: AdmissionFacts, task: Task): Verdict {
  const verdict = admitSession(facts)
  return verdict.kind === 'refuse' ? verdict : admitTask(facts, task)
}

/** Everything that refuses, for whoever explains. */
export function refusals(facts: AdmissionFacts, task: Task): Refusal[] {
  const found = [...SESSION_RULES.map((rule) => rule(facts)), ...TASK_RULES.map((rule) => rule(facts, task))]
  return found.filter((refusal) => refusal !== undefined)
}

function firstOf<Rule>(rules: Iterable<Rule>, judge: (rule: Rule) => Refusal | undefined): Verdict {
  for (const rule of rules) {
    const refusal = judge(rule)
    if (refusal !== undefined) return refusal
  }
  return { kind: 'allow' }
}

function sessionPaused({ config, session }: AdmissionFacts): Refusal | undefined {
  const paused = config.pausedSessions.get(session)
  if (paused === undefined) return undefined
  return {
    kind: 'refuse',
    rule: 'session-paused',
    reason: `${session} is paused${paused === '' ? '' : `: ${paused}`}`,
  }
}

function maxTasks({ config, session, holds }: AdmissionFacts): Refusal | undefined {
  if (holds < config.maxTasks) return undefined
  const tasks = `task${config.maxTasks === 1 ? '' : 's'}`
  return {
    kind: 'refuse',
    rule: 'max-tasks',
    reason: `${session} holds ${holds} of at most ${config.maxTasks} ${tasks} (maxTasks)`,
  }
}

function maxClaims({ config, liveClaims }: AdmissionFacts): Refusal | undefined {
  if (config.maxClaims === undefined || liveClaims < config.maxClaims) return undefined
  return {
    kind: 'refuse',
    rule: 'max-claims',
    reason: `${liveClaims} of at most ${config.maxClaims} claims are live (maxClaims)`,
  }
}
