/**
 * The note that a fold leaves on its board commit, under `refs/notes/if-witness`.
 *
 * First the events that the fold seals, one canonical JSON per line, in the order of the log;
 * then a blank line; then the signed checkpoint (its form: `checkpoint.ts`). A fold without events
 * writes the checkpoint alone. So `git log --notes=if-witness` shows the log with git alone, and
 *
 *     git notes --ref=if-witness show <board commit> | grep '^{'
 *
 * gives the events to any JSON reader. The commit that moves the notes ref repeats the signed
 * checkpoint in its message, so that the newest one is found without reading the notes tree.
 */
import { isObjectId, type ObjectId, type SignedEvent } from '../model/index.ts'
import { type Checkpoint, parseSignedCheckpoint, renderSignedCheckpoint, type SignedCheckpoint } from './checkpoint.ts'
import { eventJson } from './event-json.ts'
import { parseEvent } from './event-shape.ts'
import { appendLeaf, EMPTY_FRONTIER, type Frontier, frontierRoot, leafHash, type RawHash } from './merkle.ts'
import { sameBytes } from './session-commit.ts'

/** A note as it was read. */
export interface Note extends SignedCheckpoint {
  readonly events: readonly SignedEvent[]
}

/** The part of a checkpoint that follows from the events and the checkpoint before. */
export interface Seal {
  readonly fold: number
  readonly frontier: Frontier
  readonly root: Uint8Array
}

/** 16 Mi UTF-16 code units: some 20,000 events, far above what one fold seals. */
const MAX_NOTE_LENGTH = 16 * 1024 * 1024

/** Append these events to the log that the previous checkpoint stands for. */
export function sealOf(
  events: readonly SignedEvent[],
  previous: Pick<Checkpoint, 'fold' | 'frontier'> | undefined,
  hash: RawHash,
): Seal {
  return sealLines(events.map(eventJson), previous, hash)
}

/** The same by the lines of a note: the bytes of each are a leaf. */
export function sealLines(
  lines: readonly string[],
  previous: Pick<Checkpoint, 'fold' | 'frontier'> | undefined,
  hash: RawHash,
): Seal {
  const utf8 = new TextEncoder()
  let frontier = previous?.frontier ?? EMPTY_FRONTIER
  for (const line of lines) frontier = appendLeaf(frontier, leafHash(utf8.encode(line), hash), hash)
  return { fold: (previous?.fold ?? 0) + 1, frontier, root: frontierRoot(frontier, hash) }
}

/** Is this the tree that the checkpoint names? */
export function isTreeOf({ frontier, root }: Seal, found: Checkpoint): boolean {
  return (
    frontier.size === found.frontier.size &&
    sameBytes(root, found.root) &&
    frontier.hashes.every((subtree, at) => sameBytes(subtree, found.frontier.hashes[at] ?? new Uint8Array(0)))
  )
}

/** Do these events, appended to the log of the previous checkpoint, give this note's checkpoint? */
export function sealHolds(note: Note, previous: Checkpoint | undefined, hash: RawHash): boolean {
  const seal = sealOf(note.events, previous, hash)
  const found = note.checkpoint
  const isNext = (previous === undefined || previous.boardId === found.boardId) && seal.fold === found.fold
  return isNext && isTreeOf(seal, found)
}

export function renderNote(events: readonly SignedEvent[], signed: SignedCheckpoint): string {
  const lines = events.map((event) => `${eventJson(event)}\n`)
  return [...lines, ...(lines.length === 0 ? [] : ['\n']), renderSignedCheckpoint(signed)].join('')
}

/** A commit of the notes ref that repeats a checkpoint, as `parseNotesMessage` has read it. */
export interface ReadMessage {
  readonly message: string
  readonly signed: SignedCheckpoint
}

/**
 * A note from its text; `undefined` for anything that `renderNote` would not have written so. Where the checkpoint is,
 * letter for letter, that of the message that goes with it, it is not read a second time.
 */
export function parseNote(text: string, beside?: ReadMessage): Note | undefined {
  const parts = partsOf(text)
  if (parts === undefined) return undefined
  const isSame = beside !== undefined && parts.checkpoint === checkpointIn(beside.message)
  const signed = isSame ? beside.signed : parseSignedCheckpoint(parts.checkpoint)
  const events = parts.events.map(parseEvent)
  return signed !== undefined && events.every((event) => event !== undefined) ? { ...signed, events } : undefined
}

/** The checkpoint of a note, whatever its events are. */
export function parseNoteCheckpoint(text: string): SignedCheckpoint | undefined {
  const parts = partsOf(text)
  return parts === undefined ? undefined : parseSignedCheckpoint(parts.checkpoint)
}

function partsOf(text: string): { readonly events: readonly string[]; readonly checkpoint: string } | undefined {
  if (text.length > MAX_NOTE_LENGTH) return undefined
  if (!text.startsWith('{')) return { events: [], checkpoint: text }
  const blank = text.indexOf('\n\n')
  return blank < 0 ? undefined : { events: text.slice(0, blank).split('\n'), checkpoint: text.slice(blank + 2) }
}

/** Message of the commit that moves the notes ref. */
export function renderNotesMessage(signed: SignedCheckpoint): string {
  return `${notesTitle(signed)}\n\n${renderSignedCheckpoint(signed)}`
}

/** The checkpoint that such a message repeats; `undefined` when it is none of ours. */
export function parseNotesMessage(message: string): SignedCheckpoint | undefined {
  if (message.length > MAX_NOTE_LENGTH) return undefined
  const text = checkpointIn(message)
  const signed = text === undefined ? undefined : parseSignedCheckpoint(text)
  return signed !== undefined && message.startsWith(`${notesTitle(signed)}\n\n`) ? signed : undefined
}

function checkpointIn(message: string): string | undefined {
  const blank = message.indexOf('\n\n')
  return blank < 0 ? undefined : message.slice(blank + 2)
}

function notesTitle({ checkpoint }: SignedCheckpoint): string {
  return `Seal fold ${checkpoint.fold} of ${checkpoint.board}`
}

export interface FoldMessage {
  /** One line for people, such as `Fold P0.1.2 done by session-4`. */
  readonly subject: string
  /** Makes two folds of one second two commits: hexadecimal. */
  readonly nonce: string
  /** What the notes ref held when the fold was planned; `undefined`: nothing yet. */
  readonly notesBefore: ObjectId | undefined
}

/**
 * Message of the board commit of a fold.
 *
 * It ends with a trailer (git-interpret-trailers(1)) that names the log it stood on. The note names its board commit
 * already, so a log that was rolled back contradicts the board, and a board that was rolled back the log:
 *
 *     git log --format='%h %(trailers:key=Witness-Before,valueonly)' if-board/main
 */
export function foldMessage({ subject, nonce, notesBefore }: FoldMessage): string {
  const body = `Fold ${nonce}: board, state and witness note in one push.`
  return `${subject} [skip ci]\n\n${body}\n\n${WITNESS_BEFORE}${notesBefore ?? 'none'}\n`
}

const WITNESS_BEFORE = 'Witness-Before: '

/** What the notes ref held before the fold of this message; `none` for the first, `undefined` where it does not say. */
export function witnessBefore(message: string): ObjectId | 'none' | undefined {
  const start = message.lastIndexOf('\n\n') + 2
  if (start < 2 || !message.startsWith(WITNESS_BEFORE, start) || !message.endsWith('\n')) return undefined
  const value = message.slice(start + WITNESS_BEFORE.length, -1)
  return value === 'none' || isObjectId(value) ? value : undefined
}
