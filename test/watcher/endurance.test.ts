/** A watcher that stays: its memory and its files do not grow, however much happens. Minutes in full mode alone. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../support/cli.ts'
import { boardOf, full, initIn } from '../support/clones.ts'
import { sandbox } from '../support/git-servers.ts'
import { killWatchers, startWatch } from './world.ts'

const RUN_MS = full ? 2 * 60_000 : 8_000
/** What a collector of garbage may leave behind between two looks. */
const GROWTH_MB = 60

/** Resident memory in MB and open files (proc(5)); `undefined` where the system does not say. */
function sizeOf(pid: number): { readonly mb: number; readonly files: number } | undefined {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
    return { mb: (pages * 4096) / 2 ** 20, files: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return undefined
  }
}

test('memory and open files are flat while sessions take and give back tasks', async () => {
  const box = sandbox()
  try {
    await box.repository('main', `file://${box.bare('remote.git')}`)
    await initIn(box, 'main', boardOf(20))
    const as = (session: string) => ({ cwd: box.path('main'), env: { ...box.environment, IF_BOARD_SESSION: session } })
    const watcher = startWatch(as('watcher'))
    await watcher.until(({ event }) => event === 'started')
    const work = async (session: string, until: number) => {
      while (performance.now() < until) {
        await run(as(session), 'next')
        await run(as(session), 'release', '--reason', 'not today')
        await sleep(full ? 1_000 : 100)
      }
    }
    const runFor = async (ms: number) => {
      const until = performance.now() + ms
      await Promise.all(['ann', 'ben'].map((session) => work(session, until)))
      // No git command is under way then.
      await sleep(1_500)
      return sizeOf(watcher.pid)
    }
    const before = await runFor(RUN_MS / 4)
    const after = await runFor((RUN_MS * 3) / 4)
    assert.ok(watcher.events.filter(({ event }) => event === 'task').length >= 4, 'it saw what happened')
    if (before !== undefined && after !== undefined) {
      const words = `${Math.round(before.mb)} MB, ${before.files} files → ${Math.round(after.mb)} MB, ${after.files} files`
      console.log(`a watcher after ${RUN_MS / 4000} s and after ${RUN_MS / 1000} s: ${words}`)
      assert.ok(after.mb - before.mb < GROWTH_MB, words)
      assert.ok(after.files - before.files <= 6, words)
    }
    assert.is(await watcher.stop(), 130)
  } finally {
    await killWatchers()
    await box.remove()
  }
})

test.run()
