/** What holds now and may need a person, by one reading. Pure; O(tasks + sessions × ready tasks). */
import { type SessionName, splitTaskKey, type Task } from '../../model/index.ts'
import { lastFailures, type Snapshot, type TaskView } from '../../projection/index.ts'
import { sessionMatches } from '../../scheduler/index.ts'
import type { BudgetAlert } from '../views-budget.ts'
import type { SessionItem } from '../views-status.ts'
import { helpMessage, type WaitingHelp } from '../who-could.ts'
import type { Condition } from './alarms.ts'

const UNTAKEN_MS = 10 * 60_000
const IDLE_MS = 60_000

export interface Seen {
  readonly snapshot: Snapshot
  /** As `status` shows them, by the same clocks. */
  readonly sessions: readonly SessionItem[]
  /** Help tasks that nobody holds. */
  readonly helps: readonly WaitingHelp[]
  /** Do the governor's rules let the session do the task? */
  readonly mayDo: (session: SessionName, task: Task) => boolean
}

export function conditionsOf({ snapshot, sessions, helps, mayDo }: Seen): Condition[] {
  const views = [...snapshot.views.values()]
  const ready = views.filter(({ status, task }) => status === 'ready' && !task.filler)
  return [
    ...helps.map((help) => unhelped(help, snapshot)),
    ...ready.filter(({ task }) => helps.every(({ view }) => view.task.key !== task.key)).map(untaken),
    ...sessions.filter(({ state }) => state === 'expired').map(silent),
    ...idle(sessions, ready, { failures: lastFailures(snapshot.views), mayDo }),
    ...criticalBlockers(snapshot),
    ...sameDeliverables(views),
  ]
}

/** A cap is used as far as a person wants to hear of: once for each part, also where it shrinks and grows again. */
export function budgetConditions(alerts: readonly BudgetAlert[]): Condition[] {
  return alerts.map(({ scope, name, unit, reached, message, hint }) => ({
    key: `budget ${scope} ${name} ${unit} ${reached}`,
    alarm: 'budget',
    afterMs: 0,
    task: scope === 'task' ? name : null,
    session: scope === 'session' ? name : null,
    message,
    hint,
  }))
}

/** At once where no active session could do it. */
function unhelped(help: WaitingHelp, { config }: Snapshot): Condition {
  const { task } = help.view
  return {
    key: `help-wanted ${task.key} ${help.isPossible ? 'nobody' : 'impossible'}`,
    alarm: 'help-wanted',
    afterMs: help.isPossible ? config.governor.help.escalateMinutes * 60_000 : 0,
    task: task.id,
    session: help.wanted.by,
    message: helpMessage(help),
    hint: `if-board why ${task.id}`,
  }
}

function untaken({ task }: TaskView): Condition {
  return {
    key: `ready-untaken ${task.key}`,
    alarm: 'ready-untaken',
    afterMs: UNTAKEN_MS,
    task: task.id,
    session: null,
    message: `${task.id} (${task.title}) is ready, and nobody takes it`,
    hint: `if-board why ${task.id}`,
  }
}

function silent({ name, task, title }: SessionItem): Condition {
  return {
    key: `session-silent ${name} ${task}`,
    alarm: 'session-silent',
    afterMs: 0,
    task,
    session: name,
    message: `${name} holds ${task} (${title}) and gave no sign of life for the lease; the next session may take it`,
    hint: `See what became of ${name}; to offer the task again now: if-board release ${task} --of ${name}`,
  }
}

function idle(sessions: readonly SessionItem[], ready: readonly TaskView[], rules: Offering): Condition[] {
  return sessions
    .filter(({ state, name }) => state === 'idle' && ready.some((view) => isFor(view, name as SessionName, rules)))
    .map(({ name }) => ({
      key: `session-idle ${name}`,
      alarm: 'session-idle',
      afterMs: IDLE_MS,
      task: null,
      session: name,
      message: `${name} holds nothing while a task is ready for it`,
      hint: `See whether ${name} still asks; it should: if-board next --wait 600`,
    }))
}

interface Offering extends Pick<Seen, 'mayDo'> {
  readonly failures: ReturnType<typeof lastFailures>
}

/** Would it be offered to this session before long? What is assigned to others is theirs first. */
function isFor({ task }: TaskView, session: SessionName, { failures, mayDo }: Offering): boolean {
  const words = task.owner ?? task.assigned
  return (
    (words === undefined || sessionMatches(words, session)) &&
    failures.get(task.key) !== session &&
    mayDo(session, task)
  )
}

function criticalBlockers(snapshot: Snapshot): Condition[] {
  return snapshot.plan().criticalPath.flatMap((key) => {
    const view = snapshot.views.get(key)
    const why = view === undefined ? undefined : whatHolds(view)
    if (view === undefined || why === undefined) return []
    const { id } = splitTaskKey(key)
    return {
      key: `critical-blocker ${key} ${view.status}`,
      alarm: 'critical-blocker',
      afterMs: 0,
      task: id,
      session: null,
      message: `${id} (${view.task.title}) is on the critical path and ${why}`,
      hint: `if-board why ${id}`,
    } as const
  })
}

/** What only a person can end; work that is not finished yet ends by itself. */
function whatHolds({ status, task, pausedBecause, quarantine }: TaskView): string | undefined {
  if (quarantine !== undefined) return `is offered to nobody: ${quarantine}`
  if (status === 'paused') return `paused by a person${pausedBecause ? `: ${pausedBecause}` : ''}`
  if (status === 'unknown') return `its status is not understood: ${task.statusText}`
  const [outside] = task.externalBlockers
  return status === 'blocked' && outside !== undefined ? `waits for: ${outside.text}` : undefined
}

function sameDeliverables(views: readonly TaskView[]): Condition[] {
  const byDeliverable = new Map<string, TaskView[]>()
  for (const view of views) {
    const deliverable = view.task.deliverable?.trim().toLowerCase()
    if (view.status !== 'claimed' || deliverable === undefined || deliverable === '') continue
    byDeliverable.set(deliverable, [...(byDeliverable.get(deliverable) ?? []), view])
  }
  return [...byDeliverable].flatMap(([deliverable, held]) => {
    const holders = [...new Set(held.map(({ holder }) => holder))].sort()
    const ids = held.map(({ task }) => task.id)
    if (holders.length < 2) return []
    return {
      key: `same-deliverable ${deliverable} ${holders.join(' ')}`,
      alarm: 'same-deliverable',
      afterMs: 0,
      task: ids[0] ?? null,
      session: holders[0] ?? null,
      message: `${holders.join(' and ')} work on one deliverable, ${held[0]?.task.deliverable} (${ids.join(', ')})`,
      hint: `Let one wait for the other: if-board set ${ids[1]} dependencies ${ids[0]}`,
    } as const
  })
}
