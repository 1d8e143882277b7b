/** Rings for whoever waits, and remembers one ring for who comes later. */
import type { Watch } from '../../ports/index.ts'

export interface Bell {
  ring(): void
  readonly changed: Watch['changed']
  close(): void
}

type Answer = Awaited<ReturnType<Watch['changed']>>

/**
 * The library drops a second change of one file within 50 ms. Whoever is told only after these are over
 * has not looked in between, and sees the last of several refs that one transaction moves.
 */
const SETTLE_MS = 60
/** `setTimeout` fires at once for anything longer (Node's timers documentation). */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export function bell(stop: AbortSignal | undefined): Bell {
  let closed = false
  let kept = false
  let settling: NodeJS.Timeout | undefined
  const waiters = new Set<(answer: Answer) => void>()
  const wake = (answer: Answer) => {
    for (const waiter of [...waiters]) waiter(answer)
  }
  const onStop = () => wake('stopped')
  stop?.addEventListener('abort', onStop)
  return {
    ring() {
      if (closed) return
      settling ??= setTimeout(() => {
        settling = undefined
        kept = waiters.size === 0
        wake('changed')
      }, SETTLE_MS)
    },

    changed(timeoutMs) {
      if (closed || stop?.aborted === true) return Promise.resolve('stopped')
      if (kept) {
        kept = false
        return Promise.resolve('changed')
      }
      return new Promise((resolve) => {
        const waiter = (answer: Answer) => {
          clearTimeout(timer)
          waiters.delete(waiter)
          resolve(answer)
        }
        const timer = setTimeout(() => waiter('timeout'), Math.min(Math.max(timeoutMs, 0), LONGEST_TIMER_MS))
        waiters.add(waiter)
      })
    },

    close() {
      closed = true
      clearTimeout(settling)
      stop?.removeEventListener('abort', onStop)
      wake('stopped')
    },
  }
}
