/** `pause`, `resume`, `unblock`, `renew`, `note`, `release --of`: what changes a task without ending it. */
import { reservationOf } from '../governor/index.ts'
import {
  type BoardName,
  type Cost,
  type EventData,
  IfBoardError,
  isSessionName,
  type ObjectId,
  type SessionName,
  splitTaskKey,
  type TaskKey,
} from '../model/index.ts'
import type { MoveOutcome } from '../ports/index.ts'
import { helpOf, type TaskView } from '../projection/index.ts'
import { findEntry, readText } from './branch-tree.ts'
import { editBoard, editFiles, type PreparedEdit, pushEdit } from './edit-board.ts'
import { assertGitDecides } from './fast/decides.ts'
import { findTask, type HeldTask, heldTasks } from './find-task.ts'
import { busyError, refusedError } from './not-moved.ts'
import type { FinishOutcome } from './outcomes.ts'
import { beat, say } from './publish.ts'
import { read, type WholeReading } from './read.ts'
import { boardText, CONFIG_FILE } from './read-branch.ts'
import { statusEdit } from './status-edit.ts'
import { taskOf } from './task-of.ts'
import type { Toolbox } from './toolbox.ts'

export interface PauseRequest {
  /** A task, a session, or a board; none = every board. */
  readonly target: string | undefined
  readonly reason: string | undefined
  /** Also take the claims back. */
  readonly now: boolean
  /** Shown as author of the edit, and signs what `now` takes back. */
  readonly author: SessionName
}

export interface PauseOutcome {
  readonly kind: 'paused' | 'resumed' | 'unchanged'
  readonly what: string
  /** Sessions that hold what was set aside: they are told at their next command. */
  readonly holders: readonly string[]
}

export async function pause(box: Toolbox, request: PauseRequest): Promise<PauseOutcome> {
  return setPause(box, request, 'paused')
}

export async function resume(box: Toolbox, request: PauseRequest): Promise<PauseOutcome> {
  return setPause(box, request, 'resumed')
}

async function setPause(box: Toolbox, request: PauseRequest, kind: 'paused' | 'resumed'): Promise<PauseOutcome> {
  let what = ''
  let holders: readonly SessionName[] = []
  const outcome = await pushEdit(box, async (reading) => {
    const target = findTarget(reading, request.target)
    what = target.what
    holders = holdersOf(reading, target)
    if (target.kind === 'session') return pauseSession(box, reading, target.session, request, kind)
    if (target.kind === 'task') return pauseTask(box, reading, target.view, request, kind)
    return pauseBoards(box, reading, target.boards, request, kind)
  })
  if (kind === 'paused' && request.now)
    for (const holder of holders)
      await revoke(box, {
        by: request.author,
        from: holder,
        task: undefined,
        reason: request.reason ?? `${what} is paused`,
      })
  return { kind: outcome === 'changed' ? kind : 'unchanged', what, holders }
}

type PauseTarget =
  | { readonly kind: 'task'; readonly what: string; readonly view: TaskView }
  | { readonly kind: 'session'; readonly what: string; readonly session: SessionName }
  | { readonly kind: 'boards'; readonly what: string; readonly boards: readonly BoardName[] }

function findTarget({ snapshot }: WholeReading, target: string | undefined): PauseTarget {
  const boards = snapshot.project.boards.map(({ name }) => name)
  if (target === undefined) return { kind: 'boards', what: 'every board', boards }
  const board = boards.find((name) => name === target || name.replace(/\.[^.]*$/, '') === target)
  if (board !== undefined) return { kind: 'boards', what: board, boards: [board] }
  if (isSessionName(target) && snapshot.sessions.has(target)) return { kind: 'session', what: target, session: target }
  const view = findTask(snapshot, target)
  return { kind: 'task', what: view.task.id, view }
}

function holdersOf({ snapshot }: WholeReading, target: PauseTarget): SessionName[] {
  if (target.kind === 'session') return [target.session]
  const views =
    target.kind === 'task'
      ? [target.view]
      : [...snapshot.views.values()].filter(({ task }) => target.boards.includes(task.board))
  return [...new Set(views.flatMap(({ holder }) => (holder === undefined || holder === 'person' ? [] : [holder])))]
}

async function pauseTask(
  box: Toolbox,
  reading: WholeReading,
  view: TaskView,
  { author, reason }: PauseRequest,
  kind: 'paused' | 'resumed',
) {
  // Of a board that is paused as a whole, no task is resumed by itself.
  // Where a fold has written that it is quarantined, the word ends that; before, only a reset does.
  const isStopped = view.quarantine !== undefined && view.task.status === 'paused'
  if (kind === 'resumed' && view.judgement.standing.kind !== 'paused' && !isStopped) return undefined
  return statusEdit(box, reading, view, {
    status: kind === 'resumed' ? 'available' : 'paused',
    by: kind === 'resumed' ? undefined : reason,
    author,
    subject: `${kind === 'paused' ? 'Pause' : 'Resume'} ${view.task.id}${reason === undefined ? '' : `: ${reason}`}`,
  })
}

async function pauseBoards(
  box: Toolbox,
  reading: WholeReading,
  boards: readonly BoardName[],
  { author, reason }: PauseRequest,
  kind: 'paused' | 'resumed',
) {
  const { setBoardPause } = await import('../board/index.ts')
  const changes = new Map<string, string>()
  for (const board of boards) {
    const before = await boardText(box, reading.branch, board)
    const after = setBoardPause(before, kind === 'paused' ? (reason ?? 'by a person') : undefined)
    if (after !== before) changes.set(board, after)
  }
  if (changes.size === 0) return undefined
  const subject = `${kind === 'paused' ? 'Pause' : 'Resume'} ${boards.join(', ')}`
  return editFiles(box, reading, { author, subject, changes })
}

async function pauseSession(
  box: Toolbox,
  reading: WholeReading,
  session: SessionName,
  { author, reason }: PauseRequest,
  kind: 'paused' | 'resumed',
) {
  const paused = reading.config.pausedSessions.has(session)
  if (paused === (kind === 'paused')) return undefined
  const { setSessionPause } = await import('../board/config.ts')
  const entry = await findEntry(box.objects, reading.branch.tree, CONFIG_FILE)
  const before = entry === undefined ? '' : await readText(box.objects, entry.oid)
  const after = setSessionPause(before, session, kind === 'paused' ? (reason ?? '') : undefined)
  const subject = `${kind === 'paused' ? 'Pause' : 'Resume'} ${session}`
  return editFiles(box, reading, { author, subject, changes: new Map([[CONFIG_FILE, after]]) })
}

/** Lift the external blockers of a task, and settle the help task that it waits for: what was outside is there. */
export async function unblock(
  box: Toolbox,
  task: string,
  author: string,
): Promise<{ kind: 'unblocked' | 'unchanged'; task: TaskKey }> {
  let key: TaskKey | undefined
  const change = (edit: (reading: WholeReading, view: TaskView) => Promise<PreparedEdit | undefined>) =>
    pushEdit(box, async (reading) => {
      const view = findTask(reading.snapshot, task)
      key = view.task.key
      return edit(reading, view)
    })
  const lifted = await change((reading, view) => liftBlockers(box, reading, view, author))
  const settled = await change((reading, view) => settleHelp(box, reading, view, author))
  const isChanged = lifted === 'changed' || settled === 'changed'
  return { kind: isChanged ? 'unblocked' : 'unchanged', task: key as TaskKey }
}

async function liftBlockers(box: Toolbox, reading: WholeReading, { task }: TaskView, author: string) {
  const blockers = new Set(task.externalBlockers.map(({ text }) => text))
  if (blockers.size === 0) return undefined
  const { removeBlockers } = await import('../board/index.ts')
  return editBoard(box, reading, {
    board: task.board,
    author,
    subject: `Unblock ${task.id}`,
    change: (text) => removeBlockers(text, task.board, task.id, blockers),
  })
}

/** Nobody has to help any more, and what waits for it is released. */
async function settleHelp(box: Toolbox, reading: WholeReading, { claim, blockedBy }: TaskView, author: string) {
  const key = helpOf(claim)
  const help = key === undefined || !blockedBy.includes(key) ? undefined : reading.snapshot.views.get(key)
  if (help === undefined) return undefined
  return statusEdit(box, reading, help, { status: 'done', by: undefined, author, subject: `Settle ${help.task.id}` })
}

/** Is this what was named? Also a claim whose row was renamed, or is gone. */
function isNamed({ snapshot }: WholeReading, held: HeldTask, task: string): boolean {
  if (held.claim.key === task || splitTaskKey(held.claim.key).id === task) return true
  return held.kind === 'row' && findTask(snapshot, task).task.key === held.view.task.key
}

export interface RevokeRequest {
  /** Who takes it back, and signs that. */
  readonly by: SessionName
  readonly from: SessionName
  /** One task of that session; none = all it holds. */
  readonly task: string | undefined
  readonly reason: string
}

/** Take claims back from a session (`release --of`, `pause --now`): g → r, signed by whoever does it. */
export async function revoke(box: Toolbox, { by, from, task, reason }: RevokeRequest): Promise<readonly TaskKey[]> {
  const revoked: TaskKey[] = []
  for (let tries = 0; tries < 24; tries += 1) {
    const reading = await read(box)
    const held = heldTasks(reading.snapshot, from).find((one) => task === undefined || isNamed(reading, one, task))
    if (held === undefined) return revoked
    assertGitDecides(reading, `if-board release --of ${from}`)
    const { claim } = held
    const { outcome } = await say(box, reading, {
      session: by,
      type: 'revoked',
      subject: claim.key,
      data: {
        ...(claim.event.data.task === undefined ? {} : { task: claim.event.data.task }),
        epoch: claim.epoch,
        failures: claim.failures,
        from,
        reason,
        reserve: reservationOf(claim, reading.config.governor.budget),
      },
      claim: { key: claim.key, old: claim, leaves: 'moved' },
    })
    if (outcome.kind === 'moved') revoked.push(claim.key)
    else await box.clock.sleep(box.chance.fraction() * Math.min(30 * 2 ** tries, 1000))
  }
  throw new IfBoardError('authority/busy', `the claims of ${from} keep changing`, { hint: 'Try again in a moment' })
}

/** A sign of life for everything the session holds. */
export async function renew(box: Toolbox, session: SessionName): Promise<readonly TaskKey[]> {
  const reading = await read(box)
  if (reading.mode.mode === 'etcd') assertGitDecides(reading, 'if-board renew')
  const held = heldTasks(reading.snapshot, session)
  if (held.length === 0)
    throw new IfBoardError('claim/none-held', `${session} holds no task`, { hint: 'if-board next' })
  const outcome = await beat(box, reading, session)
  // `stale`: another process of this session gave a sign of life meanwhile, which is as good.
  if (outcome.kind === 'refused') throw refusedError(outcome, 'signs of life')
  if (outcome.kind === 'busy')
    throw busyError(outcome, 'the sign of life was not taken', 'Try again in a moment: if-board renew')
  return held.map(({ claim }) => claim.key)
}

/** Put a note about a task on the session's chain. */
export async function note(box: Toolbox, session: SessionName, task: string, text: string): Promise<FinishOutcome> {
  return remark(box, { session, task, type: 'note', data: { reason: text } })
}

export interface CostReport {
  readonly session: SessionName
  readonly task: string
  readonly cost: Cost
  /** What for; may be empty. */
  readonly text: string
}

/** Put a cost on the session's chain that no other operation reports. */
export async function reportCost(box: Toolbox, { session, task, cost, text }: CostReport): Promise<FinishOutcome> {
  const reason = text === '' ? {} : { reason: text }
  return remark(box, { session, task, type: 'cost', data: { ...reason, cost } })
}

interface Remark {
  readonly session: SessionName
  readonly task: string
  readonly type: 'note' | 'cost'
  readonly data: EventData
}

/** Something about a task that moves no claim. */
async function remark(box: Toolbox, { session, task, type, data }: Remark): Promise<FinishOutcome> {
  let last: MoveOutcome | undefined
  let tried: ObjectId | undefined
  for (let tries = 0; tries < 8; tries += 1) {
    const reading = await read(box)
    const view = findTask(reading.snapshot, task)
    const { key, title } = view.task
    const noted = { kind: 'noted', task: key, title, unblocked: [], by: undefined, review: false } as const
    // It landed, and its answer was lost: a cost that is said again is charged again.
    if (tried !== undefined && reading.snapshot.sessions.get(session)?.record.last?.oid === tried) return noted
    const { outcome, oid } = await say(box, reading, {
      session,
      type,
      subject: key,
      data: { ...data, task: taskOf(view) },
    })
    if (outcome.kind === 'moved') return noted
    tried = oid
    if (outcome.kind === 'refused') throw refusedError(outcome, 'notes')
    last = outcome
    await box.clock.sleep(box.chance.fraction() * Math.min(30 * 2 ** tries, 1000))
  }
  throw busyError(last, 'the note could not be pushed', 'Try again in a moment')
}
