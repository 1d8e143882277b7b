/**
 * `done`, `fail`, `release`, `block`: the ways a claim ends, each one compare-and-set by its holder.
 *
 * The fencing token is the claim's object id: the event replaces exactly the grant that this session
 * was given, so a session that woke late after a steal or a person's edit changes nothing.
 *
 * Where a look shows that nothing moved that matters since the session last moved a ref, the first try goes by what it
 * knew then. The push compares claim and chain as ever; whatever else comes of it, all is read.
 */

import { reservationOf } from '../governor/index.ts'
import { unblockedBy } from '../graph/index.ts'
import {
  type Cost,
  type EventData,
  type EventTask,
  type EventType,
  type Evidence,
  IfBoardError,
  type ObjectId,
  type SessionName,
  splitTaskKey,
  type TaskKey,
} from '../model/index.ts'
import type { MoveOutcome } from '../ports/index.ts'
import type { TaskView } from '../projection/index.ts'
import { isCarried } from '../witness/index.ts'
import type { Blocking } from './blocking.ts'
import { assertGitDecides } from './fast/decides.ts'
import { findTask, type HeldTask, heldTasks, theOnlyHeld } from './find-task.ts'
import { notHeld } from './finish-late.ts'
import type { CheckMemo } from './jobs/judge-work.ts'
import { busyError, LOCKED_TRIES, refusedError } from './not-moved.ts'
import type { Finished, FinishOutcome } from './outcomes.ts'
import { noteDenial } from './pending.ts'
import { say } from './publish.ts'
import { type Reading, read, readRecalled, type WholeReading } from './read.ts'
import { standsStill } from './recall.ts'
import { type Spent, spentOn } from './spending.ts'
import type { Toolbox } from './toolbox.ts'

export interface FinishRequest {
  readonly session: SessionName
  /** Id or key; without it the only task held. */
  readonly task: string | undefined
}

export type Finish = (
  | { readonly kind: 'completed'; readonly evidence: Evidence }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'released'; readonly reason: string | undefined }
  /** With `needs`, others are asked for help: by a task of its own that the blocked one waits for. */
  | { readonly kind: 'blocked'; readonly blocker: string; readonly needs?: readonly string[] | undefined }
) & { readonly cost?: Cost | undefined }

const EVENT: Readonly<Record<Finish['kind'], EventType>> = {
  completed: 'complete',
  failed: 'fail',
  released: 'release',
  blocked: 'block',
}

const COMMAND: Readonly<Record<Finish['kind'], string>> = {
  completed: 'done',
  failed: 'fail',
  released: 'release',
  blocked: 'block',
}

/** Reads that may find everything changed before the authority counts as busy. */
const MAX_TRIES = 12

export async function finish(box: Toolbox, request: FinishRequest, end: Finish): Promise<FinishOutcome> {
  const spent = await spentOn(box, request.session, end.cost)
  const costed: Finish = { ...end, cost: spent.cost }
  const checked: CheckMemo = new Map()
  let attempt: Attempt | undefined
  let last: MoveOutcome | undefined
  let locked = 0
  for (let tries = 0; tries < MAX_TRIES && locked < LOCKED_TRIES; tries += 1) {
    const reading = await readingFor(box, request, end, tries)
    if (attempt !== undefined && hasLanded(reading, attempt)) return settled(spent, attempt)
    assertMayEnd(reading, commandOf(request, end))
    const target = findHeld(reading, { ...request, task: attempt?.key ?? request.task }, COMMAND[end.kind])
    if (target.kind === 'not-held' || isAnotherGrant(target.held, attempt))
      return tooLate(box, reading, target, request, end)
    const { held } = target
    assertNotMoved(reading, held, commandOf(request, end))
    const refused = await refusedEnd(box, reading, held, { ...request, end, checked })
    if (refused !== undefined) return refused
    announce(box, request, held)
    const { said, blocking } = await sayEnd(box, reading, held, request.session, costed)
    attempt = {
      key: keyOf(held),
      grant: held.claim.oid,
      said: said.oid,
      outcome: { ...finished(reading, held, end), ...askedFor(blocking) },
    }
    last = said.outcome
    if (last.kind === 'moved') return settled(spent, attempt)
    locked += notMoved(last)
    await box.clock.sleep(box.chance.fraction() * Math.min(30 * 2 ** tries, 1000))
  }
  throw busyError(last, 'it could not be written', `The claim stays; try again: ${commandOf(request, end)}`)
}

function commandOf({ task }: FinishRequest, { kind }: Finish): string {
  return `if-board ${COMMAND[kind]}${task === undefined ? '' : ` ${task}`}`
}

/** A claim that no switch has carried yet ends in git. Once etcd decides, or until it does no more, git says nothing. */
function assertMayEnd({ mode }: Reading, again: string): void {
  if (mode.mode !== 'switching') assertGitDecides({ mode }, again)
}

/** Where none was named, a repetition must mean the same one. */
function announce({ aboutToEnd }: Toolbox, { task }: FinishRequest, held: HeldTask): void {
  if (task === undefined) aboutToEnd?.(keyOf(held))
}

/** A claim that was carried ends in git once the way up was given up, which a reading of an older mode does not show. */
function assertNotMoved({ mode }: Reading, { claim }: HeldTask, again: string): void {
  if (!isCarried(claim)) return
  assertGitDecides(claim.modeEpoch > mode.epoch ? { mode: { ...mode, mode: 'switching' } } : { mode }, again)
}

/** The first try may go by what is remembered. */
async function readingFor(box: Toolbox, request: FinishRequest, end: Finish, tries: number): Promise<WholeReading> {
  const known = tries === 0 ? await recall(box, request, end) : undefined
  return known ?? read(box)
}

interface Ending {
  readonly session: SessionName
  readonly end: Finish
  readonly checked: CheckMemo
}

/** A completion that a rule forbids or a check refuses: the claim stays, and so does the work. */
async function refusedEnd(
  box: Toolbox,
  reading: Reading,
  held: HeldTask,
  { session, end, checked }: Ending,
): Promise<FinishOutcome | undefined> {
  if (end.kind !== 'completed' || !isRuled(box, reading, held)) return undefined
  const { completionRefusal } = await import('./finish-rules.ts')
  const refusal = await completionRefusal(box, reading, { session, held, evidence: end.evidence, checked })
  if (refusal === undefined) return undefined
  const { rule, reason, hint, output } = refusal
  // What a check said is in the log already, with all of its run.
  if (rule !== 'check')
    await noteDenial(box, reading, { session, rule, reason, ...(held.kind === 'row' ? { view: held.view } : {}) })
  return { kind: 'refused', rule, reason, hint, output, task: keyOf(held) }
}

/** Could anything refuse its completion? Most boards ask for nothing, and then nothing is loaded. */
function isRuled({ jobs }: Toolbox, { config, branch }: Reading, held: HeldTask): boolean {
  if (config.governor.policy.forbiddenPaths.length + branch.policies.length > 0) return true
  if (jobs === 'believed') return false
  return config.checks !== undefined || (held.kind === 'row' && held.view.task.check !== undefined)
}

/** It was said: what it cost is not counted again. */
async function settled(spent: Spent, { outcome }: Attempt): Promise<FinishOutcome> {
  await spent.settle()
  return outcome
}

/** 1 for a lock that stood in the way, so that it is not waited for as long as a race. */
function notMoved(outcome: MoveOutcome): number {
  if (outcome.kind === 'refused') throw refusedError(outcome, 'this')
  return outcome.kind === 'busy' && outcome.lock !== undefined ? 1 : 0
}

/** What was meant by the first try: later tries end this grant and no other. */
interface Attempt {
  readonly key: TaskKey
  readonly grant: ObjectId
  readonly said: ObjectId
  readonly outcome: FinishOutcome
}

/** A remembered reading in which the session holds what is meant, and which a look confirms as far as it matters. */
async function recall(box: Toolbox, request: FinishRequest, end: Finish): Promise<WholeReading | undefined> {
  const reading = await readRecalled(box, request.session)
  const held = reading === undefined ? undefined : heldByMemory(reading, request, COMMAND[end.kind])
  if (reading === undefined || held === undefined) return undefined
  if (end.kind === 'completed' && !knowsUnblocked(reading, keyOf(held))) return undefined
  return (await standsStill(box, reading, request.session, held.claim.key)) ? reading : undefined
}

/** No task that waits for this one waits for another too, which may be done by now. */
function knowsUnblocked({ snapshot }: Reading, key: TaskKey): boolean {
  const waiting = snapshot.project.tasks.filter(
    (other) => other.dependencies.includes(key) && snapshot.views.get(other.key)?.status === 'blocked',
  )
  return waiting.length === unblockedTasks(snapshot, key).length
}

/** Nobody is told by memory alone that a task is not held, not known or not the only one. */
function heldByMemory(reading: Reading, request: FinishRequest, command: string): HeldTask | undefined {
  try {
    const target = findHeld(reading, request, command)
    return target.kind === 'held' ? target.held : undefined
  } catch (error) {
    if (error instanceof IfBoardError) return undefined
    throw error
  }
}

/** The answer was unclear, and what was said stands: in the claim ref, on the chain, or folded already. */
function hasLanded(reading: Reading, { key, said }: Attempt): boolean {
  const { snapshot, claims } = reading
  const state = snapshot.states.get(key)
  const onChain = [...snapshot.sessions.values()].some(({ record }) => record.last?.oid === said)
  const inRef = claims.some(({ oid, event }) => oid === said || event.data.replaces === said)
  return onChain || inRef || state?.claim === said || state?.done?.seal === said
}

/** The session gave the task back and took it again, in another process, since this command began. */
function isAnotherGrant({ claim }: HeldTask, attempt: Attempt | undefined): boolean {
  if (attempt === undefined || claim.oid === attempt.grant) return false
  // A switch carried it, and was given up: the same grant under another value.
  return !(isCarried(claim) && claim.event.data.replaces === attempt.grant)
}

function tooLate(
  box: Toolbox,
  reading: Reading,
  target: Target,
  { session }: FinishRequest,
  end: Finish,
): Promise<FinishOutcome> | FinishOutcome {
  const command = COMMAND[end.kind]
  if (target.kind === 'not-held')
    return notHeld(box, reading, target.view, { session, command, evidence: evidenceOf(end), cost: end.cost })
  const key = keyOf(target.held)
  return { kind: 'lost', task: key, to: session, reason: `another process of ${session} has taken it anew since` }
}

function keyOf(held: HeldTask): TaskKey {
  return held.kind === 'row' ? held.view.task.key : held.claim.key
}

type Target =
  | { readonly kind: 'held'; readonly held: HeldTask }
  | { readonly kind: 'not-held'; readonly view: TaskView }

function findHeld({ snapshot }: Reading, { session, task }: FinishRequest, command: string): Target {
  if (task === undefined) return { kind: 'held', held: theOnlyHeld(snapshot, session, command) }
  const orphan = heldTasks(snapshot, session).find(
    ({ kind, claim }) => kind === 'orphan' && (claim.key === task || splitTaskKey(claim.key).id === task),
  )
  if (orphan !== undefined) return { kind: 'held', held: orphan }
  const view = findTask(snapshot, task)
  const held = heldTasks(snapshot, session).find((one) => one.kind === 'row' && one.view.task.key === view.task.key)
  return held === undefined ? { kind: 'not-held', view } : { kind: 'held', held }
}

async function sayEnd(box: Toolbox, reading: WholeReading, held: HeldTask, session: SessionName, end: Finish) {
  const { claim } = held
  const blocking = await blockingOf(box, reading, held, { session, end })
  const data: EventData = {
    task: eventTask(held),
    epoch: claim.epoch,
    failures: claim.failures + (end.kind === 'failed' ? 1 : 0),
    modeEpoch: claim.modeEpoch,
    reserve: reservationOf(claim, reading.config.governor.budget),
    // Both moments are this session's own; a clock that was set back tells of no time.
    heldSeconds: Math.max(0, Math.round((box.clock.now().wallMs - claim.at) / 1000)),
    ...endData(end),
    ...helpData(blocking),
    ...estimateOf(held, end),
    ...(end.cost === undefined ? {} : { cost: end.cost }),
  }
  const said = await say(box, reading, {
    session,
    type: EVENT[end.kind],
    subject: claim.key,
    data,
    claim: { key: claim.key, old: claim, leaves: 'moved' },
    ...(blocking === undefined ? {} : { more: [blocking.edit.move], moreObjects: blocking.edit.objects }),
  })
  return { said, blocking }
}

/** What a block writes into the board. */
async function blockingOf(
  box: Toolbox,
  reading: WholeReading,
  held: HeldTask,
  { session, end }: { readonly session: SessionName; readonly end: Finish },
): Promise<Blocking | undefined> {
  if (end.kind !== 'blocked' || held.kind !== 'row') return undefined
  const { blockEdit } = await import('./blocking.ts')
  return blockEdit(box, reading, { ...end, needs: end.needs ?? [], task: held.view.task, session })
}

function endData(end: Finish): Partial<EventData> {
  switch (end.kind) {
    case 'completed':
      return { evidence: end.evidence }
    case 'failed':
      return { reason: end.reason }
    case 'released':
      return end.reason === undefined ? {} : { reason: end.reason }
    case 'blocked':
      return { blocker: end.blocker }
  }
}

function helpData(blocking: Blocking | undefined): Pick<EventData, 'needs' | 'help'> {
  const help = blocking?.help
  return help === undefined ? {} : { needs: help.needs, help: splitTaskKey(help.key) }
}

function estimateOf(held: HeldTask, end: Finish): Pick<EventData, 'estimateMinutes'> {
  const minutes = end.kind === 'completed' && held.kind === 'row' ? held.view.task.estimateMinutes : undefined
  return minutes === undefined ? {} : { estimateMinutes: minutes }
}

function eventTask(held: HeldTask): EventTask {
  const known = held.claim.event.data.task
  const { board, id } = splitTaskKey(held.claim.key)
  return { board, id, title: known?.title ?? '' }
}

/** What `block` asked others for, or why it asked nobody. */
function askedFor(blocking: Blocking | undefined): Pick<Finished, 'help' | 'noHelp'> {
  const { help, noHelp } = blocking ?? {}
  return { ...(help === undefined ? {} : { help }), ...(noHelp === undefined ? {} : { noHelp }) }
}

function finished({ snapshot, config }: Reading, held: HeldTask, end: Finish): Finished {
  const key = keyOf(held)
  const review = end.kind === 'completed' && config.doneWhen === 'merged'
  const unblocked = end.kind === 'completed' && !review && held.kind === 'row' ? unblockedTasks(snapshot, key) : []
  return { kind: end.kind, task: key, title: titleOf(held), unblocked, by: undefined, review }
}

/** Tasks that this completion made ready: nothing else holds them back. */
function unblockedTasks(snapshot: Reading['snapshot'], key: TaskKey): TaskKey[] {
  return unblockedBy(snapshot.project, key, snapshot.isDone).filter(
    (waiting) => snapshot.views.get(waiting)?.status === 'blocked',
  )
}

function titleOf(held: HeldTask): string {
  return held.kind === 'row' ? held.view.task.title : (held.claim.event.data.task?.title ?? '')
}

function evidenceOf(end: Finish): Evidence | undefined {
  return end.kind === 'completed' ? end.evidence : undefined
}
