/**
 * The whole log in its order: sealed events fold by fold, then what the chains hold beyond the last seal.
 *
 * A claim is a request. Sealed, the checkpoint says whether it was granted; before that, it was when its claim ref
 * shows it or something that replaced it.
 */
import { type ObjectId, objectId, type SignedEvent } from '../../model/index.ts'
import { type BoardRecord, beginsGrant, type CarriedEvent, encodeEventCommit, eventType } from '../../witness/index.ts'
import { unsealedEvents } from '../fold-seal.ts'
import type { WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { type SealedNote, sealedNotes } from './sealed-log.ts'

export type LogEntry = EventEntry | RecordEntry

export interface EventEntry {
  readonly kind: 'event'
  /** Number of the fold that sealed it; `undefined` while none did. */
  readonly fold: number | undefined
  readonly event: SignedEvent
  /** Commit that carries it. */
  readonly commit: ObjectId
  /** For `claim` and `steal`: did the claim ref go through it? `undefined` for the other types. */
  readonly granted: boolean | undefined
}

/** A change of the boards by a person, or by a fold. */
export interface RecordEntry {
  readonly kind: 'record'
  readonly fold: number
  readonly record: BoardRecord
}

export async function* readLog(box: Toolbox, reading: WholeReading): AsyncGenerator<LogEntry> {
  for await (const sealed of sealedNotes(box, reading)) yield* noteEntries(box, sealed)
  yield* await unsealedEntries(box, reading)
}

/** What one fold sealed: events, then records. An event that `wanted` leaves out costs no more than that. */
export function* noteEntries(
  box: Toolbox,
  { fold, note }: SealedNote,
  wanted: (event: SignedEvent) => boolean = () => true,
): Generator<LogEntry> {
  const granted = new Set(note.checkpoint.granted)
  for (const event of note.events.filter(wanted)) yield sealedEntry(box, event, fold, granted)
  for (const record of note.checkpoint.records) yield { kind: 'record', fold, record }
}

/** The commit follows from the event, but takes its time: it is made when somebody asks for it. */
function sealedEntry(box: Toolbox, event: SignedEvent, fold: number, granted: ReadonlySet<ObjectId>): EventEntry {
  let commit: ObjectId | undefined
  const entry: EventEntry = {
    kind: 'event',
    fold,
    event,
    get commit() {
      commit ??= commitOf(box, event)
      return commit
    },
    get granted() {
      return isClaim(event) ? granted.has(entry.commit) : undefined
    },
  }
  return entry
}

export async function unsealedEntries(box: Toolbox, reading: WholeReading): Promise<EventEntry[]> {
  const unsealed = await unsealedEvents(box, reading)
  const passed = passedThrough(reading, unsealed)
  return unsealed.map(({ oid, event }) => ({
    kind: 'event',
    fold: undefined,
    event,
    commit: oid,
    granted: isClaim(event) ? passed.has(oid) : undefined,
  }))
}

/** What claim refs hold, and what was in them before an unsealed event replaced it. */
function passedThrough({ claims }: WholeReading, unsealed: readonly CarriedEvent[]): Set<ObjectId> {
  const replaced = unsealed.flatMap(({ event }) => event.data.replaces ?? [])
  return new Set([...claims.map(({ oid }) => oid), ...replaced])
}

function isClaim(event: SignedEvent): boolean {
  return beginsGrant(eventType(event))
}

function commitOf(box: Toolbox, event: SignedEvent): ObjectId {
  return objectId(encodeEventCommit(event, box.emptyTree), box.objects.hash)
}
