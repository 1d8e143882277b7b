/** One task as the command line shows it: plain JSON, every field always there, `null` where there is nothing. */
import {
  type AcceptanceItem,
  type DoneRecord,
  type ObjectId,
  type Priority,
  splitTaskKey,
  type TaskStatus,
} from '../model/index.ts'
import { formatTime } from '../witness/index.ts'
import type { TaskView } from './snapshot.ts'

/** A live claim, a returned one, or a completion that no fold has swept yet. */
export interface ClaimItem {
  readonly kind: 'granted' | 'returned' | 'completed'
  readonly session: string
  /** Fencing token; only equality is ever tested. */
  readonly oid: ObjectId
  readonly epoch: number
  readonly failures: number
  readonly leaseSeconds: number
  /** RFC 3339, by the clock of that session. */
  readonly since: string
}

export interface DoneItem {
  readonly by: string
  /** RFC 3339, by the clock of whoever completed it. */
  readonly at: string
  readonly branch: string | null
  readonly commit: ObjectId | null
  readonly reference: string | null
  readonly note: string | null
  readonly costUsd: number | null
}

/** Element of `tasks` in `list` and `parse`. Fields may be added, never changed. */
export interface TaskItem {
  readonly id: string
  readonly board: string
  readonly title: string
  readonly status: TaskStatus
  /** Ids of tasks that must be done first; done ones too. */
  readonly dependencies: readonly string[]
  /** Texts that name no task. */
  readonly externalBlockers: readonly string[]
  /** Ids of the dependencies that are not done. */
  readonly blockedBy: readonly string[]
  /** Owner cell of the board: whom a person assigned. */
  readonly owner: string | null
  readonly filler: boolean
  readonly section: string | null
  readonly estimateMinutes: number | null
  readonly model: string | null
  readonly acceptance: readonly AcceptanceItem[]
  readonly line: number
  readonly key: string
  readonly priority: Priority | null
  /** Session words of the section. */
  readonly assigned: string | null
  readonly description: string | null
  readonly deliverable: string | null
  readonly capabilities: readonly string[]
  /** As the board says it; the settings may say more (docs/checks.md). */
  readonly check: string | null
  readonly run: string | null
  /** The status cell as it stands. */
  readonly statusText: string
  readonly pausedBecause: string | null
  /** A session's name, or `person`. */
  readonly holder: string | null
  /** Grants so far. */
  readonly epoch: number
  readonly claim: ClaimItem | null
  readonly done: DoneItem | null
}

export function taskItem({ task, status, state, claim, holder, blockedBy, pausedBecause }: TaskView): TaskItem {
  return {
    id: task.id,
    board: task.board,
    title: task.title,
    status,
    dependencies: task.dependencies.map(idOf),
    externalBlockers: task.externalBlockers.map(({ text }) => text),
    blockedBy: blockedBy.map(idOf),
    owner: task.owner ?? null,
    filler: task.filler,
    section: task.section ?? null,
    estimateMinutes: task.estimateMinutes ?? null,
    model: task.model ?? null,
    acceptance: task.acceptance,
    line: task.place.line,
    key: task.key,
    priority: task.priority ?? null,
    assigned: task.assigned ?? null,
    description: task.description ?? null,
    deliverable: task.deliverable ?? null,
    capabilities: task.capabilities,
    ...jobsOf(task),
    statusText: task.statusText,
    pausedBecause: pausedBecause ?? null,
    holder: holder ?? null,
    epoch: Math.max(claim?.epoch ?? 0, state?.grants ?? 0),
    claim: claim === undefined ? null : claimItem(claim),
    done: status === 'done' || status === 'review' ? doneItem({ claim, state }) : null,
  }
}

function jobsOf({ check, run }: TaskView['task']): Pick<TaskItem, 'check' | 'run'> {
  return { check: check ?? null, run: run ?? null }
}

function claimItem(claim: NonNullable<TaskView['claim']>): ClaimItem {
  const { kind, session, oid, epoch, failures, leaseMs, at } = claim
  return { kind, session, oid, epoch, failures, leaseSeconds: leaseMs / 1000, since: formatTime(at) }
}

/** From the claim ref until a fold has swept it, then from the state. */
function doneItem({ claim, state }: Pick<TaskView, 'claim' | 'state'>): DoneItem | null {
  if (claim?.kind === 'completed') {
    const evidence = claim.event.data.evidence ?? {}
    const costUsd = claim.cost?.usd
    const cost = costUsd === undefined ? {} : { costUsd }
    return doneRecordItem({ ...evidence, ...cost, by: claim.session, at: claim.at })
  }
  return state?.done === undefined ? null : doneRecordItem(state.done)
}

function doneRecordItem(done: DoneRecord): DoneItem {
  return {
    by: done.by === 'person' ? (done.name ?? 'a person') : done.by,
    at: formatTime(done.at),
    branch: done.branch ?? null,
    commit: done.commit ?? null,
    reference: done.reference ?? null,
    note: done.note ?? null,
    costUsd: done.costUsd ?? null,
  }
}

function idOf(key: Parameters<typeof splitTaskKey>[0]): string {
  return splitTaskKey(key).id
}
