import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type SessionName, toSessionName } from '../../src/model/index.ts'
import { type PickRequest, pick, type RankedTask } from '../../src/scheduler/index.ts'
import { project } from '../graph/make.ts'

function rankedTasks(count: number, first: Partial<RankedTask> = {}): RankedTask[] {
  const board = project(...Array.from({ length: count }, (_, number) => [`t${number}`] as const))
  return board.tasks.map((task, index) => ({
    task,
    tier: 'normal',
    assignment: 'nobody',
    reasons: [],
    ...(index === 0 ? first : {}),
  }))
}

function fleet(count: number): SessionName[] {
  return Array.from({ length: count }, (_, number) => toSessionName(`s${String(number).padStart(2, '0')}`))
}

function picked(request: Partial<PickRequest>): string | undefined {
  const all = { ranked: rankedTasks(20), session: toSessionName('s00'), idle: [], lostBefore: false, fraction: 0 }
  return pick({ ...all, ...request })?.task.id
}

test('a session alone takes the top task', () => {
  assert.is(picked({}), 't0')
  assert.is(picked({ idle: [toSessionName('s00')] }), 't0')
})

test('idle sessions divide the ranking by their names', () => {
  const idle = fleet(16).reverse()
  assert.equal(
    fleet(16).map((session) => picked({ session, idle })),
    fleet(16).map((_, index) => `t${index}`),
  )
})

test('where there are fewer tasks than sessions, the division begins again', () => {
  const idle = fleet(5)
  assert.equal(
    idle.map((session) => picked({ session, idle, ranked: rankedTasks(2) })),
    ['t0', 't1', 't0', 't1', 't0'],
  )
})

test('a session counts itself among the idle ones, once', () => {
  assert.is(picked({ session: toSessionName('s02'), idle: fleet(2) }), 't2')
  assert.is(picked({ session: toSessionName('s01'), idle: [...fleet(2), ...fleet(2)] }), 't1')
})

test('a pin, or a task assigned to this session, is not divided', () => {
  const request = { session: toSessionName('s03'), idle: fleet(5) }
  assert.is(picked({ ...request, ranked: rankedTasks(9, { tier: 'pinned' }) }), 't0')
  assert.is(
    picked({ ...request, ranked: rankedTasks(9, { assignment: 'mine' }), lostBefore: true, fraction: 0.9 }),
    't0',
  )
  assert.is(picked({ ...request, ranked: rankedTasks(9, { assignment: 'others' }) }), 't3')
})

test('after a lost race chance decides among the first eight, or as many as there are idle sessions', () => {
  assert.is(picked({ lostBefore: true, fraction: 0 }), 't0')
  assert.is(picked({ lostBefore: true, fraction: 0.999 }), 't7')
  assert.is(picked({ lostBefore: true, fraction: 0.999, idle: fleet(16) }), 't15')
  assert.is(picked({ lostBefore: true, fraction: 0.999, ranked: rankedTasks(3) }), 't2')
})

test('nothing ranked, nothing picked', () => {
  assert.is(picked({ ranked: [] }), undefined)
})

test('a fleet with enough tasks never collides at first, and everybody gets a task', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (sessions, tasks) => {
      const idle = fleet(sessions)
      const ranked = rankedTasks(tasks)
      const choices = idle.map((session) => pick({ ranked, session, idle, lostBefore: false, fraction: 0 })?.task.id)
      assert.not(choices.includes(undefined))
      assert.is(new Set(choices).size, Math.min(sessions, tasks))
    }),
    { seed: Number(process.env.IF_BOARD_SEED ?? 20260101) },
  )
})

test.run()
