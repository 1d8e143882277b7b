import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { linearize, type Operation } from './linearizable.ts'

const options = { seed: Number(process.env.IF_BOARD_SEED ?? 20260101) }
type Times = readonly [start: number, end: number]
const write = (value: number, [start, end]: Times): Operation<number> => ({
  start,
  end,
  what: `write ${value}`,
  after: () => value,
})
const read = (value: number, [start, end]: Times): Operation<number> => ({
  start,
  end,
  what: `read ${value}`,
  after: (state) => (state === value ? state : undefined),
})
const judge = (...history: Operation<number>[]) => linearize(0, history).isLinearizable

test('a read that overlaps a write may see either value, one after it the new one alone', () => {
  assert.ok(judge(write(1, [0, 10]), read(0, [5, 6])))
  assert.ok(judge(write(1, [0, 10]), read(1, [5, 6])))
  assert.not.ok(judge(write(1, [0, 10]), read(0, [11, 12])))
})

test('what one reader saw, a later one cannot miss', () => {
  assert.not.ok(judge(write(1, [0, 100]), read(1, [5, 6]), read(0, [7, 8])))
})

test('a write without an outcome may have happened late, or never, but not twice', () => {
  assert.ok(judge(write(1, [0, Infinity]), read(0, [5, 6]), read(1, [20, 21])))
  assert.ok(judge(write(1, [0, Infinity]), read(0, [5, 6])))
  assert.not.ok(judge(write(1, [0, Infinity]), read(1, [1, 2]), write(2, [3, 4]), read(1, [5, 6])))
})

const stretches = fc.array(fc.record({ before: fc.nat(5), after: fc.nat(5), value: fc.nat(3), isRead: fc.boolean() }), {
  maxLength: 40,
})

/** Each happens at its place in the list; it was asked for some time before that and answered some time after. */
function historyOf(moments: readonly { before: number; after: number; value: number; isRead: boolean }[]) {
  let value = 0
  return moments.map((moment, at) => {
    const times: Times = [at - moment.before - 0.5, at + moment.after + 0.5]
    if (moment.isRead) return read(value, times)
    value = moment.value
    return write(value, times)
  })
}

test('every history of one register is linearizable', () => {
  fc.assert(
    fc.property(stretches, (moments) => judge(...historyOf(moments))),
    options,
  )
})

test('a read of what was never written makes any history one that cannot be', () => {
  fc.assert(
    fc.property(stretches, fc.nat(40), (moments, at) => {
      return !judge(...historyOf(moments), read(99, [at, at + 3]))
    }),
    options,
  )
})

test.run()
