/** What every FastPath promises; run for each adapter. Its numbers are those of the port's own list. */
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import type {
  ClaimAnswer,
  FastEnd,
  FastHeld,
  FastLink,
  FastPath,
  FastSpace,
  TokenAnswer,
} from '../../src/ports/index.ts'
import {
  changesOf,
  claimed,
  claimOf,
  leaseOf,
  linkTo,
  listed,
  newSpace,
  newsUntil,
  nonce,
  openSpace,
  SHORT_LEASE,
  task,
} from '../support/fast-space.ts'
import { projectionContract } from './fast-projection.contract.ts'

export interface FastWorld {
  readonly path: FastPath
  /** Somebody else's write: any value under a key below the space, such as `c/TASKS.md:T1`. */
  write(space: FastSpace, name: string, value: string): Promise<void>
  /** Forget all history up to now. */
  compact(): Promise<void>
  /** Every transport that is open now is lost; the server goes on. */
  cut(): Promise<void>
  close(): Promise<void>
}

export interface FastContext {
  world: FastWorld
  space: FastSpace
  link: FastLink
}

export function fastPathContract(name: string, build: () => Promise<FastWorld>): void {
  const test = suite<FastContext>(`FastPath: ${name}`)
  test.before(async (context) => {
    context.world = await build()
  })
  test.before.each(async (context) => {
    context.space = newSpace()
    context.link = await linkTo(context.world.path, context.space)
  })
  test.after.each(({ link }) => link.close())
  test.after(({ world }) => world.close())

  test('1: a link whose transport is lost is broken for good, and sends nothing any more', async (context) => {
    const { world, space, link } = context
    await openSpace(link, ['T1'])
    const lease = await leaseOf(link)
    const watched = newsUntil(link.watch((await listed(link)).revision), () => false)
    await sleep(50)
    await world.cut()
    assert.is((await watched).at(-1)?.kind, 'broken')
    assert.is((await link.list()).kind, 'broken')
    const answer = await link.claims.claim(lease, [{ task: task('T1'), claim: claimOf('ada') }])
    assert.is(answer.kind, 'broken')
    assert.is((await link.claims.keepAlive(lease, [])).kind, 'broken')
    assert.is((await newsUntil(link.watch(1), () => false)).at(-1)?.kind, 'broken')
    context.link = await linkTo(world.path, space)
    assert.is((await listed(context.link)).claims.size, 0, 'the claim on the lost link was never made')
  })

  test('2: nothing is claimed, completed or elected before the epoch is open, nor under another nonce', async (context) => {
    const { world, space, link } = context
    const lease = await leaseOf(link)
    const wish = { task: task('T1'), claim: claimOf('ada') }
    assert.equal(await link.claims.claim(lease, [wish]), { kind: 'closed' })
    const elected = await openSpace(link, ['T1'])
    const held = await claimed(link, lease, 'T1')

    const foreign = await linkTo(world.path, { ...space, nonce: nonce() })
    const other = await leaseOf(foreign)
    const answers = [
      await foreign.claims.claim(other, [wish]),
      await foreign.claims.done([{ ...held, completion: '{}' }]),
      await foreign.claims.release(held),
      await foreign.claims.keepAlive(other, [held]),
      await foreign.projection.elect(other, { name: 'eve' as SessionName, nonce: nonce() }),
      await foreign.projection.disarm(elected),
      await foreign.projection.settle(elected, [{ kind: 'withdraw', task: task('T1') }]),
    ]
    await foreign.close()
    assert.equal(answers, Array(answers.length).fill({ kind: 'closed' }))
    const { claims, ready, armed } = await listed(link)
    assert.equal([...claims.values()], [held])
    assert.is(ready.get(task('T1')), 'about T1')
    assert.ok(armed !== undefined)
  })

  test('2: an open epoch takes no more entries, and is opened once', async ({ link }) => {
    await openSpace(link, ['T1'])
    const late = await link.opening.fill([{ kind: 'ready', task: task('T2'), about: '' }])
    assert.equal(late, { kind: 'opened' })
    const [again, once] = [await link.opening.open(), await link.opening.open()]
    assert.equal(again, once)
    assert.equal([...(await listed(link)).ready.keys()], [task('T1')])
  })

  test('2: what is filled twice is kept, a carried claim with the revision that it had', async ({ link }) => {
    const entries = [
      { kind: 'ready', task: task('T1'), about: 'a' },
      { kind: 'claim', task: task('T1'), claim: claimOf('ada', '1234567'), leaseSeconds: 60 },
    ] as const
    assert.is((await link.opening.fill(entries)).kind, 'filled')
    const before = await listed(link)
    assert.is((await link.opening.fill(entries)).kind, 'filled')
    const after = await listed(link)
    assert.equal(after.claims, before.claims)
    assert.equal(after.ready, before.ready)
  })

  test('4: of sessions that claim one task at once, exactly one has it', async ({ world, space, link }) => {
    await openSpace(link, ['T1'])
    const links = await Promise.all(Array.from({ length: 6 }, () => linkTo(world.path, space)))
    const answers = await Promise.all(
      links.map(
        async (one, at): Promise<ClaimAnswer> =>
          one.claims.claim(await leaseOf(one), [{ task: task('T1'), claim: claimOf(`session-${at}`) }]),
      ),
    )
    await Promise.all(links.map((one) => one.close()))
    const winner = answers.findIndex(({ kind }) => kind === 'claimed')
    assert.equal(answers.map(({ kind }) => kind).sort(), ['claimed', ...Array(5).fill('taken')])
    const held = (await listed(link)).claims.get(task('T1'))
    assert.is(held?.claim.session, `session-${winner}`)
    assert.equal({ kind: 'claimed', revision: held?.revision }, answers[winner])
  })

  test('a batch is claimed whole or not at all', async ({ link }) => {
    await openSpace(
      link,
      Array.from({ length: 40 }, (_, at) => `T${at}`),
    )
    const lease = await leaseOf(link)
    const wishes = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => ({ task: task(`T${from + at}`), claim: claimOf('ada') }))
    assert.is((await link.claims.claim(lease, wishes(0, 32))).kind, 'claimed')
    assert.equal(await link.claims.claim(lease, wishes(31, 9)), { kind: 'taken' })
    assert.is((await listed(link)).claims.size, 32)
  })

  test('2: of many calls at once each has the answer that it would have alone', async ({ link }) => {
    const ids = Array.from({ length: 100 }, (_, at) => `T${at}`)
    await openSpace(link, ids)
    const [lease, other] = [await leaseOf(link), await leaseOf(link)]
    const isTheirs = (at: number) => at % 7 === 3
    for (const [at, id] of ids.entries()) if (isTheirs(at)) await claimed(link, other, id, claimOf('eve'))
    const claims = ids.map((id, at) => ({ task: task(id), claim: claimOf(`ada-${at}`) }))
    const asked = await Promise.all(claims.map((wish) => link.claims.claim(lease, [wish])))
    assert.equal(
      asked.map(({ kind }) => kind),
      ids.map((_, at) => (isTheirs(at) ? 'taken' : 'claimed')),
    )
    const ends = claims.map((wish, at) => {
      const answer = asked[at] as ClaimAnswer
      return { ...wish, revision: answer.kind === 'claimed' ? answer.revision : 1, completion: `{"of":${at}}` }
    })
    const ended = await Promise.all(ends.map((end) => link.claims.done([end])))
    assert.equal(
      ended.map(({ kind }) => kind),
      ids.map((_, at) => (isTheirs(at) ? 'lost' : 'accepted')),
    )
    const { claims: left, done, ready } = await listed(link)
    assert.equal([left.size, done.size, ready.size], [14, 86, 14])
    for (const { session, event } of done.values()) assert.is(event, `{"of":${session.slice('ada-'.length)}}`)
  })

  test('what is not ready, is claimed or is done is taken; where nothing is armed, that is said', async ({ link }) => {
    const elected = await openSpace(link, ['T1', 'T2'])
    const lease = await leaseOf(link)
    const wish = (id: string) => link.claims.claim(lease, [{ task: task(id), claim: claimOf('ben') }])
    assert.equal(await wish('T9'), { kind: 'taken' })
    const held = await claimed(link, lease, 'T1')
    assert.equal(await wish('T1'), { kind: 'taken' })
    assert.is((await link.claims.done([{ ...held, completion: '{"done":1}' }])).kind, 'accepted')
    assert.equal(await wish('T1'), { kind: 'taken' })
    assert.is((await link.projection.disarm(elected)).kind, 'accepted')
    assert.equal(await wish('T2'), { kind: 'unarmed' })
  })

  test('4: a claim is gone when its lease is, and its task is claimed again under a higher revision', async ({
    link,
  }) => {
    await openSpace(link, ['T1'])
    const short = await leaseOf(link, SHORT_LEASE)
    const first = await claimed(link, short, 'T1')
    const gone = newsUntil(link.watch((await listed(link)).revision), (one) => one.kind === 'changed')
    assert.equal(changesOf(await gone), [{ key: 'claim', task: task('T1'), value: undefined }])
    const kept = await link.claims.keepAlive(short, [first])
    assert.equal(kept, { kind: 'kept', kept: [], lost: [task('T1')] })
    const second = await claimed(link, await leaseOf(link), 'T1', claimOf('ben'))
    assert.ok(second.revision > first.revision)
    assert.equal(await link.claims.done([{ ...first, completion: '{}' }]), { kind: 'lost' })
  })

  test('a lease that is renewed outlives its length, and tells which claims it still holds', async ({ link }) => {
    await openSpace(link, ['T1', 'T2'])
    const lease = await leaseOf(link, SHORT_LEASE)
    const [one, two] = [await claimed(link, lease, 'T1'), await claimed(link, lease, 'T2')]
    await link.claims.release(two)
    const until = performance.now() + SHORT_LEASE * 2000
    while (performance.now() < until) {
      const kept = await link.claims.keepAlive(lease, [one, two])
      assert.equal(kept, { kind: 'kept', kept: [task('T1')], lost: [task('T2')] })
      await sleep(300)
    }
  })

  test('a claim that is adopted lives on under the new lease and its heir’s nonce, and the old token stands no more', async ({
    link,
  }) => {
    const claim = claimOf('ada', '1'.repeat(40))
    await link.opening.fill([
      { kind: 'ready', task: task('T1'), about: '' },
      { kind: 'claim', task: task('T1'), claim, leaseSeconds: SHORT_LEASE },
    ])
    await openSpace(link, [])
    const { claims, revision } = await listed(link)
    const held = claims.get(task('T1')) as FastHeld
    const lease = await leaseOf(link)
    const heir = claimOf('ada')
    assert.equal(await link.claims.adopt(lease, { ...held, claim: claimOf('ada') }, heir), { kind: 'lost' })
    assert.is((await link.claims.adopt(lease, held, heir)).kind, 'accepted')
    await sleep(SHORT_LEASE * 2000)
    const inherited = { ...held, claim: heir }
    assert.equal(await link.claims.keepAlive(lease, [inherited]), { kind: 'kept', kept: [task('T1')], lost: [] })
    assert.ok(held.revision <= revision)
    assert.equal(
      await link.claims.done([{ ...held, completion: '{}' }]),
      { kind: 'lost' },
      'what was sent under the old token',
    )
    assert.is((await link.claims.done([{ ...inherited, completion: '{}' }])).kind, 'accepted')
  })

  test('5: a token is its revision and its nonce: with either one changed it is lost', async ({ link }) => {
    await openSpace(link, ['T1'])
    const held = await claimed(link, await leaseOf(link), 'T1')
    const wrong = [
      { ...held, revision: held.revision + 1 },
      { ...held, revision: held.revision - 1 },
      { ...held, claim: { ...held.claim, nonce: nonce() } },
      { ...held, task: task('T2') },
    ]
    for (const one of wrong) {
      assert.equal(await link.claims.done([{ ...one, completion: '{}' }]), { kind: 'lost' })
      assert.equal(await link.claims.release(one), { kind: 'lost' })
    }
    assert.is((await link.claims.release(held)).kind, 'accepted')
    assert.equal(await link.claims.release(held), { kind: 'lost' })
    assert.is((await claimed(link, await leaseOf(link), 'T1')).claim.session, 'ada')
  })

  test('a completion stands with its token, instead of claim and ready key, and only once', async ({ link, space }) => {
    await openSpace(link, ['T1'])
    const held = await claimed(link, await leaseOf(link), 'T1')
    const accepted = await link.claims.done([{ ...held, completion: '{"evidence":"abc"}' }])
    assert.equal(await link.claims.done([{ ...held, completion: '{"evidence":"def"}' }]), { kind: 'lost' })
    const { claims, ready, done } = await listed(link)
    assert.equal([claims.size, ready.size], [0, 0])
    assert.equal(done.get(task('T1')), {
      task: task('T1'),
      session: held.claim.session,
      token: { epoch: space.epoch, revision: held.revision, nonce: held.claim.nonce },
      event: '{"evidence":"abc"}',
      revision: (accepted as TokenAnswer & { revision: number }).revision,
    })
  })

  test('a batch is completed whole, or not at all', async ({ link }) => {
    const ids = Array.from({ length: 33 }, (_, at) => `T${at}`)
    await openSpace(link, ids)
    const lease = await leaseOf(link)
    const ends: FastEnd[] = []
    for (const id of ids) ends.push({ ...(await claimed(link, lease, id)), completion: `{"of":"${id}"}` })
    const [first, ...others] = ends as [FastEnd, ...FastEnd[]]
    assert.is((await link.claims.release(first)).kind, 'accepted')
    assert.equal(await link.claims.done([first, ...others.slice(1)]), { kind: 'lost' })
    assert.is((await listed(link)).done.size, 0)
    assert.is((await link.claims.done(others)).kind, 'accepted')
    const { claims, ready, done } = await listed(link)
    assert.equal([claims.size, [...ready.keys()], done.size], [0, [first.task], 32])
    for (const end of others) assert.is(done.get(end.task)?.event, end.completion)
  })

  projectionContract(test)

  test('6: a list of more keys than one page is of one revision', async ({ world, space, link }) => {
    const ids = Array.from({ length: 2500 }, (_, at) => `T${at}`)
    await openSpace(link, ids)
    const lease = await leaseOf(link)
    const writer = await linkTo(world.path, space)
    let isListing = true
    const writing = (async () => {
      // From the end to the beginning, and back: a list of two moments would show a hole.
      for (let at = 0; isListing && at < ids.length; at += 1) {
        const held = await claimed(writer, lease, ids[ids.length - 1 - at] as string)
        await writer.claims.release(held)
      }
    })()
    const lists = [await listed(link), await listed(link), await listed(link)]
    isListing = false
    await writing
    await writer.close()
    for (const { ready, claims, revision } of lists) {
      assert.is(ready.size, ids.length)
      assert.ok(claims.size <= 1)
      for (const held of claims.values()) assert.is(held.revision, revision)
    }
  })

  test('7: a watch tells every change after its revision, each revision whole and in order', async ({ link }) => {
    await openSpace(link, ['T1', 'T2', 'T3'])
    const { revision } = await listed(link)
    const lease = await leaseOf(link)
    const held = await claimed(link, lease, 'T1')
    await link.claims.done([{ ...held, completion: '{}' }])
    const both = await link.claims.claim(lease, [
      { task: task('T2'), claim: claimOf('ada') },
      { task: task('T3'), claim: claimOf('ada') },
    ])
    const news = await newsUntil(link.watch(revision), (one) =>
      changesOf([one]).some(({ key, ...rest }) => 'task' in rest && key === 'claim' && rest.task === task('T3')),
    )
    const changed = news.flatMap((one) => (one.kind === 'changed' ? [one] : []))
    assert.equal(
      changed.map(({ changes }) => changes.map(({ key }) => key).sort()),
      [['claim'], ['claim', 'done', 'ready'], ['claim', 'claim']],
    )
    assert.equal(changed[0]?.changes, [{ key: 'claim', task: task('T1'), value: held }])
    assert.is(changed[2]?.revision, (both as ClaimAnswer & { revision: number }).revision)
  })

  test('7: a watch from history that is gone says so, and the link goes on', async ({ world, link }) => {
    await openSpace(link, ['T1'])
    const { revision } = await listed(link)
    const held = await claimed(link, await leaseOf(link), 'T1')
    await link.claims.release(held)
    await world.compact()
    assert.equal(await newsUntil(link.watch(revision - 1), () => false), [{ kind: 'compacted' }])
    assert.ok((await listed(link)).revision > revision)
  })

  test('7: a watch from a revision that lies ahead does not wait for it in silence', async ({ link }) => {
    const { revision } = await listed(link)
    const news = await newsUntil(link.watch(revision + 1000), () => true)
    assert.is(news[0]?.kind, 'broken')
  })

  test('8: what cannot be read is counted and left out, and still stands in the way', async ({
    world,
    space,
    link,
  }) => {
    await openSpace(link, ['T1', 'T2'])
    const { revision } = await listed(link)
    await world.write(space, 'c/TASKS.md:T1', '{"session":"ada"}')
    await world.write(space, 'd/TASKS.md:T2', 'x'.repeat(100))
    await world.write(space, 'c/TASKS.md:T9', '{"nonce":"n","session":"../x","event":""}')
    await world.write(space, 'c/no task', '{}')
    await world.write(space, 'zzz', '')
    const found = await listed(link)
    assert.equal([found.claims.size, found.done.size, found.unreadable], [0, 0, 5])
    const lease = await leaseOf(link)
    for (const id of ['T1', 'T2'])
      assert.equal(await link.claims.claim(lease, [{ task: task(id), claim: claimOf('ada') }]), { kind: 'taken' })
    await link.projection.elect(lease, { name: 'other' as SessionName, nonce: nonce() })
    const news = await newsUntil(link.watch(revision), (one) =>
      changesOf([one]).some((change) => 'task' in change && change.task === task('T9')),
    )
    assert.ok(changesOf(news).every(({ value }) => value === undefined))
  })

  test('ids and texts of any script come back as they were', async ({ link }) => {
    const id = 'P0.1 „ä/…“ 任务 🚀'
    await openSpace(link, [id])
    const claim = claimOf('ada', JSON.stringify({ note: 'a\n"b" 🚀\u2028' }))
    const held = await claimed(link, await leaseOf(link), id, claim)
    const found = await listed(link)
    assert.equal(found.claims.get(task(id)), held)
    assert.is(found.ready.get(task(id)), `about ${id}`)
  })

  test.run()
}
