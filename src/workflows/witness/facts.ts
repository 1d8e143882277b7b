/** Everything that a verification looks at, gathered from the authority and this hub. Believes nothing, judges nothing. */
import {
  isObjectId,
  type ObjectId,
  printable,
  type RefName,
  type SealedSession,
  toObjectId,
} from '../../model/index.ts'
import {
  type CarriedEvent,
  decodeEventCommit,
  parseSealedSession,
  SEALED_FOLDER,
  witnessBefore,
} from '../../witness/index.ts'
import type { Operator } from '../../witness/keys.ts'
import {
  type Anchor,
  type BoardCommitFacts,
  type ChainFacts,
  type ClaimFacts,
  type CountedFacts,
  checkpointOf,
  type Level,
  type LogFacts,
  type NotesCommitFacts,
  notesCommit,
  reaches,
} from '../../witness/verify/index.ts'
import { findEntry, listFiles, readText } from '../branch-tree.ts'
import { sealedSession } from '../chain-tip.ts'
import { chainBeyond } from '../chain-walk.ts'
import { FOLD_EMAIL, history } from '../fold-memory.ts'
import { registryText } from '../grant-version.ts'
import { sealedForGood } from '../noted.ts'
import type { WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { noteBlobs, notesCommits } from './sealed-log.ts'

export interface FactsRequest {
  readonly level: Level
  readonly anchors: readonly Anchor[]
  /** All refs below `refs/replace/`; those for objects that the hub does not have are the project's own business. */
  readonly replaced: readonly RefName[]
  readonly operators: readonly Operator[]
}

export async function gatherFacts(
  box: Toolbox,
  reading: WholeReading,
  { level, anchors, replaced, operators }: FactsRequest,
): Promise<LogFacts> {
  const isWhole = reaches(level, 'chain')
  const notes = await notesHistory(box, reading, isWhole ? undefined : oldestOf(anchors))
  const board = await boardHistory(box, reading, isWhole ? undefined : newestFoldOf(notes))
  const blobs = await noteBlobs(box, reading)
  const sealedTree = (await findEntry(box.objects, reading.branch.tree, SEALED_FOLDER))?.oid
  return {
    boardId: box.boardId,
    emptyTree: box.emptyTree,
    isWhole,
    notes,
    note: async (commit) => {
      const blob = blobs.get(commit)
      return blob === undefined ? undefined : readText(box.objects, blob)
    },
    board,
    sealedTree,
    sealed: sealedTree === undefined ? [] : await sealedEnds(box, sealedTree),
    done: [...reading.branch.states.values()].flatMap(({ key, done }) =>
      done === undefined ? [] : [{ ...done, key }],
    ),
    counted: countedBy(reading),
    chains: await chains(box, reading),
    claims: await claims(box, reading),
    replaced: await ofThisLog(box, replaced),
    registry: await registryText(box, reading.branch.tree),
    operators,
    anchors,
  }
}

function countedBy({ branch: { ledger, states } }: WholeReading): CountedFacts | undefined {
  const accounts = [...states.values()].flatMap(({ key, account }) =>
    account === undefined ? [] : [[key, account] as const],
  )
  return ledger === undefined ? undefined : { ledger, tasks: new Map(accounts) }
}

/** Fold down to which a quick look must read; two commits are the least: the newest, and what its fold stood on. */
function oldestOf(anchors: readonly Anchor[]): number {
  return anchors.reduce((oldest, { fold }) => Math.min(oldest, fold), Number.MAX_SAFE_INTEGER)
}

async function notesHistory(box: Toolbox, reading: WholeReading, downTo: number | undefined) {
  const commits: NotesCommitFacts[] = []
  let folds = 0
  let isEnough = false
  for await (const { commit, message, signed, isReplaced } of notesCommits(box, reading)) {
    // What a prune replaced belongs to the fold before it.
    if (isEnough && !isReplaced) break
    commits.push(notesCommit({ commit, message }, signed))
    folds += isReplaced ? 0 : 1
    isEnough = downTo !== undefined && signed !== undefined && signed.checkpoint.fold <= downTo && folds > 1
  }
  return commits
}

function newestFoldOf(notes: readonly NotesCommitFacts[]): ObjectId | undefined {
  const [newest] = notes
  return newest === undefined ? undefined : checkpointOf(newest)?.checkpoint.board
}

/** The branch's history; with `downTo`, only to that commit, which is where the newest note stands. */
async function boardHistory(box: Toolbox, { head }: WholeReading, downTo: ObjectId | undefined) {
  const commits: BoardCommitFacts[] = []
  for await (const { oid, commit } of history(box, head)) {
    const isFold = commit.author.email === FOLD_EMAIL
    const notesBefore = isFold ? witnessBefore(commit.message) : undefined
    commits.push({ commit: oid, author: printable(commit.author.name, 100), isFold, notesBefore })
    if (oid === downTo) break
  }
  return commits
}

async function sealedEnds(box: Toolbox, tree: ObjectId): Promise<SealedSession[]> {
  const ends: SealedSession[] = []
  for (const blob of (await listFiles(box.objects, tree, () => true)).values()) {
    const end = parseSealedSession(await readText(box.objects, blob))
    if (end !== undefined) ends.push(end)
  }
  return ends
}

/** What session refs lead to, beyond what both branch and notes call sealed, and one event more, to see whether they meet. */
async function chains(box: Toolbox, reading: WholeReading): Promise<ChainFacts[]> {
  const found: ChainFacts[] = []
  const records = new Map([...reading.sessions].map((record) => [record.oid, record]))
  for (const [ref, oid] of reading.refs) {
    if (!ref.startsWith(box.layout.sessions)) continue
    const record = records.get(oid)
    const last = record?.last
    if (last === undefined) {
      const isBeat = record?.beat !== undefined && record.beat.last === undefined
      if (!isBeat) found.push({ ref, events: [], isReadable: false })
      continue
    }
    const { session } = last.event
    const sealed = await sealedForGood(box, reading, session, await sealedSession(box, reading, session))
    const events = await chainBeyond(box, last, Math.max(0, sealed - 1))
    found.push({ ref, events, isReadable: true })
  }
  return found
}

async function claims(box: Toolbox, { refs }: WholeReading): Promise<ClaimFacts[]> {
  const held = [...refs].filter(([ref]) => ref.startsWith(box.layout.claims))
  return Promise.all(held.map(async ([ref, oid]) => ({ ref, oid, event: (await eventAt(box, oid))?.event })))
}

async function eventAt(box: Toolbox, oid: ObjectId): Promise<CarriedEvent | undefined> {
  const object = await box.objects.read(toObjectId(oid))
  const event = object?.type === 'commit' ? decodeEventCommit(object.body) : undefined
  return event === undefined ? undefined : { oid, event }
}

async function ofThisLog(box: Toolbox, replaced: readonly RefName[]): Promise<RefName[]> {
  const found: RefName[] = []
  for (const ref of replaced) {
    const oid = ref.slice('refs/replace/'.length)
    if (isObjectId(oid) && (await box.objects.read(oid)) !== undefined) found.push(ref)
  }
  return found
}
