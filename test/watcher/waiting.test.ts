/** Sessions that wait beside a watcher, as real processes: woken at once, and no burden to the remote. */
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, type Running, run, start, told, type Where } from '../support/cli.ts'
import { full, initIn } from '../support/clones.ts'
import { logGit } from '../support/git-logger.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { killWatchers, startWatch } from './world.ts'

const BOARD = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Lay the ground | AVAILABLE | None |
| A2 | Build on it | AVAILABLE | A1 |
`

/** Commands of git that talk to a remote; a server's own end of them is none. */
const REMOTE = / (?:fetch|ls-remote|push) /

interface World {
  readonly box: Sandbox
  as(session: string): Where
  /** How often the remote was asked so far. */
  asked(): Promise<number>
}

const begun: Running[] = []
function begin(...command: Parameters<typeof start>): Running {
  const running = start(...command)
  begun.push(running)
  return running
}

async function inOneClone(work: (world: World) => Promise<void>): Promise<void> {
  const box = sandbox()
  begun.length = 0
  try {
    const url = `file://${box.bare('remote.git')}`
    await box.repository('main', url)
    await initIn(box, 'main', BOARD)
    const logger = await logGit(box)
    await work({
      box,
      as: (session) => ({ cwd: box.path('main'), env: { ...logger.environment, IF_BOARD_SESSION: session } }),
      asked: async () => (await logger.arguments()).filter((line) => REMOTE.test(line)).length,
    })
  } finally {
    await killWatchers()
    for (const { kill } of begun) kill()
    await Promise.all(begun.map(({ finished }) => finished))
    await box.remove()
  }
}

/** Who joins, and a watcher that has just seen something, ask more than once a second and a half. */
async function standsStill(asked: World['asked']): Promise<void> {
  let before = await asked()
  for (let quiet = 0; quiet < 3; ) {
    await sleep(1_500)
    const now = await asked()
    quiet = now - before <= 1 ? quiet + 1 : 0
    before = now
  }
}

/** Until all of these have joined, by what everybody may see. */
async function haveJoined(where: Where, names: readonly string[]): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const shown = await run(where, 'status', '--json')
    const joined = new Set(jsonOf(shown).sessions?.map(({ name }: { name: string }) => name))
    if (names.every((name) => joined.has(name))) return
    assert.ok(tries < 120, told(shown))
    await sleep(500)
  }
}

test('sessions wait beside one watcher, which alone asks the remote, and one of them is woken', () =>
  inOneClone(async ({ as, asked }) => {
    assert.is((await run(as('holder'), 'next')).status, 0)
    const watcher = startWatch(as('watcher'))
    await watcher.until(({ event }) => event === 'started')
    const names = Array.from({ length: full ? 20 : 5 }, (_, index) => `s${String(index + 1).padStart(2, '0')}`)
    const waiting = names.map((name) => begin(as(name), 'next', '--wait', '200', '--json'))
    // Each of them joins with a request of its own, however late its process starts.
    await haveJoined(as('holder'), names)
    await standsStill(asked)
    const from = await asked()
    await sleep(8_000)
    const requests = (await asked()) - from
    assert.ok(requests >= 1, 'the watcher looks')
    assert.ok(requests <= 4, `${requests} requests in 8 s`)

    const done = await run(as('holder'), 'done', '--json')
    assert.is(jsonOf(done).kind, 'completed', told(done))
    const doneAt = performance.now()
    const first = await Promise.race(waiting.map(({ finished }) => finished))
    const ms = Math.round(performance.now() - doneAt)
    assert.is(jsonOf(first).kind, 'granted', told(first))
    assert.is(jsonOf(first).task.id, 'A2')
    console.log(`done to held with ${names.length} sessions waiting: ${ms} ms; requests in 8 idle seconds: ${requests}`)
    // The goal is a second; a machine that runs other tests gets more, but less than the slowest pause of a watcher.
    assert.ok(ms < 14_000, `${ms} ms after the completion`)
    await watcher.stop()
  }))

test('who waits beside a watcher that is killed asks for himself again', () =>
  inOneClone(async ({ as }) => {
    assert.is((await run(as('holder'), 'next')).status, 0)
    const watcher = startWatch(as('watcher'))
    await watcher.until(({ event }) => event === 'started')
    const waiting = begin(as('ben'), 'next', '--wait', '50', '--json')
    await sleep(4_000)
    await watcher.kill()
    await run(as('holder'), 'done')
    const ran = await waiting.finished
    assert.is(jsonOf(ran).kind, 'granted', told(ran))
  }))

test('time that is over beside a watcher is answered as ever', () =>
  inOneClone(async ({ as, asked }) => {
    assert.is((await run(as('holder'), 'next')).status, 0)
    const watcher = startWatch(as('watcher'))
    await watcher.until(({ event }) => event === 'started')
    assert.is((await run(as('ben'), 'next')).status, 3)
    await standsStill(asked)
    const before = await asked()
    const ran = await run(as('ben'), 'next', '--wait', '2', '--json')
    assert.is(ran.status, 3, told(ran))
    assert.match(jsonOf(ran).none.reasons.join(), 'claimed by others')
    assert.ok((await asked()) - before <= 3, 'the watcher looked, and nobody else')
    await watcher.stop()
  }))

test.run()
