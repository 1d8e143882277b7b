import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { costOf, microUsdText, rateTimes, toMicroUsd } from '../../src/witness/cost.ts'
import { claimBody, claimEvent, seeded } from './samples.ts'

test('sums of money are exact, in whatever order they are added', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 40 })), (micros) => {
      const sum = micros.map((micro) => toMicroUsd(micro / 1e6)).reduce((total, one) => total + one, 0n)
      assert.is(
        sum,
        micros.reduce((total, micro) => total + BigInt(micro), 0n),
      )
    }),
    seeded,
  )
})

test('an amount is shown with as many digits as it has, at least two', () => {
  const cases: [number, string][] = [
    [0, '0.00'],
    [0.1 + 0.2, '0.30'],
    [12.5, '12.50'],
    [0.000001, '0.000001'],
    [0.0000004, '0.00'],
    [1234567.891, '1234567.891'],
  ]
  for (const [usd, text] of cases) assert.is(microUsdText(toMicroUsd(usd)), text)
  assert.is(microUsdText(toMicroUsd(3), 0), '3')
})

test('a rate by the hour is rounded once, to the millionth', () => {
  assert.is(rateTimes(36, 100), 1000n)
  assert.is(rateTimes(30, 3_600_000), 30_000_000n)
  assert.is(rateTimes(0.0036, 500), 1n, 'half a millionth is one')
  assert.is(rateTimes(1e9, 7 * 24 * 3_600_000), 168_000_000_000_000_000n)
})

test('a report is read from `cost`, and never from `merged`, which repeats what was said', async () => {
  const { data } = await claimBody()
  const reporting = { ...data, cost: { usd: 3, model: 'large' } }
  assert.equal(costOf(await claimEvent({ type: 'if-board.complete', data: reporting })), { usd: 3, model: 'large' })
  assert.is(costOf(await claimEvent({ type: 'if-board.merged', data: reporting })), undefined)
  assert.is(costOf(await claimEvent()), undefined)
})

test.run()
