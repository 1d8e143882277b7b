/** The way up to etcd and down again, with claims held, on real refs and a real etcd. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { giveUp } from '../../../src/fast/index.ts'
import type { SessionName, TaskKey } from '../../../src/model/index.ts'
import { register } from '../../../src/workflows/fast/carry.ts'
import { read } from '../../../src/workflows/read.ts'
import { ask, claim, codeOf, done, release, settle, standing } from '../../support/acts.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { putMode } from '../../support/fast-mode.ts'
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
  const outcome = await register(box, await read(box), { session, task: keyOf(id) as TaskKey, leaseSeconds: 1800 })
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
}

function onBoard(kind: FleetKind, work: (fleet: Fleet, a: Clone, b: Clone) => Promise<void>): Promise<void> {
  return on({ kind, board }, (fleet, a, b) => work(fleet, a as Clone, b as Clone))
}

test.run()
