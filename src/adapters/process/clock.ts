import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../ports/index.ts'

/** `setTimeout` fires at once for anything longer (Node's timers documentation). */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The clock of this machine; every `sleep` ends early once `stop` is aborted. */
export function systemClock({ stop }: { readonly stop?: AbortSignal } = {}): Clock {
  let bootId: string | undefined
  return {
    now: () => {
      bootId ??= readBootId()
      return { wallMs: Date.now(), monotonicMs: Number(process.hrtime.bigint() / 1_000_000n), bootId }
    },
    sleep: async (ms) => {
      const length = Math.min(Math.max(ms, 0), LONGEST_TIMER_MS)
      try {
        await delay(length, undefined, stop === undefined ? {} : { signal: stop })
      } catch (error) {
        if (!stop?.aborted) throw error
      }
    },
  }
}

/**
 * Linux gives each boot an id (proc_sys_kernel(5), `random/boot_id`). Elsewhere the minute of the boot
 * stands for it: a set clock may then look like a new boot, which only makes a lease count again.
 */
function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return `up-since-${Math.round((Date.now() / 1000 - uptime()) / 60)}`
  }
}
