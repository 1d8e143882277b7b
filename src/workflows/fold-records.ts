/** What people and the fold itself did to the boards, for the seal. */
import { type ObjectId, printable, type SessionName, splitTaskKey } from '../model/index.ts'
import { type BoardRecord, type FieldChange, formatTime } from '../witness/index.ts'
import { FOLD_EMAIL, history } from './fold-memory.ts'
import type { TaskPlan } from './fold-plan.ts'
import { lostFolds } from './lost-notes.ts'
import { type Commits, changesByCommit } from './person-changes.ts'
import type { WholeReading } from './read.ts'
import { sayableText } from './sayable.ts'
import type { Toolbox } from './toolbox.ts'

/** Commits of people that one seal lists at most, the newest. */
const MAX_EDITS = 100
/** Changed fields that one seal lists at most; the rest is counted. */
const MAX_CHANGES = 200
/** UTF-16 code units of one value. */
const MAX_VALUE = 200

/** One record per commit of people since the newest note, oldest first, with the fields that it changed. */
export async function editRecords(box: Toolbox, reading: WholeReading): Promise<BoardRecord[]> {
  const stretches = await editsSinceNote(box, reading)
  const changes = new Map<ObjectId, readonly FieldChange[]>()
  for (const stretch of stretches)
    for (const [oid, found] of await changesByCommit(box, reading, stretch)) changes.set(oid, found)
  const records: BoardRecord[] = []
  let room = MAX_CHANGES
  for (const { oid, commit } of stretches.flatMap(({ edits }) => edits)) {
    const all = changes.get(oid) ?? []
    const listed = all.slice(0, room)
    room -= listed.length
    records.push({
      kind: 'edit',
      commit: oid,
      author: printable(await boardWords(box, 'the name of an author', commit.author.name), 100),
      time: formatTime(commit.author.seconds * 1000),
      changes: await Promise.all(listed.map((change) => sayableChange(box, change))),
      ...(all.length > listed.length ? { more: all.length - listed.length } : {}),
    })
  }
  return records
}

/** Without secrets that a person typed: the board keeps them, and a person can take them out there, but not here. */
async function sayableChange(box: Toolbox, change: FieldChange): Promise<FieldChange> {
  if (change.field === 'id') return change
  const place = `the ${change.field} of ${splitTaskKey(change.key).id}, before or after an edit`
  const { from, to } = change
  return {
    ...change,
    ...(from === undefined ? {} : { from: await boardWords(box, place, from) }),
    ...(to === undefined ? {} : { to: await boardWords(box, place, to) }),
  }
}

function boardWords(box: Toolbox, place: string, text: string): Promise<string> {
  return sayableText(box, { text, place, source: 'board', limit: MAX_VALUE })
}

/**
 * What people did, oldest first, in stretches that begin at a fold: the newest one with a note, and behind it those whose
 * notes were lost with what they would have recorded. What these wrote themselves is between two stretches.
 */
async function editsSinceNote(box: Toolbox, reading: WholeReading): Promise<Commits[]> {
  const heads = [...(await lostFolds(box, reading)).map(({ parents }) => parents[0]), reading.head]
  const stretches: Commits[] = []
  let room = MAX_EDITS
  for (const head of heads.reverse()) {
    if (head === undefined) continue
    const stretch = await commitsSinceFold(box, head, room)
    room -= stretch.edits.length
    stretches.push(stretch)
  }
  return stretches.reverse()
}

async function commitsSinceFold(box: Toolbox, head: ObjectId, limit: number): Promise<Commits> {
  const edits: { oid: ObjectId; commit: Commits['edits'][number]['commit'] }[] = []
  for await (const { oid, commit } of history(box, head)) {
    if (commit.author.email === FOLD_EMAIL) return { edits: edits.reverse(), fold: { oid, commit } }
    if (edits.length < limit) edits.push({ oid, commit })
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
