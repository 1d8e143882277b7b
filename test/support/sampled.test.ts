import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { full, seeded } from './clones.ts'
import { sampled, sampledDear } from './sampled.ts'

const CASES = ['a', 'b', 'c', 'd', 'e']
const isDear = (one: string) => one > 'b'

test('a quick run draws so many cases in their order, and the long form has all', () => {
  const drawn = sampled(CASES, 2)
  assert.is(drawn.length, full ? 5 : 2)
  assert.equal([...drawn].sort(), drawn)
  assert.equal(sampled(CASES, 2), drawn, 'the same seed draws the same')
  assert.equal(sampled(CASES, 5), CASES)
})

test('what one run leaves out, others take: no case is for the long form alone', () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 100; seed += 1) for (const one of sampled(CASES, 1, seeded(seed))) seen.add(one)
  assert.equal([...seen].sort(), CASES)
})

test('where some are dear, all others are in every run', () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 100; seed += 1) {
    const drawn = sampledDear(CASES, isDear, 1, seeded(seed))
    assert.equal(drawn.slice(0, 2), ['a', 'b'])
    assert.is(drawn.length, full ? 5 : 3)
    for (const one of drawn) seen.add(one)
  }
  assert.equal([...seen].sort(), CASES)
})

test.run()
