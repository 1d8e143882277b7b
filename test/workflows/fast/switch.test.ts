/** The way up to etcd and down again, with claims held, on real refs and a real etcd. */
import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { seededKeyRing } from '../../../src/adapters/memory/local.ts'
import { IfBoardError, type SessionName } from '../../../src/model/index.ts'
import type { FastPath } from '../../../src/ports/index.ts'
import { register } from '../../../src/workflows/fast/carry.ts'
import { read } from '../../../src/workflows/read.ts'
import { ask, claim, codeOf, done, release, settle, standing } from '../../support/acts.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { MODES, putMode, SWITCHER } from '../../support/fast-mode.ts'
import { linkTo, listed } from '../../support/fast-space.ts'
import { boardOf, type Clone, type Fleet, type FleetKind, keyOf, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { nowhere, Stopped, stopAt, switchTo } from '../../support/switching.ts'

const test = suite<{ server: EtcdServer }>('switches')
const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const board = boardOf(['P1'], ['P2'], ['P3'], ['P4', 'AVAILABLE', 'P3'])
const noEtcd = whyNoEtcd()

const modeOf = async ({ box }: Clone) => {
  const { mode, epoch, since } = (await read(box)).mode
  return `${mode} ${epoch} since ${since}`
}

/** Two hold a task, a third gave one back. */
async function atWork(a: Clone): Promise<void> {
  assert.is(await claim(a, s1, 'P1'), 'granted P1')
  assert.is(await claim(a, s2, 'P2'), 'granted P2')
  assert.is(await claim(a, s3, 'P3'), 'granted P3')
  assert.is(await release(a, s3), 'released P3')
}

/** As a session does that holds the task in etcd. */
async function registered({ box }: Clone, session: SessionName, id: string): Promise<void> {
  const outcome = await register(box, await read(box), { session, tasks: [keyOf(id)], leaseSeconds: 1800 })
  assert.equal(outcome, { kind: 'moved' })
}

test('an etcd that does not answer leaves git deciding', () =>
  on(board, async (fleet, a) => {
    await atWork(a)
    const before = await fleet.refs()
    assert.is(await codeOf(switchTo(a, 'etcd', { path: nowhere })), 'fast/unreached')
    assert.equal(await fleet.refs(), before)
    assert.is((await switchTo(a, 'git')).kind, 'unchanged')
  }))

test('an etcd that a person must mend is as good as gone on the way down', () =>
  on(board, async (_fleet, a) => {
    await atWork(a)
    for (const mode of [MODES.switching, MODES.etcd]) await putMode(a, mode)
    const path: FastPath = {
      async connect() {
        throw new IfBoardError('fast/certificate', 'etcd is not believed: it is out of date')
      },
    }
    assert.is((await switchTo(a, 'git', { path })).mode.mode, 'git')
    assert.is((await read(a.box)).branch.fast.closed, 1)
  }))

test('two clones that go by one name, such as that of a login, switch all the same', () =>
  on(board, async (_fleet, a, b) => {
    const other = { ...b, box: { ...b.box, keys: seededKeyRing('another machine') } }
    await atWork(a)
    await putMode(a, MODES.switching)
    await switchTo(other, 'git')
    assert.is(await modeOf(a), 'git 2 since 0')
    const { snapshot } = await read(a.box)
    const speakers = [...snapshot.sessions.keys()].filter((name) => name.startsWith(SWITCHER))
    assert.is(speakers.length, 2)
    assert.match(speakers.sort()[1] ?? '', /^switcher-[0-9a-f]{8}$/)
  }))

test('boards whose completions wait for a merge stay in git', () =>
  on({ kind: 'memory', board, config: { doneWhen: 'merged', baseBranch: 'main' } }, async (_fleet, a) => {
    assert.is(await codeOf(switchTo(a, 'etcd', { path: nowhere })), 'fast/settings')
    assert.is(await modeOf(a), 'git 0 since 0')
  }))

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so no switch is made`)
  test.skip('switches on a real etcd', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  for (const kind of ['memory', 'memory-remote', 'local', 'remote'] as const) {
    test(`claims that are held are carried up, and those that register hold when git decides again, on ${kind}`, ({
      server,
    }) =>
      onBoard(kind, async (fleet, a, b) => {
        await atWork(a)
        const up = await switchTo(a, 'etcd', server)
        assert.equal([up.kind, up.mode.mode, up.claims], ['switched', 'etcd', 2])
        const { nonce, epoch } = up.mode
        const link = await linkTo(server.path, { board: a.box.boardId, epoch, nonce })
        const found = await listed(link)
        await link.close()
        assert.is(found.epochNonce, nonce)
        assert.equal(
          [...found.ready.keys()].sort(),
          ['P1', 'P2', 'P3'].map((id) => keyOf(id)),
        )
        assert.equal([...found.claims.values()].map(({ task, claim: { session } }) => `${task} ${session}`).sort(), [
          `${keyOf('P1')} ${s1}`,
          `${keyOf('P2')} ${s2}`,
        ])
        assert.is((await switchTo(b, 'etcd', server)).kind, 'unchanged')

        const meanwhile = async () => {
          assert.is(await modeOf(a), 'draining 2 since 0')
          await registered(a, s1, 'P1')
        }
        const down = await switchTo(b, 'git', { meanwhile })
        assert.equal([down.kind, down.claims], ['switched', 1])
        assert.is(await modeOf(a), 'git 3 since 2')
        assert.is((await read(a.box)).branch.fast.closed, 1)
        assert.is(await standing(a), 'P1 claimed by session-1, P2 ready, P3 ready, P4 blocked')
        assert.is(await done(a, s1), 'completed P1')
        assert.is(await ask(b, s2), 'granted P2')
        await settle(a, s3)
        assert.is(await standing(a), 'P1 done, P2 claimed by session-2, P3 ready, P4 blocked')
        assert.is(await fleet.claimOf('P1'), undefined)
      }))
  }

  for (const when of ['before', 'after'] as const) {
    test(`whoever stops ${when} any act of the way up, another one ends it, with the same claims`, async ({
      server,
    }) => {
      let acts = 0
      for (let at = 0; ; at += 1) {
        let isOver = false
        await onBoard('memory-remote', async (_fleet, a, b) => {
          await atWork(a)
          const stopped = stopAt(a, server.path, at, when)
          isOver = await isCompleted(switchTo(stopped.clone, 'etcd', { path: stopped.path }))
          acts = stopped.acts()
          assert.is((await switchTo(b, 'etcd', { path: server.path, session: s3 })).mode.mode, 'etcd')
          const { mode } = await read(b.box)
          assert.equal(mode.manifest?.map(({ session }) => session).sort(), [s1, s2], `act ${at}`)
          assert.is(mode.epoch, 1)
          const link = await linkTo(server.path, { board: b.box.boardId, epoch: 1, nonce: mode.nonce })
          const { claims, ready } = await listed(link)
          await link.close()
          assert.equal([...claims.keys()].sort(), [keyOf('P1'), keyOf('P2')], `act ${at}`)
          assert.is(ready.size, 3, `act ${at}`)
        })
        if (isOver) break
      }
      assert.is(acts, 6, 'mode, carry, manifest, keys, epoch key, mode')
    })

    test(`whoever stops ${when} any act of the way down, another one ends it without etcd`, async ({ server }) => {
      let acts = 0
      for (let at = 0; ; at += 1) {
        let isOver = false
        await onBoard('memory-remote', async (_fleet, a, b) => {
          await atWork(a)
          await switchTo(a, 'etcd', server)
          const stopped = stopAt(a, nowhere, at, when)
          const meanwhile = () => registered(b, s1, 'P1')
          isOver = await isCompleted(switchTo(stopped.clone, 'git', { path: nowhere, meanwhile }))
          acts = stopped.acts()
          const isDraining = (await read(b.box)).mode.mode === 'draining'
          const isRegistered = (await read(b.box)).claims.some(({ modeEpoch }) => modeEpoch === 2)
          const rest = isDraining && !isRegistered ? { meanwhile } : {}
          const ended = await switchTo(b, 'git', { path: nowhere, session: s3, ...rest })
          assert.equal([ended.mode.epoch, ended.mode.since], [3, 2], `act ${at}`)
          assert.is((await read(b.box)).branch.fast.closed, 1)
        })
        if (isOver) break
      }
      assert.is(acts, 3, 'mode, closing fold, mode')
    })
  }

  test('a way up whose etcd is lost in the middle is given up, and what was carried counts on', ({ server }) =>
    onBoard('memory-remote', async (_fleet, a, b) => {
      await atWork(a)
      const stopped = stopAt(a, server.path, 3, 'before')
      assert.not(await isCompleted(switchTo(stopped.clone, 'etcd', { path: stopped.path })))
      assert.is(await modeOf(b), 'switching 1 since 0')
      assert.is(await codeOf(switchTo(b, 'etcd', { path: nowhere })), 'fast/unreached')
      assert.is(await modeOf(b), 'git 2 since 0')
      assert.is(await standing(b), 'P1 claimed by session-1, P2 claimed by session-2, P3 ready, P4 blocked')
      assert.is(await ask(a, s1), 'held P1')
      assert.is(await done(a, s1), 'completed P1')
      assert.is(await release(a, s2), 'released P2')
    }))

  test('what nobody registered is kept for who holds it, and nothing where etcd is another server', ({ server }) =>
    onBoard('memory-remote', async (_fleet, a, b) => {
      await atWork(a)
      await switchTo(a, 'etcd', server)
      const meanwhile = () => registered(b, s1, 'P1')
      const down = await switchTo(a, 'git', { path: server.path, meanwhile })
      assert.equal([down.claims, down.lapsed], [2, []])
      assert.is(await standing(b), 'P1 claimed by session-1, P2 claimed by session-2, P3 ready, P4 blocked')
      assert.is(await ask(b, s2), 'held P2')

      await switchTo(a, 'etcd', server)
      await server.ctl('del', `/ifb/${a.box.boardId}/4/epoch`)
      const wiped = await switchTo(a, 'git', server)
      assert.equal([wiped.claims, wiped.lapsed], [0, []])
      assert.is(await standing(b), 'P1 ready, P2 ready, P3 ready, P4 blocked')
    }))

  test('an etcd that has this very epoch already, by another switch, is not used; the next one is', ({ server }) =>
    onBoard('memory', async (fleet, a) => {
      await atWork(a)
      await switchTo(a, 'etcd', server)
      await fleet.force(fleet.layout.mode, undefined)
      assert.is(await codeOf(switchTo(a, 'etcd', server)), 'fast/unreached')
      assert.is(await modeOf(a), 'git 2 since 0')
      assert.is((await switchTo(a, 'etcd', server)).mode.epoch, 3)
    }))

  test('two who switch at once cost each other steps, and no claim', ({ server }) =>
    onBoard('memory-remote', async (_fleet, a, b) => {
      await atWork(a)
      const both = await Promise.all([switchTo(a, 'etcd', server), switchTo(b, 'etcd', { ...server, session: s3 })])
      assert.equal(
        both.map(({ mode }) => `${mode.mode} ${mode.epoch}`),
        ['etcd 1', 'etcd 1'],
      )
      assert.is((await read(a.box)).mode.manifest?.length, 2)
      const down = await Promise.all([switchTo(a, 'git'), switchTo(b, 'git', { session: s3 })])
      assert.equal(
        down.map(({ mode }) => `${mode.mode} ${mode.epoch}`),
        ['git 3', 'git 3'],
      )
    }))

  test('one who goes up while another one goes down ends where both can agree, whoever wins', ({ server }) =>
    onBoard('memory-remote', async (_fleet, a, b) => {
      await atWork(a)
      await Promise.allSettled([switchTo(a, 'etcd', server), switchTo(b, 'git', { session: s3 })])
      await switchTo(a, 'git')
      const { mode } = await read(a.box)
      assert.is(mode.mode, 'git')
      const claims = (await read(a.box)).claims.filter(({ kind }) => kind === 'granted')
      assert.equal(claims.map(({ session }) => session).sort(), [s1, s2])
    }))

  for (const [name, late] of [
    ['a completion', (a: Clone) => done(a, s1)],
    ['a release', (a: Clone) => release(a, s1)],
  ] as const)
    test(`${name} that was under way when its claim was carried changes nothing, and is told that it switches`, ({
      server,
    }) =>
      onBoard('memory-remote', async (fleet, a, b) => {
        await atWork(a)
        a.traffic.beforePush = async () => {
          a.traffic.beforePush = undefined
          await switchTo(b, 'etcd', { ...server, session: s3 })
          return undefined
        }
        assert.is(await codeOf(late(a)), 'fast/elsewhere')
        const { claims } = await read(b.box)
        const carried = claims.find(({ key }) => key === keyOf('P1'))
        assert.equal([carried?.event.type, carried?.session, carried?.kind], ['if-board.carried', s1, 'granted'])
        assert.is(carried?.oid, await fleet.claimOf('P1'))
      }))

  test('a completion under way when its claim is carried, and the switch given up, completes the same grant', ({
    server,
  }) =>
    onBoard('memory-remote', async (_fleet, a, b) => {
      await atWork(a)
      a.traffic.beforePush = async () => {
        a.traffic.beforePush = undefined
        const stopped = stopAt(b, server.path, 3, 'before')
        await isCompleted(switchTo(stopped.clone, 'etcd', { path: stopped.path, session: s3 }))
        await switchTo(b, 'git', { session: s3 })
        return undefined
      }
      assert.is(await done(a, s1), 'completed P1')
      assert.is(await modeOf(a), 'git 2 since 0')
      await settle(b, s3)
      assert.is(await standing(a), 'P1 done, P2 claimed by session-2, P3 ready, P4 blocked')
    }))

  test('a steal under way when its victim is carried changes nothing', ({ server }) =>
    onBoard('memory-remote', async (fleet, a, b) => {
      await atWork(a)
      await standing(b)
      fleet.clock.advance(31 * 60_000)
      b.traffic.beforePush = async () => {
        b.traffic.beforePush = undefined
        await switchTo(a, 'etcd', server)
        return undefined
      }
      assert.is(await codeOf(claim(b, s3, 'P1')), 'fast/elsewhere')
      const { claims } = await read(a.box)
      assert.is(claims.find(({ key }) => key === keyOf('P1'))?.session, s1)
    }))
}

/** `false`: it was stopped. */
async function isCompleted(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof Stopped) return false
    throw error
  }
}

/** Keys in etcd are a board's own, so each board here has an id of its own. */
function onBoard(kind: FleetKind, work: (fleet: Fleet, a: Clone, b: Clone) => Promise<void>): Promise<void> {
  const boardId = randomBytes(16).toString('hex')
  return on({ kind, board, config: { boardId } }, (fleet, a, b) => work(fleet, a as Clone, b as Clone))
}

test.run()
