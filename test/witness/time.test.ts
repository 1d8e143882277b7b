import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatTime, parseTime } from '../../src/witness/index.ts'
import { seeded } from './samples.ts'

const LAST = 253_402_300_799_999

test('every instant is written as ISO 8601 writes it and read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LAST }), (at) => {
      assert.is(formatTime(at), new Date(at).toISOString())
      assert.is(parseTime(formatTime(at)), at)
    }),
    { ...seeded, numRuns: 2000 },
  )
})

test('each day of a leap year, of 1900-like 2100 and the ends of the range come out right', () => {
  for (const at of [0, LAST, ...[2000, 2024, 2100].flatMap((year) => days(year))]) {
    assert.is(formatTime(at), new Date(at).toISOString())
    assert.is(parseTime(formatTime(at)), at)
  }
})

test('dates that no calendar has are refused', () => {
  for (const day of ['2025-02-29', '2025-13-01', '2025-00-10', '2025-04-31', '1969-12-31'])
    assert.is(parseTime(`${day}T00:00:00.000Z`), undefined, day)
  for (const clock of ['24:00:00.000Z', '23:59:60.000Z', '12:00:00Z', '12:00:00.000+00:00'])
    assert.is(parseTime(`2025-01-01T${clock}`), undefined, clock)
})

function days(year: number): number[] {
  return Array.from({ length: 366 }, (_, day) => Date.UTC(year, 0, 1) + day * 86_400_000)
}

test.run()
