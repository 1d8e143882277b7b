/** One note by itself: is it what its fold signed, and do its events give the root on top of the log before? */
import { type Checkpoint, renderSignedCheckpoint } from '../checkpoint.ts'
import type { RawHash } from '../merkle.ts'
import { isTreeOf, type Note, parseNote, type ReadMessage, sealLines } from '../note.ts'
import type { FindingCode } from './findings.ts'

/** What the note of a fold must be, by the history of the notes ref. */
export interface ExpectedNote {
  readonly checkpoint: Checkpoint
  /** The signed checkpoint, with which the note ends. */
  readonly tail: string
  readonly previous: Checkpoint | undefined
  /** The commit of the ref that says so. */
  readonly beside: ReadMessage
}

export function expectNote(beside: ReadMessage, previous: Checkpoint | undefined): ExpectedNote {
  const { signed } = beside
  return { checkpoint: signed.checkpoint, tail: renderSignedCheckpoint(signed), previous, beside }
}

export interface JudgedNote {
  readonly fault: { readonly code: FindingCode; readonly message: string } | undefined
  /** Its events were taken away, and its checkpoint stayed. */
  readonly isPruned: boolean
  /** Parsed when asked for; `undefined`: it cannot be read. */
  readonly note: () => Note | undefined
}

/** Compares text and hashes before anything is parsed: a note that somebody changed costs no more than one that holds. */
export function judgeNote(text: string | undefined, expected: ExpectedNote, hash: RawHash): JudgedNote {
  const { fold, frontier } = expected.checkpoint
  if (text === undefined) return fault('note-missing', `the note of fold ${fold} is gone`)
  const note = () => parseNote(text, expected.beside)
  if (!text.endsWith(expected.tail))
    return fault('note-changed', `the note of fold ${fold} has another checkpoint than the ref's history`, note)
  const above = text.slice(0, -expected.tail.length)
  const isPruned = above === '' && frontier.size > (expected.previous?.frontier.size ?? 0)
  if (isPruned) return { fault: undefined, isPruned, note }
  if (!givesRoot(above, expected, hash))
    return fault('root-differs', `the events of fold ${fold} do not give its root`, note)
  return { fault: undefined, isPruned, note }
}

/** Whether a line is an event, and written as it must be, is the parser's question. */
function givesRoot(above: string, { checkpoint, previous }: ExpectedNote, hash: RawHash): boolean {
  if (above !== '' && !above.endsWith('\n\n')) return false
  const lines = above === '' ? [] : above.slice(0, -2).split('\n')
  return isTreeOf(sealLines(lines, previous, hash), checkpoint)
}

function fault(code: FindingCode, message: string, note: () => Note | undefined = () => undefined): JudgedNote {
  return { fault: { code, message }, isPruned: false, note }
}
