/** Folds of what etcd holds, one at a time: what is accepted, what waits, and what is never accepted twice. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { claimRef, sessionRef } from '../../../src/claim/index.ts'
import { type SessionName, toBoardName } from '../../../src/model/index.ts'
import { editFiles, pushEdit } from '../../../src/workflows/edit-board.ts'
import { read } from '../../../src/workflows/read.ts'
import { boardText } from '../../../src/workflows/read-branch.ts'
import { openLog } from '../../../src/workflows/witness/log-book.ts'
import { taskStory } from '../../../src/workflows/witness/story.ts'
import { claim, done, release } from '../../support/acts.ts'
import { type EtcdServer, startEtcd, whyNoEtcd } from '../../support/etcd.ts'
import { atBench, words } from '../../support/etcd-bench.ts'
import { BOARD, cell, keyOf, names, retype } from '../../support/fleet.ts'
import { codesOf, verifyAfresh } from '../../support/verified.ts'
import { sealedEvents } from '../../support/witnessed.ts'

const test = suite<{ server: EtcdServer }>('folds of etcd')
const [s1, s2] = names(2) as [SessionName, SessionName]
const noEtcd = whyNoEtcd()
const MINUTE_MS = 60_000

if (noEtcd !== undefined) {
  console.log(`skip: ${noEtcd}, so nothing of it is folded`)
  test.skip('folds of a real etcd', () => undefined)
} else {
  test.before(async (context) => {
    context.server = await startEtcd()
  })
  test.after(({ server }) => server.close())

  test('a completion that stays in etcd after its fold is not accepted again, also when a person reopened the task', ({
    server,
  }) =>
    atBench(server, ['T1'], async ({ fleet, clone, fold }) => {
      await claim(clone, s1, 'T1')
      assert.is(await done(clone, s1), 'completed T1')
      assert.is(words(await fold()), `${keyOf('T1')} accepted`)
      assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
      assert.is(words(await fold()), `${keyOf('T1')} accepted-before`)
      await fleet.edit(retype('T1', 'AVAILABLE'))
      assert.is(words(await fold()), `${keyOf('T1')} accepted-before`)
      assert.is(cell(await fleet.text(), 'T1'), 'AVAILABLE')
    }))

  test('a fold leaves as it was when the mode was seen first: the way down waits for one grace, not for two', ({
    server,
  }) =>
    atBench(server, ['T1'], async ({ fleet, clone, plain, fold }) => {
      await claim(clone, s1, 'T1')
      const sight = async () => (await read(plain.box)).ledger.get(fleet.layout.mode)
      const seen = await sight()
      assert.ok(seen)
      assert.is((await fold()).kind, 'folded')
      assert.equal(await sight(), seen)
    }))

  test('what another process of the clone folds between the list and the fold overtakes it, and is no rewind', ({
    server,
  }) =>
    atBench(server, ['T1', 'T2'], async ({ fleet, clone, plain, look, fold }) => {
      await claim(clone, s1, 'T1')
      await done(clone, s1)
      const before = await look()
      assert.is(words(await fold()), `${keyOf('T1')} accepted`)
      // It has noted the fold that it saw.
      await read(plain.box)
      const late = await fold(undefined, before)
      assert.is(late.kind === 'folded' && late.outcome.kind, 'overtaken')
      assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
    }))

  test('an edit that was made of an older board goes over nothing that landed meanwhile', ({ server }) =>
    atBench(server, ['T1', 'T2'], async ({ fleet, clone, look, fold }) => {
      await claim(clone, s1, 'T1')
      let tries = 0
      await pushEdit(clone.box, async (reading) => {
        const text = await boardText(clone.box, reading.branch, toBoardName(BOARD))
        tries += 1
        if (tries === 1) {
          await fleet.edit(retype('T2', 'PAUSED'))
          assert.is((await fold()).kind, 'folded')
          await look()
        }
        const changes = new Map([[BOARD, text.replace('Do T1', 'Do T1 well')]])
        return editFiles(clone.box, reading, { author: 'ada', subject: 'Edit', changes })
      })
      assert.is(tries, 2)
      const text = (await fleet.text()) ?? ''
      assert.equal([cell(text, 'T1'), cell(text, 'T2')], ['CLAIMED (session-1)', 'PAUSED'])
      assert.match(text, 'Do T1 well')
      assert.is((await fold()).kind, 'folded')
    }))

  test('a completion waits until its chain is whole, and then counts', ({ server }) =>
    atBench(server, ['T1', 'T2'], async ({ fleet, clone, listing, fold }) => {
      await claim(clone, s1, 'T1')
      await done(clone, s1)
      const whole = await listing()
      const [one] = whole.done.values()
      const lines = (one?.event ?? '').split('\n')
      assert.ok(one !== undefined && lines.length > 1)
      const cut = { ...whole, done: new Map([[one.task, { ...one, event: lines.at(-1) as string }]]) }
      const first = await fold(cut)
      assert.is(words(first), `${keyOf('T1')} waits`)
      assert.ok(first.kind === 'folded' && first.settle.every(({ kind }) => kind !== 'folded'))
      assert.is(cell(await fleet.text(), 'T1'), 'AVAILABLE')
      assert.is(words(await fold()), `${keyOf('T1')} accepted`)
    }))

  test('a claim whose lease ended in etcd frees its task at the next fold, and the log says that it lapsed', ({
    server,
  }) =>
    atBench(server, ['T1'], async ({ fleet, clone, plain, fold }) => {
      const ends = async () => {
        const { parts } = await taskStory(await openLog(plain.box), 'T1')
        return parts.flatMap((part) => (part.kind === 'grant' ? [`${part.session} ${part.end?.kind ?? 'held'}`] : []))
      }
      await claim(clone, s1, 'T1')
      await fold()
      assert.match(cell(await fleet.text(), 'T1') ?? '', /^CLAIMED/)
      // What etcd does when the lease is over.
      await server.ctl('del', `/ifb/${plain.box.boardId}/1/c/${keyOf('T1')}`)
      await fold()
      assert.is(cell(await fleet.text(), 'T1'), 'AVAILABLE')
      assert.equal(await ends(), [`${s1} lapsed`])
    }))

  test('a release that git did not get rides with the next claim, and its time is held against nobody', ({ server }) =>
    atBench(server, ['T1', 'T2', 'T3'], async ({ later, clone, plain, fold }) => {
      assert.is(await claim(clone, s1, 'T1'), 'granted T1')
      await fold()
      const own = sessionRef(plain.box.layout, s1, plain.box.sha256)
      clone.traffic.beforePush = async (moves) =>
        moves.some(({ ref, next }) => ref === own && next !== undefined)
          ? { kind: 'busy', reason: 'a lock' }
          : undefined
      assert.is(await release(clone, s1), 'released T1')
      clone.traffic.beforePush = undefined
      later(59 * MINUTE_MS)
      assert.is(await claim(clone, s2, 'T2'), 'granted T2')
      await fold()
      assert.ok(!(await sealedEvents(plain)).includes(`${s1}#2 release`))
      later(MINUTE_MS)
      assert.is(await claim(clone, s1, 'T3'), 'granted T3')
      await fold()
      assert.ok((await sealedEvents(plain)).includes(`${s1}#2 release`))
      assert.equal(codesOf(await verifyAfresh({ clones: [plain, plain] }, 'full')), [])
    }))

  test('what a person settled first is refused and taken away; what nobody can read is too', ({ server }) =>
    atBench(server, ['T1', 'T2'], async ({ fleet, clone, listing, fold }) => {
      await claim(clone, s1, 'T1')
      await claim(clone, s2, 'T2')
      await done(clone, s1)
      await done(clone, s2)
      await fleet.edit(retype('T1', 'COMPLETED'))
      const whole = await listing()
      const unread = new Map(whole.done)
      const two = unread.get(keyOf('T2'))
      assert.ok(two !== undefined)
      unread.set(keyOf('T2'), { ...two, event: '{"by":"a stranger"}' })
      const folded = await fold({ ...whole, done: unread })
      assert.is(words(folded), `${keyOf('T1')} already-settled, ${keyOf('T2')} accepted-before`)
      assert.is(cell(await fleet.text(), 'T2'), 'AVAILABLE')
      assert.ok(folded.kind === 'folded')
      assert.equal(folded.settle.filter(({ kind }) => kind === 'folded').length, 2)
    }))

  test('what is done although a person removed its row is kept in git, and found done when the row comes back', ({
    server,
  }) =>
    atBench(server, ['T1', 'T2'], async ({ fleet, clone, plain, fold }) => {
      await claim(clone, s1, 'T1')
      const before = await fleet.text()
      await fleet.edit((text) => text.replace(/^\| T1 .*\n/m, ''))
      assert.is(await done(clone, s1), 'completed T1')
      const folded = await fold()
      assert.is(words(folded), `${keyOf('T1')} unknown-task`)
      assert.ok(
        folded.kind === 'folded' && folded.settle.some(({ kind, task }) => kind === 'folded' && task === keyOf('T1')),
      )
      const { claims } = await read(plain.box)
      assert.equal(
        claims.map(({ key, session, kind }) => `${key} ${session} ${kind}`),
        [`${keyOf('T1')} ${s1} completed`],
      )
      await fleet.edit(() => before)
      await fold()
      assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
      assert.is((await fleet.state('T1'))?.done?.by, s1)
    }))

  test('the same where git does not take it at first, and a fold seals its event meanwhile', ({ server }) =>
    atBench(server, ['T1', 'T2'], async ({ fleet, clone, plain, fold }) => {
      await claim(clone, s1, 'T1')
      const before = await fleet.text()
      await fleet.edit((text) => text.replace(/^\| T1 .*\n/m, ''))
      assert.is(await done(clone, s1), 'completed T1')
      const ref = claimRef(plain.box.layout, keyOf('T1'), plain.box.sha256)
      clone.traffic.beforePush = async (moves) =>
        moves.some((move) => move.ref === ref) ? { kind: 'busy', reason: 'a lock' } : undefined
      const first = await fold()
      // Etcd keeps it.
      assert.ok(first.kind === 'folded' && !first.settle.some(({ task }) => task === keyOf('T1')))
      assert.not.ok((await fleet.refs()).has(ref))
      assert.ok((await sealedEvents(plain)).includes(`${s1}#2 complete`))
      clone.traffic.beforePush = undefined
      const second = await fold()
      assert.is(words(second), `${keyOf('T1')} unknown-task`)
      assert.ok(second.kind === 'folded' && second.settle.some(({ task }) => task === keyOf('T1')))
      assert.ok((await fleet.refs()).has(ref))
      await fleet.edit(() => before)
      await fold()
      assert.is(cell(await fleet.text(), 'T1'), 'COMPLETED')
    }))
}

test.run()
