/**
 * The sealed log as it lies in git: the commits of the notes ref in the order of the folds, and the note of each.
 *
 * Notes are read a few at a time and in order, so that a log of any length takes little memory. What cannot be
 * understood is handed on as it is: whoever shows the log leaves it out, whoever verifies it names it.
 */
import type { ObjectId } from '../../model/index.ts'
import { type Checkpoint, type Note, parseNote, parseNotesMessage, type SignedCheckpoint } from '../../witness/index.ts'
import { readCommit, readText, readTree, TREE_MODE } from '../branch-tree.ts'
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
    yield {
      commit: next,
      parents,
      message,
      // Parsed for whoever asks.
      get signed() {
        return parseNotesMessage(message)
      },
    }
    next = parents[0]
  }
}

/** The note of each board commit by its id: names and blobs alone. */
export async function noteBlobs(box: Toolbox, { refs }: Pick<Judged, 'refs'>): Promise<ReadonlyMap<string, ObjectId>> {
  const tip = refs.get(box.layout.notes)
  if (tip === undefined) return new Map()
  const blobs = new Map<string, ObjectId>()
  await collectBlobs(box, (await readCommit(box.objects, tip)).tree, '', blobs)
  return blobs
}

/** Folders are the first digits of the id (git-notes(1)); each fold leaves a file, so their number has no limit. */
async function collectBlobs(box: Toolbox, tree: ObjectId, prefix: string, blobs: Map<string, ObjectId>): Promise<void> {
  const below: Promise<void>[] = []
  for (const { mode, name, oid } of await readTree(box.objects, tree)) {
    const id = `${prefix}${name}`
    if (!/^[0-9a-f]{1,64}$/.test(id)) continue
    if (mode.startsWith('100')) blobs.set(id, oid)
    else if (mode === TREE_MODE) below.push(collectBlobs(box, oid, id, blobs))
  }
  await Promise.all(below)
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

/** Where a fold's note lies. */
export interface NotePlace {
  readonly board: ObjectId
  readonly blob: ObjectId
}

/** Every note that is understood and belongs to this board, oldest fold first. */
export async function* sealedNotes(box: Toolbox, reading: Pick<Judged, 'refs'>): AsyncGenerator<SealedNote> {
  const blobs = await noteBlobs(box, reading)
  const places = (await foldedBoards(box, reading)).flatMap((board) => {
    const blob = blobs.get(board)
    return blob === undefined ? [] : [{ board, blob }]
  })
  yield* readNotes(box, places)
}

/** The notes of these places, in their order, without those that are not understood. */
export async function* readNotes(box: Toolbox, places: readonly NotePlace[]): AsyncGenerator<SealedNote> {
  for (let at = 0; at < places.length; at += AT_ONCE) {
    const group = places.slice(at, at + AT_ONCE)
    const texts = await Promise.all(group.map(({ blob }) => readText(box.objects, blob)))
    for (const [index, { board }] of group.entries()) {
      const note = parseNote(texts[index] as string)
      if (note !== undefined && isOf(note.checkpoint, box, board)) yield { fold: note.checkpoint.fold, board, note }
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
