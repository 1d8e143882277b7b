/**
 * Entries of the log as CloudEvents 1.0, for whoever takes events from many sources.
 *
 * Sources: CloudEvents 1.0.2 (github.com/cloudevents/spec), "Type System" and "Naming Conventions" (attributes have
 * lower-case letters and digits; a value is a boolean, a 32-bit integer, a string, a time or a URI, never a list and
 * never empty), its JSON event format, and its distributed tracing extension.
 *
 * What is signed is not touched: `data` holds the event as its session signed it, and
 *
 *     Ed25519-verify(data.sessionkey, canonical JSON (RFC 8785) of data without `signature`, data.signature)
 *
 * needs nothing else of the line. Beside it, the envelope repeats what consumers filter by, in types that the
 * specification allows: `parents` is one string with spaces, and the number in the session's chain is `chainsequence`,
 * because the `sequence` extension counts the events of a whole source.
 */
import type { ObjectId, SignedEvent } from '../model/index.ts'
import type { BoardRecord } from './checkpoint.ts'

export interface CloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject?: string
  readonly time: string
  readonly datacontenttype: 'application/json'
  /** W3C Trace Context. */
  readonly traceparent?: string
  /** Who said it. */
  readonly session?: string
  readonly sessionkey?: string
  readonly signature?: string
  readonly chainsequence?: number
  readonly previous?: string
  readonly parents?: string
  /** Number of the fold that sealed it; absent while none did. */
  readonly fold?: number
  readonly data: SignedEvent | BoardRecord
}

/** The largest Integer of the type system. */
const MAX_INTEGER = 2 ** 31 - 1

export function toCloudEvent(event: SignedEvent, fold: number | undefined): CloudEvent {
  const { specversion, id, source, type, subject, time, traceparent, session, sessionkey, signature } = event
  const { sequence, previous, parents } = event
  return {
    ...{ specversion, id, source, type, ...present({ subject }), time, datacontenttype: 'application/json' },
    ...present({ traceparent, session, sessionkey, signature, chainsequence: integer(sequence), previous }),
    ...present({ parents: parents.length === 0 ? undefined : parents.join(' '), fold: integer(fold) }),
    data: event,
  }
}

/** A change of the boards. It is signed with the checkpoint of its fold, not by itself. */
export function toRecordCloudEvent(
  record: BoardRecord,
  { boardId, fold }: { boardId: string; fold: number },
): CloudEvent {
  const { kind, commit, time } = record
  return {
    ...{ specversion: '1.0', id: recordId(kind, commit), source: `if-board:${boardId}`, type: `if-board.${kind}` },
    ...{ time, datacontenttype: 'application/json', ...present({ fold: integer(fold) }) },
    data: record,
  }
}

/** A commit may be in the seals of two folds that raced: it is one event all the same. */
function recordId(kind: BoardRecord['kind'], commit: ObjectId): string {
  return `${kind}-${commit}`
}

function integer(value: number | undefined): number | undefined {
  return value !== undefined && value <= MAX_INTEGER ? value : undefined
}

/** An attribute that has no value is left out: the specification knows no null. */
function present<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
}
