/** Resident memory of a process and all below it, where the system tells: Linux, proc_pid_statm(5). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const PAGE_BYTES = 4096
const PERIOD_MS = 25

export const canWatchMemory = process.platform === 'linux' && existsSync('/proc/self/statm')

/** Calls `tell` once, when more than `mostBytes` are resident. @returns what ends the watch */
export function watchMemory(pid: number, mostBytes: number, tell: (bytes: number) => void): () => void {
  if (!canWatchMemory) return () => undefined
  const timer = setInterval(() => {
    const bytes = residentBytes(pid)
    if (bytes <= mostBytes) return
    clearInterval(timer)
    tell(bytes)
  }, PERIOD_MS)
  return () => clearInterval(timer)
}

/** A process that has ended has none. */
function residentBytes(pid: number): number {
  const pages = Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0)
  return childrenOf(pid).reduce((sum, child) => sum + residentBytes(child), pages * PAGE_BYTES)
}

/** A child belongs to the thread that started it: proc_pid_task(5). */
function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
