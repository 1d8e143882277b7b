/** `next` and `claim`: the task this session holds, or a newly claimed one. */
import { beatIsDue, claimRef, sessionRef } from '../claim/index.ts'
import { admitSession, type Refusal } from '../governor/index.ts'
import { type ClaimRecord, IfBoardError, type SessionName, type TaskKey } from '../model/index.ts'
import { heldBy, type TaskView } from '../projection/index.ts'
import { admissionFacts } from './admission-facts.ts'
import { budgetCard } from './budget-card.ts'
import { taskCard } from './card.ts'
import { type Choice, type ChooseRequest, type Chosen, choose } from './choose.ts'
import { type ClaimMeter, measured } from './contention.ts'
import { scoreOf } from './crew.ts'
import { isExpired } from './expiry.ts'
import { assertGitDecides } from './fast/decides.ts'
import { findTask } from './find-task.ts'
import { nothingReady } from './nothing-ready.ts'
import { claimCard, type NextOutcome } from './outcomes.ts'
import { type Denial, noteDenial, noteLoss } from './pending.ts'
import { claimRefusal } from './policy-gate.ts'
import { beat } from './publish.ts'
import { type Reading, read, readFor, type WholeReading } from './read.ts'
import { beginSpending } from './spending.ts'
import { confirmHeld, type TakeOutcome, take } from './take.ts'
import type { Toolbox } from './toolbox.ts'
import { assertBoardsWhole } from './whole-boards.ts'

export interface NextRequest {
  readonly session: SessionName
  /** Minutes without a sign of life after which others may take the task. */
  readonly leaseMinutes?: number | undefined
  /** Say what would be granted; claim nothing. */
  readonly peek?: boolean
}

/** Races lost in one `next` before it says that the authority is busy. */
const MAX_LOSSES = 25

/** Idempotent: who holds a task is told so. Never offers done, claimed, paused, blocked or unknown work. */
export function next(box: Toolbox, request: NextRequest): Promise<NextOutcome> {
  return measured(box, (felt) => nextFelt(box, request, felt))
}

async function nextFelt(box: Toolbox, request: NextRequest, felt: ClaimMeter): Promise<NextOutcome> {
  const avoid = new Set<TaskKey>()
  const again = () => readFor(box, request.session)
  let reading = await again()
  for (let losses = 0; losses < MAX_LOSSES; losses += 1) {
    assertGitDecides(reading, 'if-board next')
    reading = await settleOwed(box, reading, { session: request.session, avoid, again })
    const offer = await offerOf(box, reading, { session: request.session, lostBefore: losses > 0, avoid })
    if (offer.kind !== 'choice') return offer.outcome(request.peek ?? false)
    const { choice } = offer
    if (request.peek === true)
      return { kind: 'granted', peek: true, card: await peekCard(box, offer.reading, choice, request.session) }
    const outcome = await take(box, offer.reading, {
      session: request.session,
      ...choice,
      leaseMinutes: request.leaseMinutes,
      felt,
    })
    if (outcome.kind === 'taken') {
      await beginSpending(box, request.session, 'anew')
      return granted(box, outcome.reading, choice, outcome.claim)
    }
    if (outcome.reading === undefined && outcome.together !== true)
      avoid.add(choice.view.task.key) // withdrawn: do not ask for it again
    else await box.clock.sleep(box.chance.fraction() * Math.min(20 * 2 ** losses, 1000))
    reading = outcome.reading ?? (await again())
  }
  throw new IfBoardError('authority/busy', `${MAX_LOSSES} races in a row were lost; many sessions ask at once`, {
    hint: 'Ask again in a moment: if-board next',
  })
}

/** A claim of this session whose check after the grant was never done, and that must not be, is withdrawn first. */
async function settleOwed<R extends Reading>(
  box: Toolbox,
  reading: R,
  {
    session,
    avoid,
    again,
  }: { readonly session: SessionName; readonly avoid: Set<TaskKey>; readonly again: () => Promise<R> },
): Promise<R> {
  for (const view of heldBy(reading.snapshot, session))
    if ((await confirmHeld(box, reading, { session, view })) === 'withdrawn') {
      avoid.add(view.task.key)
      return again()
    }
  return reading
}

export type Offer =
  | { readonly kind: 'choice'; readonly choice: Choice; readonly reading: Reading }
  | { readonly kind: 'answer'; readonly outcome: (peek: boolean) => Promise<NextOutcome> }

/** What the session is told by this reading: the task it holds, a refusal, nothing, or a task to ask for. */
export async function offerOf(box: Toolbox, reading: Reading, request: ChooseRequest): Promise<Offer> {
  const { session } = request
  const held = heldBy(reading.snapshot, session)
  const oldest = held[0]
  if (oldest !== undefined)
    return { kind: 'answer', outcome: () => answerHeld(box, reading, { session, oldest, held }) }
  const verdict = admitSession(admissionFacts(box, reading, session))
  if (verdict.kind === 'refuse') return refusal(box, reading, { session, ...verdict })
  const chosen = await chosenFor(box, reading, request)
  if (chosen.kind === 'choice') return { kind: 'choice', choice: chosen, reading }
  if (reading.narrow !== undefined) return offerOf(box, await reading.narrow.widen(), request)
  assertBoardsWhole(reading)
  const withheld = chosen.kind === 'nothing' ? chosen.withheld : undefined
  if (withheld !== undefined && withheld.refusal.leaves !== 'wait')
    return refusal(box, reading, { session, view: withheld.view, ...withheld.refusal })
  return {
    kind: 'answer',
    outcome: async (peek) => {
      if (!peek) await beatIfDue(box, reading, session)
      return { kind: 'none', none: nothingReady(reading, session, { withheld }) }
    },
  }
}

async function chosenFor(box: Toolbox, reading: Reading, request: ChooseRequest): Promise<Chosen> {
  if (reading.branch.policies.length === 0) return choose(box, reading, request)
  const { chooseAllowed } = await import('./policy-offers.ts')
  return chooseAllowed(box, reading, request)
}

/** The session gets nothing now, by a rule that a person set. */
function refusal(box: Toolbox, reading: Reading, refused: Refusal & Denial): Offer {
  return {
    kind: 'answer',
    outcome: async (peek) => {
      if (!peek) await noteDenial(box, reading, refused)
      return refusedOutcome(refused, undefined)
    },
  }
}

function refusedOutcome({ rule, reason, hint }: Refusal, task: TaskKey | undefined): NextOutcome {
  return { kind: 'refused', rule, reason, hint, task }
}

/** `claim ID`: this one task, in addition to what is held where the policy allows it. */
export function claimTask(box: Toolbox, request: ClaimRequest): Promise<NextOutcome> {
  return measured(box, (felt) => claimFelt(box, request, felt))
}

export interface ClaimRequest extends NextRequest {
  readonly task: string
}

async function claimFelt(box: Toolbox, request: ClaimRequest, felt: ClaimMeter): Promise<NextOutcome> {
  const { session } = request
  const again = () => read(box)
  const first = await again()
  assertGitDecides(first, `if-board claim ${request.task}`)
  const reading = await settleOwed(box, first, { session, avoid: new Set(), again })
  const view = findTaskOfWhole(reading, request.task)
  const key = view.task.key
  const held = heldBy(reading.snapshot, session)
  if (held.some(({ task }) => task.key === key)) return answerHeld(box, reading, { session, oldest: view, held })
  const steals = isExpired(box, reading, view)
  if (view.status === 'claimed' && !steals) return claimedByOther(box, session, view)
  if (view.status !== 'ready' && !steals) return { kind: 'none', none: nothingReady(reading, session, { asked: view }) }
  const refused = await claimRefusal(box, reading, { session, task: view.task })
  if (refused !== undefined) {
    await noteDenial(box, reading, { session, ...refused, view })
    return refusedOutcome(refused, key)
  }
  const choice: Choice = {
    view,
    steals,
    score: scoreOf(reading, session, view.task),
    reasons: ['asked for by name'],
    passedOver: [],
  }
  const outcome = await take(box, reading, { session, ...choice, leaseMinutes: request.leaseMinutes, felt })
  if (outcome.kind === 'taken') {
    await beginSpending(box, session, held.length === 0 ? 'anew' : 'unless begun')
    return granted(box, outcome.reading, choice, outcome.claim)
  }
  return notTaken(box, outcome.reading ?? (await read(box)), { session, view, outcome })
}

/** What no board has may stand on one that cannot be read now. */
function findTaskOfWhole(reading: WholeReading, text: string): TaskView {
  try {
    return findTask(reading.snapshot, text)
  } catch (error) {
    assertBoardsWhole(reading)
    throw error
  }
}

interface NotTaken {
  readonly session: SessionName
  readonly view: TaskView
  readonly outcome: Extract<TakeOutcome, { kind: 'lost' }>
}

/** What a task that was asked for by name has become: held by another process of this session, gone, or not ready. */
async function notTaken(box: Toolbox, after: Reading, { session, view, outcome }: NotTaken): Promise<NextOutcome> {
  const { key, id } = view.task
  assertGitDecides(after, `if-board claim ${id}`)
  const now = after.snapshot.views.get(key)
  if (now?.holder === session)
    return answerHeld(box, after, { session, oldest: now, held: heldBy(after.snapshot, session) })
  if (now === undefined || now.status === 'claimed' || now.status === 'done' || now.status === 'review')
    return { kind: 'lost', task: key, to: outcome.to, reason: outcome.reason }
  if (now.status !== 'ready') return { kind: 'none', none: nothingReady(after, session, { asked: now }) }
  const why = outcome.reading === undefined ? outcome.reason : 'the board changed while it was claimed'
  throw new IfBoardError('authority/busy', `\`${id}\` is free again, but was not granted: ${why}`, {
    hint: `if-board claim ${id}`,
  })
}

async function claimedByOther(box: Toolbox, session: SessionName, view: TaskView): Promise<NextOutcome> {
  await noteLoss(box, { session, view, to: view.holder, reason: 'another session holds it' })
  return { kind: 'lost', task: view.task.key, to: view.holder, reason: `${view.task.id} is held by ${view.holder}` }
}

async function granted(box: Toolbox, reading: Reading, choice: Choice, claim: ClaimRecord): Promise<NextOutcome> {
  const card = await taskCard(box, reading, choice.view, choice)
  const ref = claimRef(box.layout, claim.key, box.sha256)
  const budget = budgetCard(box, reading, { session: claim.session, task: choice.view.task, claim })
  return { kind: 'granted', peek: false, card: { ...card, claim: claimCard(ref, claim), budget } }
}

async function peekCard(box: Toolbox, reading: Reading, choice: Choice, session: SessionName) {
  const budget = budgetCard(box, reading, { session, task: choice.view.task, claim: undefined })
  return { ...(await taskCard(box, reading, choice.view, choice)), budget }
}

interface HeldAnswer {
  readonly session: SessionName
  readonly oldest: TaskView
  readonly held: readonly TaskView[]
}

async function answerHeld(box: Toolbox, reading: Reading, { session, oldest, held }: HeldAnswer): Promise<NextOutcome> {
  // The shortest lease of all it holds sets the pace.
  const leases = held.flatMap(({ claim }) => (claim === undefined ? [] : [claim.leaseMs]))
  await beatIfDue(box, reading, session, leases.length === 0 ? undefined : Math.min(...leases))
  const { why = [], score } = oldest.claim?.event.data ?? {}
  const card = await taskCard(box, reading, oldest, { reasons: why, score, passedOver: [] })
  const alsoHeld = held.map(({ task }) => task.key).filter((key) => key !== oldest.task.key)
  const budget = budgetCard(box, reading, { session, task: oldest.task, claim: oldest.claim })
  return { kind: 'held', card: { ...card, budget }, alsoHeld }
}

/** One sign of life per quarter of a lease, whoever asks. A lost beat costs nothing: the next command beats again. */
async function beatIfDue(box: Toolbox, reading: Reading, session: SessionName, leaseMs?: number): Promise<void> {
  await box.fast?.alive(session, leaseMs ?? 0)
  const seen = reading.ledger.get(sessionRef(box.layout, session, box.sha256))
  if (!beatIsDue(seen, reading.now, leaseMs ?? reading.config.leaseMinutes * 60_000)) return
  try {
    await beat(box, reading, session)
  } catch {
    // The answer does not depend on it: an unreachable authority shows at the next command.
  }
}
