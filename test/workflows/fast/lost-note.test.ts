/** Folds of etcd whose server died between board and note: what they took is in etcd alone, and in no note. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../../src/model/index.ts'
import { note } from '../../../src/workflows/adjust.ts'
import { claim, done, release, settle } from '../../support/acts.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { atBench, type Bench, words } from '../../support/etcd-bench.ts'
import { eventually, onRealClock, ownBoard, startStation } from '../../support/etcd-fleet.ts'
import { boardOf, type Clone, cell, keyOf, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { switchTo } from '../../support/switching.ts'
import { KILLED, killInNextPush, loseFolder, moveAlone } from '../../support/tear.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'
import { sealedEvents } from '../../support/witnessed.ts'

const test = suite<{ server: EtcdServer }>('lost notes of folds of etcd')
const [s1, s2, folder] = names(3) as [SessionName, SessionName, SessionName]
const noEtcd = whyNoEtcd()

/** Its board lands, its note does not, and the server is gone; whoever folded comes back, or does not. */
async function foldWithoutNote(
  { fleet, plain, look, fold }: Bench,
  { comesBack }: { readonly comesBack: boolean } = { comesBack: false },
): Promise<void> {
  const head = await fleet.head()
  killInNextPush(fleet, plain, (moves) => moves.slice(0, 1))
  await fold().then(
    () => assert.unreachable('the server was killed'),
    (error) => assert.is(error.message, KILLED),
  )
  assert.is.not(await fleet.head(), head)
  if (!comesBack) await loseFolder(plain)
  // Sessions have read that board.
  await look()
}

const isSessions = (name: string): boolean => name.startsWith('session-')

/** All of this is sealed, and nothing is found at any level. */
async function sealed({ plain }: Bench, events: readonly string[]): Promise<void> {
  assert.equal((await sealedEvents(plain)).filter(isSessions), events)
  const verdict = await verifyAfresh({ clones: [plain, plain] }, 'audit')
  assert.equal(codesOf(verdict), [], JSON.stringify(verdict.findings))
}

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so nothing of it is folded`)
  test.skip('lost notes beside a real etcd', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  test('a completion is sealed by the next fold, and taken away in etcd then', ({ server }) =>
    atBench(server, ['T1'], async (bench) => {
      const { clone, fleet, fold } = bench
      await claim(clone, s1, 'T1')
      assert.is(await done(clone, s1), 'completed T1')
      await foldWithoutNote(bench)
      assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
      const next = await fold()
      assert.is(words(next), `${keyOf('T1')} accepted-before`)
      assert.ok(next.kind === 'folded' && next.settle.some(({ kind }) => kind === 'folded'))
      await sealed(bench, [`${s1}#1 claim`, `${s1}#2 complete`])
    }))

  test('a fold whose board alone is found to have landed leaves completions in etcd', ({ server }) =>
    atBench(server, ['T1'], async (bench) => {
      const { clone, fleet, fold, plain } = bench
      await claim(clone, s1, 'T1')
      await done(clone, s1)
      plain.traffic.beforePush = async ([board]) => {
        plain.traffic.beforePush = undefined
        if (board !== undefined) await fleet.force(board.ref, board.next)
        return { kind: 'busy', reason: 'the server is back' }
      }
      const first = await fold()
      assert.is(words(first), `${keyOf('T1')} accepted`)
      assert.ok(first.kind === 'folded' && first.outcome.kind === 'folded' && !first.isNoted)
      assert.not.ok(first.settle.some(({ kind }) => kind === 'folded'))
      const brought = await fold()
      assert.ok(brought.kind === 'folded' && brought.outcome.kind === 'overtaken' && brought.settle.length === 0)
      const next = await fold()
      assert.ok(next.kind === 'folded' && next.isNoted && next.settle.some(({ kind }) => kind === 'folded'))
      await sealed(bench, [`${s1}#1 claim`, `${s1}#2 complete`])
    }))

  test('what the session says meanwhile goes on from what it said before', ({ server }) =>
    atBench(server, ['T1', 'T2'], async (bench) => {
      const { clone, fleet, fold } = bench
      await claim(clone, s1, 'T1')
      await done(clone, s1)
      await foldWithoutNote(bench)
      await claim(clone, s1, 'T2')
      await done(clone, s1)
      await fold()
      assert.is(cell(await fleet.text(), 'T2'), 'COMPLETED')
      await sealed(bench, [`${s1}#1 claim`, `${s1}#2 complete`, `${s1}#3 claim`, `${s1}#4 complete`])
    }))

  test('a claim whose lease ended before it was sealed is brought along by what its session says next', ({ server }) =>
    atBench(server, ['T1', 'T2'], async (bench) => {
      const { clone, plain, fold } = bench
      await claim(clone, s1, 'T1')
      await foldWithoutNote(bench)
      await server.ctl('del', `/ifb/${plain.box.boardId}/1/c/${keyOf('T1')}`)
      await claim(clone, s1, 'T2')
      await fold()
      await done(clone, s1)
      await fold()
      await sealed(bench, [`${s1}#1 claim`, `${s1}#2 claim`, `${s1}#3 complete`])
    }))

  test('a claim that has ended in etcd since is sealed where whoever folded comes back, although its session is silent', ({
    server,
  }) =>
    atBench(server, ['T1', 'T2'], async (bench) => {
      const { clone, fleet, plain, fold } = bench
      await claim(clone, s1, 'T1')
      await foldWithoutNote(bench, { comesBack: true })
      await server.ctl('del', `/ifb/${plain.box.boardId}/1/c/${keyOf('T1')}`)
      await claim(clone, s2, 'T2')
      const brought = await fold()
      assert.ok(brought.kind === 'folded' && brought.outcome.kind === 'overtaken')
      assert.equal((await sealedEvents(plain)).filter(isSessions), [`${s1}#1 claim`])
      await fold()
      assert.is(cell(await fleet.text(), 'T1'), 'AVAILABLE')
      await sealed(bench, [`${s1}#1 claim`, `${s2}#1 claim`])
    }))

  test('what it says meanwhile in git brings along what it said in etcd', ({ server }) =>
    atBench(server, ['T1', 'T2'], async (bench) => {
      const { clone, fold } = bench
      await claim(clone, s1, 'T1')
      await foldWithoutNote(bench)
      assert.is(await release(clone, s1), 'released T1')
      await note(clone.box, s1, 'T2', 'hello')
      await fold()
      await sealed(bench, [`${s1}#1 claim`, `${s1}#2 release`, `${s1}#3 note`])
    }))

  test('a claim that is held is sealed as granted by the next fold', ({ server }) =>
    atBench(server, ['T1', 'T2'], async (bench) => {
      const { clone, fold } = bench
      await claim(clone, s1, 'T1')
      await claim(clone, s2, 'T2')
      await foldWithoutNote(bench)
      await done(clone, s2)
      await foldWithoutNote(bench)
      await fold()
      await done(clone, s1)
      await fold()
      await sealed(bench, [`${s1}#1 claim`, `${s1}#2 complete`, `${s2}#1 claim`, `${s2}#2 complete`])
    }))

  /** Whoever closes: this clone, or another one that never had what was said in etcd, part of it sealed. */
  for (const isApart of [false, true])
    test(`what only the board of the closing fold took is sealed when git decides again (${isApart ? 'another clone' : 'this clone'})`, ({
      server,
    }) => {
      const onTheWayDown = async (bench: Bench) => {
        const { clone, fleet, plain, fold, look } = bench
        await claim(clone, s1, 'T1')
        if (isApart) assert.is((await fold()).kind, 'folded')
        await look()
        assert.is(await done(clone, s1), 'completed T1')
        let lost = 0
        plain.traffic.beforePush = async (moves) => {
          const [board] = moves
          if (lost > 0 || board === undefined || !moves.some(({ ref }) => ref === fleet.layout.notes)) return undefined
          lost += 1
          await moveAlone(fleet, plain, board)
          return { kind: 'busy', reason: 'the server is back' }
        }
        assert.is((await switchTo(plain, 'git', { path: server.path })).mode.mode, 'git')
        assert.is(lost, 1)
        assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
        await settle(plain, s2)
        await sealed(bench, [`${s1}#1 claim`, `${s1}#2 complete`])
      }
      return atBench(server, ['T1'], onTheWayDown, { leaseMs: 2000, isApart })
    })

  test('a projector whose note was lost folds again, although nothing has changed', ({ server }) =>
    on({ kind: 'local', board: boardOf(['T1']), config: ownBoard() }, async (fleet, a) => {
      const plain = onRealClock(a as Clone)
      await switchTo(plain, 'etcd', { path: server.path, leaseMs: 5000 })
      const { clone, turns, kill } = startStation(plain, { path: server.path, folder })
      try {
        assert.is(await claim(clone, s1, 'T1'), 'granted T1')
        assert.ok(await eventually(async () => (await sealedEvents(plain)).includes(`${s1}#1 claim`), 30_000))
        let lost = 0
        plain.traffic.beforePush = async (moves) => {
          const [board] = moves
          if (lost > 0 || board === undefined || !moves.some(({ ref }) => ref === fleet.layout.notes)) return undefined
          lost += 1
          await fleet.force(board.ref, board.next)
          return { kind: 'busy', reason: 'the server is back' }
        }
        assert.is(await done(clone, s1), 'completed T1')
        assert.ok(await eventually(async () => (await sealedEvents(plain)).includes(`${s1}#2 complete`), 10_000))
        assert.is(lost, 1)
        assert.ok(turns.some((turn) => turn.kind === 'folded' && !turn.fold.isNoted))
      } finally {
        await kill()
      }
    }))
}

test.run()
