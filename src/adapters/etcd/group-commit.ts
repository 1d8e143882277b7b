/**
 * Calls that wait share a transaction: group commit (DeWitt et al., "Implementation Techniques for Main Memory Database
 * Systems", SIGMOD 1984), here of what a server decides rather than of what a disk writes.
 *
 *     call ─▶ waits while `AT_ONCE` transactions are under way ─▶ goes with those that wait behind it, 32 tasks at most
 *             └─ no longer than `LONGEST_MS`: then all that waits goes, however many are under way
 *
 * A transaction is all or none. Where one of several calls stood in the way of the others, nothing was changed, and each
 * half of them goes once more: that answer is known, so this is no second try of a call whose outcome is not.
 */
import type { TaskKey } from '../../model/index.ts'

/** More would leave nothing to be shared when a server stands still for a moment; fewer let it wait for this side. */
const AT_ONCE = 2
/** Within the margin by which whoever asks counts itself out early (150 ms), since it judged its lease before it waited. */
const LONGEST_MS = 100
/** Below what etcd takes in one request, 1.5 MiB, with all that is around the values. */
const MAX_BYTES = 1_000_000

export interface GroupRequest<Item, Answer> {
  /** Tasks in one transaction. */
  readonly most: number
  /** Of the values that it writes. */
  readonly bytesOf: (item: Item) => number
  readonly commit: (items: readonly Item[]) => Promise<Answer>
  /** Did one of them stand in the way of all, so that nothing was changed? */
  readonly isMixed: (answer: Answer) => boolean
}

interface Call<Item, Answer> {
  readonly items: readonly Item[]
  readonly bytes: number
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

export class GroupCommit<Item extends { readonly task: TaskKey }, Answer> {
  readonly #request: GroupRequest<Item, Answer>
  readonly #waiting: Call<Item, Answer>[] = []
  /** Calls that stood in each other's way with others. */
  readonly #halves: (readonly Call<Item, Answer>[])[] = []
  #underWay = 0
  #timer: NodeJS.Timeout | undefined

  constructor(request: GroupRequest<Item, Answer>) {
    this.#request = request
  }

  /** As if `items` had been committed by themselves. */
  call(items: readonly Item[]): Promise<Answer> {
    const { most, commit } = this.#request
    // Nothing would go with it.
    if (items.length >= most) return commit(items)
    return new Promise((resolve, reject) => {
      const bytes = items.reduce((sum, item) => sum + this.#request.bytesOf(item), 0)
      this.#waiting.push({ items, bytes, resolve, reject })
      this.#go(AT_ONCE)
    })
  }

  #go(most: number): void {
    while (this.#underWay < most && this.#left > 0) {
      this.#underWay += 1
      void this.#commit(this.#halves.shift() ?? this.#take()).finally(() => {
        this.#underWay -= 1
        this.#go(AT_ONCE)
      })
    }
    if (this.#left === 0) {
      clearTimeout(this.#timer)
      this.#timer = undefined
    } else
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#go(Number.POSITIVE_INFINITY)
      }, LONGEST_MS)
  }

  get #left(): number {
    return this.#halves.length + this.#waiting.length
  }

  /** The first, and those behind it that fit. A key is written once in a transaction. */
  #take(): readonly Call<Item, Answer>[] {
    const tasks = new Set<TaskKey>()
    let bytes = 0
    let count = 0
    for (const next of this.#waiting) {
      bytes += next.bytes
      const isFull = tasks.size + next.items.length > this.#request.most || bytes > MAX_BYTES
      if (count > 0 && (isFull || next.items.some(({ task }) => tasks.has(task)))) break
      for (const { task } of next.items) tasks.add(task)
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #commit(calls: readonly Call<Item, Answer>[]): Promise<void> {
    try {
      const answer = await this.#request.commit(calls.flatMap(({ items }) => items))
      if (calls.length > 1 && this.#request.isMixed(answer)) {
        const middle = Math.ceil(calls.length / 2)
        this.#halves.push(calls.slice(0, middle), calls.slice(middle))
        return
      }
      for (const { resolve } of calls) resolve(answer)
    } catch (error) {
      for (const { reject } of calls) reject(error)
    }
  }
}
