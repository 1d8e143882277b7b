/**
 * A session of a coding tool is about to stop: read what it holds, decide, act once.
 *
 * Called under a lock of the tool's session. A second firing of the same event is answered from the memory before
 * the first, so both say the same and nothing is counted twice. The claim itself is `next`, which is idempotent.
 */
import type { EpochMs, SessionName, TaskKey } from '../../model/index.ts'
import { finish } from '../finish.ts'
import { next } from '../next.ts'
import type { NextOutcome, TaskCard } from '../outcomes.ts'
import { lastReading, type Reading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { type Firing, type HookRecord, isSameFiring, readRecord, writeRecord } from './memory.ts'
import {
  afterCompletion,
  type Decision,
  decide,
  type HookMemory,
  LAST_STRIKE,
  type Moment,
  mayAsk,
  type Seen,
  workSince,
} from './stop-rule.ts'

export interface StopRequest {
  readonly session: SessionName
  /** Tells this session of the tool from every other: a name in local memory. */
  readonly key: string
  readonly firing: Firing
  /** How the tool runs several hooks of one event. */
  readonly hooksRun: 'together' | 'in-turn'
  /** When the session last used one of its tools, as far as a hook told. */
  readonly lastUseAt: EpochMs | undefined
}

export type StopAnswer =
  | { readonly kind: 'hand-over' | 'go-on'; readonly card: TaskCard; readonly held: boolean }
  | { readonly kind: 'remind'; readonly card: TaskCard; readonly strike: number }
  | { readonly kind: 'given-back'; readonly task: TaskKey }
  | { readonly kind: 'wait' }
  | { readonly kind: 'stop' }

const STOP: StopAnswer = { kind: 'stop' }

/** @throws IfBoardError  as `next` and `finish`; the caller lets the session stop then */
export async function answerStop(box: Toolbox, request: StopRequest): Promise<StopAnswer> {
  const { session, key } = request
  const record = await readRecord(box.memory, key)
  const again = isTwice(record, request) ? await repeat(box, session, record) : undefined
  if (again !== undefined) return again
  const may = mayAsk(record)
  const outcome = await next(box, { session, peek: may !== 'claim' })
  // Only a reading tells that the last task was completed, which lifts the guard.
  const memory = (await completed(box, record, session)) ? afterCompletion(record) : record
  const asksAgain = may !== 'claim' && outcome.kind !== 'held' && mayAsk(memory) === 'claim'
  return settle(box, request, { memory, outcome: asksAgain ? await next(box, { session }) : outcome })
}

/** Tools whose hooks run together send equal bytes at other stops as well, but not before the answer to this one. */
function isTwice({ firing, answeredAt }: HookRecord, request: StopRequest): boolean {
  if (!isSameFiring(firing, request.firing)) return false
  return request.hooksRun === 'in-turn' || request.firing.startedAt <= answeredAt
}

/** The same event again: the same answer, nothing counted. A session that got on since then is another event. */
async function repeat(
  box: Toolbox,
  session: SessionName,
  { decision, grant }: HookRecord,
): Promise<StopAnswer | undefined> {
  if (decision.kind === 'stop' || decision.kind === 'give-back') return STOP
  if (decision.kind === 'wait') return decision
  const outcome = await next(box, { session, peek: true })
  const stands = outcome.kind === 'held' && outcome.card.claim?.oid === grant
  return stands ? answerOf(decision, outcome) : undefined
}

/** What was asked for while the session waited has come, or has not. */
export async function answerWait(box: Toolbox, request: StopRequest, outcome: NextOutcome): Promise<StopAnswer> {
  const answer = await settle(box, request, { memory: await readRecord(box.memory, request.key), outcome })
  return answer.kind === 'wait' ? STOP : answer
}

interface Asked {
  readonly memory: HookMemory
  readonly outcome: NextOutcome
}

async function settle(box: Toolbox, request: StopRequest, { memory, outcome }: Asked): Promise<StopAnswer> {
  const moment: Moment = { at: box.clock.now().wallMs, head: (await box.work.head()).commit }
  const seen = seenOf(box, request, { memory, outcome, moment })
  const { decision, memory: after } = decide(memory, seen, moment)
  await writeRecord(box.memory, request.key, { ...after, firing: request.firing, decision })
  if (decision.kind !== 'give-back') return answerOf(decision, outcome)
  return giveBack(box, request.session, outcome)
}

function seenOf(
  box: Toolbox,
  { session, lastUseAt }: StopRequest,
  { memory, outcome, moment }: Asked & { readonly moment: Moment },
): Seen {
  if (outcome.kind === 'refused') return { kind: 'refused' }
  const claim = 'card' in outcome ? outcome.card.claim : undefined
  // Without a claim it is what would be granted, and this session is not to be handed anything.
  if (!('card' in outcome) || claim === undefined)
    return { kind: 'nothing', finished: outcome.kind !== 'none' || outcome.none.finished }
  const task = outcome.card.task.key
  if (isPaused(lastReading(box), session, task)) return { kind: 'paused', grant: claim.oid, task }
  if (outcome.kind === 'granted') return { kind: 'granted', grant: claim.oid, task }
  return { kind: 'held', grant: claim.oid, task, work: workSince(memory, moment, lastUseAt) }
}

function isPaused(reading: Reading | undefined, session: SessionName, task: TaskKey): boolean {
  const view = reading?.snapshot.views.get(task)
  return reading?.config.pausedSessions.has(session) === true || view?.pausedBecause !== undefined
}

/** Is the task of the last answer done, by this session? A reading of a large board may have to be widened for that. */
async function completed(box: Toolbox, { task }: HookMemory, session: SessionName): Promise<boolean> {
  const reading = lastReading(box)
  if (task === undefined || reading === undefined) return false
  const claim = reading.claims.find(({ key }) => key === task)
  if (claim !== undefined) return claim.kind === 'completed' && claim.session === session
  const known = reading.snapshot.views.get(task)
  const view = known ?? (await reading.narrow?.widen())?.snapshot.views.get(task)
  return view?.state?.done?.by === session
}

function answerOf(decision: Exclude<Decision, { kind: 'give-back' }>, outcome: NextOutcome): StopAnswer {
  const card = 'card' in outcome ? outcome.card : undefined
  if (card === undefined) return decision.kind === 'wait' ? { kind: 'wait' } : STOP
  if (decision.kind === 'remind') return { ...decision, card }
  if (decision.kind === 'hand-over' || decision.kind === 'go-on')
    return { kind: decision.kind, card, held: outcome.kind === 'held' }
  return STOP
}

async function giveBack(box: Toolbox, session: SessionName, outcome: NextOutcome): Promise<StopAnswer> {
  if (!('card' in outcome)) return STOP
  const task = outcome.card.task.key
  const reason = `its session stopped ${LAST_STRIKE} times in a row without a sign of work`
  await finish(box, { session, task }, { kind: 'released', reason })
  return { kind: 'given-back', task }
}
