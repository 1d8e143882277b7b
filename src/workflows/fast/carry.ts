/**
 * Claims that change their engine: carried by whoever switches, registered by who holds them.
 *
 * Carrying moves the claim ref g → m, "carried to epoch e+1", which says whose claim it is and what was there before.
 * A completion, release or steal that comes late in git names g as what it replaces, so it fails on its own lease.
 */
import { failuresSoFar, nextEpoch } from '../../claim/index.ts'
import type { ModeRecord } from '../../fast/index.ts'
import { reservationOf } from '../../governor/index.ts'
import type { ClaimRecord, EventData, EventTask, ObjectId, SessionName, TaskKey } from '../../model/index.ts'
import { splitTaskKey } from '../../model/index.ts'
import type { MoveOutcome } from '../../ports/index.ts'
import { formatTime } from '../../witness/index.ts'
import { type Remark, say } from '../publish.ts'
import type { WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'

/** Claims moved in one push: more make a push that somebody overtakes more often. */
export const CARRIED_AT_ONCE = 32

export interface CarryRequest {
  /** Who switches. */
  readonly session: SessionName
  readonly claims: readonly ObjectId[]
}

/**
 * One atomic push, at most `CARRIED_AT_ONCE` claims: all of them, or none if one moved first. What a person's edit has
 * ended is given back instead. The caller reads again and carries what is left, whatever the outcome.
 */
export async function carry(
  box: Toolbox,
  reading: WholeReading,
  { session, claims }: CarryRequest,
): Promise<MoveOutcome> {
  const wanted = new Set(claims.slice(0, CARRIED_AT_ONCE))
  const remarks = reading.claims
    .filter(({ oid }) => wanted.has(oid))
    .map((claim) => (stands(reading, claim) ? carriedRemark(reading, claim) : revokedRemark(reading, claim)))
  return sayAll(box, reading, session, remarks)
}

/** Does the session hold it by board and state, too? A claim whose row is gone stands as long as it has none. */
export function stands({ snapshot }: WholeReading, { oid }: ClaimRecord): boolean {
  if (snapshot.orphans.some((orphan) => orphan.oid === oid)) return true
  return [...snapshot.views.values()].some(({ claim, judgement: { standing } }) => {
    if (claim?.oid !== oid) return false
    return standing.kind === 'held' || ('holder' in standing && standing.holder !== undefined)
  })
}

/** What a person's edit ended, and no fold has swept: left as it is, it could still be completed in git. */
function revokedRemark({ config }: WholeReading, claim: ClaimRecord): Remark {
  const data: EventData = {
    task: taskOfClaim(claim),
    epoch: claim.epoch,
    failures: claim.failures,
    from: claim.session,
    reason: 'a person took it back',
    reserve: reservationOf(claim, config.governor.budget),
  }
  return { type: 'revoked', subject: claim.key, data, claim: { key: claim.key, old: claim, leaves: 'moved' } }
}

/**
 * To the epoch of the mode that was read. The grant goes on: its epoch, its lease and what it set aside stay, and it is held
 * since it was granted.
 */
export function carriedRemark({ config, mode }: WholeReading, claim: ClaimRecord): Remark {
  const { boardBlob, why, score } = claim.event.data
  const data: EventData = {
    task: taskOfClaim(claim),
    ...(boardBlob === undefined ? {} : { boardBlob }),
    ...(why === undefined ? {} : { why }),
    ...(score === undefined ? {} : { score }),
    epoch: claim.epoch,
    failures: claim.failures,
    leaseSeconds: claim.leaseMs / 1000,
    reserve: reservationOf(claim, config.governor.budget),
    from: claim.session,
    heldSince: formatTime(claim.at),
    modeEpoch: mode.epoch,
    ...(mode.mode === 'switching' ? { inEtcd: true } : {}),
  }
  return { type: 'carried', subject: claim.key, data, claim: { key: claim.key, old: claim, leaves: 'moved' } }
}

function taskOfClaim({ key, event }: ClaimRecord): EventTask {
  return { ...splitTaskKey(key), title: event.data.task?.title ?? '' }
}

/** While etcd is drained: will it hold when git opens, whoever registered or kept it? */
export function isRegistered({ epoch }: Pick<ModeRecord, 'epoch'>, { kind, modeEpoch }: ClaimRecord): boolean {
  return kind === 'granted' && modeEpoch === epoch
}

export interface RegisterRequest {
  readonly session: SessionName
  /** What it holds in etcd, each under a token that is valid now (`mayRegister`); at most `CARRIED_AT_ONCE`. */
  readonly tasks: readonly TaskKey[]
  /** Of the claims that begin in git: those that came from there keep theirs. */
  readonly leaseSeconds: number
}

/**
 * While etcd is drained: claim refs of one session are moved, in one push, to "held, epoch of the draining". They count
 * when git decides again, not before. `stale`: read again, and ask `mayRegister` again. A claim that came from git goes
 * on, under another value; one that was taken in etcd begins in git.
 */
export async function register(box: Toolbox, reading: WholeReading, request: RegisterRequest): Promise<MoveOutcome> {
  const { session, tasks, leaseSeconds } = request
  const remarks = tasks.slice(0, CARRIED_AT_ONCE).map((key) => {
    const old = reading.claims.find((claim) => claim.key === key)
    const isOwn = old?.kind === 'granted' && old.session === session
    return isOwn ? carriedRemark(reading, old) : begunRemark(reading, { key, leaseSeconds }, old)
  })
  return sayAll(box, reading, session, remarks)
}

export async function sayAll(
  box: Toolbox,
  reading: WholeReading,
  session: SessionName,
  remarks: readonly Remark[],
): Promise<MoveOutcome> {
  const last = remarks.at(-1)
  if (last === undefined) return { kind: 'moved' }
  return (await say(box, reading, { ...last, session, first: remarks.slice(0, -1) })).outcome
}

function begunRemark(
  { mode, snapshot }: WholeReading,
  { key, leaseSeconds }: { readonly key: TaskKey; readonly leaseSeconds: number },
  old: ClaimRecord | undefined,
): Remark {
  const view = snapshot.views.get(key)
  const data: EventData = {
    task: { ...splitTaskKey(key), title: view?.task.title ?? '' },
    epoch: nextEpoch(old, view?.state),
    failures: failuresSoFar(old, view?.state),
    leaseSeconds,
    modeEpoch: mode.epoch,
    verdict: 'allow',
    why: ['held in etcd when its claims went back to git'],
  }
  return { type: 'claim', subject: key, data, claim: { key, old, leaves: 'moved' } }
}
