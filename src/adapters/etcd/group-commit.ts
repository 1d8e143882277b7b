/**
 * Calls that wait share a transaction: group commit (DeWitt et al., "Implementation Techniques for Main Memory Database
 * Systems", SIGMOD 1984), here of what a server decides rather than of what a disk writes.
 *
 *     call ─▶ waits while `AT_ONCE` transactions are under way ─▶ goes with those that wait behind it, 32 tasks at most
 *
 * A transaction is all or none. Where one of several calls stood in the way of the others, nothing was changed, and each
 * goes once more by itself: that answer is known, so this is no second try of a call whose outcome is not.
 */
import type { TaskKey } from '../../model/index.ts'

/** More would leave nothing to be shared when a server stands still for a moment; fewer let it wait for this side. */
const AT_ONCE = 2
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
  isAlone: boolean
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

export class GroupCommit<Item extends { readonly task: TaskKey }, Answer> {
  readonly #request: GroupRequest<Item, Answer>
  #waiting: Call<Item, Answer>[] = []
  #underWay = 0

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
      this.#waiting.push({ items, bytes, isAlone: false, resolve, reject })
      this.#go()
    })
  }

  #go(): void {
    while (this.#underWay < AT_ONCE && this.#waiting.length > 0) {
      this.#underWay += 1
      void this.#commit(this.#take()).finally(() => {
        this.#underWay -= 1
        this.#go()
      })
    }
  }

  /** The first, and those behind it that fit. A key is written once in a transaction. */
  #take(): readonly Call<Item, Answer>[] {
    const [first, ...rest] = this.#waiting
    if (first === undefined) return []
    const tasks = new Set(first.items.map(({ task }) => task))
    let { bytes } = first
    let count = 1
    for (const next of first.isAlone ? [] : rest) {
      bytes += next.bytes
      const isFull = tasks.size + next.items.length > this.#request.most || bytes > MAX_BYTES
      if (isFull || next.isAlone || next.items.some(({ task }) => tasks.has(task))) break
      for (const { task } of next.items) tasks.add(task)
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #commit(calls: readonly Call<Item, Answer>[]): Promise<void> {
    try {
      const answer = await this.#request.commit(calls.flatMap(({ items }) => items))
      if (calls.length === 1 || !this.#request.isMixed(answer)) {
        for (const { resolve } of calls) resolve(answer)
        return
      }
      for (const call of calls) call.isAlone = true
      this.#waiting.unshift(...calls)
    } catch (error) {
      for (const { reject } of calls) reject(error)
    }
  }
}
