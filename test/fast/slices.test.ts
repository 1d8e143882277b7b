import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { pickFromSlices, sliceOf, sliceOwners } from '../../src/fast/index.ts'
import type { SessionName, TaskKey } from '../../src/model/index.ts'

const names = (count: number) => Array.from({ length: count }, (_, at) => `session-${at + 1}` as SessionName)
const tasks = (count: number) => Array.from({ length: count }, (_, at) => `TASK-BOARD.md:T${at + 1}` as TaskKey)
const keyOf = (key: TaskKey) => key

function picked(session: SessionName, sessions: readonly SessionName[], free: readonly TaskKey[], fraction = 0) {
  return pickFromSlices({ free, keyOf, session, sessions, fraction })
}

test('sessions that know the same sessions have slices of their own, whatever order they know them in', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(names(40), { minLength: 1 }), (sessions) => {
      assert.equal(sliceOwners(sessions), sliceOwners([...sessions].sort()))
    }),
  )
})

test('who comes takes slices and moves none between the others', () => {
  const before = sliceOwners(names(20))
  const after = sliceOwners(names(21))
  const moved = after.filter((owner, slice) => owner !== before[slice])
  assert.ok(moved.length > 0)
  assert.ok(moved.every((owner) => owner === 'session-21'))
})

test('slices are about as large as each other, although names differ in their last digits alone', () => {
  const sizes = new Map<string, number>()
  const owners = sliceOwners(names(50))
  for (const key of tasks(10_000)) {
    const owner = owners[sliceOf(key)] as string
    sizes.set(owner, (sizes.get(owner) ?? 0) + 1)
  }
  assert.is(sizes.size, 50)
  assert.ok(Math.max(...sizes.values()) < 500, `the largest of 50 slices has ${Math.max(...sizes.values())} of 10,000`)
})

test('fifty sessions that ask at once for 1,000 free tasks ask for fifty different ones', () => {
  const sessions = names(50)
  const asked = sessions.map((session) => picked(session, sessions, tasks(1000)))
  assert.is(new Set(asked).size, 50)
})

test('whose own slices are empty takes from the session that has most', () => {
  const sessions = names(3)
  const owners = sliceOwners(sessions)
  const ofOther = tasks(300).filter((key) => owners[sliceOf(key)] !== 'session-1')
  const counts = ['session-2', 'session-3'].map((name) => ofOther.filter((key) => owners[sliceOf(key)] === name).length)
  const busiest = (counts[0] ?? 0) >= (counts[1] ?? 0) ? 'session-2' : 'session-3'
  const taken = picked('session-1' as SessionName, sessions, ofOther)
  assert.is(owners[sliceOf(taken as TaskKey)], busiest)
})

test('chance decides among the first eight of a slice, and nothing free is no task', () => {
  const [only] = names(1)
  const free = tasks(100)
  const drawn = new Set(Array.from({ length: 100 }, (_, at) => picked(only as SessionName, [], free, at / 100)))
  assert.equal([...drawn], free.slice(0, 8))
  assert.is(picked(only as SessionName, [], []), undefined)
})

test.run()
