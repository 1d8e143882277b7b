/** Sessions that work in etcd, and the projector behind them, on real git and a real etcd. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../../src/model/index.ts'
import type { FastPath } from '../../../src/ports/index.ts'
import { read } from '../../../src/workflows/read.ts'
import { ask, claim, codeOf, done, end, fail, release, settle, standing } from '../../support/acts.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { eventually, onRealClock, ownBoard, startStation } from '../../support/etcd-fleet.ts'
import { boardOf, type Clone, cell, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { switchTo } from '../../support/switching.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'

const test = suite<{ server: EtcdServer }>('in etcd')
const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const noEtcd = whyNoEtcd()

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so no session works in etcd`)
  test.skip('sessions on a real etcd', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  test('a session takes, gives back and completes in etcd, and git has it all after a fold', ({ server }) =>
    on(
      { kind: 'remote', board: boardOf(['T1'], ['T2', 'AVAILABLE', 'T1'], ['T3']), config: ownBoard() },
      async (fleet, a, b) => {
        await switchTo(a as Clone, 'etcd', { path: server.path, leaseMs: 6000 })
        const station = startStation(a as Clone, { path: server.path, folder: s3 })
        try {
          const { clone } = station
          const first = await ask(clone, s1)
          assert.ok(first.startsWith('granted'))
          assert.is(await ask(clone, s1), first.replace('granted', 'held'))
          assert.ok((await ask(clone, s2)).startsWith('granted'))
          assert.ok((await release(clone, s2)).startsWith('released'))
          assert.is(await done(clone, s1), first.replace('granted', 'completed'))
          const id = first.split(' ')[1] as string
          assert.ok(
            await eventually(async () => /DONE|COMPLETE/.test(cell(await fleet.text(), id) ?? ''), 20_000),
            `${await fleet.text()} ${station.troubles} ${JSON.stringify(station.turns.slice(-5))}`,
          )
          assert.is(await done(clone, s1, id), `completed ${id} by session-1`)
        } finally {
          await station.kill()
        }
        const verdict = await verifyAfresh({ clones: [a as Clone, b as Clone] }, 'full')
        assert.equal(codesOf(verdict), [])
        const { snapshot } = await read((b as Clone).box)
        assert.ok(snapshot.views.size === 3)
        assert.equal(station.troubles, [])
      },
    ))

  test('a claim ends once: late, twice, by its holder under another value, and by a block that edits the board', ({
    server,
  }) =>
    on(
      { kind: 'local', board: boardOf(['T1'], ['T2'], ['T3', 'AVAILABLE', 'T9']), config: ownBoard() },
      async (fleet, a) => {
        const clone = onRealClock(a as Clone)
        await switchTo(clone, 'etcd', { path: server.path, leaseMs: 6000 })
        const station = startStation(clone, { path: server.path, folder: s3 })
        try {
          const here = station.clone
          assert.is(await claim(here, s1, 'T1'), 'granted T1')
          assert.is(await claim(here, s2, 'T1'), 'lost T1 to session-1')
          assert.is(await fail(here, s1), 'failed T1')
          assert.is(await codeOf(done(here, s1, 'T1')), 'claim/none-held')
          assert.is(await claim(here, s2, 'T1'), 'granted T1')
          assert.is(await end(here, s2, { kind: 'blocked', blocker: 'a licence' }), 'blocked T1')
          assert.is(await eventually(() => station.engine.seat?.mirror.claims.size === 0, 20_000), true)
          assert.match((await fleet.text()) ?? '', /a licence/)
          assert.is(await codeOf(claim(here, s1, 'T1')), 'none')
          assert.is(await claim(here, s1, 'T2'), 'granted T2')
          assert.is(await done(here, s1), 'completed T2')
          assert.is(await done(here, s1, 'T2'), 'completed T2 by session-1', 'said twice')
          const landed = async () => (await fleet.state('T2'))?.done?.by === s1
          assert.ok(await eventually(landed, 20_000))
        } finally {
          await station.kill()
        }
        assert.equal(station.troubles, [])
        assert.equal(codesOf(await verifyAfresh({ clones: [clone, clone] }, 'full')), [])
      },
    ))

  test('a claim without an answer that no list shows is no refusal: it stays said, and is asked for again', ({
    server,
  }) =>
    on({ kind: 'remote', board: boardOf(['T1'], ['T2']), config: ownBoard() }, async (_fleet, a, b) => {
      const [first, second] = [a, b].map((clone) => onRealClock(clone as Clone)) as [Clone, Clone]
      await switchTo(first, 'etcd', { path: server.path, leaseMs: 6000 })
      const station = startStation(first, { path: losesFirstClaim(server.path), folder: s3 })
      try {
        assert.is(await codeOf(claim(station.clone, s1, 'T1')), 'authority/unreachable')
        assert.is(await claim(station.clone, s1, 'T1'), 'granted T1')
        assert.is(await done(station.clone, s1), 'completed T1')
        assert.is((await switchTo(second, 'git', { path: server.path })).mode.mode, 'git')
      } finally {
        await station.kill()
      }
      assert.equal(station.troubles, [])
      assert.is(await standing(second), 'T1 done, T2 ready')
      assert.equal(codesOf(await verifyAfresh({ clones: [first, second] }, 'full')), [])
    }))

  test('what is held and what is done in etcd are held and done when git decides again', ({ server }) =>
    on({ kind: 'remote', board: boardOf(['T1'], ['T2'], ['T3']), config: ownBoard() }, async (_fleet, a, b) => {
      const [first, second] = [a, b].map((clone) => onRealClock(clone as Clone)) as [Clone, Clone]
      await switchTo(first, 'etcd', { path: server.path, leaseMs: 15_000 })
      const station = startStation(first, { path: server.path, folder: s3 })
      try {
        assert.is(await claim(station.clone, s1, 'T1'), 'granted T1')
        assert.is(await claim(station.clone, s2, 'T2'), 'granted T2')
        assert.is(await done(station.clone, s2), 'completed T2')
        const down = await switchTo(second, 'git', { path: server.path })
        assert.is(down.mode.mode, 'git')
      } finally {
        await station.kill()
      }
      assert.equal(station.troubles, [])
      assert.is(await standing(second), 'T1 claimed by session-1, T2 done, T3 ready')
      assert.is(await done(first, s1), 'completed T1')
      await settle(first, s3)
      assert.is(await standing(second), 'T1 done, T2 done, T3 ready')
      assert.equal(codesOf(await verifyAfresh({ clones: [first, second] }, 'full')), [])
    }))

  test('a claim that is under way while git decides and etcd again is one of the new epoch, and can be completed', ({
    server,
  }) =>
    on({ kind: 'remote', board: boardOf(['T1'], ['T2']), config: ownBoard() }, async (_fleet, a, b) => {
      const [first, second] = [a, b].map((clone) => onRealClock(clone as Clone)) as [Clone, Clone]
      await switchTo(first, 'etcd', { path: server.path, leaseMs: 4000 })
      const station = startStation(first, { path: server.path, folder: s3 })
      try {
        const { box } = station.clone
        let isFirst = true
        const moveAll: typeof box.refs.moveAll = async (moves) => {
          if (isFirst) {
            isFirst = false
            for (const to of ['git', 'etcd'] as const) await switchTo(second, to, { path: server.path, leaseMs: 4000 })
            const isThere = () => station.engine.seat?.epoch === 4 && station.engine.seat.trusted
            assert.ok(await eventually(isThere, 20_000))
          }
          return box.refs.moveAll(moves)
        }
        const late = { ...station.clone, box: { ...box, refs: { ...box.refs, moveAll } } }
        assert.is(await claim(late, s1, 'T1'), 'granted T1')
        assert.is(await done(station.clone, s1), 'completed T1')
      } finally {
        await station.kill()
      }
      assert.equal(station.troubles, [])
    }))
}

/** The first claim on its first link gets no answer, and etcd does not get the claim. */
function losesFirstClaim(path: FastPath): FastPath {
  let isLost = false
  const claim = async () => {
    isLost = true
    return { kind: 'unknown', reason: 'no answer' } as const
  }
  return {
    async connect(space) {
      const connected = await path.connect(space)
      if (connected.kind !== 'linked') return connected
      const { link } = connected
      const claims = instead(link.claims, (name) => (name === 'claim' && !isLost ? claim : undefined))
      return { ...connected, link: instead(link, (name) => (name === 'claims' ? claims : undefined)) }
    },
  }
}

/** The same object with something else under one name. */
function instead<T extends object>(whole: T, other: (name: string | symbol) => unknown): T {
  return new Proxy(whole, {
    get(target, name) {
      const found = other(name) ?? Reflect.get(target, name, target)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
}

test.run()
