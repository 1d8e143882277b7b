import type { Schedule } from '../graph/index.ts'
import { type Priority, printable, type SessionName, type Task, type TaskKey } from '../model/index.ts'
import { sessionMatches } from './session-words.ts'

export interface RankRequest {
  /** Tasks that may be claimed, in board order. */
  readonly ready: readonly Task[]
  readonly session: SessionName
  /** Ids or keys that a person pinned for this session, most urgent first. */
  readonly pins: readonly string[]
  readonly schedule: Schedule
  /** Do these owner words mean a session that gave a sign of life within a lease, and that may take the task? */
  readonly isKept: (ownerWords: string, task: Task) => boolean
  /** Who failed at a task last: not offered to that session until another has tried. */
  readonly failedBy: ReadonlyMap<TaskKey, SessionName>
  /** How well the session's capabilities fit, larger is better; decides between equals only. */
  readonly capabilityFit?: (task: Task) => number
}

/** Earlier tiers go first; fillers are ranked only where no other task is. */
export type Tier = 'pinned' | 'high' | 'normal' | 'filler'

export interface RankedTask {
  readonly task: Task
  readonly tier: Tier
  readonly assignment: Assignment
  /** Short phrases for people, most important first; at least one. */
  readonly reasons: readonly string[]
}

/** Whom the owner words mean. `others`: somebody who never joined, fell silent, cannot do it, failed at it, or yields to a pin. */
export type Assignment = 'mine' | 'nobody' | 'others'

/**
 * The ready tasks that this session may be offered, best first.
 *
 * 1. Pins in their order; explicit high priority; the rest; fillers only if nothing else is left.
 * 2. Within a tier: assigned to this session, longest remaining path, priority, fit, board order.
 *    Fillers: assigned to this session, priority, nobody's before others', then the same.
 * 3. Left out: what is kept for another session that it is assigned to (an owner cell goes before the
 *    section's session; a pin goes before both), and what this session was the last to fail at.
 *
 * O(n log n) in the ready tasks.
 */
export function rank(request: RankRequest): RankedTask[] {
  const desk = openDesk(request)
  const candidates = request.ready.flatMap((task) => candidate(task, desk))
  const others = candidates.filter(({ tier }) => tier !== 'filler')
  const onPath = new Set(request.schedule.criticalPath)
  return (others.length > 0 ? others : candidates).sort(compare).map((entry) => ({
    task: entry.task,
    tier: entry.tier,
    assignment: entry.assignment,
    reasons: reasonsFor(entry, request.schedule, onPath),
  }))
}

/** Tasks in the order of `rank` for a session that nothing is pinned for, assigned to, or better fitted for. */
export function offeringOrder(tasks: readonly Task[], { remainingMinutes }: Schedule): Task[] {
  return tasks
    .map((task): Candidate => {
      const remaining = remainingMinutes.get(task.key) ?? 0
      return { task, tier: tierOf(task, false), assignment: 'nobody', pin: 0, remainingMinutes: remaining, fit: 0 }
    })
    .sort(compare)
    .map(({ task }) => task)
}

/** The request, with its questions about words answered once each: whole sections share their words. */
interface Desk extends RankRequest {
  readonly isMine: (ownerWords: string) => boolean
  readonly pinOrder: ReadonlyMap<string, number>
}

function openDesk(request: RankRequest): Desk {
  const pinOrder = new Map<string, number>()
  for (const pin of request.pins) if (!pinOrder.has(pin)) pinOrder.set(pin, pinOrder.size)
  return {
    ...request,
    isMine: remember((words) => sessionMatches(words, request.session)),
    pinOrder,
  }
}

function remember(ask: (words: string) => boolean): (words: string) => boolean {
  const answers = new Map<string, boolean>()
  return (words) => {
    const answer = answers.get(words) ?? ask(words)
    answers.set(words, answer)
    return answer
  }
}

/** A task with everything that its place in the ranking depends on. */
interface Candidate {
  readonly task: Task
  readonly tier: Tier
  readonly assignment: Assignment
  readonly pin: number
  readonly remainingMinutes: number
  readonly fit: number
}

/** What the reasons of a place are made of. */
type Reasoned = Pick<Candidate, 'task' | 'tier' | 'assignment' | 'remainingMinutes'>

/** One candidate, or none where the task is not for this session. */
function candidate(task: Task, desk: Desk): Candidate[] {
  if (desk.failedBy.get(task.key) === desk.session) return []
  const pin = desk.pinOrder.get(task.key) ?? desk.pinOrder.get(task.id)
  const assignment = assignmentOf(task, desk)
  if (assignment === 'withheld' && pin === undefined) return []
  return [
    {
      task,
      tier: tierOf(task, pin !== undefined),
      assignment: assignment === 'withheld' ? 'others' : assignment,
      pin: pin ?? 0,
      remainingMinutes: desk.schedule.remainingMinutes.get(task.key) ?? 0,
      fit: desk.capabilityFit?.(task) ?? 0,
    },
  ]
}

function assignmentOf(task: Task, { isMine, isKept, failedBy }: Desk): Assignment | 'withheld' {
  const words = task.owner ?? task.assigned
  if (words === undefined || words.trim() === '') return 'nobody'
  if (isMine(words)) return 'mine'
  // Without this, a task whose assigned session failed at it would be offered to nobody at all.
  const failed = failedBy.get(task.key)
  if (failed !== undefined && sessionMatches(words, failed)) return 'others'
  return isKept(words, task) ? 'withheld' : 'others'
}

export function tierOf(task: Task, isPinned: boolean): Tier {
  if (isPinned) return 'pinned'
  if (task.filler) return 'filler'
  return task.priority === 'high' ? 'high' : 'normal'
}

export const TIERS: Readonly<Record<Tier, number>> = { pinned: 0, high: 1, normal: 2, filler: 3 }
export const ASSIGNMENTS: Readonly<Record<Assignment, number>> = { mine: 0, nobody: 1, others: 2 }
/** No word on priority lies between medium and low: only what a person set aside goes behind it. */
const PRIORITIES: Readonly<Record<Priority | 'none', number>> = { high: 0, medium: 1, none: 2, low: 3 }

/** Equal candidates stay in board order, because sorting is stable. */
function compare(a: Candidate, b: Candidate): number {
  const isFiller = a.tier === 'filler' && b.tier === 'filler'
  return (
    TIERS[a.tier] - TIERS[b.tier] ||
    a.pin - b.pin ||
    Number(b.assignment === 'mine') - Number(a.assignment === 'mine') ||
    (isFiller ? priorityOf(a) - priorityOf(b) || ASSIGNMENTS[a.assignment] - ASSIGNMENTS[b.assignment] : 0) ||
    b.remainingMinutes - a.remainingMinutes ||
    priorityOf(a) - priorityOf(b) ||
    b.fit - a.fit
  )
}

export function priorityOf({ task }: { readonly task: Task }): number {
  return PRIORITIES[task.priority ?? 'none']
}

export function reasonsFor(entry: Reasoned, plan: Schedule, onPath: ReadonlySet<TaskKey>): string[] {
  const { task, tier, assignment } = entry
  const reasons: string[] = []
  if (tier === 'pinned') reasons.push('pinned for you')
  if (task.priority === 'high') reasons.push('high priority')
  if (assignment === 'mine') reasons.push('assigned to you')
  const behind = entry.remainingMinutes - (plan.ownMinutes.get(task.key) ?? 0)
  const work = behind > 0 ? `${duration(behind)} of work behind it` : ''
  if (onPath.has(task.key)) reasons.push(work === '' ? 'on the critical path' : `on the critical path: ${work}`)
  else if (work !== '') reasons.push(work)
  if (task.priority === 'medium') reasons.push('medium priority')
  if (assignment === 'others') reasons.push(`meant for ${printable(task.owner ?? task.assigned ?? '', 60)} at first`)
  if (tier === 'filler') reasons.push('filler: nothing else is ready')
  return reasons.length > 0 ? reasons : ['next in board order']
}

/** Minutes in words: `45min`, `6h`, `1h 30min`. */
function duration(minutes: number): string {
  const whole = Math.max(1, Math.round(minutes))
  const hours = Math.floor(whole / 60)
  const rest = whole % 60
  return [hours > 0 ? `${hours}h` : '', rest > 0 ? `${rest}min` : ''].filter(Boolean).join(' ')
}
