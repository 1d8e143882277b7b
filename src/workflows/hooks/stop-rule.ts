/**
 * What a session is told when it is about to stop: one rule for every coding tool. Pure.
 *
 * The states are those of `docs/hooks.md`. A session with a task goes on with it; one that shows no work is reminded
 * twice and then loses it; one without a task is handed the next. Whatever happens, no more than `GUARD` answers in a
 * row keep a session going that completes nothing: two of the tools would go on for ever.
 */
import type { EpochMs, ObjectId, TaskKey } from '../../model/index.ts'

/** Answers that kept a session going since it last completed a task. */
export const GUARD = 20
/** At this stop in a row without a sign of work the task is given back. */
export const LAST_STRIKE = 3

/** What a clone keeps of one session of a coding tool, between two of its stops. */
export interface HookMemory {
  /** The grant that the session held when it was answered last. */
  readonly grant: ObjectId | undefined
  readonly task: TaskKey | undefined
  /** HEAD at that moment. */
  readonly head: ObjectId | undefined
  readonly answeredAt: EpochMs
  /** Stops in a row on this grant without a sign of work. */
  readonly strikes: number
  readonly turns: number
  /** It was let go after its last strike: nothing is handed to it until it takes a task by itself. */
  readonly rests: boolean
}

export const NO_MEMORY: HookMemory = {
  grant: undefined,
  task: undefined,
  head: undefined,
  answeredAt: 0,
  strikes: 0,
  turns: 0,
  rests: false,
}

/** What `next` answered, and what was seen of the session's work. */
export type Seen =
  | { readonly kind: 'held'; readonly grant: ObjectId; readonly task: TaskKey; readonly work: 'seen' | 'none' }
  /** A person set the task or the session aside. */
  | { readonly kind: 'paused'; readonly grant: ObjectId; readonly task: TaskKey }
  | { readonly kind: 'granted'; readonly grant: ObjectId; readonly task: TaskKey }
  | { readonly kind: 'nothing'; readonly finished: boolean }
  /** By the governor: a pause of the session, a budget, a breaker, a policy. */
  | { readonly kind: 'refused' }

export interface Moment {
  readonly at: EpochMs
  readonly head: ObjectId | undefined
}

export type Decision =
  | { readonly kind: 'hand-over' }
  | { readonly kind: 'go-on' }
  | { readonly kind: 'remind'; readonly strike: number }
  /** Release the task, then let the session stop. */
  | { readonly kind: 'give-back' }
  /** Nothing is ready: ask again for as long as the tool waits, then let it stop. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'stop' }

export interface Decided {
  readonly decision: Decision
  readonly memory: HookMemory
}

/** May a task be claimed for this session? `look`: only if it took one by itself. `no`: the guard holds. */
export function mayAsk({ turns, rests }: HookMemory): 'claim' | 'look' | 'no' {
  if (turns >= GUARD) return 'no'
  return rests ? 'look' : 'claim'
}

/** A completion begins the count anew, and so does nothing else that a session can do by itself. */
export function afterCompletion(memory: HookMemory): HookMemory {
  return { ...memory, grant: undefined, task: undefined, strikes: 0, turns: 0, rests: false }
}

export function decide(memory: HookMemory, seen: Seen, { at, head }: Moment): Decided {
  const now = { ...memory, answeredAt: at, head }
  const without = { ...now, grant: undefined, task: undefined, strikes: 0 }
  if (seen.kind === 'refused') return { decision: { kind: 'stop' }, memory: without }
  if (seen.kind === 'nothing')
    return { decision: { kind: seen.finished || mayAsk(memory) !== 'claim' ? 'stop' : 'wait' }, memory: without }
  const holding = { ...now, grant: seen.grant, task: seen.task }
  if (seen.kind === 'paused' || memory.turns >= GUARD) return { decision: { kind: 'stop' }, memory: holding }
  const kept = { ...holding, turns: memory.turns + 1, rests: false }
  if (seen.kind === 'granted') return { decision: { kind: 'hand-over' }, memory: { ...kept, strikes: 0 } }
  // A grant that was not there at the last stop was taken since, which is work.
  if (seen.work === 'seen' || seen.grant !== memory.grant)
    return { decision: { kind: 'go-on' }, memory: { ...kept, strikes: 0 } }
  const strike = memory.strikes + 1
  if (strike >= LAST_STRIKE) return { decision: { kind: 'give-back' }, memory: { ...without, rests: true } }
  return { decision: { kind: 'remind', strike }, memory: { ...kept, strikes: strike } }
}

/** Did something happen since the last answer: a commit, or the use of a tool? */
export function workSince(memory: HookMemory, { head }: Moment, lastUseAt: EpochMs | undefined): 'seen' | 'none' {
  if (head !== undefined && head !== memory.head) return 'seen'
  return lastUseAt !== undefined && lastUseAt > memory.answeredAt ? 'seen' : 'none'
}
