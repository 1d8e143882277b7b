/** Back to git with a hundred claims held and etcd gone: on real git, a real etcd and real clocks. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemClock } from '../../../src/adapters/process/clock.ts'
import { graceMs, holds, sawMode } from '../../../src/fast/index.ts'
import type { SessionName, TaskKey } from '../../../src/model/index.ts'
import { heldBy } from '../../../src/projection/index.ts'
import { registerHeld } from '../../../src/workflows/fast/register-held.ts'
import { read } from '../../../src/workflows/read.ts'
import { claim, codeOf, done, settle } from '../../support/acts.ts'
import { isFull } from '../../support/claims.ts'
import { startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { onRealClock, ownBoard, startStation } from '../../support/etcd-fleet.ts'
import { armer, renewed, type Station, takeOver } from '../../support/fast-holders.ts'
import { boardOf, type Clone, fleet, names } from '../../support/fleet.ts'
import { switchTo } from '../../support/switching.ts'

const test = suite('fallback')
const noEtcd = whyNoEtcd()
const SLOW_MS = 300
/** Where a hundred sessions share a watcher: one after the other would take twice the lease. */
const SLOW_TOGETHER_MS = 100
/** M, in milliseconds. */
const LEASE_MS = 15_000
const SESSIONS = names(10)
const IDS = Array.from({ length: 110 }, (_, at) => `T${at + 1}`)

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so nobody falls back from one`)
  test.skip('back to git with a hundred claims held', () => undefined)
} else {
  for (const slowMs of isFull ? [0, SLOW_MS] : [0])
    test(`with etcd gone, a hundred claims are held on in git, in the mode lease, the grace and two seconds${slowMs > 0 ? `, although each request takes ${slowMs} ms` : ''}`, () =>
      fallBack(slowMs))
  test('the hundred sessions of one watcher, of a task each, hold on in git as well', fallBackTogether)
}

async function fallBack(slowMs: number): Promise<void> {
  const server = await startEtcd()
  const boardId = randomBytes(16).toString('hex')
  const kind = isFull ? 'remote' : 'local'
  const one = await fleet({
    kind,
    board: boardOf(...IDS.map((id) => [id] as const)),
    config: { boardId, maxTasks: 20 },
  })
  try {
    const clones = await Promise.all(SESSIONS.map(async () => onRealClock(await one.clone())))
    const [first, second] = clones as [Clone, Clone]
    await Promise.all(
      SESSIONS.map(async (session, at) => {
        for (const id of IDS.slice(at * 10, at * 10 + 10))
          assert.is(await claim(clones[at] as Clone, session, id), `granted ${id}`)
      }),
    )
    const { mode } = await switchTo(first, 'etcd', { path: server.path, leaseMs: LEASE_MS })
    assert.is(mode.manifest?.length, 100)
    const arm = await armer(server.path, { board: boardId, epoch: mode.epoch, nonce: mode.nonce })
    await arm()
    const stations: Station[] = []
    for (const session of SESSIONS) stations.push(await takeOver(server.path, { session, mode, board: boardId, arm }))
    const held = await Promise.all(stations.map((station) => renewed(station, mode)))
    for (const { holder } of held)
      assert.is([...holder.held.keys()].filter((task) => holds(holder, task, now())).length, 10, holder.session)

    if (slowMs > 0) for (const clone of clones) slow(clone, slowMs)
    const began = performance.now()
    await server.kill()
    const meanwhile = async () => {
      await Promise.all(
        held.map(async (station, at) => {
          const { box } = clones[at] as Clone
          const holder = sawMode(station.holder, (await read(box)).mode, now())
          assert.equal(await registerHeld(box, { holder: () => holder, leaseSeconds: 1800 }), [])
        }),
      )
    }
    const down = await switchTo(second, 'git', { path: server.path, meanwhile })
    const tookMs = performance.now() - began
    assert.equal([down.mode.mode, down.mode.epoch, down.claims], ['git', 3, 100])
    console.log(`back to git after ${Math.round(tookMs)} ms, with ${slowMs} ms more for each request`)
    const limitMs = LEASE_MS + graceMs(LEASE_MS) + 2000
    assert.ok(tookMs <= limitMs, `${Math.round(tookMs)} ms, and ${limitMs} are promised`)

    const { snapshot, claims } = await read(first.box)
    for (const session of SESSIONS) assert.is(heldBy(snapshot, session).length, 10, session)
    const live = claims.filter(({ kind: what, modeEpoch }) => what === 'granted' && modeEpoch === 2)
    assert.is(new Set(live.map(({ key }) => key)).size, 100, 'nothing is lost, and nobody doubled')
    const free = [...snapshot.views.values()].filter(({ status }) => status === 'ready')
    assert.equal(
      free.map(({ task }) => task.id),
      IDS.slice(100),
      'nothing is reopened',
    )
    const [s1, s2] = SESSIONS as [SessionName, SessionName]
    assert.is(await codeOf(claim(second, s2, 'T1')), `lost T1 to ${s1}`)
    for (const [at, session] of SESSIONS.entries())
      assert.is(await done(clones[at] as Clone, session, IDS[at * 10] as TaskKey), `completed ${IDS[at * 10]}`)
    await settle(first, s1)
    const after = await read(second.box)
    assert.is([...after.snapshot.views.values()].filter(({ status }) => status === 'done').length, 10)
    for (const { link } of held) await link.close()
  } finally {
    await one.close()
    await server.close()
  }
}

async function fallBackTogether(): Promise<void> {
  const server = await startEtcd()
  const one = await fleet({
    kind: isFull ? 'remote' : 'local',
    board: boardOf(...IDS.map((id) => [id] as const)),
    config: ownBoard(),
  })
  try {
    const [first, second] = [onRealClock(await one.clone()), onRealClock(await one.clone())]
    await switchTo(second, 'etcd', { path: server.path, leaseMs: LEASE_MS })
    const sessions = names(101)
    const folder = sessions.pop() as SessionName
    const station = startStation(first, { path: server.path, folder })
    try {
      for (const [at, session] of sessions.entries())
        assert.is(await claim(station.clone, session, IDS[at] as string), `granted ${IDS[at]}`)
      slow(first, SLOW_TOGETHER_MS)
      const began = performance.now()
      await server.kill()
      const down = await switchTo(second, 'git', { path: server.path })
      const tookMs = performance.now() - began
      console.log(`a hundred sessions are back in git after ${Math.round(tookMs)} ms`)
      const limitMs = LEASE_MS + graceMs(LEASE_MS) + 2000
      assert.ok(tookMs <= limitMs, `${Math.round(tookMs)} ms, and ${limitMs} are promised`)
      const { snapshot } = await read(second.box)
      const lapsed = sessions.filter((session) => heldBy(snapshot, session).length !== 1)
      assert.equal([lapsed, down.claims, station.troubles], [[], 100, []])
    } finally {
      await station.kill()
    }
  } finally {
    await one.close()
    await server.close()
  }
}

/** From now on each question to the authority takes longer, as it does at a forge that is far away. */
function slow({ traffic }: Clone, ms: number): void {
  traffic.beforeList = () => sleep(ms)
  traffic.beforePush = () => sleep(ms, undefined)
}

const now = () => systemClock().now()

test.run()
