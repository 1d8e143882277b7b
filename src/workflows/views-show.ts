/** `show ID`: everything about one task, with the story of its claim from the claim ref's ancestry. */
import { dependants } from '../graph/index.ts'
import { type ClaimRecord, type Evidence, type ObjectId, splitTaskKey, type TaskStatus } from '../model/index.ts'
import { type TaskItem, type TaskView, taskItem } from '../projection/index.ts'
import { eventType } from '../witness/index.ts'
import { completionOf } from './card.ts'
import { readClaim } from './evidence.ts'
import { findTask } from './find-task.ts'
import { type Reading, read } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** One operation on the task, as its session signed it. */
export interface StoryItem {
  readonly what: string
  readonly session: string
  /** RFC 3339, by the session's clock. */
  readonly at: string
  readonly epoch: number | null
  readonly commit: ObjectId
  /** Why it was given back, or why this task was chosen. */
  readonly reason: string | null
  /** From whom it was taken. */
  readonly from: string | null
  readonly evidence: Evidence | null
}

export interface RelatedTask {
  readonly id: string
  readonly board: string
  readonly title: string
  readonly status: TaskStatus
  /** Who completed it, if it is done. */
  readonly by: string | null
  readonly branch: string | null
  readonly commit: ObjectId | null
}

export interface TaskDetails {
  readonly task: TaskItem
  readonly place: { readonly file: string; readonly line: number; readonly column: number }
  readonly dependsOn: readonly RelatedTask[]
  /** Tasks that name it as a dependency. */
  readonly neededBy: readonly RelatedTask[]
  readonly failures: number
  /** Newest first. */
  readonly story: readonly StoryItem[]
  /** False where older operations are only in the sealed log, or more than the view walks back. */
  readonly storyComplete: boolean
}

const MAX_STORY = 200

/** @throws IfBoardError `task/unknown`, `task/ambiguous` */
export async function show(box: Toolbox, id: string): Promise<TaskDetails> {
  const reading = await read(box)
  const view = findTask(reading.snapshot, id)
  const { project } = reading.snapshot
  return {
    task: taskItem(view),
    place: view.task.place,
    dependsOn: view.task.dependencies.map((key) => related(reading, key)),
    neededBy: (dependants(project).get(view.task.key) ?? []).map((key) => related(reading, key)),
    failures: Math.max(view.claim?.failures ?? 0, view.state?.failures ?? 0),
    ...(await claimStory(box, view)),
  }
}

function related(reading: Reading, key: TaskView['task']['key']): RelatedTask {
  const { by, evidence, title } = completionOf(reading, key)
  const known = reading.snapshot.views.get(key)?.status
  return {
    ...splitTaskKey(key),
    title,
    status: known ?? (reading.snapshot.isDone(key) ? 'done' : 'unknown'),
    by: by ?? null,
    branch: evidence.branch ?? null,
    commit: evidence.commit ?? null,
  }
}

async function claimStory(box: Toolbox, { claim, state }: TaskView) {
  const story: StoryItem[] = []
  // A fold swept the ref: its last commit may still be in the hub, because chains lead to it.
  let oid = claim?.oid ?? state?.done?.seal ?? state?.claim
  const begun = oid !== undefined
  while (oid !== undefined && story.length < MAX_STORY) {
    const record: ClaimRecord | undefined = claim?.oid === oid ? claim : await readClaim(box, oid)
    if (record === undefined) break
    story.push(storyItem(record))
    oid = record.event.data.replaces
  }
  const grants = Math.max(claim?.epoch ?? 0, state?.grants ?? 0)
  const told = story.at(-1)?.epoch === 1
  return { story, storyComplete: oid === undefined && (begun ? told : grants === 0) }
}

function storyItem({ oid, event }: ClaimRecord): StoryItem {
  const { epoch, reason, blocker, why, from, evidence } = event.data
  return {
    what: eventType(event),
    session: event.session,
    at: event.time,
    epoch: epoch ?? null,
    commit: oid,
    reason: reason ?? blocker ?? why?.join('; ') ?? null,
    from: from ?? null,
    evidence: evidence ?? null,
  }
}
