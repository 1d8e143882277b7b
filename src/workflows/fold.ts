/**
 * Fold: claims back into the board, their events into a note, settled refs away. One atomic push.
 *
 *     read claims and board B → plan → B′ (always a new commit) → note N′ → push {B→B′, N→N′, deletions}
 *
 * Landed if and only if the branch is at B′ or descends from it; the answer to the push is no judge.
 * The server applies board, notes, then deletions: every prefix is safe, because readers prefer
 * board and state over refs. Where the server was killed behind the board, whoever folded brings the note later
 * (`owed-note.ts`). Folding is anybody's work; several at once cost a lost push each.
 */
import { claimRef, elapsedMs, sessionRef } from '../claim/index.ts'
import type { FastState } from '../fast/projector.ts'
import {
  encodeCommit,
  type GitObject,
  IfBoardError,
  type ObjectId,
  objectId,
  type SealedSession,
  type SessionName,
  type SignedEvent,
  splitTaskKey,
} from '../model/index.ts'
import type { RefMove } from '../ports/index.ts'
import {
  type CarriedEvent,
  foldMessage,
  formatTime,
  renderNote,
  renderNotesMessage,
  SEALED_FOLDER,
} from '../witness/index.ts'
import { changeTree, findEntry, readCommit } from './branch-tree.ts'
import { FAST_STATE_FILE, renderFastState } from './fast/state.ts'
import { foldedFiles } from './fold-files.ts'
import { contains, FOLD_EMAIL, rememberFold } from './fold-memory.ts'
import { planTasks, type TaskPlan } from './fold-plan.ts'
import { editRecords, foldRecord } from './fold-records.ts'
import { seal, unsealedEvents } from './fold-seal.ts'
import { notePath } from './lost-notes.ts'
import { oweNote, oweNothing, payNote } from './owed-note.ts'
import { promoteMerged } from './promote-merged.ts'
import { read, type WholeReading } from './read.ts'
import { PINS_FILE } from './read-branch.ts'
import { speakerOf } from './speaker.ts'
import type { Toolbox } from './toolbox.ts'
import { assertBoardsKept, assertBoardsWhole } from './whole-boards.ts'

export type FoldOutcome =
  | {
      readonly kind: 'folded'
      readonly commit: ObjectId
      readonly written: number
      readonly swept: number
      readonly events: number
    }
  | { readonly kind: 'nothing' }
  /** Another fold or edit was faster, and this one did not land; or it has brought the note of the one before it. */
  | { readonly kind: 'overtaken' }

/** Deletions in one push at most. */
const MAX_DELETIONS = 100
const SILENT_MS = 7 * 24 * 3600 * 1000

/**
 * @throws IfBoardError `board/missing`, `board/not-text`, `board/too-large`, `board/rows-vanished`, `authority/locked`, and what `read` throws
 */
export async function fold(box: Toolbox, folder: SessionName): Promise<FoldOutcome> {
  const reading = await readPromoted(box, folder)
  // What etcd holds belongs into the same fold: by git alone, claims would seem over and events be sealed unjudged.
  if (reading.mode.mode === 'etcd' || reading.mode.mode === 'draining') return { kind: 'nothing' }
  return foldReading(box, reading, { folder, sealed: [], sweeps: true })
}

export interface FoldRequest {
  readonly folder: SessionName
  /** Ends of chains that notes have sealed although this branch does not know it: not sealed twice. */
  readonly sealed: readonly SealedSession[]
  /** Events of notes that the ledger of this branch may not have counted; default none. */
  readonly counted?: readonly SignedEvent[]
  readonly sweeps: boolean
  /** Events of one chain that this fold seals at most; the rest is sealed by the next. Default 10,000. */
  readonly maxEvents?: number
  /** What this fold took from etcd, or that it takes nothing more; absent: left as it is. */
  readonly fast?: FastState
  /** Grants that git's claim refs show beside what the reading shows in their place; default none. */
  readonly registered?: readonly ObjectId[]
  /** Fold also where nothing is due: the new note says where the branch goes on. */
  readonly always?: true
}

export async function foldReading(box: Toolbox, reading: WholeReading, request: FoldRequest): Promise<FoldOutcome> {
  await refuseWhenRowsVanished(box, reading)
  if (await payNote(box, reading)) return { kind: 'overtaken' }
  const plans = planTasks(reading.snapshot)
  const events = (await unsealedEvents(box, reading, request.maxEvents)).filter(
    ({ event }) => !isSealedBy(event, request.sealed),
  )
  const { files, isRewritten, unshown } = await foldedFiles(box, reading, { ...request, plans, events })
  const shown = plans.filter(({ view }) => !unshown.has(view.task.key))
  const deletions = request.sweeps ? deletionsOf(box, reading, shown, events) : []
  const words = plans.filter(({ kind }) => kind === 'due' || (kind === 'word' && isRewritten)).length
  const isDue = words + events.length + deletions.length > 0 || request.always === true || request.fast !== undefined
  if (!isDue && !files.has(PINS_FILE)) return { kind: 'nothing' }
  const changed =
    request.fast === undefined ? files : new Map([...files, [FAST_STATE_FILE, renderFastState(request.fast)]])
  const { registered = [] } = request
  const folder = await speakerOf(box, reading, request.folder)
  const built = await build(box, reading, { files: changed, plans, events, folder, registered })
  await box.objects.write(built.objects)
  await oweNote(box, { ...built, before: reading.refs.get(box.layout.notes) })
  const landed = await push(box, reading, built, deletions)
  if (!landed) {
    await oweNothing(box)
    return { kind: 'overtaken' }
  }
  await rememberFold(box, { fold: built.board, head: built.board, notes: built.notes })
  const written = plans.filter(({ write }) => write !== undefined).length
  return { kind: 'folded', commit: built.board, written, swept: deletions.length, events: events.length }
}

function isSealedBy({ session, sequence }: CarriedEvent['event'], sealed: readonly SealedSession[]): boolean {
  return sealed.some((end) => end.session === session && sequence <= end.sequence)
}

/** Completions that were merged meanwhile are said first, so that this fold settles them. */
async function readPromoted(box: Toolbox, folder: SessionName): Promise<WholeReading> {
  const reading = await read(box)
  const speaker = await speakerOf(box, reading, folder)
  return (await promoteMerged(box, reading, speaker)) === 0 ? reading : read(box)
}

/** A fold never runs over a board that was lost by accident: claims would look like orphans for good. */
async function refuseWhenRowsVanished(box: Toolbox, reading: WholeReading): Promise<void> {
  await assertBoardsKept(box, reading)
  assertBoardsWhole(reading)
  const { snapshot, claims, head } = reading
  const live = claims.filter(({ kind }) => kind === 'granted').length
  const lost = snapshot.orphans.filter(({ kind }) => kind === 'granted').length
  if (lost >= 3 && lost * 2 > live)
    throw new IfBoardError(
      'board/rows-vanished',
      `${lost} of ${live} claimed rows are gone since \`${head.slice(0, 12)}\``,
      {
        hint: `Look at the change and restore the rows: git show ${head.slice(0, 12)}`,
      },
    )
}

function deletionsOf(
  box: Toolbox,
  reading: WholeReading,
  plans: readonly TaskPlan[],
  events: readonly CarriedEvent[],
): RefMove[] {
  const claims = plans.flatMap(({ sweep }) =>
    sweep === undefined
      ? []
      : [{ ref: claimRef(box.layout, sweep.key, box.sha256), expected: sweep.oid, next: undefined }],
  )
  const speaking = new Set(events.map(({ event }) => event.session))
  const silent = [...reading.snapshot.sessions.values()].flatMap(({ record, holds }) => {
    const ref = sessionRef(box.layout, record.name, box.sha256)
    const seen = reading.ledger.get(ref)
    const isSilent = seen !== undefined && elapsedMs(seen, reading.now) >= SILENT_MS
    const holdsOrphan = reading.claims.some(({ session, kind }) => session === record.name && kind === 'granted')
    return isSilent && holds.length === 0 && !holdsOrphan && !speaking.has(record.name)
      ? [{ ref, expected: record.oid, next: undefined }]
      : []
  })
  return [...claims, ...silent].slice(0, MAX_DELETIONS)
}

interface Built {
  readonly board: ObjectId
  readonly notes: ObjectId
  readonly objects: readonly GitObject[]
}

interface BuildRequest {
  readonly files: ReadonlyMap<string, string>
  readonly plans: readonly TaskPlan[]
  readonly events: readonly CarriedEvent[]
  readonly folder: SessionName
  readonly registered: readonly ObjectId[]
}

async function build(
  box: Toolbox,
  reading: WholeReading,
  { files, plans, events, folder, registered }: BuildRequest,
): Promise<Built> {
  const changed = await changeTree(box.objects, reading.branch.tree, files)
  const { wallMs } = box.clock.now()
  const who = { name: folder as string, email: FOLD_EMAIL, seconds: wallMs / 1000 }
  const before = reading.refs.get(box.layout.notes)
  const message = foldMessage({ subject: subject(plans), nonce: box.chance.hex(8), notesBefore: before })
  const commit = encodeCommit({ ...who, tree: changed.tree, parents: [reading.head], message })
  const board = objectId(commit, box.objects.hash)
  await box.objects.write(changed.objects)
  const sealedTree = (await findEntry(box.objects, changed.tree, SEALED_FOLDER))?.oid
  const records = [
    ...(await editRecords(box, reading)),
    foldRecord({ commit: board, author: folder, time: formatTime(wallMs), plans }),
  ]
  const signed = await seal(box, reading, { board, events, sealedTree, records, folder, registered })
  const note = renderNote(
    events.map(({ event }) => event),
    signed,
  )
  const notesTree = before === undefined ? undefined : (await readCommit(box.objects, before)).tree
  const notes = await changeTree(box.objects, notesTree, new Map([[notePath(board), note]]))
  const notesCommit = encodeCommit({
    ...who,
    tree: notes.tree,
    parents: before === undefined ? [] : [before],
    message: renderNotesMessage(signed),
  })
  return {
    board,
    notes: objectId(notesCommit, box.objects.hash),
    objects: [commit, ...notes.objects, notesCommit],
  }
}

/** One line for people who read the branch's history. */
function subject(plans: readonly TaskPlan[]): string {
  const parts = plans.flatMap(({ view: { task, holder, judgement }, write }) => {
    if (write === undefined) return []
    const { standing } = judgement
    const by = standing.kind === 'completed' ? standing.claim?.session : holder
    return [`${splitTaskKey(task.key).id} ${write}${by === undefined ? '' : ` by ${by}`}`]
  })
  if (parts.length === 0) return 'Fold'
  return parts.length <= 3
    ? `Fold ${parts.join(', ')}`
    : `Fold ${parts.slice(0, 2).join(', ')} and ${parts.length - 2} more`
}

async function push(
  box: Toolbox,
  reading: WholeReading,
  built: Built,
  deletions: readonly RefMove[],
): Promise<boolean> {
  const moves: RefMove[] = [
    { ref: box.layout.board, expected: reading.head, next: built.board },
    { ref: box.layout.notes, expected: reading.refs.get(box.layout.notes), next: built.notes },
  ]
  const first = await box.refs.moveAll([...moves, ...deletions])
  if (first.kind === 'moved') return true
  if (await isLanded(box, built.board)) return true
  if (first.kind === 'refused')
    throw new IfBoardError('authority/refused', `the authority refuses the fold: ${first.reason}`, {
      hint: 'if-board doctor',
    })
  // Something moved: a claim may have ended, and this fold was planned without that.
  if (first.kind === 'stale') return false
  // A lock left by a killed server process on a ref to sweep: sweeping is housekeeping, it can wait.
  const second = await box.refs.moveAll(moves)
  if (second.kind === 'moved' || (await isLanded(box, built.board))) return true
  if (second.kind === 'busy' && second.lock !== undefined)
    throw new IfBoardError('authority/locked', `the authority holds a lock that nobody removes: \`${second.lock}\``, {
      hint: 'When no git process works there any more: if-board doctor --fix',
    })
  return false
}

async function isLanded(box: Toolbox, board: ObjectId): Promise<boolean> {
  const head = (await box.refs.list()).get(box.layout.board)
  return head !== undefined && (head === board || (await contains(box, head, board)))
}
