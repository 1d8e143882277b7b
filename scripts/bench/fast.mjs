// @ts-check
/**
 * Section `fast`: claims on a real etcd of one member on this machine, which syncs what it writes, beside plain puts on
 * the same etcd. Needs `etcd` on PATH, or `IF_BOARD_ETCD`.
 *
 * From the moment at which a claim was due (an open loop: what waits is counted) to when another process, on another
 * connection, has seen it in its watch; then a thousand sessions that claim and complete everything there is; then the way
 * back to git. Each of these begins with an empty etcd, so that none pays for the history of the one before.
 */
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { bundleFor } from './bundle.mjs'
import { claimsByGit } from './claims.mjs'
import { rollback } from './fast-rollback.mjs'
import { judge, number } from './report.mjs'
import { quantile } from './statistics.mjs'
import { withWorld } from './world.mjs'

/** @typedef {{ board: string, epoch: number, nonce: string }} Space */
/** @typedef {{ ready: Promise<void>, go: () => void, found: Promise<any> }} Load */
/** @typedef {(job: object) => Load} Start */

const RATES = [100, 500, 1000]
/** Seconds at the same rate before what counts: no process that asks or watches is one that has just begun. */
const WARM_UP = 3
const LEASES = 1000
/** Processes that the sessions of a drain share: a processor cannot do more with one. */
const PROCESSES = 2
const SESSIONS = 1000
/** Those that docs/operations.md recommends and that tell in minutes; the quota is never reached. */
const SETTINGS = ['--backend-batch-limit=1000', '--quota-backend-bytes=8589934592']
/** By git alone, on a bare repository of this machine. */
const GIT = { clones: 16, ms: 8000, delayMs: 0 }

/** @param {{ quick: boolean, progress: (line: string) => void }} options */
export async function fast({ quick, progress }) {
  const plan = quick ? { seconds: 3, tasks: 8000, held: 8 } : { seconds: 20, tasks: 100_000, held: 100 }
  return withWorld(async (world) => {
    const support = await bundleFor('test/support/etcd.ts', world.path('etcd.mjs'))
    const { startEtcd, whyNoEtcd } = await import(pathToFileURL(support).href)
    const missing = whyNoEtcd()
    if (missing !== undefined) throw new Error(missing)
    const program = await bundleFor('scripts/bench/fast-load.ts', world.path('fast-load.mjs'))
    /** @template T @param {(start: Start) => Promise<T>} measure */
    const onEmptyEtcd = async (measure) => {
      const server = await startEtcd(SETTINGS)
      try {
        return await measure((job) => startLoad(program, { address: server.address, ...job }))
      } finally {
        await server.close()
      }
    }
    const figures = []
    const reads = []
    for (const perSecond of RATES) {
      progress(`fast: ${perSecond} claims a second for ${plan.seconds} s`)
      const measured = await onEmptyEtcd((start) => latencies(start, { perSecond, seconds: plan.seconds }))
      figures.push(...latencyFigures(perSecond, measured))
      const [p50, p99] = [0.5, 0.99].map((share) => number(quantile(measured.reads, share)))
      reads.push(`${perSecond}/s ${p50}/${p99} ms`)
    }
    progress(`fast: ${GIT.clones} sessions claim and complete by git alone for ${GIT.ms / 1000} s`)
    const { completions } = await claimsByGit(GIT)
    const byGit = (1000 * completions) / GIT.ms
    for (const batch of [1, 32]) {
      progress(`fast: ${SESSIONS} sessions drain ${plan.tasks} tasks, ${batch} at once`)
      figures.push(
        ...(await onEmptyEtcd((start) => drainFigures(start, { tasks: plan.tasks, batch, byGit, isWhole: !quick }))),
      )
    }
    progress(`fast: back to git with ${plan.held} claims held, etcd at hand and killed`)
    const server = await startEtcd(SETTINGS)
    try {
      figures.push(...(await rollback(world, server, { held: plan.held })))
    } finally {
      await server.close()
    }
    return {
      about: `etcd ${version()}, one member, synced writes, ${SETTINGS[0]}; ${LEASES} leases, ${SESSIONS} sessions`,
      figures,
      notes: [
        'each line on an etcd that was empty before, its plain puts on the same one',
        `latencies: after ${WARM_UP} s at the same rate, which are not counted`,
        `a read of one key, which needs no disk, asked as often and counted to its answer, p50/p99: ${reads.join(', ')}`,
        'batched: 32 claims are one transaction, and so are their 32 completions',
      ],
    }
  })
}

function version() {
  const { stdout } = spawnSync(process.env.IF_BOARD_ETCD ?? 'etcd', ['--version'], { encoding: 'utf8' })
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? '?'
}

/** @type {Space} */
const space = { board: '1'.padStart(32, '0'), epoch: 1, nonce: 'bench' }

/** @param {string} program @param {object} job @returns {Load} */
function startLoad(program, job) {
  const child = fork(program, [JSON.stringify(job)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  /** @type {(value?: any) => void} */
  let isReady = () => undefined
  const ready = new Promise((resolve) => {
    isReady = resolve
  })
  const found = new Promise((resolve, reject) => {
    child.on('message', (/** @type {any} */ message) => (message.ready ? isReady() : resolve(message.found)))
    once(child, 'exit').then(([status]) => reject(new Error(`a load process ended with status ${status}`)), reject)
  })
  return { ready, go: () => void child.send({}), found }
}

/** @param {Start} start @param {{ perSecond: number, seconds: number }} rate */
async function latencies(start, { perSecond, seconds }) {
  const rate = { perSecond, warmUp: WARM_UP, seconds }
  await start({ kind: 'open', space, tasks: perSecond * (WARM_UP + seconds) }).found
  const claims = await seenAfter(start({ kind: 'watch', space }), () =>
    start({ kind: 'claim', space, from: 0, rate, leases: LEASES }),
  )
  const prefix = `/bench/${perSecond}/`
  const puts = await seenAfter(start({ kind: 'watch keys', prefix }), () => start({ kind: 'put', prefix, rate }))
  const { took: reads } = await start({ kind: 'read', key: `${prefix}0`, rate }).found
  return { claims, puts, reads }
}

/** @param {Load} watcher @param {() => Load} act @returns {Promise<number[]>} milliseconds from when each was due */
async function seenAfter(watcher, act) {
  await watcher.ready
  // What filled the board is on the disk by then.
  await sleep(2000)
  const { sent } = await act().found
  await sleep(500)
  watcher.go()
  const seen = new Map((await watcher.found).seen)
  return sent.map((/** @type {[string, number]} */ [key, due]) => {
    const at = seen.get(key)
    if (at === undefined) throw new Error(`${key} was never seen`)
    return at - due
  })
}

/** @param {number} perSecond @param {{ claims: number[], puts: number[] }} measured */
function latencyFigures(perSecond, { claims, puts }) {
  const figure = (/** @type {string} */ name, /** @type {number} */ share, /** @type {number} */ goal) =>
    judge({
      what: `claim → seen by another's watch, ${perSecond}/s, ${name}`,
      unit: 'ms',
      ours: quantile(claims, share),
      baseline: { what: 'a plain put → seen', value: quantile(puts, share) },
      compare: 'itself',
      goal: { is: 'at most', value: goal },
    })
  return [figure('p50', 0.5, 2), figure('p99', 0.99, 10)]
}

/** @param {Start} start @param {{ tasks: number, batch: number, byGit: number, isWhole: boolean }} plan */
async function drainFigures(start, { tasks, batch, byGit, isWhole }) {
  await start({ kind: 'open', space, tasks }).found
  const share = { tasks: tasks / PROCESSES, sessions: SESSIONS / PROCESSES }
  const parts = Array.from({ length: PROCESSES }, (_, at) => ({ ...share, from: at * share.tasks }))
  const drained = await together(parts.map((part) => start({ kind: 'drain', space, batch, ...part })))
  const left = await start({ kind: 'count', space }).found
  if (left.done !== tasks || left.ready + left.claims + left.unreadable > 0)
    throw new Error(`not each task exactly once: ${JSON.stringify(left)}`)
  const puts = await together(
    parts.map((_, at) =>
      start({ kind: 'put loop', prefix: `/bench/${batch}/${at}/`, puts: share.tasks, sessions: share.sessions }),
    ),
  )
  const goal = batch === 1 ? 90 : 15
  const name = batch === 1 ? 'single' : 'batched'
  return [
    judge({
      what: `${number(tasks)} tasks claimed and done once each, ${name}`,
      unit: 's',
      ours: drained.seconds,
      baseline: { what: `${number(tasks)} plain puts`, value: puts.seconds },
      compare: 'itself',
      ...(isWhole ? { goal: { is: 'at most', value: goal } } : {}),
    }),
    judge({
      what: `the same as claims and completions a second, ${name}`,
      unit: '/s',
      ours: tasks / drained.seconds,
      baseline: { what: `git alone, ${GIT.clones} sessions`, value: byGit },
      compare: 'faster',
    }),
  ]
}

/** @param {Load[]} loads  from the first start to the last end */
async function together(loads) {
  await Promise.all(loads.map(({ ready }) => ready))
  for (const { go } of loads) go()
  const reports = await Promise.all(loads.map(({ found }) => found))
  const startedAt = Math.min(...reports.map((report) => report.startedAt))
  return { seconds: (Math.max(...reports.map((report) => report.endedAt)) - startedAt) / 1000 }
}
