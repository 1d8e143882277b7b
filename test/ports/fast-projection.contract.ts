/** The part of the contract of FastPath that is about the projector. */
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import type { FastElected } from '../../src/ports/index.ts'
import {
  BOARD_COMMIT,
  changesOf,
  claimed,
  electedOf,
  leaseOf,
  listed,
  newsUntil,
  nonce,
  openSpace,
  SHORT_LEASE,
  task,
} from '../support/fast-space.ts'
import type { FastContext } from './fast-path.contract.ts'

export function projectionContract(test: Test<FastContext>): void {
  test('one projector is elected while its lease lives; a lost election changes nothing', async ({ link }) => {
    await openSpace(link, [])
    const { projector } = await listed(link)
    const rival = await link.projection.elect(await leaseOf(link), { name: 'rival' as SessionName, nonce: nonce() })
    assert.equal(rival, { kind: 'other', projector })
    const stale: FastElected = { ...(projector as FastElected), lease: await leaseOf(link), revision: 1 }
    const armed = { tick: 2, board: BOARD_COMMIT, folded: 1 }
    assert.equal(await link.projection.arm(stale, armed), { kind: 'lost' })
    assert.equal(await link.projection.disarm(stale), { kind: 'lost' })
    assert.equal(await link.projection.settle(stale, [{ kind: 'offer', task: task('T1'), about: '' }]), {
      kind: 'lost',
    })
    const { ready, armed: standing } = await listed(link)
    assert.equal([ready.size, standing?.tick], [0, 1])
  })

  test('what the projector settles: folded completions go by their revision, offers spare claims', async ({ link }) => {
    const elected = await openSpace(link, ['T1', 'T2', 'T3'])
    const lease = await leaseOf(link)
    await link.claims.done([{ ...(await claimed(link, lease, 'T1')), completion: '{}' }])
    await link.claims.done([{ ...(await claimed(link, lease, 'T2')), completion: '{}' }])
    await claimed(link, lease, 'T3')
    const { done } = await listed(link)
    const answer = await link.projection.settle(elected, [
      { kind: 'folded', task: task('T1'), revision: done.get(task('T1'))?.revision ?? 0 },
      { kind: 'folded', task: task('T2'), revision: 1 },
      { kind: 'withdraw', task: task('T3') },
      { kind: 'offer', task: task('T4'), about: 'four' },
    ])
    assert.is(answer.kind, 'accepted')
    const offers = await link.projection.settle(elected, [
      { kind: 'offer', task: task('T2'), about: 'is done' },
      { kind: 'offer', task: task('T3'), about: 'is claimed' },
      { kind: 'offer', task: task('T4'), about: 'four again' },
    ])
    assert.is(offers.kind, 'accepted')
    const after = await listed(link)
    assert.equal([...after.done.keys()], [task('T2')])
    assert.equal([...after.claims.keys()], [task('T3')])
    assert.equal([...after.ready], [[task('T4'), 'four again']])
  })

  test('election and arming are gone when the lease of the projector is', async ({ link }) => {
    await link.opening.open()
    const elected = await electedOf(link, SHORT_LEASE)
    await link.projection.arm(elected, { tick: 1, board: BOARD_COMMIT, folded: 0 })
    const { revision, armed } = await listed(link)
    assert.is(armed?.tick, 1)
    const gone = await newsUntil(link.watch(revision), (one) => changesOf([one]).some(({ key }) => key === 'projector'))
    assert.equal(
      changesOf(gone)
        .map(({ key, value }) => [key, value])
        .sort(),
      [
        ['armed', undefined],
        ['projector', undefined],
      ],
    )
    assert.is((await link.projection.arm(elected, { tick: 2, board: BOARD_COMMIT, folded: 0 })).kind, 'lost')
    assert.is((await electedOf(link, 60, 'next')).name, 'next')
  })
}
