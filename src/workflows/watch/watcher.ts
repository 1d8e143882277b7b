/**
 * The watcher's loop: look → (read where something moved) → fold when due → follow conditions → ring → pause.
 *
 * docs/watcher.md has the states. It decides no claim and holds nothing; all it keeps of its own is what it told, so
 * it may be killed anywhere. A remote is asked once a pause, and fetched from where that showed a change.
 */
import { IfBoardError, type ObjectId, type RefName, type SessionName, type Task } from '../../model/index.ts'
import type { Watch } from '../../ports/index.ts'
import { formatTime } from '../../witness/index.ts'
import type { EscalatorTurn } from '../fast/escalate.ts'
import { fold } from '../fold.ts'
import { foldIsDue, mergeLookIsDue } from '../fold-due.ts'
import { read, type WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { budgetAlerts } from '../views-budget.ts'
import { statusOf } from '../views-status.ts'
import { keeperOf, waitingHelp } from '../who-could.ts'
import { type Followed, follow, parseFollowed, renderFollowed } from './alarms.ts'
import { taskChanges } from './changes.ts'
import { budgetConditions, conditionsOf } from './conditions.ts'
import type { Telling, WatchEvent } from './events.ts'
import { governorConditions } from './governor-conditions.ts'
import { FASTEST_MS, LEAST_MS, type Looked, nextPauseMs, SLOWEST_MS, spread } from './pace.ts'
import { BELL, hidePresence, showPresence } from './presence.ts'
import { switchConditions } from './switch-conditions.ts'
import type { Tally } from './tally.ts'

export interface WatcherTools {
  readonly box: Toolbox
  /** In whose name folds are made. */
  readonly folder: SessionName
  /** Rings when refs of this clone moved or one of its sessions said something. */
  readonly wake: Watch
  /** Is this still the one watcher of its clone? Asked before each turn. */
  readonly isOurs: () => Promise<boolean>
  readonly tell: (event: WatchEvent) => void
  /** Kept up to date for who asks from outside. */
  readonly tally: Tally
  /** After each turn, with what is known: for a screen. */
  readonly show?: ((sight: WatcherSight) => void) | undefined
  /**
   * Goes on with a switch of who decides that is under way, without waiting; answers when there may be more to do, in
   * milliseconds. Called while the mode says so.
   */
  readonly goOnSwitching?: (() => Promise<number | undefined>) | undefined
  /** Begins a change of who decides where the settings say so; it is gone on with like any other. */
  readonly escalate?: ((reading: WholeReading) => Promise<EscalatorTurn>) | undefined
  /** Work that can wait, such as packing; called about once an hour. */
  readonly tidy?: () => Promise<unknown>
}

export interface WatcherSight {
  /** As of now; `undefined` before the first answer. */
  readonly reading: WholeReading | undefined
  /** Why the newest look failed. */
  readonly trouble: string | undefined
}

type Work = 'look' | 'fold' | 'switch' | 'escalate'

/** What is remembered from turn to turn. */
interface Memory {
  reading: WholeReading | undefined
  pauseMs: number | undefined
  followed: Followed
  /** Since when the authority has not answered, on the monotonic clock. */
  goneAtMs: number | undefined
  /** What was told and still stands in the way, by its code: figures in its words may change meanwhile. */
  readonly troubles: Map<string, { readonly work: Work; readonly words: string }>
  lastLookMs: number
  lastTidyMs: number
  lastFoldFailedMs: number | undefined
}

const FOLLOWED = 'watch-conditions'
const TIDY_EVERY_MS = 3_600_000
const FOLD_AGAIN_AFTER_MS = 30_000
const SHOWN_EVERY_MS = 10_000
const LEAST_PAUSE_MS = 100

/**
 * Ends when the process is asked to stop.
 *
 * @throws IfBoardError `watch/running` when another one has taken over, or the clone is gone
 */
export async function watchBoards(tools: WatcherTools): Promise<void> {
  const { box } = tools
  const memory: Memory = {
    reading: undefined,
    pauseMs: undefined,
    followed: parseFollowed((await box.memory.read(FOLLOWED)) ?? ''),
    goneAtMs: undefined,
    troubles: new Map(),
    lastLookMs: Number.NEGATIVE_INFINITY,
    lastTidyMs: box.clock.now().monotonicMs,
    lastFoldFailedMs: undefined,
  }
  try {
    for (let hint: 'moved' | 'time' = 'time'; ; ) {
      if (!(await tools.isOurs())) throw takenOver()
      const next = await turn(tools, memory, hint)
      // What was folded is fetched at once: until then the last fetch is behind what this clone knows.
      const why = next.folded ? 'moved' : await pause(tools, next)
      if (why === 'stopped') return
      hint = why
      if (hint === 'moved') await untilPolite(box, memory)
    }
  } finally {
    if (await tools.isOurs()) await hidePresence(box.memory)
  }
}

function takenOver(): IfBoardError {
  return new IfBoardError(
    'watch/running',
    'this watcher no longer has its clone: another one took over, or it is gone',
    {
      hint: 'To stand by until the other one ends: if-board watch --standby',
    },
  )
}

/** Several sessions often say something at once, and each look at a server is a request. */
async function untilPolite({ clock, authority }: Toolbox, { lastLookMs }: Memory): Promise<void> {
  const leftMs = lastLookMs + LEAST_MS[authority] - clock.now().monotonicMs
  if (leftMs > 0) await clock.sleep(leftMs)
}

interface Pause {
  /** How long nothing is due. */
  readonly ms: number
  /** Did the authority answer? */
  readonly sees: boolean
  /** Did this turn move the branch? */
  readonly folded: boolean
}

/** Shows meanwhile that somebody is there, so that sessions soon find out when nobody is any more. */
async function pause({ box, wake }: WatcherTools, { ms, sees }: Pause): Promise<'moved' | 'time' | 'stopped'> {
  for (let leftMs = ms; ; leftMs -= SHOWN_EVERY_MS) {
    const withinMs = Math.min(leftMs, SHOWN_EVERY_MS)
    await showPresence(box.memory, { ...box.clock.now(), withinMs, sees })
    const why = await wake.changed(withinMs)
    if (why !== 'timeout') return why === 'changed' ? 'moved' : 'stopped'
    if (leftMs <= SHOWN_EVERY_MS) return 'time'
  }
}

/** One look and what follows from it. */
async function turn(tools: WatcherTools, memory: Memory, hint: 'moved' | 'time'): Promise<Pause> {
  const { box } = tools
  const looked = await look(tools, memory, hint)
  let dueInMs: number | undefined
  let folded = false
  if (looked !== 'failed' && memory.reading !== undefined) {
    folded = await foldWhenDue(tools, memory, memory.reading)
    const switchInMs = await switchWhenUnderWay(tools, memory, memory.reading)
    const escalateInMs = await escalate(tools, memory, memory.reading)
    dueInMs = soonest(switchInMs, escalateInMs, await followConditions(tools, memory, memory.reading))
    await tidyWhenDue(tools, memory)
  }
  const busy = [...(memory.reading?.snapshot.views.values() ?? [])].some(({ status }) => status === 'claimed')
  memory.pauseMs = nextPauseMs({ beforeMs: memory.pauseMs, looked, busy })
  const ms = Math.max(Math.min(spread(memory.pauseMs, box.chance.fraction()), dueInMs ?? SLOWEST_MS), LEAST_PAUSE_MS)
  return { ms, sees: looked !== 'failed', folded }
}

/** Is what the authority shows still what was read? Only then is nothing fetched. */
async function look(tools: WatcherTools, memory: Memory, hint: 'moved' | 'time'): Promise<Looked> {
  const { box, tally } = tools
  memory.lastLookMs = box.clock.now().monotonicMs
  tally.looks += 1
  const before = memory.reading
  try {
    // A session has just moved something: a look would only say so too.
    if (before !== undefined && hint === 'time' && isSame(before.refs, await box.refs.peek())) {
      seen(tools, memory)
      return 'unchanged'
    }
    const reading = await read(box)
    const changed = before === undefined || !isSame(before.refs, reading.refs)
    memory.reading = reading
    seen(tools, memory)
    over(memory, 'look')
    if (!changed) return 'unchanged'
    if (before === undefined) say(tools, { event: 'started', authority: box.authority })
    else for (const change of taskChanges(before.snapshot, reading.snapshot)) say(tools, change)
    if (before === undefined || mayMakeReady(box, before.refs, reading.refs)) await ring(box)
    return 'changed'
  } catch (error) {
    tally.failedLooks += 1
    tally.state = 'blind'
    tally.reason = error instanceof Error ? error.message : String(error)
    failed(tools, memory, { error, work: 'look' })
    return 'failed'
  } finally {
    tools.show?.({ reading: memory.reading, trouble: [...memory.troubles.values()].at(-1)?.words })
  }
}

function isSame(a: ReadonlyMap<RefName, ObjectId>, b: ReadonlyMap<RefName, ObjectId>): boolean {
  return a.size === b.size && [...a].every(([ref, oid]) => b.get(ref) === oid)
}

/** Signs of life alone give nobody a task. */
function mayMakeReady({ layout }: Toolbox, ...[before, after]: readonly ReadonlyMap<RefName, ObjectId>[]): boolean {
  const others = (refs: ReadonlyMap<RefName, ObjectId> = new Map()) =>
    new Map([...refs].filter(([ref]) => !ref.startsWith(layout.sessions)))
  return !isSame(others(before), others(after))
}

async function ring({ memory, clock }: Toolbox): Promise<void> {
  const { wallMs, monotonicMs } = clock.now()
  await memory.write(BELL, `${wallMs} ${monotonicMs}\n`)
}

/** The authority answered. */
function seen(tools: WatcherTools, memory: Memory): void {
  const { tally, box } = tools
  tally.state = 'seeing'
  tally.reason = undefined
  tally.answeredAtMs = box.clock.now().monotonicMs
  tally.reading = memory.reading
  back(tools, memory)
}

/** An authority that does not answer is told once, and so is its return; one that is busy is asked again later. */
function failed(tools: WatcherTools, memory: Memory, { error, work }: { error: unknown; work: Work }): void {
  if (!(error instanceof IfBoardError)) throw error
  if (error.code === 'interrupted' || error.code === 'authority/busy') return
  if (error.code !== 'authority/unreachable') {
    trouble(tools, memory, { error, work })
    return
  }
  memory.troubles.set(error.code, { work: 'look', words: error.message })
  if (memory.goneAtMs !== undefined) return
  memory.goneAtMs = tools.box.clock.now().monotonicMs
  say(tools, { event: 'remote-gone', message: error.message })
}

function back(tools: WatcherTools, memory: Memory): void {
  if (memory.goneAtMs === undefined) return
  const seconds = Math.round((tools.box.clock.now().monotonicMs - memory.goneAtMs) / 1000)
  memory.goneAtMs = undefined
  over(memory, 'look')
  // Whatever pause the back-off had come to is no pause between two answers.
  memory.pauseMs = FASTEST_MS
  say(tools, { event: 'remote-back', seconds })
}

/** That work has succeeded: what stood in its way is told again if it comes again. */
function over({ troubles }: Memory, done: Work): void {
  for (const [code, { work }] of troubles) if (work === done) troubles.delete(code)
}

/** Told once for as long as it stands in the way. */
function trouble(tools: WatcherTools, memory: Memory, { error, work }: { error: IfBoardError; work: Work }): void {
  const { code, message, hint } = error
  if (memory.troubles.has(code)) return
  memory.troubles.set(code, { work, words: message })
  say(tools, { event: 'trouble', code, message, hint: hint ?? null })
}

async function foldWhenDue(tools: WatcherTools, memory: Memory, reading: WholeReading): Promise<boolean> {
  const { box, folder } = tools
  const now = box.clock.now()
  const failedAtMs = memory.lastFoldFailedMs
  if (failedAtMs !== undefined && now.monotonicMs - failedAtMs < FOLD_AGAIN_AFTER_MS) return false
  const current = { ...reading, now }
  if (!foldIsDue(box, current, box.chance.fraction()) && !(await mergeLookIsDue(box, current))) return false
  try {
    const outcome = await fold(box, folder)
    memory.lastFoldFailedMs = undefined
    over(memory, 'fold')
    if (outcome.kind !== 'folded') return false
    tools.tally.folds += 1
    const { commit, written, events: sealed, swept } = outcome
    say(tools, { event: 'folded', commit, written, sealed, swept })
    return true
  } catch (error) {
    memory.lastFoldFailedMs = now.monotonicMs
    tools.tally.failedFolds += 1
    failed(tools, memory, { error, work: 'fold' })
    return false
  }
}

/** Whoever began it may be gone, and meanwhile nobody can claim. Answers when to go on. */
async function switchWhenUnderWay(
  tools: WatcherTools,
  memory: Memory,
  { mode: { mode } }: WholeReading,
): Promise<number | undefined> {
  if (mode === 'git' || mode === 'etcd') return undefined
  try {
    const nextInMs = await tools.goOnSwitching?.()
    over(memory, 'switch')
    return nextInMs
  } catch (error) {
    failed(tools, memory, { error, work: 'switch' })
    return undefined
  }
}

/** Answers when the rule may say something else. */
async function escalate(tools: WatcherTools, memory: Memory, reading: WholeReading): Promise<number | undefined> {
  const { tally } = tools
  try {
    const turn = await tools.escalate?.(reading)
    over(memory, 'escalate')
    tally.escalation = turn
    if (turn?.begun === undefined) return turn?.dueInMs
    const { to, by, reason } = turn.begun
    tally.switches[to] += 1
    say(tools, { event: 'switch-begun', to, rule: by, reason })
    return turn.dueInMs
  } catch (error) {
    failed(tools, memory, { error, work: 'escalate' })
    return undefined
  }
}

function soonest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((ms) => ms !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Answers how long no condition is due. */
async function followConditions(
  tools: WatcherTools,
  memory: Memory,
  reading: WholeReading,
): Promise<number | undefined> {
  const { box, tally } = tools
  const now = box.clock.now()
  const view = statusOf(box, { ...reading, now })
  const helps = waitingHelp(box, { ...reading, now })
  const refusalOf = keeperOf(box, reading)
  const mayDo = (session: SessionName, task: Task) => refusalOf(session, task) === undefined
  const conditions = [
    ...conditionsOf({ snapshot: reading.snapshot, sessions: view.sessions, helps, mayDo }),
    ...budgetConditions(budgetAlerts(reading)),
    ...governorConditions(view),
    ...switchConditions(tally.escalation),
  ]
  const next = follow(memory.followed, conditions, now)
  for (const { alarm, task, session, message, hint, since } of next.raised)
    say(tools, { event: 'alarm', alarm, task, session, message, hint, since: formatTime(since.wallMs) })
  for (const { alarm, task, session, since } of next.ended)
    say(tools, { event: 'alarm-ended', alarm, task, session, since: formatTime(since.wallMs) })
  // Nothing moved, and yet there is a task to take: its holder has been silent for the lease.
  if (next.raised.some(({ alarm }) => alarm === 'session-silent')) await ring(box)
  const text = renderFollowed(next.followed)
  if (text !== renderFollowed(memory.followed)) await box.memory.write(FOLLOWED, text)
  memory.followed = next.followed
  tally.followed = next.followed
  for (const { alarm } of next.raised) tally.raised.set(alarm, (tally.raised.get(alarm) ?? 0) + 1)
  return next.dueInMs
}

async function tidyWhenDue({ box, tidy }: WatcherTools, memory: Memory): Promise<void> {
  const now = box.clock.now().monotonicMs
  if (now - memory.lastTidyMs < TIDY_EVERY_MS) return
  memory.lastTidyMs = now
  // Not packed now is packed in an hour.
  await tidy?.().catch(() => undefined)
}

function say({ tell, box }: WatcherTools, telling: Telling): void {
  tell({ ...telling, at: formatTime(box.clock.now().wallMs) } as WatchEvent)
}
