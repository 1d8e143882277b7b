import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { FastExercise, FastHealth, FastMember } from '../../../src/ports/index.ts'
import { probeFast } from '../../../src/workflows/fast/probe.ts'

type Reached = Extract<FastMember, { kind: 'reached' }>

const MEMBER: Reached = {
  kind: 'reached',
  endpoint: 'etcd.example:2379',
  isSecure: true,
  isLoopback: false,
  version: '3.5.21',
  cluster: 'abc',
  hasLeader: true,
  members: 3,
  alarms: [],
  database: { bytes: 2 ** 24, usedBytes: 2 ** 23, quotaBytes: 2 ** 31 },
  revision: 2_000_000,
  keepsOldHistory: false,
  walSync: { p99Ms: 4, count: 1000 },
}
const EXERCISE: FastExercise = {
  kind: 'exercised',
  isExclusive: true,
  claimMs: [1, 2, 3],
  watchMs: [1, 2, 3],
  leaseSeconds: 2,
  leaseEndedAfterMs: 2400,
}

async function wrongIn(member: Partial<Reached>, exercise: Partial<FastExercise> = {}): Promise<string[]> {
  const { checks } = await probeFast(healthOf([{ ...MEMBER, ...member }], { ...EXERCISE, ...exercise }))
  for (const { ok, hint } of checks)
    assert.is(ok, hint === undefined, 'what is wrong says what to do, what is right nothing')
  return checks.filter(({ ok }) => !ok).map(({ name }) => name.split(' etcd.')[0] ?? name)
}

function healthOf(members: readonly FastMember[], exercise: Awaited<ReturnType<FastHealth['exercise']>>): FastHealth {
  return { members: async () => members, exercise: async () => exercise }
}

test('an etcd that is as it should be has nothing wrong', async () => {
  assert.equal(await wrongIn({}), [])
  assert.equal(await wrongIn({ isSecure: false, isLoopback: true, keepsOldHistory: undefined, walSync: undefined }), [])
})

test('each thing that is not as it should be is told by itself', async () => {
  assert.equal(await wrongIn({ hasLeader: false }), ['endpoint'])
  for (const version of ['3.4.9', '3.3.27', '2.9.0', 'x'])
    assert.equal(await wrongIn({ version }), ['version'], version)
  for (const version of ['3.4.10', '3.6.0', '4.0.0', '3.10.0-rc.1'])
    assert.equal(await wrongIn({ version }), [], version)
  assert.equal(await wrongIn({ isSecure: false }), ['transport'])
  assert.equal(await wrongIn({ alarms: ['no space'] }), ['alarms'])
  assert.equal(await wrongIn({ database: { bytes: 2 ** 30 + 1, usedBytes: 1, quotaBytes: 2 ** 31 } }), ['quota'])
  assert.equal(await wrongIn({ keepsOldHistory: true }), ['compaction'])
  assert.equal(await wrongIn({ walSync: { p99Ms: 16, count: 9 } }), ['disk'])
  assert.equal(await wrongIn({}, { isExclusive: false }), ['compare and set'])
  assert.equal(await wrongIn({}, { claimMs: [1, 20, 30] }), ['claim'])
  assert.equal(await wrongIn({}, { watchMs: [] }), ['watch'])
  for (const leaseEndedAfterMs of [undefined, 1999]) assert.equal(await wrongIn({}, { leaseEndedAfterMs }), ['lease'])
})

test('endpoints of two clusters are told, and one that is not reached leaves the others to be judged', async () => {
  const other = { ...MEMBER, endpoint: 'b.example:2379', cluster: 'def' }
  const gone: FastMember = { kind: 'unreached', endpoint: 'c.example:2379', reason: 'ECONNREFUSED\u0007' }
  const { checks } = await probeFast(healthOf([MEMBER, other, gone], EXERCISE))
  const wrong = checks.filter(({ ok }) => !ok)
  assert.equal(
    wrong.map(({ name }) => name),
    ['endpoint c.example:2379', 'cluster'],
  )
  assert.not.match(wrong[0]?.message ?? '', /\u0007/)
})

test('without any endpoint nothing is tried', async () => {
  const exercise = async () => assert.unreachable('nothing to try it on')
  const { checks } = await probeFast({
    members: async () => [{ kind: 'unreached', endpoint: 'a:1', reason: 'gone' }],
    exercise: exercise as unknown as FastHealth['exercise'],
  })
  assert.is(checks.length, 1)
})

test.run()
