/**
 * The sealed log as it lies in git: the commits of the notes ref in the order of the folds, and the note of each.
 *
 * Notes are read a few at a time and in order, so that a log of any length takes little memory. What cannot be
 * understood is handed on as it is: whoever shows the log leaves it out, whoever verifies it names it.
 */
import type { ObjectId } from '../../model/index.ts'
import { type Checkpoint, type Note, parseNote, parseNotesMessage, type SignedCheckpoint } from '../../witness/index.ts'
import { listFiles, readCommit, readText } from '../branch-tree.ts'
import type { Judged } from '../reading.ts'
import type { Toolbox } from '../toolbox.ts'

/** One commit of the notes ref. */
export interface NotesCommit {
  readonly commit: ObjectId
  readonly parents: readonly ObjectId[]
  readonly message: string
  /** The checkpoint that the message repeats; `undefined` where it is none of ours. */
  readonly signed: SignedCheckpoint | undefined
}

/** The ref's history, newest first. Each commit has at most one parent where folds alone wrote it. */
export async function* notesCommits(box: Toolbox, { refs }: Pick<Judged, 'refs'>): AsyncGenerator<NotesCommit> {
  let next = refs.get(box.layout.notes)
  const seen = new Set<ObjectId>()
  while (next !== undefined && !seen.has(next)) {
    seen.add(next)
    const { parents, message } = await readCommit(box.objects, next)
    yield { commit: next, parents, message, signed: parseNotesMessage(message) }
    next = parents[0]
  }
}

/** The note of each board commit by its id: names and blobs alone. */
export async function noteBlobs(box: Toolbox, { refs }: Pick<Judged, 'refs'>): Promise<ReadonlyMap<string, ObjectId>> {
  const tip = refs.get(box.layout.notes)
  if (tip === undefined) return new Map()
  const { tree } = await readCommit(box.objects, tip)
  const files = await listFiles(box.objects, tree, () => false)
  return new Map([...files].map(([path, blob]) => [path.replaceAll('/', ''), blob]))
}

/** A fold's note, in the order of the folds. */
export interface SealedNote {
  readonly fold: number
  /** Board commit that the note stands on. */
  readonly board: ObjectId
  readonly note: Note
}

/** Blobs asked for at once. */
const AT_ONCE = 64

/** Every note that is understood and belongs to this board, oldest fold first. */
export async function* sealedNotes(box: Toolbox, reading: Pick<Judged, 'refs'>): AsyncGenerator<SealedNote> {
  const blobs = await noteBlobs(box, reading)
  for (const boards of inGroups(await foldedBoards(box, reading), AT_ONCE)) {
    const read = boards.map(async (board) => {
      const blob = blobs.get(board)
      return blob === undefined ? undefined : parseNote(await readText(box.objects, blob))
    })
    for (const [index, note] of (await Promise.all(read)).entries()) {
      const board = boards[index] as ObjectId
      if (note === undefined || !isOf(note.checkpoint, box, board)) continue
      yield { fold: note.checkpoint.fold, board, note }
    }
  }
}

function isOf(checkpoint: Checkpoint, { boardId }: Toolbox, board: ObjectId): boolean {
  return checkpoint.boardId === boardId && checkpoint.board === board
}

/** Board commits of the folds, oldest first, by the history of the notes ref. */
async function foldedBoards(box: Toolbox, reading: Pick<Judged, 'refs'>): Promise<ObjectId[]> {
  const boards: ObjectId[] = []
  for await (const { signed } of notesCommits(box, reading)) if (signed) boards.push(signed.checkpoint.board)
  return boards.reverse()
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = []
  for (let at = 0; at < items.length; at += size) groups.push(items.slice(at, at + size))
  return groups
}
