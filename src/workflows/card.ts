/** Everything needed to start a task, gathered in one value. */
import type { FieldDifference } from '../board/diff.ts'
import { claimRef } from '../claim/index.ts'
import {
  type ClaimRecord,
  clip,
  type Evidence,
  holdsMask,
  isSessionName,
  type JobRules,
  type ObjectId,
  splitTaskKey,
  type Task,
  type TaskKey,
} from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import { eventType } from '../witness/index.ts'
import { changedSince } from './changed-since.ts'
import { type Choice, passedOverItem } from './choose.ts'
import { readClaim } from './evidence.ts'
import { claimCard, type DependencyCard, type Predecessor, type TaskCard } from './outcomes.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Claim commits walked back for what predecessors left. */
const MAX_PREDECESSORS = 5

/** Why this task, and how well the session matches it, where that is known. */
export interface Chosen {
  readonly reasons: readonly string[]
  readonly score: number | undefined
  readonly passedOver: Choice['passedOver']
}

export async function taskCard(
  box: Toolbox,
  reading: Reading,
  view: TaskView,
  { reasons, score, passedOver }: Chosen,
): Promise<TaskCard> {
  const { task, claim } = view
  return {
    task,
    claim: claim?.kind === 'granted' ? claimCard(claimRef(box.layout, claim.key, box.sha256), claim) : undefined,
    why: reasons,
    score,
    passedOver: passedOver.map(passedOverItem),
    dependencies: await dependencyCards(box, reading, view),
    acceptance: task.acceptance,
    ...(await jobsOf(task, reading.config.checks)),
    predecessors: await predecessors(box, claim),
    doNotTouch: reading.config.doNotTouch,
    ...(claim?.kind === 'granted' ? await changesSince(box, reading, view, claim) : { changes: [], changed: [] }),
    failures: claim?.failures ?? view.state?.failures ?? 0,
  }
}

/** Most tasks have none, and then nothing is loaded. */
async function jobsOf(task: Task, rules: JobRules | undefined): Promise<Pick<TaskCard, 'checks' | 'body'>> {
  if (task.check === undefined && task.run === undefined && rules === undefined) return {}
  const { jobNames } = await import('./jobs/task-jobs.ts')
  return jobNames(task, rules)
}

async function dependencyCards(box: Toolbox, reading: Reading, { task }: TaskView): Promise<DependencyCard[]> {
  const cards = task.dependencies.map((key) => ({ key, ...completionOf(reading, key) }))
  const commits = cards.flatMap(({ evidence }) => (evidence.commit === undefined ? [] : [evidence.commit]))
  const inHead = commits.length === 0 ? new Set<ObjectId>() : await box.work.containedInHead(commits)
  return cards.map((card) => ({
    ...card,
    id: splitTaskKey(card.key).id,
    inHead: card.evidence.commit === undefined ? undefined : inHead.has(card.evidence.commit),
  }))
}

/** Who completed a task and with what: from its claim ref until a fold swept it, then from the state. */
export function completionOf({ snapshot }: Reading, key: TaskKey) {
  const view = snapshot.views.get(key)
  const state = view?.state ?? snapshot.states.get(key)
  const claim = view?.claim?.kind === 'completed' ? view.claim : undefined
  const title = view?.task.title ?? state?.title ?? ''
  if (claim !== undefined) return { title, by: claim.session as string, evidence: claim.event.data.evidence ?? {} }
  const done = state?.done
  if (done === undefined) return { title, by: undefined, evidence: {} as Evidence }
  return {
    title,
    by: done.by === 'person' ? (done.name ?? 'a person') : (done.by as string),
    evidence: done as Evidence,
  }
}

async function predecessors(box: Toolbox, claim: ClaimRecord | undefined): Promise<Predecessor[]> {
  const found: Predecessor[] = []
  let record = claim
  for (let steps = 0; record !== undefined && steps < MAX_PREDECESSORS; steps += 1) {
    const left = predecessorOf(record)
    if (left !== undefined) found.push(left)
    const { replaces } = record.event.data
    record = replaces === undefined ? undefined : await readClaim(box, replaces)
  }
  return found
}

const LEFT_BY = { release: 'released', fail: 'failed', block: 'blocked' } as const

function predecessorOf({ event }: ClaimRecord): Predecessor | undefined {
  const type = eventType(event)
  const { from, reason, blocker } = event.data
  if (type === 'release' || type === 'fail' || type === 'block')
    return { session: event.session, what: LEFT_BY[type], reason: reason ?? blocker }
  if (type === 'steal' && from !== undefined && isSessionName(from))
    return { session: from, what: 'lost it to a steal', reason: undefined }
  return undefined
}

/** What differs now from what was claimed, in words for the holder: one line a field. */
async function changesSince(
  box: Toolbox,
  reading: Reading,
  view: TaskView,
  claim: ClaimRecord,
): Promise<Pick<TaskCard, 'changes' | 'changed'>> {
  const changed = await changedSince(box, reading, view, claim)
  const lines = changed === undefined || changed.length === 0 ? [] : await linesOf(changed)
  const told = new Set(changed?.map(({ field }) => field))
  return { changes: [...wordsSince(view, claim, told), ...lines], changed: changed ?? [] }
}

async function linesOf(changed: readonly FieldDifference[]): Promise<string[]> {
  const { differenceWords } = await import('../board/diff.ts')
  return changed.map(differenceWords)
}

/** What no field says: how the task stands now, and the rest where the fields are not known. */
function wordsSince(
  { task, status, pausedBecause, judgement, blockedBy }: TaskView,
  claim: ClaimRecord,
  told: ReadonlySet<FieldDifference['field']>,
): string[] {
  const changes: string[] = []
  const { title, id } = claim.event.data.task ?? task
  // A title that was masked when it was signed says nothing about the one of today.
  if (!holdsMask(title) && title !== clip(task.title, 300) && !told.has('title'))
    changes.push(`its title is now: ${task.title}`)
  if (id !== task.id) changes.push(`its id is now: ${task.id}`)
  if (status === 'paused')
    changes.push(`a person set it aside${pausedBecause ? ` (${pausedBecause})` : ''}; you may finish it`)
  if (judgement.overruled) changes.push('a person edited its status for an older claim; yours stands')
  if (blockedBy.length > 0 && !told.has('dependencies'))
    changes.push(`it now depends on ${blockedBy.map((key) => splitTaskKey(key).id).join(', ')}`)
  if (task.externalBlockers.length > 0 && !told.has('externalBlockers'))
    changes.push(`it now waits for: ${task.externalBlockers.map(({ text }) => text).join('; ')}`)
  return changes
}
