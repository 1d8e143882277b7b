/** What no session can mend: a person has to decide, edit or answer. Pure, without ages. */
import { findCycles, type Schedule } from '../graph/index.ts'
import { type Place, splitTaskKey, type TaskKey } from '../model/index.ts'
import { eventType } from '../witness/index.ts'
import type { Snapshot, TaskView } from './snapshot.ts'

export type NeedKind =
  | 'cycle'
  | 'unknown-status'
  | 'unreadable-claim'
  | 'external-blocker'
  | 'failed'
  | 'help-wanted'
  | 'quarantined'
  | 'orphan'
  | 'paused-board'
  | 'paused-session'
  | 'paused-task'
  | 'cancelled-dependency'

export interface Need {
  readonly kind: NeedKind
  /** The task's id; `null` for boards and sessions. */
  readonly task: string | null
  /** Texts of boards are in it as they are: whoever prints them makes them printable. */
  readonly message: string
  readonly hint: string
  readonly place: Place | null
}

/** Most urgent kind first; within a kind in board order. O(tasks + dependencies). */
export function needsPerson(snapshot: Snapshot, schedule: Schedule): Need[] {
  const views = [...snapshot.views.values()]
  const onPath = new Set(schedule.criticalPath)
  return [
    ...cycles(snapshot),
    ...views.flatMap(notUnderstood),
    ...views.filter((view) => waitsOutside(view, onPath)).map(externalBlocker),
    ...views.flatMap(quarantined),
    ...views.flatMap(failed),
    ...views.flatMap((view) => cancelledDependencies(view, snapshot)),
    ...orphans(snapshot),
    ...paused(snapshot, views),
  ]
}

function cycles({ project }: Snapshot): Need[] {
  return findCycles(project).map((path) => {
    const ids = path.map(idOf)
    return {
      kind: 'cycle',
      task: ids[0] ?? null,
      message: `${path.length} tasks wait for each other: ${[...ids, ids[0]].join(' → ')}`,
      hint: 'Decide which of them comes first, and correct its dependencies on the board',
      place: placeOf(project.byKey.get(path[0] as TaskKey)),
    }
  })
}

function notUnderstood({ task, status, judgement }: TaskView): Need[] {
  if (status !== 'unknown') return []
  const { id, place } = task
  if (judgement.standing.kind === 'unknown')
    return [
      {
        kind: 'unknown-status',
        task: id,
        message: `the status of ${id} is not understood: ${task.statusText}`,
        hint: 'Write a status such as AVAILABLE, BLOCKED or COMPLETED in its cell',
        place,
      },
    ]
  const message = `the claim of ${id} cannot be read, so it is not offered`
  return [{ kind: 'unreadable-claim', task: id, message, hint: 'if-board doctor', place }]
}

/** What lies on the critical path delays the end today; elsewhere it matters once nothing else holds the task. */
function waitsOutside({ task, status, blockedBy }: TaskView, onPath: ReadonlySet<TaskKey>): boolean {
  return status === 'blocked' && task.externalBlockers.length > 0 && (onPath.has(task.key) || blockedBy.length === 0)
}

function externalBlocker({ task }: TaskView): Need {
  const texts = task.externalBlockers.map(({ text }) => text)
  return {
    kind: 'external-blocker',
    task: task.id,
    message: `${task.id} waits for: ${texts.join('; ')}`,
    hint: `if-board unblock ${task.id}`,
    place: task.externalBlockers[0]?.place ?? task.place,
  }
}

function quarantined({ task, quarantine }: TaskView): Need[] {
  if (quarantine === undefined) return []
  return [
    {
      kind: 'quarantined',
      task: task.id,
      message: `${task.id} is offered to nobody: ${quarantine}`,
      hint: `if-board show ${task.id}, then: if-board breaker reset ${task.id} --reason TEXT`,
      place: task.place,
    },
  ]
}

function failed({ task, status, claim, state }: TaskView): Need[] {
  const open = status === 'ready' || status === 'blocked'
  const failures = Math.max(claim?.failures ?? 0, state?.failures ?? 0)
  if (!open || failures === 0) return []
  const last = claim !== undefined && eventType(claim.event) === 'fail' ? claim : undefined
  const who = last === undefined ? '' : `, last by ${last.session}: ${last.event.data.reason ?? 'no reason given'}`
  return [
    {
      kind: 'failed',
      task: task.id,
      message: `${task.id} failed ${failures === 1 ? 'once' : `${failures} times`}${who}`,
      hint: `if-board show ${task.id}`,
      place: task.place,
    },
  ]
}

function cancelledDependencies({ task, status, blockedBy }: TaskView, { views }: Snapshot): Need[] {
  if (status !== 'blocked') return []
  return blockedBy
    .filter((key) => views.get(key)?.status === 'cancelled')
    .map((key) => ({
      kind: 'cancelled-dependency',
      task: task.id,
      message: `${task.id} waits for ${idOf(key)}, which is cancelled`,
      hint: 'Name another dependency on the board, or reopen the cancelled task',
      place: task.place,
    }))
}

function orphans(snapshot: Snapshot): Need[] {
  return snapshot.orphans
    .filter(({ kind }) => kind !== 'returned')
    .map((claim) => {
      const { board, id } = splitTaskKey(claim.key)
      const verb = claim.kind === 'completed' ? 'completed' : 'holds'
      return {
        kind: 'orphan',
        task: id,
        message: `${claim.session} ${verb} ${id}, which is no longer on ${board}`,
        hint: 'Put the row back, or let its session finish it: its work is accepted',
        place: null,
      }
    })
}

function paused({ project, sessions, config }: Snapshot, views: readonly TaskView[]): Need[] {
  const boards = project.boards.flatMap(({ name, paused: reason }): Need[] => {
    if (reason === undefined) return []
    const place = { file: name, line: 1, column: 1 }
    return [{ kind: 'paused-board', task: null, ...pauseWords(name, reason), place }]
  })
  const names = [...config.pausedSessions].filter(([name]) => sessions.has(name))
  const aside = names.map(
    ([name, reason]): Need => ({ kind: 'paused-session', task: null, ...pauseWords(name, reason), place: null }),
  )
  const tasks = views.flatMap(({ task, judgement, pausedBecause }): Need[] => {
    if (judgement.standing.kind !== 'paused') return []
    return [{ kind: 'paused-task', task: task.id, ...pauseWords(task.id, pausedBecause ?? ''), place: task.place }]
  })
  return [...boards, ...aside, ...tasks]
}

function pauseWords(name: string, reason: string): { message: string; hint: string } {
  return { message: `${name} is paused${reason === '' ? '' : `: ${reason}`}`, hint: `if-board resume ${name}` }
}

function idOf(key: TaskKey): string {
  return splitTaskKey(key).id
}

function placeOf(task: { readonly place: Place } | undefined): Place | null {
  return task?.place ?? null
}
