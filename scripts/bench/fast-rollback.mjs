// @ts-check
/**
 * The way back, as it is typed: sessions hold tasks in etcd, a watcher keeps them, and `fast down` lets git decide again,
 * with etcd at hand and with etcd killed. Counted from the command's start to its end, and who holds on in git what was held
 * before.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeBoard } from './boards.mjs'
import { installProgram } from './program.mjs'
import { judge } from './report.mjs'
import { makeBare, makeRepository } from './world.mjs'

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./program.mjs').Program} Program */
/** @typedef {{ address: string, kill: () => Promise<void>, start: () => Promise<void> }} Server */

/** Seconds: the default mode lease, and its margin of 5 %. */
const LEASE = 15
const GRACE = LEASE * 1.05
/** What a way back may take beyond them. */
const BEYOND = 2
const UNTIL_WATCHED_MS = 60_000

/** @param {World} world @param {Server} server @param {{ held: number }} plan */
export async function rollback(world, server, { held }) {
  const program = await installProgram(world)
  world.environment.IF_BOARD_ETCD_ENDPOINTS = `http://${server.address}`
  makeRepository(world, 'fleet', makeBare(world, 'authority.git'))
  writeFileSync(world.path('fleet', 'BOARD.md'), makeBoard(held, { dependencies: 'none' }))
  program.ask('fleet', 'init', '--from', 'BOARD.md')
  const watcher = await startWatcher(world, program)
  try {
    const figures = []
    for (const etcd of ['at hand', 'killed']) {
      program.ask('fleet', 'fast', 'up', '--wait')
      const sessions = Array.from({ length: held }, (_, at) => `session-${at + 1}`)
      const before = sessions.map((session) => `${taken(program, session)}:${session}`).sort()
      if (etcd === 'killed') await server.kill()
      const startedAt = performance.now()
      program.ask('fleet', 'fast', 'down')
      const seconds = (performance.now() - startedAt) / 1000
      const after = new Set(holders(program))
      const kept = before.filter((one) => after.has(one)).length
      figures.push(...wayBack(`back to git by \`fast down\`, etcd ${etcd}`, { seconds, held, kept }))
      if (etcd === 'at hand') giveBack(program, after)
      else await server.start()
    }
    return figures
  } finally {
    watcher.kill('SIGTERM')
    await once(watcher, 'exit')
  }
}

/** @param {string} what @param {{ seconds: number, held: number, kept: number }} measured */
function wayBack(what, { seconds, held, kept }) {
  return [
    judge({
      what,
      unit: 's',
      ours: seconds,
      baseline: { what: 'mode lease and margin', value: GRACE },
      compare: 'itself',
      goal: { is: 'at most', value: GRACE + BEYOND },
    }),
    judge({
      what: `claims of as many sessions that are held on in git, of ${held}`,
      unit: '',
      ours: kept,
      compare: 'itself',
      goal: { is: 'at least', value: held },
    }),
  ]
}

/** For the next round. @param {Program} program @param {Iterable<string>} held */
function giveBack({ ask }, held) {
  for (const one of held)
    ask('fleet', 'release', '--session', one.slice(one.indexOf(':') + 1), '--reason', 'the next round')
}

/** The task that it was granted. @param {Program} program @param {string} session @returns {string} */
function taken({ ask }, session) {
  const { kind, task } = JSON.parse(ask('fleet', 'next', '--session', session, '--json').stdout)
  if (kind !== 'granted') throw new Error(`${session} was not granted a task: ${kind}`)
  return task.id
}

/** Who holds what by git, one word each, sorted. @param {Program} program @returns {string[]} */
function holders({ ask }) {
  /** @type {{ tasks: { id: string, holder: string | null }[] }} */
  const { tasks } = JSON.parse(ask('fleet', 'list', '--json').stdout)
  return tasks.flatMap(({ id, holder }) => (holder === null ? [] : [`${id}:${holder}`])).sort()
}

/** @param {World} world @param {Program} program */
async function startWatcher(world, { path }) {
  const watcher = spawn(process.execPath, [path, 'watch', '--json'], {
    cwd: world.path('fleet'),
    env: world.environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let isStarted = false
  watcher.stdout.on('data', (text) => {
    isStarted ||= String(text).includes('"started"')
  })
  for (const giveUpAt = performance.now() + UNTIL_WATCHED_MS; !isStarted; await sleep(50))
    if (performance.now() > giveUpAt || watcher.exitCode !== null) throw new Error('no watcher has started')
  return watcher
}
