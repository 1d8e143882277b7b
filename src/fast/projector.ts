/**
 * What the projector folds: what etcd holds at one revision × what git says → what git accepts, and what etcd is told.
 *
 * A completion counts when a fold that accepts it has landed. The board's commit is the judge: a fold begins from one
 * head, that head says from which epochs nothing is accepted any more (`closed`), and it lands only on that head. So
 * no fold that began before etcd was given up can land after git decides again.
 */
import type { Moment } from '../claim/index.ts'
import type { TaskKey } from '../model/index.ts'
import type { FastDone, FastHeld, FastListing, FastSettle, FastToken } from '../ports/index.ts'
import { fastEpoch, type ModeRecord } from './mode.ts'
import { isGraceOver, spentMs } from './validity.ts'

/** What a fold keeps in the board's state, in the commit that it is about. */
export interface FastState {
  /** Of this epoch, and older ones, no completion is accepted any more; 0 = none. */
  readonly closed: number
  /** Epoch and revision of the last list that was folded. */
  readonly folded: { readonly epoch: number; readonly revision: number } | undefined
}

export interface GitTask {
  /** By board, state and refs: done, cancelled, or completed and not folded yet. */
  readonly settled: boolean
  /** Open, dependencies done, not paused: may be claimed. */
  readonly ready: boolean
  /** The token under which it was last completed in etcd. */
  readonly completedBy: FastToken | undefined
  /** What a claim needs to know; the value of its ready key. */
  readonly about: string
}

export interface FoldRequest {
  readonly mode: ModeRecord
  readonly listing: FastListing
  readonly state: FastState
  readonly tasks: ReadonlyMap<TaskKey, GitTask>
}

export type FoldJudgement =
  | ({ readonly kind: 'fold' } & FastFold)
  /** Nothing may be accepted: another engine decides, or this epoch was closed. */
  | { readonly kind: 'closed' }
  /** The server is not the one that this epoch began with: start draining, arm nothing. */
  | { readonly kind: 'wiped' | 'restored' }

export type Refusal = 'already-settled' | 'accepted-before' | 'unknown-task'

export interface FastFold {
  readonly accept: readonly FastDone[]
  readonly refuse: readonly { readonly done: FastDone; readonly why: Refusal }[]
  /** Claims to show on the board. */
  readonly claimed: readonly FastHeld[]
  /** To be told to etcd when the fold has landed, and only then. */
  readonly settle: readonly FastSettle[]
  readonly state: FastState
}

/**
 * Is this the server that an epoch began with? Not its epoch key, or a revision below one that was seen in the epoch:
 * whoever finds out, session or projector, claims and arms nothing more and starts draining.
 *
 * @param known  the highest revision seen in this epoch; 0 = none
 */
export function judgeServer(listing: FastListing, nonce: string, known: number): 'same' | 'wiped' | 'restored' {
  if (listing.epochNonce !== nonce) return 'wiped'
  return listing.revision < known ? 'restored' : 'same'
}

/** Revision of etcd up to which folds have seen the epoch of this record; 0 = none has. */
export function foldedUpTo(mode: ModeRecord, { folded }: FastState): number {
  return folded?.epoch === fastEpoch(mode) ? folded.revision : 0
}

/** May git take anything from this list? `closed`: another engine decides, or its epoch was closed. */
export function judgeListing({
  mode,
  listing,
  state,
}: Omit<FoldRequest, 'tasks'>): 'same' | 'closed' | 'wiped' | 'restored' {
  if ((mode.mode !== 'etcd' && mode.mode !== 'draining') || state.closed >= fastEpoch(mode)) return 'closed'
  return judgeServer(listing, mode.nonce, foldedUpTo(mode, state))
}

export function judgeFold({ mode, listing, state, tasks }: FoldRequest): FoldJudgement {
  const epoch = fastEpoch(mode)
  const server = judgeListing({ mode, listing, state })
  if (server !== 'same') return { kind: server }
  const judged = [...listing.done.values()].map((done) => ({ done, why: refusal(done, epoch, tasks.get(done.task)) }))
  return {
    kind: 'fold',
    accept: judged.filter(({ why }) => why === undefined).map(({ done }) => done),
    refuse: judged.flatMap(({ done, why }) => (why === undefined ? [] : [{ done, why }])),
    claimed: [...listing.claims.values()].filter(({ task }) => tasks.get(task)?.settled === false),
    settle: [
      ...judged.map(({ done }) => ({ kind: 'folded' as const, task: done.task, revision: done.revision })),
      ...offers(listing, tasks),
    ],
    state: { ...state, folded: { epoch, revision: listing.revision } },
  }
}

function refusal({ token }: FastDone, epoch: number, task: GitTask | undefined): Refusal | undefined {
  if (task === undefined) return 'unknown-task'
  const { completedBy } = task
  // Its key stayed because the projector died after the fold; the task may have been reopened since.
  if (completedBy !== undefined && sameToken(completedBy, token)) return 'accepted-before'
  return task.settled || token.epoch !== epoch ? 'already-settled' : undefined
}

function sameToken(one: FastToken, other: FastToken): boolean {
  return one.epoch === other.epoch && one.revision === other.revision && one.nonce === other.nonce
}

/** Tasks that became ready, and those that must not be claimed any more; what somebody holds is left alone. */
function offers({ ready, claims, done }: FastListing, tasks: ReadonlyMap<TaskKey, GitTask>): FastSettle[] {
  const changes: FastSettle[] = []
  for (const [task, { ready: isReady, settled, about }] of tasks) {
    if (claims.has(task) || done.has(task)) continue
    if (isReady && !settled && !ready.has(task)) changes.push({ kind: 'offer', task, about })
  }
  for (const task of ready.keys()) {
    const known = tasks.get(task)
    const mayBeClaimed = known?.ready === true && !known.settled
    if (!mayBeClaimed && !claims.has(task) && !done.has(task)) changes.push({ kind: 'withdraw', task })
  }
  return changes
}

/**
 * May this projector arm on its link? Either another arming was seen on it, or the link has lasted longer than anybody
 * can hold who was confirmed by the server's life before.
 *
 * @param link  `since`: a moment when the link existed already; one before it was made could lie in that life
 */
export function mayArm(
  link: { readonly trusted: boolean; readonly since: Moment },
  { leaseMs }: ModeRecord,
  now: Moment,
): boolean {
  return link.trusted || isGraceOver(link.since, leaseMs, now)
}

/** A fold is due with this many changes, or this long after the last one while there is any. */
const FOLD_CHANGES = 500
const FOLD_MS = 2000
/** After this many folds in a row that did not land, git does not keep up. */
const MAX_MISSED = 3

/** What a projector does now: folds, waits, or takes `armed` away because claims pile up that git never learns of. */
export function projectorPace(
  since: { readonly changes: number; readonly folded: Moment; readonly missed: number },
  now: Moment,
): 'fold' | 'wait' | 'disarm' {
  if (since.missed >= MAX_MISSED) return 'disarm'
  const isDue = since.changes > 0 && spentMs(since.folded, now) >= FOLD_MS
  return isDue || since.changes >= FOLD_CHANGES ? 'fold' : 'wait'
}
