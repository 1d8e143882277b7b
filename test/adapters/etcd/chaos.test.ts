/** Sessions on a real etcd that is killed, stopped, cut off, made slow, wiped and put back: what they saw must fit. */
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TaskKey } from '../../../src/model/index.ts'
import type { FastSpace } from '../../../src/ports/index.ts'
import { isFull } from '../../support/claims.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { FastHistory } from '../../support/fast-history.ts'
import { type Fleet, runProjector, runSession } from '../../support/fast-sessions.ts'
import {
  claimed,
  claimOf,
  leaseOf,
  linkTo,
  listed,
  newSpace,
  nonce,
  openSpace,
  task,
} from '../../support/fast-space.ts'
import { type TcpProxy, tcpProxy } from '../../support/tcp-proxy.ts'

const test = suite('chaos on a real etcd')
const noEtcd = whyNoEtcd()
const seed = Number(process.env.IF_BOARD_SEED ?? 20260101)
const LEASE_SECONDS = 2
/** In milliseconds: the margin of the lease is in it. */
const GRACE_MS = LEASE_SECONDS * 1000 + 500
const runMs = isFull ? 90_000 : 12_000
const tasks = ['T1', 'T2', 'T3', 'T4'].map(task)

interface World {
  readonly server: EtcdServer
  readonly proxies: readonly TcpProxy[]
  readonly fleet: Fleet
  readonly random: () => number
}
type Fault = (world: World) => Promise<void>

/** A stream of numbers from 0 to 1 that a seed repeats (the linear congruence of Numerical Recipes). */
function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Goes on until the time is over and enough was seen, and never longer than four times that. */
async function runFleet(faults: readonly Fault[], isEnough: (history: FastHistory) => boolean): Promise<FastHistory> {
  const server = await startEtcd()
  const proxies = await Promise.all(Array.from({ length: 6 }, () => tcpProxy(server.address)))
  const random = randomFrom(seed)
  const history = new FastHistory()
  const fleet: Fleet = { history, tasks, leaseSeconds: LEASE_SECONDS, random, space: undefined, isOver: false }
  const reach = (proxy: TcpProxy) =>
    server.pathWith({ endpoints: [{ address: proxy.address, isSecure: false }], callMs: 800, connectMs: 500 })
  const workers = [
    runProjector(fleet, server.pathWith({ callMs: 800, connectMs: 500 })),
    ...proxies.map((proxy, at) => runSession(fleet, `session-${at}`, reach(proxy))),
  ]
  try {
    const world = { server, proxies, fleet, random }
    fleet.space = await newEpoch(server, 1)
    const startedAt = performance.now()
    const spent = () => (performance.now() - startedAt) / runMs
    while (spent() < 1 || (spent() < 4 && !isEnough(history))) {
      await sleep(400 + random() * 1200)
      await (faults[Math.floor(random() * faults.length)] as Fault)(world)
      if (fleet.space === undefined) fleet.space = await newEpoch(server, (history.counts.get('epochs') ?? 1) + 1)
      history.counts.set('epochs', fleet.space.epoch)
    }
  } finally {
    fleet.isOver = true
    await Promise.allSettled(workers)
    await Promise.all(proxies.map((proxy) => proxy.close()))
    await server.close()
  }
  await Promise.all(workers)
  return history
}

/** What a switch does once its grace is over. */
async function newEpoch(server: EtcdServer, epoch: number): Promise<FastSpace> {
  await sleep(epoch === 1 ? 0 : GRACE_MS)
  const space = { board: 'c0'.repeat(16), epoch, nonce: nonce() }
  const link = await linkTo(server.path, space)
  await link.opening.fill(tasks.map((one: TaskKey) => ({ kind: 'ready', task: one, about: '' })))
  assert.is((await link.opening.open()).kind, 'opened')
  await link.close()
  return space
}

const one = ({ proxies, random }: World): TcpProxy => proxies[Math.floor(random() * proxies.length)] as TcpProxy
const crash: Fault = async ({ server, random }) => {
  await server.kill()
  await sleep(random() * 1500)
  await server.start()
}
const stop: Fault = async ({ server, random }) => {
  await server.freeze()
  await sleep(random() * LEASE_SECONDS * 1500)
  server.thaw()
}
const slow: Fault = async (world) => {
  const proxy = one(world)
  proxy.delayMs = () => world.random() * 500
  await sleep(2000)
  proxy.delayMs = 0
}
const deaf: Fault = async (world) => {
  const proxy = one(world)
  proxy.lose = world.random() < 0.5 ? { toServer: true, toClient: false } : { toServer: false, toClient: true }
  await sleep(1500)
  await proxy.cut()
  proxy.lose = { toServer: false, toClient: false }
}
const cut: Fault = async ({ proxies }) => {
  await Promise.all(proxies.map((proxy) => proxy.cut()))
}
const wipe: Fault = ({ server }) => server.wipe()
const restore: Fault = async ({ server, random }) => {
  const snapshot = await server.snapshot(`${random()}.db`)
  await sleep(random() * 2500)
  await server.restore(snapshot)
}

function tell(name: string, { counts, beliefs }: FastHistory): void {
  const words = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `${what} ${count}`)
  console.log(`${name}, seed ${seed}: ${beliefs.length} claims held; ${words.join(', ')}`)
}

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so nothing is done to a real server`)
  test.skip('chaos', () => undefined)
} else {
  test('crashes, stops and a bad network: one holder at a time, tokens grow, each task is linearizable', async () => {
    const history = await runFleet([crash, stop, slow, deaf, cut], ({ beliefs }) => beliefs.length > 10)
    tell('crashes and network', history)
    assert.equal(history.problems(), [])
    assert.equal(history.notLinearizable(), [])
    assert.ok(history.beliefs.length > 10, 'something was claimed')
  })

  test('a server that is wiped or put back to an old state never makes two holders', async () => {
    const history = await runFleet(
      [wipe, restore, crash, restore],
      ({ beliefs, counts }) => beliefs.length > 10 && counts.has('rewinds found'),
    )
    tell('wipes and restores', history)
    assert.equal(history.problems(), [])
    assert.ok(history.beliefs.length > 10, 'something was claimed')
    assert.ok((history.counts.get('rewinds found') ?? 0) > 0, 'the projector found out')
  })

  test('why nobody claims on a link before he saw an arming: a restored server gives a held task again', async () => {
    const server = await startEtcd()
    try {
      const space = newSpace()
      const link = await linkTo(server.path, space)
      await openSpace(link, ['T1'])
      const snapshot = await server.snapshot('before.db')
      const first = await claimed(link, await leaseOf(link), 'T1')
      const { revision } = await listed(link)
      await server.restore(snapshot)
      assert.is((await link.claims.done([{ ...first, completion: '{}' }])).kind, 'broken', 'the link of before is over')
      const fresh = await linkTo(server.path, space)
      const second = await claimed(fresh, await leaseOf(fresh), 'T1', claimOf('ben'))
      assert.is(second.revision, first.revision, 'even under the same revision: hence the nonce')
      const late = await fresh.claims.done([{ ...first, completion: '{}' }])
      assert.is(late.kind, 'lost')
      await fresh.close()
      assert.ok((await listedAnew(server, space)) <= revision, 'and whoever saw the revisions of before can tell')
    } finally {
      await server.close()
    }
  })
}

async function listedAnew(server: EtcdServer, space: FastSpace): Promise<number> {
  const link = await linkTo(server.path, space)
  const { revision } = await listed(link)
  await link.close()
  return revision
}

test.run()
