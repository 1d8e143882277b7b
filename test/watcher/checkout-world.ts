/** A project with a checkout of its boards beside it, and a watcher that looks after both. */
import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { run, told, type Where } from '../support/cli.ts'
import { initIn } from '../support/clones.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { killWatchers, type RunningWatcher, startWatch } from './world.ts'

export const BOARD = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Lay the ground | AVAILABLE | None |
| A2 | Build on it | AVAILABLE | A1 |
| A3 | Paint it | AVAILABLE | A2 |
`
export const FILE = 'main-board/TASKS.md'

export interface CheckoutWorld {
  readonly box: Sandbox
  readonly where: Where
  readonly watcher: RunningWatcher
  /** What the remote has. */
  pushed(): string
  text(): Promise<string>
  /** Saved in the checkout. */
  replace(from: string | RegExp, to: string): Promise<void>
  remove(): Promise<void>
}

export async function checkoutWorld(): Promise<CheckoutWorld> {
  const box = sandbox()
  await box.repository('main', `file://${box.bare('remote.git')}`)
  const where = { cwd: box.path('main'), env: box.environment }
  await initIn(box, 'main', BOARD, 'TASKS.md')
  const made = await run(where, 'checkout')
  assert.is(made.status, 0, told(made))
  const watcher = startWatch(where)
  await watcher.until(({ event }) => event === 'started')
  // The files are watched a moment after.
  await sleep(500)
  const text = () => readFile(box.path(FILE), 'utf8')
  return {
    box,
    where,
    watcher,
    text,
    pushed: () => box.git('remote.git', 'show', 'if-board/main:TASKS.md'),
    replace: async (from, to) => writeFile(box.path(FILE), (await text()).replace(from, to)),
    async remove() {
      await killWatchers()
      await box.remove()
    },
  }
}
