/** The figures of a day, by the same rules for a record and for its replay. Pure. */
import type { EpochMs, Project, Task, TaskId } from '../model/index.ts'
import type { DayEvent } from './replay-history.ts'

export interface Counts {
  /** Tasks of that kind on the board. */
  readonly tasks: number
  readonly completions: number
  /** Completions of a task beyond its first. */
  readonly duplicates: number
}

/** Of all tasks that are no fillers, unless said otherwise. */
export interface Figures extends Counts {
  /** Different tasks that were completed. */
  readonly completedTasks: number
  /**
   * First claim minus the last dependency's first completion (the start of the day where there is
   * none), of tasks with a claim whose dependencies were completed. `p90` by nearest rank.
   */
  readonly readyToClaimedSeconds: { readonly median: number | null; readonly p90: number | null; readonly n: number }
  /** From the start of the day to the last completion. */
  readonly makespanSeconds: number
  readonly fillers: Counts
  /** Events of tasks that the board does not have; in no other figure. */
  readonly notOnBoard: { readonly tasks: number; readonly completions: number }
}

export function figuresOf(events: readonly DayEvent[], startAt: EpochMs, project: Project): Figures {
  const tasks = new Map<TaskId, Task>(project.tasks.map((task) => [task.id, task]))
  const work = project.tasks.filter(({ filler }) => !filler)
  const done = events.filter(({ kind }) => kind === 'done')
  const doneWork = done.filter(({ task }) => tasks.get(task)?.filler === false)
  const strange = events.filter(({ task }) => !tasks.has(task))
  const waits = waitsMs(work, events, startAt, project)
  return {
    ...countsOf(work.length, doneWork),
    completedTasks: distinct(doneWork),
    readyToClaimedSeconds: {
      median: waits.length === 0 ? null : round(median(waits) / 1000),
      p90: waits.length === 0 ? null : round(nearestRank(waits, 0.9) / 1000),
      n: waits.length,
    },
    makespanSeconds: round(doneWork.reduce((last, { at }) => Math.max(last, at - startAt), 0) / 1000),
    fillers: countsOf(
      project.tasks.length - work.length,
      done.filter(({ task }) => tasks.get(task)?.filler === true),
    ),
    notOnBoard: { tasks: distinct(strange), completions: strange.filter(({ kind }) => kind === 'done').length },
  }
}

function countsOf(tasks: number, done: readonly DayEvent[]): Counts {
  return { tasks, completions: done.length, duplicates: done.length - distinct(done) }
}

function distinct(events: readonly DayEvent[]): number {
  return new Set(events.map(({ task }) => task)).size
}

function waitsMs(work: readonly Task[], events: readonly DayEvent[], startAt: EpochMs, project: Project): number[] {
  const claimed = firstOf(events, 'claim')
  const completed = firstOf(events, 'done')
  return work.flatMap(({ id, dependencies }) => {
    const at = claimed.get(id)
    const ready = dependencies.map((key) => completed.get(project.byKey.get(key)?.id as TaskId))
    if (at === undefined || ready.includes(undefined)) return []
    return [at - ready.reduce<number>((last, time) => Math.max(last, time ?? 0), startAt)]
  })
}

function firstOf(events: readonly DayEvent[], wanted: DayEvent['kind']): ReadonlyMap<TaskId, EpochMs> {
  const first = new Map<TaskId, EpochMs>()
  for (const { kind, task, at } of events) if (kind === wanted && !first.has(task)) first.set(task, at)
  return first
}

/**
 * How long each task takes: the median of claim → done over the sessions that did both, else the
 * median of all such times. Milliseconds. `undefined` default = the record has no such pair.
 */
export function durationsMs(events: readonly DayEvent[]): {
  readonly byTask: ReadonlyMap<TaskId, number>
  readonly otherwise: number | undefined
} {
  const open = new Map<string, EpochMs>()
  const taken = new Map<TaskId, number[]>()
  for (const { at, session, kind, task } of events) {
    // A session's name has no space, so the first one parts it from the id.
    const pair = `${session} ${task}`
    const since = open.get(pair)
    if (kind === 'claim' && since === undefined) open.set(pair, at)
    else if (kind === 'done' && since !== undefined) {
      open.delete(pair)
      taken.set(task, [...(taken.get(task) ?? []), at - since])
    }
  }
  const all = [...taken.values()].flat()
  return {
    byTask: new Map([...taken].map(([task, times]) => [task, median(times)])),
    otherwise: all.length === 0 ? undefined : median(all),
  }
}

/** @param values at least one */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

function nearestRank(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** Milliseconds are all that a record or a replay knows. */
function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
