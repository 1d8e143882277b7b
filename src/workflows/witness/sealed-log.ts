/**
 * The sealed log as it lies in git: the commits of the notes ref in the order of the folds, and the note of each.
 *
 * Notes are read a few at a time and in order, so that a log of any length takes little memory. What cannot be
 * understood is handed on as it is: whoever shows the log leaves it out, whoever verifies it names it.
 */
import type { ObjectId } from '../../model/index.ts'
import {
  type Checkpoint,
  HISTORY_PATH,
  type Note,
  type PastNotes,
  parseNote,
  parseNoteCheckpoint,
  parseNotesHistory,
  parseNotesMessage,
  renderNotesMessage,
  type SignedCheckpoint,
} from '../../witness/index.ts'
import { findEntry, readCommit, readText, readTree, TREE_MODE } from '../branch-tree.ts'
import type { Judged } from '../reading.ts'
import type { Toolbox } from '../toolbox.ts'

/** One commit of the notes ref. */
export interface NotesCommit {
  readonly commit: ObjectId
  /** Of commits that a prune replaced, what their fold's note gives; `''` where there is none. */
  readonly message: string
  /** The checkpoint that the message repeats; `undefined` where it is none of ours. */
  readonly signed: SignedCheckpoint | undefined
  /** The commit listed before this one repeats its checkpoint: a prune put it in this one's place. */
  readonly isReplaced: boolean
}

/**
 * The ref's history, newest first. Each commit has at most one parent where folds alone wrote it; where the parents end
 * at a prune, its own list goes on.
 */
export async function* notesCommits(box: Toolbox, reading: Pick<Judged, 'refs'>): AsyncGenerator<NotesCommit> {
  const seen = new Set<ObjectId>()
  let next = reading.refs.get(box.layout.notes)
  let last: ObjectId | undefined
  let newer = ''
  while (next !== undefined && !seen.has(next)) {
    seen.add(next)
    const { parents, message, tree } = await readCommit(box.objects, next)
    yield notesCommit(next, message, newer)
    last = parents.length === 0 ? tree : undefined
    newer = message
    next = parents[0]
  }
  if (last === undefined) return
  const past = (await pastNotes(box, last)).filter(({ commit }) => !seen.has(commit))
  yield* replacedCommits(box, past, { newer, blobs: past.length === 0 ? new Map() : await noteBlobs(box, reading) })
}

/** Its message is parsed for whoever asks. */
function notesCommit(commit: ObjectId, message: string, newer: string): NotesCommit {
  return {
    commit,
    message,
    get signed() {
      return parseNotesMessage(message)
    },
    get isReplaced() {
      return message === newer && this.signed !== undefined
    },
  }
}

/** What a prune's tree says of the commits before it; what is no such list says nothing, and the verifier misses them. */
async function pastNotes(box: Toolbox, tree: ObjectId): Promise<readonly PastNotes[]> {
  const entry = await findEntry(box.objects, tree, HISTORY_PATH)
  return entry?.mode.startsWith('100') ? (parseNotesHistory(await readText(box.objects, entry.oid)) ?? []) : []
}

interface Replaced {
  /** Message of the commit listed before. */
  readonly newer: string
  readonly blobs: ReadonlyMap<string, ObjectId>
}

/** Commits that are not to be had any more; their messages repeated the checkpoints of their notes. */
async function* replacedCommits(
  box: Toolbox,
  past: readonly PastNotes[],
  { newer, blobs }: Replaced,
): AsyncGenerator<NotesCommit> {
  let before = newer
  for (let at = 0; at < past.length; at += AT_ONCE) {
    const group = past.slice(at, at + AT_ONCE)
    const found = await Promise.all(group.map(({ board }) => checkpointOn(box, blobs.get(board ?? ''))))
    for (const [index, { commit }] of group.entries()) {
      const signed = found[index]
      const message = signed === undefined ? '' : renderNotesMessage(signed)
      yield { commit, message, signed, isReplaced: signed !== undefined && message === before }
      before = message
    }
  }
}

async function checkpointOn(box: Toolbox, blob: ObjectId | undefined): Promise<SignedCheckpoint | undefined> {
  return blob === undefined ? undefined : parseNoteCheckpoint(await readText(box.objects, blob))
}

/** The note of each board commit by its id: names and blobs alone. */
export async function noteBlobs(box: Toolbox, reading: Pick<Judged, 'refs'>): Promise<ReadonlyMap<string, ObjectId>> {
  const blobs = new Map<string, ObjectId>()
  for (const { path, blob } of await noteFiles(box, reading)) blobs.set(path.replaceAll('/', ''), blob)
  return blobs
}

/** Where a note lies in the tree: the digits of its board commit's id, the first of them as folders. */
export interface NoteFile {
  readonly path: string
  readonly blob: ObjectId
}

export async function noteFiles(box: Toolbox, { refs }: Pick<Judged, 'refs'>): Promise<readonly NoteFile[]> {
  const tip = refs.get(box.layout.notes)
  if (tip === undefined) return []
  const files: NoteFile[] = []
  await collectFiles(box, (await readCommit(box.objects, tip)).tree, '', files)
  return files
}

/** Folders are the first digits of the id (git-notes(1)); each fold leaves a file, so their number has no limit. */
async function collectFiles(box: Toolbox, tree: ObjectId, folder: string, files: NoteFile[]): Promise<void> {
  const below: Promise<void>[] = []
  for (const { mode, name, oid } of await readTree(box.objects, tree)) {
    const path = `${folder}${name}`
    if (path.length > MAX_PATH || !/^[0-9a-f]+$/.test(name)) continue
    if (mode.startsWith('100')) files.push({ path, blob: oid })
    else if (mode === TREE_MODE) below.push(collectFiles(box, oid, `${path}/`, files))
  }
  await Promise.all(below)
}

/** The 64 digits of a SHA-256, each two of them a folder at most. */
const MAX_PATH = 64 + 31

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
  for await (const { signed, isReplaced } of notesCommits(box, reading))
    if (signed !== undefined && !isReplaced) boards.push(signed.checkpoint.board)
  return boards.reverse()
}
