/** Why a session gets nothing, what would change that, and when to ask again. Pure. */
import { taskWayOut } from '../governor/index.ts'
import { dependants } from '../graph/index.ts'
import type { SessionName } from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import type { Withheld } from './choose.ts'
import type { NothingReady } from './outcomes.ts'
import type { Reading } from './read.ts'

export interface NothingRequest {
  /** One task that was asked for by name; absent: explain the whole board. */
  readonly asked?: TaskView
  /** The best task that only a rule of the governor keeps back. */
  readonly withheld?: Withheld | undefined
}

export function nothingReady(
  { snapshot }: Reading,
  session: SessionName,
  { asked, withheld }: NothingRequest,
): NothingReady {
  const views = [...snapshot.views.values()]
  const finished = views.every(({ status }) => status === 'done' || status === 'cancelled')
  return {
    reasons: [
      ...(asked === undefined ? boardReasons(views, session, finished) : taskReasons(asked)),
      ...ruleReasons(withheld),
    ],
    wouldUnblock: openers(snapshot.project, views),
    retryAfterSeconds: finished ? 300 : views.some(({ status }) => status === 'claimed') ? 30 : 120,
    finished,
  }
}

function ruleReasons(withheld: Withheld | undefined): string[] {
  if (withheld === undefined) return []
  const { view, refusal } = withheld
  const hint = refusal.hint === undefined ? '' : `. ${refusal.hint}`
  return [`${view.task.id} is kept back by the rule ${refusal.rule}: ${refusal.reason}${hint}`]
}

function boardReasons(views: readonly TaskView[], session: SessionName, finished: boolean): string[] {
  if (views.length === 0) return ['no board has a task yet']
  const count = (status: TaskView['status']) => views.filter((view) => view.status === status).length
  if (finished) return [`all ${views.length} tasks are done`]
  const quarantined = views.filter(({ quarantine }) => quarantine !== undefined).length
  const parts: [number, string][] = [
    [count('claimed'), 'claimed by others'],
    [count('blocked'), 'blocked by unfinished work'],
    [count('review'), 'in review, waiting for their merge'],
    [count('paused') - quarantined, 'paused by a person'],
    [quarantined, 'quarantined: too many sessions failed at it (if-board breaker)'],
    [count('unknown'), 'with a status that is not understood (if-board lint)'],
    [count('ready'), `ready, but not for ${session}: assigned to others, or failed by this session`],
  ]
  return parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`)
}

function taskReasons(view: TaskView): string[] {
  const { task, status, blockedBy } = view
  const reasons: string[] = []
  if (status === 'done') reasons.push(`${task.id} is done`)
  if (status === 'cancelled') reasons.push(`${task.id} is cancelled`)
  if (status === 'review') reasons.push(`${task.id} is completed and waits for its merge`)
  if (status === 'paused' && view.quarantine !== undefined)
    reasons.push(`${task.id} is quarantined: ${view.quarantine}; ${taskWayOut(task.id)}`)
  else if (status === 'paused')
    reasons.push(`${task.id} is paused by a person${view.pausedBecause ? `: ${view.pausedBecause}` : ''}`)
  if (status === 'unknown') reasons.push(`the status of ${task.id} is not understood: ${task.statusText}`)
  for (const key of blockedBy) reasons.push(`${task.id} waits for ${key.slice(key.indexOf(':') + 1)}`)
  for (const { text } of task.externalBlockers) reasons.push(`${task.id} waits for: ${text}`)
  return reasons
}

/** Unfinished tasks that others wait for, most waited-for first. */
function openers(project: Reading['snapshot']['project'], views: readonly TaskView[]): NothingReady['wouldUnblock'] {
  const waiting = dependants(project)
  return views
    .filter(({ status }) => status !== 'done' && status !== 'cancelled')
    .map((view) => ({ id: view.task.id, holder: view.holder, unblocks: waiting.get(view.task.key)?.length ?? 0 }))
    .filter(({ unblocks, holder }) => unblocks > 0 && holder !== undefined)
    .sort((a, b) => b.unblocks - a.unblocks)
    .slice(0, 5)
}
