/**
 * Take one task: the claim protocol from a chosen task to a confirmed grant.
 *
 * ask (compare-and-set of chain and claim ref) → moved: on an authority that cannot guard board and
 * mode, read once more and judge the task wholly; what must not be is withdrawn. → stale: lost if the
 * claim ref moved, else the board or the own chain did, and the same is asked again on what was read.
 * → busy: again with jitter, three times, then `authority/busy`; never "lost".
 */
import { claimRef, leaseSeconds } from '../claim/index.ts'
import { confirmsGrant } from '../fast/mode.ts'
import { hasSharedCap, reservationOf } from '../governor/index.ts'
import { type ClaimRecord, IfBoardError, type ObjectId, refKey, type SessionName } from '../model/index.ts'
import type { MoveOutcome } from '../ports/index.ts'
import { counts, failedBy, heldBy, type TaskView } from '../projection/index.ts'
import { admissionFacts } from './admission-facts.ts'
import type { ClaimMeter } from './contention.ts'
import { readClaim } from './evidence.ts'
import { isExpired } from './expiry.ts'
import { assertGitDecides } from './fast/decides.ts'
import { busyError, refusedError } from './not-moved.ts'
import { noteLoss } from './pending.ts'
import { claimRefusal } from './policy-gate.ts'
import { type Said, say } from './publish.ts'
import { type Reading, read } from './read.ts'
import { taskOf } from './task-of.ts'
import type { Toolbox } from './toolbox.ts'

export interface TakeRequest {
  readonly session: SessionName
  readonly view: TaskView
  readonly reasons: readonly string[]
  readonly steals: boolean
  /** How well the session matches what the task needs, 0 to 1; `undefined` where it needs nothing. */
  readonly score: number | undefined
  /** Minutes, as asked for on the command line. */
  readonly leaseMinutes: number | undefined
  readonly felt: ClaimMeter
}

export type TakeOutcome =
  | { readonly kind: 'taken'; readonly reading: Reading; readonly claim: ClaimRecord }
  | {
      readonly kind: 'lost'
      /** `undefined`: the grant was withdrawn. */
      readonly reading: Reading | undefined
      /** A cap was exceeded together with others, who may withdraw too: the same task may be asked for again. */
      readonly together?: true
      readonly to: string | undefined
      readonly reason: string
    }

/** Asked in vain this often although nothing was in the way, the authority counts as busy. */
const BUSY_TRIES = 3
/** The board, or this session's own chain by a sign of life, may move under a claim this often. */
const MOVED_TRIES = 12

export async function take(box: Toolbox, first: Reading, request: TakeRequest): Promise<TakeOutcome> {
  let attempt: Attempt = { reading: first, request }
  let busyTries = 0
  for (let tries = 1; ; tries += 1) {
    const { reading } = attempt
    assertGitDecides(reading, 'if-board next')
    request.felt.pushing(box.clock.now(), reading.mode.epoch)
    const said = await ask(box, reading, attempt.request)
    if (said.outcome.kind === 'moved') return confirm(box, reading, attempt.request, said)
    if (said.outcome.kind === 'refused') throw refusedError(said.outcome, 'claims')
    const again = await read(box)
    if (mine(again, said.oid) !== undefined) return confirm(box, again, attempt.request, said)
    request.felt.lost()
    const after = await afterRefusal(box, attempt, again)
    if ('kind' in after) return after
    if (wasBusy(said, reading, again)) busyTries += 1
    if (busyTries >= BUSY_TRIES || tries >= MOVED_TRIES) throw busy(said.outcome)
    await box.clock.sleep(50 + box.chance.fraction() * 200 * busyTries)
    attempt = after
  }
}

/** Nothing that the push compares has moved: the authority itself stood in the way. */
function wasBusy({ outcome, event }: Said, before: Reading, after: Reading): boolean {
  return outcome.kind !== 'stale' || !movedAround(before, after, event.session)
}

interface Attempt {
  readonly reading: Reading
  readonly request: TakeRequest
}

/** Lost, or worth asking again with what was read since. */
async function afterRefusal(
  box: Toolbox,
  { reading, request }: Attempt,
  again: Reading,
): Promise<TakeOutcome | Attempt> {
  const { view, session, steals } = request
  const now = again.snapshot.views.get(view.task.key)
  if (now === undefined || now.claim?.oid !== view.claim?.oid) return lost(box, request, again)
  if (holdings(reading, session) !== holdings(again, session))
    return { kind: 'lost', reading: again, to: undefined, reason: 'another process of this session was faster' }
  if (steals ? !isExpired(box, again, now) : now.status !== 'ready')
    return { kind: 'lost', reading: again, to: now.holder, reason: `${view.task.id} is ${now.status}` }
  // Settings and policies may have moved with the board.
  const refused = await claimRefusal(box, again, { session, task: now.task })
  if (refused !== undefined) return { kind: 'lost', reading: again, to: undefined, reason: refused.reason }
  return { reading: again, request: { ...request, view: now } }
}

function holdings({ snapshot }: Reading, session: SessionName): string {
  return heldBy(snapshot, session)
    .map(({ claim }) => claim?.oid)
    .join(' ')
}

/** Did something beside R move that a push of this session compares: the board, or its own chain? */
function movedAround(before: Reading, after: Reading, session: SessionName): boolean {
  const chain = ({ snapshot }: Reading) => snapshot.sessions.get(session)?.record.oid
  return before.head !== after.head || chain(before) !== chain(after)
}

function busy(outcome: MoveOutcome): IfBoardError {
  return busyError(outcome, 'the claim could not be taken', 'Ask again in a moment: if-board next')
}

async function ask(box: Toolbox, reading: Reading, request: TakeRequest): Promise<Said> {
  const { session, view, reasons, score, steals, leaseMinutes } = request
  const { budget } = reading.config.governor
  if (mustConfirm(box, reading)) await markUnconfirmed(box, request)
  const key = view.claim?.key ?? view.task.key
  const { epoch, failures } = counts(view)
  const boardBlob = reading.branch.blobs.get(view.task.board)
  return say(box, reading, {
    session,
    type: steals ? 'steal' : 'claim',
    subject: key,
    data: {
      task: taskOf(view, key),
      ...(boardBlob === undefined ? {} : { boardBlob }),
      epoch,
      failures,
      leaseSeconds: leaseSeconds(leaseMinutes, reading.config.leaseMinutes, view.task.estimateMinutes),
      modeEpoch: reading.mode.epoch,
      ...(box.fast === undefined ? {} : { inEtcd: true as const }),
      reserve: admissionFacts(box, reading, session).budget.reserveFor(view.task),
      verdict: 'allow',
      why: reasons.slice(0, 5),
      ...(score === undefined ? {} : { score }),
      ...(steals && view.claim !== undefined
        ? { from: view.claim.session, forfeit: reservationOf(view.claim, budget) }
        : {}),
    },
    claim: { key, old: view.claim, leaves: 'moved' },
    ...(steals && view.claim !== undefined ? { silent: view.claim.session } : {}),
  })
}

function mine(reading: Reading, oid: ObjectId): ClaimRecord | undefined {
  return reading.claims.find((claim) => claim.oid === oid)
}

/** The grant counts when board, mode and caps, read after it, still allow it. */
async function confirm(box: Toolbox, before: Reading, request: TakeRequest, said: Said): Promise<TakeOutcome> {
  if (!mustConfirm(box, before)) {
    const claim = mine(before, said.oid) ?? grantedRecord(before, request, said)
    return { kind: 'taken', reading: before, claim }
  }
  const kept = await standsUnjudged(box, before, request, said)
  if (kept !== undefined) return kept
  for (let tries = 1; ; tries += 1) {
    const after = await orUnconfirmed(request, () => readCounted(box))
    const claim = mine(after, said.oid)
    if (claim === undefined) return lost(box, request, after)
    const fault = await faultOf(box, after, request, said)
    if (fault === undefined) {
      await unmark(box, request.session)
      return { kind: 'taken', reading: after, claim }
    }
    const { reason, together } = fault
    const outcome = await withdraw(box, after, { ...request, claim, reason })
    if (outcome.kind === 'moved')
      return { kind: 'lost', reading: undefined, to: undefined, reason, ...(together ? { together } : {}) }
    if (tries >= MOVED_TRIES) throw busy(outcome)
    await box.clock.sleep(box.chance.fraction() * Math.min(30 * 2 ** tries, 1000))
  }
}

/**
 * Board and mode are as they were judged, and R is ours: nothing has to be judged again. A cap needs all claims.
 */
async function standsUnjudged(
  box: Toolbox,
  before: Reading,
  request: TakeRequest,
  said: Said,
): Promise<TakeOutcome | undefined> {
  if (isCapped(before)) return undefined
  const { board, mode } = box.layout
  const claim = grantedRecord(before, request, said)
  const seen = await orUnconfirmed(request, () => box.refs.peek())
  const isSame = seen.get(board) === before.head && seen.get(mode) === before.refs.get(mode)
  if (!isSame || seen.get(claimRef(box.layout, claim.key, box.sha256)) !== said.oid) return undefined
  await unmark(box, request.session)
  return { kind: 'taken', reading: before, claim }
}

/** A fold that landed while refs were listed hides events; who may not exceed a cap looks again. */
async function readCounted(box: Toolbox): Promise<Reading> {
  let reading = await read(box)
  for (let tries = 1; isCapped(reading) && !reading.accounts.isWhole && tries < COUNTED_TRIES; tries += 1)
    reading = await read(box)
  return reading
}

const COUNTED_TRIES = 3

async function orUnconfirmed<T>({ view }: TakeRequest, look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (cause) {
    throw new IfBoardError(
      'authority/unreachable',
      `\`${view.task.id}\` was claimed, but the authority did not answer the check after it`,
      { hint: 'The claim stays and the next answer confirms it: if-board next', cause },
    )
  }
}

function grantedRecord(before: Reading, request: TakeRequest, { oid, event }: Said): ClaimRecord {
  const { epoch, failures } = counts(request.view)
  return {
    oid,
    event,
    epoch,
    failures,
    key: request.view.claim?.key ?? request.view.task.key,
    kind: 'granted',
    session: request.session,
    leaseMs: (event.data.leaseSeconds ?? 0) * 1000,
    modeEpoch: before.mode.epoch,
    at: before.now.wallMs,
  }
}

interface Fault {
  readonly reason: string
  /** Of claims that are more together than a cap allows. */
  readonly together?: boolean
}

/** Of a fresh grant: judged by who decides, too. */
async function faultOf(box: Toolbox, reading: Reading, request: TakeRequest, said: Said): Promise<Fault | undefined> {
  return modeFault(reading, said) ?? (await mustNotBe(box, reading, request, said.oid))
}

/** A push cannot assert the mode: what landed after a switch had begun is no claim, whoever decides by now. */
function modeFault({ mode }: Reading, { event }: Said): Fault | undefined {
  if (confirmsGrant(mode, event.data.modeEpoch ?? 0)) return undefined
  return { reason: 'who decides claims was changed meanwhile' }
}

/** Why a grant that landed may not stand: settled, blocked, paused, gone, above a cap, or refused by a rule. */
async function mustNotBe(
  box: Toolbox,
  reading: Reading,
  { view: { task }, session }: Pick<TakeRequest, 'view' | 'session'>,
  oid: ObjectId,
): Promise<Fault | undefined> {
  const { snapshot } = reading
  const now = snapshot.views.get(task.key)
  if (now === undefined) return { reason: `${task.id} is no longer on the board` }
  if (now.judgement.standing.kind !== 'held' || now.claim?.oid !== oid)
    return { reason: `${task.id} is ${now.status} by the board` }
  if (now.blockedBy.length > 0 || now.task.externalBlockers.length > 0)
    return { reason: `${task.id} is blocked by the board` }
  if (snapshot.project.boards.find(({ name }) => name === task.board)?.paused !== undefined)
    return { reason: `${task.board} is paused` }
  const reserve = reservationOf(now.claim, reading.config.governor.budget)
  const refusal = await claimRefusal(box, reading, { session, task: now.task, landed: { oid, reserve } })
  if (refusal === undefined) return undefined
  return { reason: refusal.reason, together: SHARED_RULES.has(refusal.rule) }
}

/** Rules that claims of several sessions break together. */
const SHARED_RULES: ReadonlySet<string> = new Set(['max-claims', 'budget-total', 'budget-day', 'budget-board'])

interface Withdrawal extends Pick<TakeRequest, 'view' | 'session'> {
  readonly claim: ClaimRecord
  readonly reason: string
}

/** g → absent where the ref was absent before; where it said something (grants, a failure), g → r keeps that. */
async function withdraw(
  box: Toolbox,
  reading: Reading,
  { view, session, claim, reason }: Withdrawal,
): Promise<MoveOutcome> {
  const { replaces } = claim.event.data
  const before = replaces === undefined ? undefined : await readClaim(box, replaces)
  const failed = before === undefined ? undefined : failedBy(before)
  const { outcome } = await say(box, reading, {
    session,
    type: 'withdraw',
    subject: claim.key,
    data: {
      task: taskOf(view, claim.key),
      epoch: claim.epoch,
      failures: claim.failures,
      reason,
      ...(failed === undefined ? {} : { failedBy: failed }),
    },
    claim: { key: claim.key, old: claim, leaves: replaces === undefined ? 'deleted' : 'moved' },
  })
  return outcome
}

/** Claims whose check after the grant may still be owed: the process ended, or the authority did not answer. */
function mustConfirm(box: Toolbox, reading: Reading): boolean {
  return !box.refs.guards || isCapped(reading)
}

/** Can claims exceed a cap together that each by itself does not? */
function isCapped({ config }: Reading): boolean {
  return config.maxClaims !== undefined || hasSharedCap(config.governor.budget)
}

function unconfirmed(box: Toolbox, session: SessionName): string {
  return `unconfirmed/${refKey(session, box.sha256)}`
}

async function markUnconfirmed(box: Toolbox, { session, view }: TakeRequest): Promise<void> {
  await box.memory.write(unconfirmed(box, session), view.claim?.key ?? view.task.key)
}

async function unmark(box: Toolbox, session: SessionName): Promise<void> {
  await box.memory.remove(unconfirmed(box, session))
}

/**
 * The check that an earlier process of this session owed for what it holds: `withdrawn` when the claim
 * must not be.
 */
export async function confirmHeld(
  box: Toolbox,
  reading: Reading,
  { session, view }: Pick<TakeRequest, 'view' | 'session'>,
): Promise<'stands' | 'withdrawn'> {
  const { claim } = view
  const owed = await box.memory.read(unconfirmed(box, session))
  if (claim === undefined || owed !== claim.key) return 'stands'
  const isHeld = view.judgement.standing.kind === 'held'
  const reason = isHeld ? (await mustNotBe(box, reading, { session, view }, claim.oid))?.reason : undefined
  if (reason !== undefined) {
    const outcome = await withdraw(box, reading, { session, view, claim, reason })
    if (outcome.kind !== 'moved') throw busy(outcome)
  }
  await unmark(box, session)
  return reason === undefined ? 'stands' : 'withdrawn'
}

/** Somebody moved R first. A fact for the log, unless it was this session itself. */
async function lost(box: Toolbox, { session, view }: TakeRequest, reading: Reading): Promise<TakeOutcome> {
  const now = reading.snapshot.views.get(view.task.key)
  const to = now?.holder ?? now?.state?.done?.by
  const reason = now === undefined ? `${view.task.id} is no longer on the board` : `${view.task.id} is ${now.status}`
  if (to !== session)
    await noteLoss(box, { session, view: now ?? view, to, reason: 'another session claimed it first' })
  return { kind: 'lost', reading, to, reason }
}
