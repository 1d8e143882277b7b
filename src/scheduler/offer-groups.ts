/**
 * Ready tasks in groups. Tasks of one group are alike in all that the offer to a session depends on: tier, needs,
 * threshold, owner words, and who failed at them last. So their order within the group is the same for every session.
 */
import type { Schedule } from '../graph/index.ts'
import { invariant, type SessionName, type Task, type TaskKey } from '../model/index.ts'
import { priorityOf, type Tier, tierOf } from './rank.ts'

/** All that a match depends on; tasks with equal `name` are alike. */
export interface Demand {
  readonly name: string
  readonly needs: ReadonlySet<string>
  readonly threshold: number
}

/** One task with its place among all of its group; smaller goes first, `level` before `behind` before `at`. */
export interface Entry {
  readonly task: Task
  readonly demand: Demand
  /** What `rank` compares before the assignment of a filler, and behind it. */
  readonly level: number
  readonly behind: number
  /** Board order. */
  readonly at: number
  readonly remainingMinutes: number
}

export interface Group {
  readonly tier: Tier
  readonly demand: Demand
  /** Of the owner cell or the section; `''` = of nobody. */
  readonly words: string
  readonly failed: SessionName | undefined
  /** The ready ones, best first. */
  readonly ready: Entry[]
}

export interface GroupsRequest {
  /** All tasks that may ever be offered, in board order. */
  readonly tasks: readonly Task[]
  readonly schedule: Schedule
  readonly demandOf: (task: Task) => Demand
  /** Who failed at a task last. */
  readonly failedBy: ReadonlyMap<TaskKey, SessionName>
  /** Is the task ready now? Asked once; later `offer` says so. */
  readonly isReady: (task: Task) => boolean
}

interface Placed {
  readonly entry: Entry
  group: Group
  isReady: boolean
}

export class OfferGroups {
  readonly #groups = new Map<string, Group>()
  readonly #placed = new Map<TaskKey, Placed>()

  /** O(n log n). */
  constructor({ tasks, schedule, demandOf, failedBy, isReady }: GroupsRequest) {
    const entries = tasks.map((task, at) => entryOf(task, { at, schedule, demand: demandOf(task) }))
    for (const entry of entries.sort(inGroup)) {
      const { task } = entry
      const group = this.#groupOf(entry, failedBy.get(task.key))
      const placed = { entry, group, isReady: isReady(task) }
      if (placed.isReady) group.ready.push(entry)
      this.#placed.set(task.key, placed)
    }
  }

  all(): Iterable<Group> {
    return this.#groups.values()
  }

  /** Is the task ready now? A search in its group, and a shift of what stands behind it. */
  offer(key: TaskKey, isReady: boolean): void {
    const placed = this.#place(key)
    if (placed.isReady === isReady) return
    placed.isReady = isReady
    const { ready } = placed.group
    ready.splice(placeIn(ready, placed.entry), isReady ? 0 : 1, ...(isReady ? [placed.entry] : []))
  }

  fail(key: TaskKey, by: SessionName | undefined): void {
    const placed = this.#place(key)
    const { isReady } = placed
    this.offer(key, false)
    placed.group = this.#groupOf(placed.entry, by)
    this.offer(key, isReady)
  }

  /** Where the task stands, while it is ready. */
  readyAt(key: TaskKey): { readonly entry: Entry; readonly group: Group } | undefined {
    const placed = this.#placed.get(key)
    return placed?.isReady === true ? placed : undefined
  }

  #place(key: TaskKey): Placed {
    const placed = this.#placed.get(key)
    invariant(placed !== undefined, 'groups were made of all tasks')
    return placed
  }

  #groupOf({ task, demand }: Entry, failed: SessionName | undefined): Group {
    const tier = tierOf(task, false)
    const meant = task.owner ?? task.assigned ?? ''
    const words = meant.trim() === '' ? '' : meant
    const name = JSON.stringify([tier, demand.name, words, failed ?? ''])
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    const made: Group = { tier, demand, words, failed, ready: [] }
    this.#groups.set(name, made)
    return made
  }
}

interface Placing {
  readonly at: number
  readonly schedule: Schedule
  readonly demand: Demand
}

/** A filler goes by priority before it goes by what waits for it. */
function entryOf(task: Task, { at, schedule, demand }: Placing): Entry {
  const remainingMinutes = schedule.remainingMinutes.get(task.key) ?? 0
  const priority = priorityOf({ task })
  const [level, behind] = task.filler ? [priority, -remainingMinutes] : [-remainingMinutes, priority]
  return { task, demand, level, behind, at, remainingMinutes }
}

function inGroup(a: Entry, b: Entry): number {
  return a.level - b.level || a.behind - b.behind || a.at - b.at
}

/** Where the entry stands, or would stand. */
function placeIn(entries: readonly Entry[], entry: Entry): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (inGroup(entries[middle] as Entry, entry) < 0) low = middle + 1
    else high = middle
  }
  return low
}
