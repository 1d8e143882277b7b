/** A command came for a task that the session does not hold: settled already, gone to another, or never claimed. */
import { countsInGit } from '../claim/index.ts'
import {
  type Cost,
  type Evidence,
  IfBoardError,
  type ObjectId,
  printable,
  type SessionName,
  type SignedEvent,
} from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import { decodeEventCommit } from '../witness/index.ts'
import { readCommit } from './branch-tree.ts'
import { readClaim } from './evidence.ts'
import { FOLD_EMAIL } from './fold-memory.ts'
import type { FinishOutcome } from './outcomes.ts'
import { noteFact, noteLoss } from './pending.ts'
import type { Reading } from './read.ts'
import { taskOf } from './task-of.ts'
import type { Toolbox } from './toolbox.ts'
import { decisions } from './who-decided.ts'

export interface LateRequest {
  readonly session: SessionName
  readonly command: string
  /** Set when the command was `done`: the attempt is logged with it. */
  readonly evidence: Evidence | undefined
  /** What the work cost that came to nothing here: spent it is all the same. */
  readonly cost: Cost | undefined
}

/** Claims walked back to find out whether a session ever held a task. */
const MAX_STEPS = 10

export async function notHeld(
  box: Toolbox,
  reading: Reading,
  view: TaskView,
  request: LateRequest,
): Promise<FinishOutcome> {
  const { session } = request
  const { task } = view
  const settledBy = await settler(box, reading, view)
  if (settledBy !== undefined) {
    const again = settledBy === session && request.evidence !== undefined
    if (settledBy !== session) await logCost(box, view, request)
    const kind = again ? 'completed' : 'already-settled'
    return { kind, task: task.key, title: task.title, unblocked: [], by: settledBy, review: view.status === 'review' }
  }
  const to = await tookItFrom(box, reading, view, session)
  if (to !== undefined) {
    await logLateAttempt(box, view, request, to)
    await logCost(box, view, request)
    return {
      kind: 'lost',
      task: task.key,
      to,
      reason: `${task.id} is ${to === view.holder ? 'held by' : 'back with'} ${to}`,
    }
  }
  if (await hasLapsed(box, reading, view, session)) {
    await logLateAttempt(box, view, request, undefined)
    await logCost(box, view, request)
    const reason = `${task.id} lapsed: nobody registered it when its claims went back to git`
    return { kind: 'lost', task: task.key, to: undefined, reason }
  }
  throw new IfBoardError('claim/none-held', `${session} does not hold \`${task.id}\`, which is ${view.status}`, {
    hint: view.status === 'ready' ? `if-board claim ${task.id}` : `if-board show ${task.id}`,
  })
}

/** Who completed or settled it: a session's name, a person's, or `undefined` while it is open. */
function completedBy({ judgement: { standing }, state, status }: TaskView): string | undefined {
  if (standing.kind === 'review') return standing.claim.session
  if (standing.kind === 'completed' && standing.claim !== undefined) return standing.claim.session
  if (status === 'cancelled') return 'a person, who cancelled it'
  if (status !== 'done') return undefined
  return state?.done === undefined || state.done.by === 'person' ? (state?.done?.name ?? 'a person') : state.done.by
}

/** As `completedBy`, and before a fold has recorded a person's edit, that person. */
async function settler(box: Toolbox, reading: Reading, view: TaskView): Promise<string | undefined> {
  const isEdit = view.judgement.standing.kind === 'settled-by-person' && view.state?.done === undefined
  return isEdit ? personWhoDecided(box, reading, view) : completedBy(view)
}

async function personWhoDecided(box: Toolbox, reading: Reading, view: TaskView): Promise<string> {
  return (await decisions(box, reading, [view]))(view.task.key).name
}

async function tookItFrom(
  box: Toolbox,
  reading: Reading,
  view: TaskView,
  session: SessionName,
): Promise<string | undefined> {
  const { judgement, state, holder, claim } = view
  if (judgement.revoked?.session === session) return personWhoDecided(box, reading, view)
  if (holder !== undefined && holder !== 'person') return holder
  const said = state?.said
  const voided = state?.void === undefined ? undefined : await eventOf(box, state.void)
  if (voided?.session === session && said !== undefined) return personBehind(box, said.commit)
  if (holder === 'person') {
    const isRecorded = said?.status === 'claimed' && state?.shown === 'claimed'
    return isRecorded ? personBehind(box, said.commit) : personWhoDecided(box, reading, view)
  }
  return (await takenFrom(box, claim?.event, session)) ? claim?.session : undefined
}

/** Did the claim ref pass through this session before it came to where it is? */
async function takenFrom(box: Toolbox, newest: SignedEvent | undefined, session: SessionName): Promise<boolean> {
  let event = newest
  for (let steps = 0; event !== undefined && steps < MAX_STEPS; steps += 1) {
    const taken = event.type === 'if-board.steal' || event.type === 'if-board.revoked'
    if (taken && event.data.from === session) return true
    event = event.data.replaces === undefined ? undefined : await eventOf(box, event.data.replaces)
  }
  return false
}

async function eventOf(box: Toolbox, oid: ObjectId): Promise<SignedEvent | undefined> {
  const object = await box.objects.read(oid)
  return object === undefined ? undefined : decodeEventCommit(object.body)
}

/** Name of the person whose commit this is; folds are nobody's. */
async function personBehind(box: Toolbox, commit: ObjectId): Promise<string> {
  const { author } = await readCommit(box.objects, commit)
  return author.email === FOLD_EMAIL || author.name === '' ? 'a person' : printable(author.name, 100)
}

/** Is what the session held a remainder of an older mode epoch, swept by a fold or not yet? */
async function hasLapsed(box: Toolbox, { mode }: Reading, view: TaskView, session: SessionName): Promise<boolean> {
  const swept = view.state?.void
  const claim = view.claim ?? (swept === undefined ? undefined : await readClaim(box, swept))
  return claim?.kind === 'granted' && claim.session === session && !countsInGit(mode, claim)
}

async function logLateAttempt(
  box: Toolbox,
  view: TaskView,
  { session, command, evidence }: LateRequest,
  to: string | undefined,
): Promise<void> {
  const reason = `${command} came after the claim had ${to === undefined ? 'lapsed' : `gone to ${to}`}`
  await noteLoss(box, { session, view, to, reason, data: evidence === undefined ? {} : { evidence } })
}

/** A repeated command repeats its cost: the same sum for the same task is told once. */
async function logCost(box: Toolbox, view: TaskView, { session, command, cost }: LateRequest): Promise<void> {
  if (cost === undefined) return
  const data = { task: taskOf(view), cost, reason: `${command} came too late` }
  await noteFact(box, session, { type: 'cost', subject: view.task.key, data }, JSON.stringify(cost))
}
