/** What people and the fold itself did to the boards, for the seal. */
import { type ObjectId, printable, type SessionName } from '../model/index.ts'
import { type BoardRecord, type FieldChange, formatTime } from '../witness/index.ts'
import { FOLD_EMAIL, history } from './fold-memory.ts'
import type { TaskPlan } from './fold-plan.ts'
import type { WholeReading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Commits of people since the last fold that one seal lists at most. */
const MAX_EDITS = 100

/** One record per commit since the last fold; the newest carries what differs from what was shown. */
export async function editRecords(box: Toolbox, reading: WholeReading): Promise<BoardRecord[]> {
  const records: BoardRecord[] = []
  for await (const { oid, commit } of history(box, reading.head)) {
    if (commit.author.email === FOLD_EMAIL || records.length >= MAX_EDITS) break
    records.push({
      kind: 'edit',
      commit: oid,
      author: printable(commit.author.name, 100),
      time: formatTime(commit.author.seconds * 1000),
      changes: records.length === 0 ? statusEdits(reading) : [],
    })
  }
  return records.reverse()
}

function statusEdits({ snapshot }: WholeReading): FieldChange[] {
  return [...snapshot.views.values()].flatMap(({ task, state }) => {
    const shown = state?.shown ?? 'available'
    return task.status === shown ? [] : [{ key: task.key, field: 'status', from: shown, to: task.status }]
  })
}

export interface FoldRecordRequest {
  readonly commit: ObjectId
  readonly author: SessionName
  readonly time: string
  readonly plans: readonly TaskPlan[]
}

export function foldRecord({ commit, author, time, plans }: FoldRecordRequest): BoardRecord {
  const changes = plans.flatMap(({ view: { task }, write }) =>
    write === undefined ? [] : [{ key: task.key, field: 'status', from: task.status, to: write }],
  )
  return { kind: 'fold', commit, author, time, changes }
}
