/**
 * What a verification looks at: everything that a hub, or an exported bundle, shows of one board's log.
 *
 * Nothing here is believed. A reader of refs and a reader of a bundle fill in the same facts, and the same rules judge
 * them, so that a stranger with the bundle comes to the same answer.
 */
import type {
  DoneRecord,
  Ledger,
  ObjectId,
  RefName,
  SealedSession,
  SignedEvent,
  TaskAccount,
  TaskKey,
} from '../../model/index.ts'
import type { CarriedEvent } from '../chain.ts'
import type { SignedCheckpoint } from '../checkpoint.ts'
import { parseNotesMessage } from '../note.ts'
import type { Operator } from '../operators.ts'

export interface LogFacts {
  readonly boardId: string
  /** Id of the empty tree, by which the ids of events' commits are computed again. */
  readonly emptyTree: ObjectId
  /**
   * False: `notes` and `board` end early, where a quick look needs no more. They reach back to every anchor, and
   * `notes` one commit further than what the oldest fold of `board` names.
   */
  readonly isWhole: boolean
  /** Commits of the notes ref, newest first; a prune's repeats the message of the one that it replaced. */
  readonly notes: readonly NotesCommitFacts[]
  /** Text of the note on a board commit; `undefined`: there is none. */
  note(board: ObjectId): Promise<string | undefined>
  /** The coordination branch, newest first. */
  readonly board: readonly BoardCommitFacts[]
  /** `.if-board/state/sealed/` of the newest board commit: its tree and what it says. */
  readonly sealedTree: ObjectId | undefined
  readonly sealed: readonly SealedSession[]
  /** Finished tasks by the state files. */
  readonly done: readonly DoneFacts[]
  /** What folds have counted; absent where no ledger is there to look at. */
  readonly counted?: CountedFacts | undefined
  /** What the chains hold beyond the last seal, by session ref. */
  readonly chains: readonly ChainFacts[]
  readonly claims: readonly ClaimFacts[]
  /** Refs that replace objects (git-replace(1)) in the repository that was read. */
  readonly replaced: readonly RefName[]
  /** Text of `.if-board/allowed_signers`; `undefined`: the branch has none. */
  readonly registry: string | undefined
  /** Operators whom the reader pinned. */
  readonly operators: readonly Operator[]
  /** Checkpoints that were seen before, here or elsewhere. */
  readonly anchors: readonly Anchor[]
}

export interface NotesCommitFacts {
  readonly commit: ObjectId
  readonly message: string
}

/** The checkpoint of each fold, newest first; `undefined` for a commit that carries none. */
export function checkpointsOf(notes: readonly NotesCommitFacts[]): (SignedCheckpoint | undefined)[] {
  return foldCommits(notes).map(checkpointOf)
}

/** One commit for each fold, newest first, and those that carry no checkpoint. */
export function foldCommits(notes: readonly NotesCommitFacts[]): NotesCommitFacts[] {
  return notes.filter((one, at) => one.message !== notes[at - 1]?.message || checkpointOf(one) === undefined)
}

/** The checkpoint that this commit repeats. */
export function checkpointOf(one: NotesCommitFacts): SignedCheckpoint | undefined {
  if (!checkpoints.has(one)) checkpoints.set(one, parseNotesMessage(one.message))
  return checkpoints.get(one)
}

/** As `parseNotesMessage` has read it already. */
export function notesCommit(one: NotesCommitFacts, signed: SignedCheckpoint | undefined): NotesCommitFacts {
  checkpoints.set(one, signed)
  return one
}

/** Several rules ask, and reading a checkpoint takes its time. */
const checkpoints = new WeakMap<NotesCommitFacts, SignedCheckpoint | undefined>()

export interface BoardCommitFacts {
  readonly commit: ObjectId
  readonly author: string
  /** For folds: what its message says the notes ref held; `undefined`: it does not say. */
  readonly notesBefore: ObjectId | 'none' | undefined
  readonly isFold: boolean
}

export interface CountedFacts {
  readonly ledger: Ledger
  readonly tasks: ReadonlyMap<TaskKey, TaskAccount>
}

export interface DoneFacts extends DoneRecord {
  readonly key: TaskKey
}

export interface ChainFacts {
  readonly ref: RefName
  /** Beyond the seal, oldest first; a single event where the ref leads no further. */
  readonly events: readonly CarriedEvent[]
  /** False: the ref holds neither an event of its session nor a sign of life, or names an event that is not here. */
  readonly isReadable: boolean
}

export interface ClaimFacts {
  readonly ref: RefName
  readonly oid: ObjectId
  /** `undefined`: the ref holds no event. */
  readonly event: SignedEvent | undefined
}

/** A checkpoint as somebody remembers it: number of the fold, size of the log, RFC 6962 root in base64. */
export interface Anchor {
  readonly fold: number
  readonly size: number
  readonly root: string
  /** `here`: this clone saw it before; `outside`: somebody brought it. */
  readonly from: 'here' | 'outside'
}

/** How much is looked at; each level includes those before it. */
export const LEVELS = ['quick', 'chain', 'full', 'audit'] as const
export type Level = (typeof LEVELS)[number]

export function reaches(level: Level, wanted: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(wanted)
}
