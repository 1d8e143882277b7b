import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfText } from '../../src/adapters/process/hashes.ts'
import { chainTip, eventHash, nextParents, nextPlace } from '../../src/witness/index.ts'
import { chainOf, oid, session2, session4 } from './samples.ts'

const hash = (event: Parameters<typeof eventHash>[0]): string => eventHash(event, sha256OfText)

test('the first event of a session has sequence 1 and no past', () => {
  assert.equal(nextPlace(undefined, undefined, sha256OfText), { sequence: 1, previous: undefined, parent: undefined })
})

test('an event follows the tip that the authority shows', async () => {
  const [first] = await chainOf(session4, 1, hash)
  assert.ok(first)
  const place = nextPlace({ oid: oid('a'), event: first }, undefined, sha256OfText)
  assert.equal(place, { sequence: 2, previous: hash(first), parent: oid('a') })
})

test('a sealed tip is no parent any more, and an absent chain goes on from the last seal', async () => {
  const events = await chainOf(session4, 2, hash)
  const [first, second] = events
  assert.ok(first && second)
  const sealed = { session: session4, sequence: 2, hash: hash(second), commit: oid('b') }
  const after = { sequence: 3, previous: hash(second), parent: undefined }
  assert.equal(nextPlace({ oid: oid('b'), event: second }, sealed, sha256OfText), after)
  assert.equal(nextPlace({ oid: oid('a'), event: first }, sealed, sha256OfText), after)
  assert.equal(nextPlace(undefined, sealed, sha256OfText), after)
})

test("the tip is the newest of one's own commits, wherever a ref shows it", async () => {
  const [first, second] = await chainOf(session4, 2, hash)
  const [stranger] = await chainOf(session2, 1, hash)
  assert.ok(first && second && stranger)
  const seen = [
    { oid: oid('a'), event: first },
    undefined,
    { oid: oid('b'), event: second },
    { oid: oid('c'), event: stranger },
  ]
  assert.is(chainTip(session4, seen)?.oid, oid('b'))
  assert.is(chainTip(session4, []), undefined)
})

test('parents are named once each', () => {
  const place = { sequence: 2, previous: 'f'.repeat(64), parent: oid('a') }
  assert.equal(nextParents(place, oid('a')), [oid('a')])
  assert.equal(nextParents(place, oid('b')), [oid('a'), oid('b')])
  assert.equal(nextParents({ ...place, parent: undefined }, undefined), [])
})

test.run()
