/** A real watcher as a process, with the events that it tells. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { WatchEvent } from '../../src/workflows/watch/events.ts'
import { bin, jsonOf, type Ran, run, told, type Where } from '../support/cli.ts'
import { ageLeft } from '../support/left-locks.ts'

export interface RunningWatcher {
  readonly pid: number
  readonly events: readonly WatchEvent[]
  /** Resolves with the exit status; `null` where a signal ended it. */
  readonly ended: Promise<number | null>
  /** The first event that is so; fails after `withinMs`. */
  until(is: (event: WatchEvent) => boolean, withinMs?: number): Promise<WatchEvent>
  stop(): Promise<number | null>
  /** SIGKILL to it and the git commands that it started. */
  kill(): Promise<void>
  stderr(): string
}

const running = new Set<RunningWatcher>()

/** Whatever a failed test left. */
export async function killWatchers(): Promise<void> {
  await Promise.all([...running].map((watcher) => watcher.kill()))
}

export function startWatch({ cwd, env }: Where, ...args: readonly string[]): RunningWatcher {
  const child = spawn(process.execPath, [bin, 'watch', '--json', ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const events: WatchEvent[] = []
  let rest = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) events.push(JSON.parse(line) as WatchEvent)
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const watcher: RunningWatcher = {
    pid: child.pid ?? 0,
    events,
    ended,
    stderr: () => stderr,
    async until(is, withinMs = 60_000) {
      const giveUpAt = performance.now() + withinMs
      for (;;) {
        const found = events.find(is)
        if (found !== undefined) return found
        if (performance.now() > giveUpAt || child.exitCode !== null)
          assert.unreachable(`no such event; told: ${JSON.stringify(events)} ${stderr}`)
        await sleep(10)
      }
    },
    async stop() {
      child.kill('SIGINT')
      return ended
    },
    async kill() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL')
      await ended
    },
  }
  running.add(watcher)
  void ended.then(() => running.delete(watcher))
  return watcher
}

/**
 * Git that is killed while it moves refs leaves its lock, and nobody can tell that from a git that was stopped
 * and goes on. So it is an honest answer, which names the lock, until ten minutes have passed: here at once.
 */
export async function unlock(where: Where, refused: Ran): Promise<void> {
  const { error } = jsonOf(refused)
  if (error.code === 'authority/busy') return
  assert.is(error.code, 'authority/locked', told(refused))
  const [, lock = ''] = /`([^`]+\.lock)`/.exec(error.message) ?? []
  await ageLeft([lock])
  await run(where, 'doctor', '--fix')
}
