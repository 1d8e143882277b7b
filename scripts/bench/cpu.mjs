// @ts-check
/** Processor time of this process and of every child that it has waited for, git's own children included. */
import { readFileSync } from 'node:fs'

/** USER_HZ: what the kernel shows to programs is always in hundredths of a second (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100

/** @returns {number | undefined} seconds; `undefined` where there is no /proc */
export function cpuSeconds() {
  try {
    // Behind the name in parentheses, which may hold anything: state, then fields 4 and on; 14 to 17 are the times.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND
  } catch {
    return undefined
  }
}
