/** One after the other: requests of one connection that move refs take turns, in the order they came. */

export interface Turns {
  /** Runs `work` when all that was asked for before has ended, however that ended. */
  take<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>
}

export function turns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    take(work) {
      const turn = last.then(work)
      last = turn.catch(() => undefined)
      return turn
    },
    async idle() {
      for (let seen: unknown; seen !== last; ) {
        seen = last
        await last
      }
    },
  }
}
