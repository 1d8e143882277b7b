/**
 * The note that this clone owes to a fold of its own: from before both are pushed until both are there.
 *
 * A server that is killed between the two refs of a fold keeps the board alone. Whoever made that fold still has its note,
 * so it pushes it, as it was, before it folds again: nobody else has what the fold took from etcd and is gone there since.
 * Where another clone has folded meanwhile its note stands in that place, and `lost-notes.ts` tells what was left to it.
 */
import { isObjectId, type ObjectId } from '../model/index.ts'
import { contains } from './fold-memory.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Holds `<board> <notes> <notes before>`; `-` = none. */
const OWED_NOTE = 'owed-note'

interface OwedNote {
  /** The fold's commit on the coordination branch. */
  readonly board: ObjectId
  /** The commit of the notes ref with its note. */
  readonly notes: ObjectId
  /** What the notes ref held before it. */
  readonly before: ObjectId | undefined
}

/** Before the push: a process that is killed in it owes the note all the same. */
export async function oweNote(box: Toolbox, { board, notes, before }: OwedNote): Promise<void> {
  await box.memory.write(OWED_NOTE, `${board} ${notes} ${before ?? '-'}\n`)
}

/** Of a fold that did not land. */
export async function oweNothing(box: Toolbox): Promise<void> {
  await box.memory.remove(OWED_NOTE)
}

/** True: the notes ref has moved, by this or by somebody else, so what was read is no base for a fold any more. */
export async function payNote(box: Toolbox, { refs, head }: Pick<Reading, 'refs' | 'head'>): Promise<boolean> {
  const owed = await recallOwed(box)
  const ref = box.layout.notes
  if (owed === undefined || refs.get(ref) !== owed.before) return false
  if (!(await contains(box, head, owed.board)) || (await box.objects.read(owed.notes)) === undefined) {
    // The push that was killed has moved nothing: not looked for through the whole history at each turn.
    await oweNothing(box)
    return false
  }
  const outcome = await box.refs.moveAll([{ ref, expected: owed.before, next: owed.notes }])
  return outcome.kind === 'moved' || outcome.kind === 'stale'
}

async function recallOwed(box: Toolbox): Promise<OwedNote | undefined> {
  const [board, notes, before] = ((await box.memory.read(OWED_NOTE)) ?? '').trim().split(' ')
  if (!isObjectId(board ?? '') || !isObjectId(notes ?? '')) return undefined
  return {
    board: board as ObjectId,
    notes: notes as ObjectId,
    before: isObjectId(before ?? '') ? (before as ObjectId) : undefined,
  }
}
