/** `breaker`: which are open, since when, and what ends that. */
import { type OpenBreaker, taskWayOut, wayOut } from '../governor/index.ts'
import type { SessionName } from '../model/index.ts'
import type { TaskView } from '../projection/index.ts'
import { formatTime } from '../witness/index.ts'
import { type Reading, read } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Fields may be added, never changed. */
export interface BreakerItem {
  readonly of: 'session' | 'task'
  /** Session, or id of the task. */
  readonly name: string
  /** Of a task. */
  readonly board: string | null
  readonly state: 'open' | 'half-open'
  readonly rule: string
  readonly reason: string
  /** RFC 3339: when the grant ended that opened it, by the clock of who said so; `null` where that is not known. */
  readonly since: string | null
  /** Until a probe is allowed, by this observer's clocks; `null`: not by waiting, or already. */
  readonly probeInSeconds: number | null
  /** What ends it, in words. */
  readonly hint: string
}

export async function breakers(box: Toolbox): Promise<readonly BreakerItem[]> {
  return breakersOf(await read(box))
}

/** Sessions by name, then tasks in board order. */
export function breakersOf({ accounts, snapshot }: Reading): BreakerItem[] {
  const sessions = [...accounts.breakers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => sessionItem(name, one))
  const tasks = [...snapshot.views.values()].flatMap((view) => (view.quarantine === undefined ? [] : [taskItem(view)]))
  return [...sessions, ...tasks]
}

function sessionItem(session: SessionName, breaker: OpenBreaker): BreakerItem {
  const { kind, rule, reason } = breaker
  const waits = kind === 'open' ? breaker.retryAfterMs : undefined
  return {
    of: 'session',
    name: session,
    board: null,
    state: kind,
    rule,
    reason,
    since: breaker.since === undefined ? null : formatTime(breaker.since),
    probeInSeconds: waits === undefined ? null : Math.ceil(waits / 1000),
    hint: kind === 'open' ? wayOut(breaker, session) : 'it works at one task at a time until one is done',
  }
}

function taskItem({ task, quarantine }: TaskView): BreakerItem {
  return {
    of: 'task',
    name: task.id,
    board: task.board,
    state: 'open',
    rule: 'quarantine',
    reason: quarantine ?? '',
    since: null,
    probeInSeconds: null,
    hint: taskWayOut(task.id),
  }
}
