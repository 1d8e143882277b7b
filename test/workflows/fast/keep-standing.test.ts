/** What etcd shows as held at the end of the drain, and nobody registered. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { claimRef } from '../../../src/claim/index.ts'
import type { SessionName } from '../../../src/model/index.ts'
import { read } from '../../../src/workflows/read.ts'
import { ask, claim, done, settle, standing } from '../../support/acts.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { eventually, onRealClock, ownBoard, type Station, startStation } from '../../support/etcd-fleet.ts'
import { boardOf, type Clone, type Fleet, keyOf, names, retype } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { switchTo } from '../../support/switching.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'

const test = suite<{ server: EtcdServer }>('what nobody registered')
const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const noEtcd = whyNoEtcd()
const LEASE_MS = 5000

/** Two clones on a remote whose etcd decides; the first has a projector, and leases as a command without a watcher. */
function inEtcd(
  server: EtcdServer,
  work: (fleet: Fleet, first: Clone, second: Clone, station: Station) => Promise<void>,
): Promise<void> {
  const board = boardOf(['T1'], ['T2'], ['T3'])
  return on({ kind: 'remote', board, config: ownBoard() }, async (one, a, b) => {
    const [first, second] = [a, b].map((clone) => onRealClock(clone as Clone)) as [Clone, Clone]
    await switchTo(first, 'etcd', { path: server.patient, leaseMs: LEASE_MS })
    const station = startStation(first, { path: server.path, folder: s3, leaseSeconds: 600 })
    try {
      await work(one, first, second, station)
    } finally {
      await station.kill()
    }
  })
}

/** The board's own state names the claim: a fold has taken it. */
const isFolded = (clone: Clone, id: string) => async () =>
  (await read(clone.box)).snapshot.states.get(keyOf(id))?.claim !== undefined

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so nothing is held there`)
  test.skip('what a real etcd shows', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  test('is held on in git and completed there, whether a fold had seen it or not', ({ server }) =>
    inEtcd(server, async (_fleet, first, second, station) => {
      assert.is(await claim(station.clone, s1, 'T1'), 'granted T1')
      assert.ok(await eventually(isFolded(second, 'T1'), 60_000))
      assert.is(await claim(station.clone, s2, 'T2'), 'granted T2')
      await station.kill()
      const { claims, lapsed } = await switchTo(second, 'git', { path: server.patient })
      assert.equal([claims, lapsed], [2, []])
      assert.is(await standing(second), 'T1 claimed by session-1, T2 claimed by session-2, T3 ready')
      assert.is(await ask(second, s3), 'granted T3')
      assert.is(await ask(first, s1), 'held T1')
      assert.is(await done(first, s1), 'completed T1')
      assert.is(await done(first, s2), 'completed T2')
      await settle(first, s3)
      assert.is(await standing(second), 'T1 done, T2 done, T3 claimed by session-3')
      assert.equal(codesOf(await verifyAfresh({ clones: [first, second] }, 'full')), [])
    }))

  test('is held on where a person has paused the task meanwhile, and one ref that a server locks costs no other', ({
    server,
  }) =>
    inEtcd(server, async (fleet, first, second, station) => {
      assert.is(await claim(station.clone, s1, 'T1'), 'granted T1')
      assert.is(await claim(station.clone, s2, 'T2'), 'granted T2')
      const folded = async () => (await isFolded(second, 'T1')()) && (await isFolded(second, 'T2')())
      assert.ok(await eventually(folded, 60_000))
      await fleet.edit(retype('T1', 'PAUSED'))
      const isPaused = async () => (await read(second.box)).snapshot.states.get(keyOf('T1'))?.shown === 'paused'
      assert.ok(await eventually(isPaused, 60_000))
      await station.kill()
      const ref = claimRef(second.box.layout, keyOf('T2'), second.box.sha256)
      const lock = join(fleet.authority ?? '', `${ref}.lock`)
      await mkdir(dirname(lock), { recursive: true })
      await writeFile(lock, '')
      const { claims, lapsed } = await switchTo(second, 'git', { path: server.patient })
      assert.equal([claims, lapsed], [1, [{ task: keyOf('T2'), session: s2 }]])
      await rm(lock)
      assert.is(await done(first, s1), 'completed T1')
      await settle(first, s3)
      assert.is(await standing(second), 'T1 done, T2 ready, T3 ready')
      assert.equal(codesOf(await verifyAfresh({ clones: [first, second] }, 'full')), [])
    }))

  test('is not held on where a person has freed the task, nor where etcd shows it under another name', ({ server }) =>
    inEtcd(server, async (fleet, first, second, station) => {
      assert.is(await claim(station.clone, s1, 'T1'), 'granted T1')
      assert.is(await claim(station.clone, s2, 'T2'), 'granted T2')
      const folded = async () => (await isFolded(second, 'T1')()) && (await isFolded(second, 'T2')())
      assert.ok(await eventually(folded, 60_000))
      await station.kill()
      await fleet.edit(retype('T1', 'AVAILABLE'))
      const prefix = `/ifb/${first.box.boardId}/1/c/`
      const { kvs } = JSON.parse(await server.ctl('get', `${prefix}${keyOf('T2')}`, '-w', 'json'))
      await server.ctl('del', `${prefix}${keyOf('T2')}`)
      await server.ctl('put', `${prefix}${keyOf('T3')}`, Buffer.from(kvs[0].value, 'base64').toString('utf8'))
      const { claims, lapsed } = await switchTo(second, 'git', { path: server.patient })
      assert.is(claims, 0)
      assert.equal(lapsed.map(({ task, session }) => `${task} ${session}`).sort(), [
        `${keyOf('T1')} ${s1}`,
        `${keyOf('T3')} ${s2}`,
      ])
      await settle(second, s3)
      assert.is(await standing(second), 'T1 ready, T2 ready, T3 ready')
    }))
}

test.run()
