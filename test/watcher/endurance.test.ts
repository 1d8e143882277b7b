/**
 * A watcher that stays: its memory and its files do not grow, however much happens, and however many wait for it.
 *
 * IF_BOARD_ENDURANCE_MINUTES sets how long the sessions wait; minutes in full mode alone.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, type Running, run, start, told, type Where } from '../support/cli.ts'
import { boardOf, full, initIn } from '../support/clones.ts'
import { logGit } from '../support/git-logger.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { parsePrometheus } from '../support/prometheus-text.ts'
import { killWatchers, type RunningWatcher, startWatch } from './world.ts'

const RUN_MS = full ? 2 * 60_000 : 4_000
/** Longer than the slowest pause between two looks while a task is held: 15 s and what chance adds. */
const WAIT_MS = Number(process.env.IF_BOARD_ENDURANCE_MINUTES ?? (full ? 2 : 0.35)) * 60_000
const WAITING = full || process.env.IF_BOARD_ENDURANCE_MINUTES !== undefined ? 20 : 4
/** What a collector of garbage may leave behind between two looks. */
const GROWTH_MB = 60
const GROWTH_FILES = 6
/** Commands of git that talk to a remote; a server's own end of them is none. */
const REMOTE = / (?:fetch|ls-remote|push) /

interface Size {
  readonly mb: number
  readonly files: number
}

/** Resident memory and open files (proc(5)); `undefined` where the system does not say. */
function sizeOf(pid: number): Size | undefined {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
    return { mb: (pages * 4096) / 2 ** 20, files: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return undefined
  }
}

function checkFlat(what: string, before: Size | undefined, after: Size | undefined): void {
  if (before === undefined || after === undefined) return
  const words = `${Math.round(before.mb)} MB, ${before.files} files → ${Math.round(after.mb)} MB, ${after.files} files`
  console.log(`${what}: ${words}`)
  assert.ok(after.mb - before.mb < GROWTH_MB, words)
  assert.ok(after.files - before.files <= GROWTH_FILES, words)
}

async function onRemote(board: string, work: (box: Sandbox) => Promise<void>): Promise<void> {
  const box = sandbox()
  try {
    await box.repository('main', `file://${box.bare('remote.git')}`)
    await initIn(box, 'main', board)
    await work(box)
  } finally {
    await killWatchers()
    await box.remove()
  }
}

const as = (box: Sandbox, session: string, environment = box.environment): Where => ({
  cwd: box.path('main'),
  env: { ...environment, IF_BOARD_SESSION: session },
})

test('memory and open files are flat while sessions take and give back tasks', () =>
  onRemote(boardOf(20), async (box) => {
    const watcher = startWatch(as(box, 'watcher'))
    await watcher.until(({ event }) => event === 'started')
    const work = async (session: string, until: number) => {
      while (performance.now() < until) {
        await run(as(box, session), 'next')
        await run(as(box, session), 'release', '--reason', 'not today')
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
    const before = await runFor(RUN_MS / 2)
    const after = await runFor(RUN_MS / 2)
    assert.ok(watcher.events.filter(({ event }) => event === 'task').length >= 4, 'it saw what happened')
    checkFlat(`a watcher after ${RUN_MS / 2000} s and after ${RUN_MS / 1000} s`, before, after)
    assert.is(await watcher.stop(), 130)
  }))

/** One task, and one that waits for it: whoever comes second has nothing to take. */
const CHAIN = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Lay the ground | AVAILABLE | None |
| A2 | Build on it | AVAILABLE | A1 |
`

interface Figures {
  readonly looks: number
  /** To the remote, by its own count. */
  readonly requests: number
  readonly folds: number
}

async function figuresOf(watcher: RunningWatcher): Promise<Figures> {
  const listening = await watcher.until(({ event }) => event === 'listening')
  const url = listening.event === 'listening' ? listening.url : ''
  const metrics = parsePrometheus(await (await fetch(`${url}/metrics`)).text())
  const sum = (name: string) => (metrics.get(name)?.samples ?? []).reduce((all, { value }) => all + value, 0)
  return {
    looks: sum('if_board_looks_total'),
    requests: sum('if_board_authority_requests_total'),
    folds: sum('if_board_folds_total'),
  }
}

test('however many sessions wait, the remote is asked once a look, by the watcher, and nothing of it grows', () =>
  onRemote(CHAIN, async (box) => {
    const [watchers, sessions] = [await logGit(box, 'log-watcher'), await logGit(box, 'log-sessions')]
    const askedOf = async ({ arguments: all }: typeof watchers) => (await all()).filter((line) => REMOTE.test(line))
    const asked = async (logger: typeof watchers) => (await askedOf(logger)).length
    assert.is(jsonOf(await run(as(box, 'holder'), 'next', '--lease', '600', '--json')).kind, 'granted')
    const watcher = startWatch(as(box, 'watcher', watchers.environment), '--listen', '0')
    await watcher.until(({ event }) => event === 'started')
    const names = Array.from({ length: WAITING }, (_, index) => `s${index + 1}`)
    // Each joins with requests of its own.
    for (const name of names) assert.is((await run(as(box, name), 'next')).status, 3)
    // What they said at joining has been fetched when two looks in a row find nothing.
    const isQuiet = async () => (await askedOf(watchers)).slice(-2).every((line) => line.includes(' ls-remote '))
    for (const until = performance.now() + 90_000; !(await isQuiet()) && performance.now() < until; ) await sleep(500)

    const running = new Set<Running>()
    let over = false
    let answered = 0
    const wait = async (name: string) => {
      while (!over) {
        const waiting = start(as(box, name, sessions.environment), 'next', '--wait', '45', '--json')
        running.add(waiting)
        const ran = await waiting.finished
        running.delete(waiting)
        if (over) return
        assert.is(ran.status, 3, told(ran))
        answered += 1
      }
    }
    const before = { watcher: await asked(watchers), sessions: await asked(sessions), own: await figuresOf(watcher) }
    const all = Promise.all(names.map(wait))
    const sizes: (Size | undefined)[] = []
    const seeHowTheyWait = async () => {
      for (const share of [1, 2, 3, 4]) {
        await Promise.race([all, sleep(WAIT_MS / 4)])
        sizes.push(sizeOf(watcher.pid))
        if (share === 4) over = true
      }
      return { watcher: await asked(watchers), sessions: await asked(sessions), own: await figuresOf(watcher) }
    }
    const after = await seeHowTheyWait().finally(() => {
      over = true
      for (const { kill } of running) kill()
    })
    await all

    const looks = after.own.looks - before.own.looks
    const requests = after.watcher - before.watcher
    const bySessions = after.sessions - before.sessions
    const words = [...(await askedOf(watchers)).slice(before.watcher), 'by sessions:', ...(await askedOf(sessions))]
    console.log(
      `${WAITING} sessions waiting for ${WAIT_MS / 1000} s (${answered} times to the end): ${looks} looks, ` +
        `${requests} requests of the watcher to the remote, ${bySessions} of all sessions`,
    )
    assert.ok(looks >= 1, 'it looks')
    // Signs of life of those who wait are pushes of their own, four in a lease; each is fetched and folded once.
    const beats = WAITING * Math.floor(WAIT_MS / (7 * 60_000))
    // A fold reads and pushes; after two minutes one shows the claim on the board.
    const folds = after.own.folds - before.own.folds
    assert.ok(
      requests <= looks + 1 + 2 * folds + 3 * beats,
      `${requests} requests, ${looks} looks, ${folds} folds:\n${words.join('\n')}`,
    )
    // However many they are: on a busy machine one or two do not make out the watcher, and ask once for themselves.
    assert.ok(bySessions <= 2 + 3 * beats, `${bySessions} requests of sessions:\n${words.join('\n')}`)
    assert.ok(after.own.requests - before.own.requests >= requests - 1, 'it counts all of its requests')
    const [first] = sizes
    checkFlat(`beside them, after ${WAIT_MS / 4000} s and after ${WAIT_MS / 1000} s`, first, sizes.at(-1))
    assert.is(await watcher.stop(), 130)
  }))

test.run()
