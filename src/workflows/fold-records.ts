/** What people and the fold itself did to the boards, for the seal. */
import { type ObjectId, printable, type SessionName } from '../model/index.ts'
import { type BoardRecord, type FieldChange, formatTime } from '../witness/index.ts'
import { FOLD_EMAIL, history } from './fold-memory.ts'
import type { TaskPlan } from './fold-plan.ts'
import { type Commits, changesByCommit } from './person-changes.ts'
import type { WholeReading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Commits of people since the last fold that one seal lists at most. */
const MAX_EDITS = 100
/** Changed fields that one seal lists at most; the rest is counted. */
const MAX_CHANGES = 200

/** One record per commit since the last fold, oldest first, with the fields that it changed. */
export async function editRecords(box: Toolbox, reading: WholeReading): Promise<BoardRecord[]> {
  const commits = await commitsSinceFold(box, reading.head)
  const changes = await changesByCommit(box, reading, commits)
  let room = MAX_CHANGES
  return commits.edits.map(({ oid, commit }) => {
    const all = changes.get(oid) ?? []
    const listed = all.slice(0, room)
    room -= listed.length
    return {
      kind: 'edit',
      commit: oid,
      author: printable(commit.author.name, 100),
      time: formatTime(commit.author.seconds * 1000),
      changes: listed,
      ...(all.length > listed.length ? { more: all.length - listed.length } : {}),
    }
  })
}

async function commitsSinceFold(box: Toolbox, head: ObjectId): Promise<Commits> {
  const edits: { oid: ObjectId; commit: Commits['edits'][number]['commit'] }[] = []
  for await (const { oid, commit } of history(box, head)) {
    if (commit.author.email === FOLD_EMAIL) return { edits: edits.reverse(), fold: { oid, commit } }
    if (edits.length < MAX_EDITS) edits.push({ oid, commit })
  }
  return { edits: edits.reverse(), fold: undefined }
}

export interface FoldRecordRequest {
  readonly commit: ObjectId
  readonly author: SessionName
  readonly time: string
  readonly plans: readonly TaskPlan[]
}

export function foldRecord({ commit, author, time, plans }: FoldRecordRequest): BoardRecord {
  const changes = plans.flatMap(({ view: { task }, write }): FieldChange[] =>
    write === undefined ? [] : [{ key: task.key, field: 'status', from: task.status, to: write }],
  )
  return { kind: 'fold', commit, author, time, changes }
}
