/**
 * Bring back what a rewound branch has lost, from the notes: they have a ref of their own.
 *
 * A completion that a lost fold sealed is put where its claim ref would be; then the ordinary fold
 * judges and writes. What people did on the lost part is theirs to do again, except that a task which
 * they had reopened there is not finished a second time.
 */
import { isDone } from '../claim/index.ts'
import {
  type ClaimRecord,
  IfBoardError,
  type ObjectId,
  objectId,
  type SealedSession,
  type SessionName,
  type SignedEvent,
  type TaskKey,
  toObjectId,
} from '../model/index.ts'
import { takeSnapshot } from '../projection/index.ts'
import { encodeEventCommit, eventType, type Note, toClaimRecord } from '../witness/index.ts'
import { readNotes } from './all-notes.ts'
import { sealedSession } from './chain-tip.ts'
import { foldReading } from './fold.ts'
import { history, rewound } from './fold-memory.ts'
import { readRewound, type WholeReading } from './read.ts'
import { forgetRegistry } from './registry.ts'
import type { Toolbox } from './toolbox.ts'

export type RestoreOutcome =
  | {
      readonly kind: 'restored'
      readonly head: ObjectId
      readonly lost: ObjectId
      /** Tasks whose completion was brought back, in board order. */
      readonly tasks: readonly TaskKey[]
      /** Lost folds whose events were pruned: what was completed in them cannot be brought back. */
      readonly prunedFolds: number
    }
  | { readonly kind: 'not-rewound'; readonly head: ObjectId }

/** One try; `overtaken` when the branch moved meanwhile. */
export async function restoreOnce(
  box: Toolbox,
  folder: SessionName,
): Promise<RestoreOutcome | { readonly kind: 'overtaken' }> {
  const { missingFold: lost, ...reading } = await readRewound(box)
  const { head } = reading
  if (lost === undefined) return { kind: 'not-rewound', head }
  const notes = await readNotes(box, reading)
  const lostNotes = await notesBeyond(box, notes, { head, lost })
  if (!lostNotes.some(({ checkpoint }) => checkpoint.board === lost)) throw rewoundForGood(head, lost)
  const claims = sealedCompletions(box, notes, lostNotes).filter(({ key }) => {
    const view = reading.snapshot.views.get(key)
    return view !== undefined && !isDone(view.judgement.standing)
  })
  const commit = await foldBeyond(box, withClaims(reading, claims), { folder, notes })
  if (commit === undefined) return { kind: 'overtaken' }
  const tasks = [...reading.snapshot.views.keys()].filter((key) => claims.some((claim) => claim.key === key))
  return { kind: 'restored', head: commit, lost, tasks, prunedFolds: lostNotes.filter(isPruned).length }
}

export type AcceptOutcome =
  | { readonly kind: 'accepted'; readonly head: ObjectId; readonly lost: ObjectId }
  | { readonly kind: 'not-rewound'; readonly head: ObjectId }

/**
 * One try to go on from the branch as it is. What the lost folds have sealed stays sealed: a fold records
 * that, and its note tells fresh clones where the branch goes on.
 */
export async function acceptOnce(
  box: Toolbox,
  folder: SessionName,
): Promise<AcceptOutcome | { readonly kind: 'overtaken' }> {
  const { missingFold: lost, ...reading } = await readRewound(box)
  const { head } = reading
  if (lost === undefined) return { kind: 'not-rewound', head }
  const commit = await foldBeyond(box, reading, { folder, notes: await readNotes(box, reading) })
  if (commit !== undefined) await forgetRegistry(box)
  return commit === undefined ? { kind: 'overtaken' } : { kind: 'accepted', head: commit, lost }
}

interface Beyond {
  readonly folder: SessionName
  readonly notes: readonly Note[]
}

/** Fold with every end of a chain that the notes know and the branch does not; the head after it, or `undefined` when overtaken. */
async function foldBeyond(
  box: Toolbox,
  reading: WholeReading,
  { folder, notes }: Beyond,
): Promise<ObjectId | undefined> {
  const sealed = await sealedBeyond(box, reading, notes)
  const counted = notes.flatMap(({ events }) => events)
  const outcome = await foldReading(box, reading, { folder, sealed, counted, sweeps: false, always: true })
  return outcome.kind === 'folded' ? outcome.commit : undefined
}

function isPruned({ events, checkpoint }: Note): boolean {
  return events.length === 0 && checkpoint.sealed.length > 0
}

function rewoundForGood(head: ObjectId, lost: ObjectId): IfBoardError {
  const { code, message } = rewound(head, lost)
  return new IfBoardError(code, `${message}, and the notes do not know that fold`, {
    hint: 'Push the lost commits again if a clone still has them; to go on from the branch as it is: if-board sync --accept',
  })
}

interface Rewind {
  readonly head: ObjectId
  readonly lost: ObjectId
}

/**
 * Notes of folds that the head lacks and the lost fold contains. An earlier rewind that a person accepted
 * left such notes too; they are not brought back, as long as this hub still has the lost commits.
 */
async function notesBeyond(box: Toolbox, notes: readonly Note[], { head, lost }: Rewind): Promise<Note[]> {
  const kept = await ancestry(box, head)
  const gone = await ancestry(box, lost)
  const isLost = ({ checkpoint: { board } }: Note) => !kept.has(board) && (gone.size === 0 || gone.has(board))
  return notes.filter(isLost)
}

/** A commit and everything it contains; empty where the hub does not have it. */
async function ancestry(box: Toolbox, oid: ObjectId): Promise<Set<ObjectId>> {
  const found = new Set<ObjectId>()
  if ((await box.objects.read(oid)) === undefined) return found
  for await (const { oid: one } of history(box, oid)) found.add(one)
  return found
}

/** Completions of the lost folds whose grant was sealed as granted, unless a person reopened the task there. */
function sealedCompletions(box: Toolbox, notes: readonly Note[], lostNotes: readonly Note[]): ClaimRecord[] {
  const granted = grantsOf(box, notes)
  const completed = new Map<TaskKey, ClaimRecord>()
  for (const note of lostNotes) {
    for (const key of reopened(note)) completed.delete(key)
    for (const event of note.events) {
      const record = completionOf(box, event)
      if (record === undefined || !granted.has(toObjectId(event.data.replaces ?? ''))) continue
      // What a promotion to `merged` replaces is a completion, granted with the claim before it.
      granted.add(record.oid)
      const cost = record.cost ?? completed.get(record.key)?.cost
      completed.set(record.key, cost === undefined ? record : { ...record, cost })
    }
  }
  return [...completed.values()]
}

/** What was sealed as granted, also under the values that a switch of who decides carried it to. */
function grantsOf(box: Toolbox, notes: readonly Note[]): Set<ObjectId> {
  const granted = new Set<ObjectId>(notes.flatMap(({ checkpoint }) => checkpoint.granted))
  for (const event of notes.flatMap(({ events }) => events))
    if (eventType(event) === 'carried' && granted.has(toObjectId(event.data.replaces ?? '')))
      granted.add(commitOf(box, event))
  return granted
}

function completionOf(box: Toolbox, event: SignedEvent): ClaimRecord | undefined {
  const type = eventType(event)
  if ((type !== 'complete' && type !== 'merged') || event.data.replaces === undefined) return undefined
  return toClaimRecord(commitOf(box, event), event)
}

function commitOf(box: Toolbox, event: SignedEvent): ObjectId {
  return objectId(encodeEventCommit(event, box.emptyTree), box.objects.hash)
}

function reopened({ checkpoint }: Note): TaskKey[] {
  return checkpoint.records.flatMap(({ kind, changes }) =>
    kind === 'edit'
      ? changes.filter(({ field, from }) => field === 'status' && from === 'done').map(({ key }) => key)
      : [],
  )
}

/** An event is sealed once: what any note holds stays sealed, also one that an earlier rewind has cut off. */
async function sealedBeyond(box: Toolbox, reading: WholeReading, notes: readonly Note[]): Promise<SealedSession[]> {
  const newest = new Map<SessionName, SealedSession>()
  for (const { checkpoint } of notes)
    for (const end of checkpoint.sealed)
      if (end.sequence > (newest.get(end.session)?.sequence ?? 0)) newest.set(end.session, end)
  const beyond: SealedSession[] = []
  for (const end of newest.values()) {
    const known = await sealedSession(box, reading, end.session)
    if (end.sequence > (known?.sequence ?? 0)) beyond.push(end)
  }
  return beyond
}

/** The reading as if these completions still stood in their claim refs. */
function withClaims(reading: WholeReading, claims: readonly ClaimRecord[]): WholeReading {
  const keys = new Set(claims.map(({ key }) => key))
  const facts = { ...reading.facts, claims: [...reading.facts.claims.filter(({ key }) => !keys.has(key)), ...claims] }
  return { ...reading, facts, snapshot: takeSnapshot(facts) }
}
