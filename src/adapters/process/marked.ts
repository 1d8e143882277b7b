/**
 * Processes that carry a mark in the environment that they were started with (proc_pid_environ(5)): those that left the
 * group of their starter, and the session too. Build servers find what a build has left running in the same way.
 *
 * A process that starts another with an environment of its own takes the mark from it: such a one is not found.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export const canFindMarked = process.platform === 'linux' && existsSync('/proc/self/environ')

/** More rounds than a chain of processes that start each other can outrun, at a look and a signal each. */
const MAX_ROUNDS = 50

/** Kills all that carry `NAME=value`, and looks again until there are none. */
export function killMarked(mark: string): void {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const found = markedProcesses(mark)
    if (found.length === 0) return
    for (const pid of found) kill(pid)
  }
}

/** Not those that have ended and wait for their parent: their environment is gone. */
function markedProcesses(mark: string): number[] {
  if (!canFindMarked) return []
  const wanted = Buffer.from(`\0${mark}\0`)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && environment(pid).includes(wanted))
}

function environment(pid: number): Buffer {
  try {
    return Buffer.concat([NUL, readFileSync(`/proc/${pid}/environ`)])
  } catch {
    return NUL // another user's, or it has ended
  }
}

const NUL = Buffer.of(0)

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
