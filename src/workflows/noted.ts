/**
 * How far the witness log itself goes, told by its newest note.
 *
 * A server that is killed between the two refs of a fold leaves the board without its note: the
 * state on the branch calls events sealed that no note holds. Their commits must stay reachable,
 * and the next fold seals them, so what counts as sealed for good is what both say.
 */
import { isObjectId, type ObjectId, type ParsedCommit, type SealedSession, type SessionName } from '../model/index.ts'
import {
  type Checkpoint,
  parseNotesMessage,
  parseSealedSession,
  SEALED_FOLDER,
  sealedSessionPath,
} from '../witness/index.ts'
import { findEntry, readCommit, readText } from './branch-tree.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'
import { rememberCheckpoint } from './witness/remembered.ts'

/** Commits that somebody else may have put on top of the notes ref, such as a person's `git notes add`. */
const MAX_STRANGE = 100

/** The checkpoint that the newest commit of the notes ref repeats; commits of others on top of it say nothing. */
export async function lastCheckpoint(box: Toolbox, { refs }: Pick<Reading, 'refs'>): Promise<Checkpoint | undefined> {
  let next = refs.get(box.layout.notes)
  for (let steps = 0; next !== undefined && steps < MAX_STRANGE; steps += 1) {
    const { message, parents }: ParsedCommit = await readCommit(box.objects, next)
    const signed = parseNotesMessage(message)
    if (signed !== undefined) return signed.checkpoint
    next = parents[0]
  }
  return undefined
}

/** What is asked of the refs and the branch of one answer. */
interface Sealing {
  readonly refs: Reading['refs']
  readonly branch: Pick<Reading['branch'], 'tree'>
}

/** Sequence of the session's last event that both the branch (`sealed`) and the notes call sealed; 0 = none. */
export async function sealedForGood(
  box: Toolbox,
  reading: Sealing,
  session: SessionName,
  sealed: SealedSession | undefined,
): Promise<number> {
  return (await endForGood(box, reading, session, sealed))?.sequence ?? 0
}

/** That event; `undefined`: none. */
export async function endForGood(
  box: Toolbox,
  reading: Sealing,
  session: SessionName,
  sealed: SealedSession | undefined,
): Promise<SealedSession | undefined> {
  if (sealed === undefined) return undefined
  const tree = await sealedTree(box, reading)
  if (tree === undefined) return undefined
  const here = await findEntry(box.objects, reading.branch.tree, SEALED_FOLDER)
  // The note of a fold that this view of the branch does not hold yet: then the branch is the older of the two.
  if (here?.oid === tree || (await box.objects.read(tree)) === undefined) return sealed
  const name = sealedSessionPath(session, box.sha256).slice(SEALED_FOLDER.length + 1)
  const entry = await findEntry(box.objects, tree, name)
  const noted = entry === undefined ? undefined : parseSealedSession(await readText(box.objects, entry.oid))
  return noted === undefined || noted.sequence < sealed.sequence ? noted : sealed
}

/** Is all that the branch calls sealed in a note? */
export async function isNoted(box: Toolbox, reading: Sealing): Promise<boolean> {
  const here = await findEntry(box.objects, reading.branch.tree, SEALED_FOLDER)
  return here === undefined || here.oid === (await sealedTree(box, reading))
}

const SEALED_TREE = 'cache/sealed-tree'

/** What `lastCheckpoint` says of it, remembered: every operation of a session asks, and parsing a note takes its time. */
async function sealedTree(box: Toolbox, reading: Pick<Reading, 'refs'>): Promise<ObjectId | undefined> {
  const notes = reading.refs.get(box.layout.notes) ?? '-'
  const [known, tree] = ((await box.memory.read(SEALED_TREE)) ?? '').split(' ')
  if (known === notes && tree !== undefined) return isObjectId(tree) ? tree : undefined
  const checkpoint = await lastCheckpoint(box, reading)
  if (checkpoint?.boardId === box.boardId) await rememberCheckpoint(box, checkpoint)
  await box.memory.write(SEALED_TREE, `${notes} ${checkpoint?.sealedTree ?? '-'}`)
  return checkpoint?.sealedTree
}
