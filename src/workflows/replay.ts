/**
 * `replay`: a recorded day again, through the real workflows, in virtual time.
 *
 * Every session of the record joins at its first event there and loops `next` → work → `done` until
 * the board is finished. How long a task takes is what it took in the record, so both columns differ
 * only in how work is handed out. Only the ports are not the real ones: refs and objects in memory,
 * and a clock that jumps from one thing to the next.
 */
import { type EpochMs, IfBoardError, type SessionName, splitTaskKey, type TaskKey } from '../model/index.ts'
import type { Clock, RefStore } from '../ports/index.ts'
import { formatTime } from '../witness/index.ts'
import { renew } from './adjust.ts'
import { finish } from './finish.ts'
import { next } from './next.ts'
import type { TaskCard } from './outcomes.ts'
import type { SourceFile } from './parse-files.ts'
import { read } from './read.ts'
import { openBoard, writeBranch } from './replay-branch.ts'
import { durationsMs, type Figures, figuresOf } from './replay-figures.ts'
import { type DayEvent, type History, parseHistory } from './replay-history.ts'
import { type Timeline, virtualTimeline } from './replay-timeline.ts'
import type { Toolbox } from './toolbox.ts'

export interface ReplayRequest {
  readonly history: { readonly name: string; readonly text: string }
  readonly board: SourceFile
  /**
   * The tools of one session. All share one authority that is empty at first, and one object store;
   * time comes from `clock`, chance and keys from a seed of the caller, so that a day can be run again.
   */
  readonly makeBox: (session: SessionName, clock: Clock) => Toolbox
}

export interface ReplayReport extends Figures {
  readonly recorded: Figures
  readonly sessions: number
  /** RFC 3339: first event of the record, where both columns begin. */
  readonly startAt: string
  readonly pollSeconds: number
  /** Tasks whose duration the record tells, and the median that stands for all others. */
  readonly durations: { readonly known: number; readonly otherwiseSeconds: number }
  /** Compare-and-set moves that the authority was asked for, and those that came too late. */
  readonly moves: { readonly asked: number; readonly lost: number }
  /** Ids of tasks, fillers included, that were not done when nothing moved any more. */
  readonly unfinished: readonly string[]
}

/** A polling session asks this often. */
const POLL_MS = 5_000
/** A quarter of the shortest lease: what keeps an idle session among the active. */
const QUIET_MS = 450_000
/** Where the record has no claim with its completion. */
const UNKNOWN_DURATION_MS = 300_000
/** Twice the longest record. */
const LONGEST_MS = 14 * 24 * 3_600_000

/** @throws IfBoardError `history/invalid`, `board/not-text`, `board/too-large` */
export async function replay({ history, board, makeBox }: ReplayRequest): Promise<ReplayReport> {
  const record = parseHistory(history.text, history.name)
  const { startAt } = record
  const opened = await openBoard(board)
  const { byTask, otherwise = UNKNOWN_DURATION_MS } = durationsMs(record.events)
  const timeline = virtualTimeline({ startAt, endAt: startAt + LONGEST_MS, pollMs: POLL_MS, quietMs: QUIET_MS })
  const moves = { asked: 0, lost: 0 }
  const toolsOf = (session: SessionName) => {
    const box = makeBox(session, timeline.clock)
    return { ...box, refs: counting(box.refs, moves) }
  }
  const observer = makeBox([...record.sessions.keys()][0] as SessionName, timeline.clock)
  await writeBranch(observer, opened)
  const workMs = (key: TaskKey) => byTask.get(splitTaskKey(key).id) ?? otherwise
  const events = await runDay(record, { timeline, toolsOf, workMs })
  const { views } = (await read(observer)).snapshot
  return {
    ...figuresOf(events, startAt, opened.project),
    recorded: figuresOf(record.events, startAt, opened.project),
    sessions: record.sessions.size,
    startAt: formatTime(startAt),
    pollSeconds: POLL_MS / 1000,
    durations: {
      known: opened.project.tasks.filter(({ id }) => byTask.has(id)).length,
      otherwiseSeconds: otherwise / 1000,
    },
    moves,
    unfinished: [...views.values()].filter(({ status }) => status !== 'done').map(({ task }) => task.id),
  }
}

function counting(refs: RefStore, moves: { asked: number; lost: number }): RefStore {
  return {
    guards: refs.guards,
    list: () => refs.list(),
    peek: () => refs.peek(),
    async moveAll(all, unchanged) {
      moves.asked += 1
      const outcome = await refs.moveAll(all, unchanged)
      if (outcome.kind !== 'moved') moves.lost += 1
      return outcome
    },
  }
}

interface DayTools {
  readonly timeline: Timeline
  readonly toolsOf: (session: SessionName) => Toolbox
  readonly workMs: (key: TaskKey) => number
}

/** What the sessions share beside the authority: the log of the day, and who found nothing since it last grew. */
interface Day extends DayTools {
  readonly events: DayEvent[]
  readonly quiet: Set<SessionName>
  readonly joined: Set<SessionName>
  working: number
}

async function runDay({ sessions }: History, tools: DayTools): Promise<readonly DayEvent[]> {
  const day: Day = { ...tools, events: [], quiet: new Set(), joined: new Set(), working: 0 }
  for (const [session, at] of sessions) tools.timeline.start(at, () => workAs(session, day))
  await tools.timeline.run()
  return day.events
}

async function workAs(session: SessionName, day: Day): Promise<void> {
  const box = day.toolsOf(session)
  day.joined.add(session)
  for (;;) {
    const outcome = await ask(box, session)
    if (outcome.kind === 'granted' || outcome.kind === 'held')
      await workOn(box, { session, card: outcome.card, granted: outcome.kind === 'granted' }, day)
    else if (outcome.kind === 'none' && outcome.none.finished) return
    else {
      if (outcome.kind === 'none') day.quiet.add(session)
      if (isStuck(day)) return day.timeline.changed()
      await day.timeline.idle()
    }
  }
}

/** Nobody works, and everybody found nothing since the last change: only a person could go on. */
function isStuck({ working, quiet, joined }: Day): boolean {
  return working === 0 && [...joined].every((session) => quiet.has(session))
}

/** An authority that is busy is asked again at the next poll, as a person or a script would do. */
export async function ask(box: Toolbox, session: SessionName) {
  try {
    return await next(box, { session })
  } catch (error) {
    if (error instanceof IfBoardError && error.code === 'authority/busy') return { kind: 'busy' as const }
    throw error
  }
}

interface Work {
  readonly session: SessionName
  readonly card: TaskCard
  /** False: it was held before, so the claim is in the log already. */
  readonly granted: boolean
}

async function workOn(box: Toolbox, { session, card, granted }: Work, day: Day): Promise<void> {
  const { task, claim } = card
  const log = (kind: DayEvent['kind']) => day.events.push({ at: now(box), session, kind, task: task.id })
  if (granted) log('claim')
  day.quiet.clear()
  day.working += 1
  await workFor(box, session, day.workMs(task.key), (claim?.leaseSeconds ?? 0) * 250)
  const outcome = await finish(box, { session, task: task.key }, { kind: 'completed', evidence: {} })
  day.working -= 1
  if (outcome.kind === 'completed') log('done')
  day.quiet.clear()
  day.timeline.changed()
}

function now({ clock }: Toolbox): EpochMs {
  return clock.now().wallMs
}

/** Work with a sign of life in every quarter of the lease, as hooks of coding tools give it. */
async function workFor(box: Toolbox, session: SessionName, ms: number, beatMs: number): Promise<void> {
  const slice = Math.max(beatMs, 1000)
  for (let left = ms; left > 0; left -= slice) {
    await box.clock.sleep(Math.min(left, slice))
    if (left > slice) await renew(box, session)
  }
}
