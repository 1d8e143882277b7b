import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ObjectId, type SessionName, toSessionName } from '../../src/model/index.ts'
import { lookAround, parseSaw, parseSightings, renderSaw, renderSightings } from '../../src/witness/saw.ts'
import { oid, seeded, session2, session4 } from './samples.ts'

type Newest = Map<SessionName, ObjectId>
const name = (number: number) => toSessionName(`session-${String(number).padStart(3, '0')}`)
const fleet = (count: number, at: string): Newest =>
  new Map(Array.from({ length: count }, (_, number) => [name(number), oid(at)]))

test('an entry names session, sequence and the first half of the hash, and is read as it was written', () => {
  const text = renderSaw({ session: session4, sequence: 17, hash: 'ab'.repeat(32) })
  assert.is(text, `session-4 17 ${'ab'.repeat(16)}`)
  assert.equal(parseSaw(text), { session: session4, sequence: 17, hash: 'ab'.repeat(16) })
})

test('an entry of any other spelling is none', () => {
  const hash = 'ab'.repeat(16)
  for (const text of [
    '',
    `session-4 0 ${hash}`,
    `session-4 017 ${hash}`,
    `session-4 17 ${hash}a`,
    `session-4 17 ${hash.toUpperCase()}`,
    `session-4  17 ${hash}`,
    `-4 17 ${hash}`,
    `session-4 17 ${hash}\n`,
    `session-4 ${'9'.repeat(11)} ${hash}`,
  ])
    assert.is(parseSaw(text), undefined, JSON.stringify(text))
})

test('only what has moved since it was named last is named, by name', () => {
  const first = lookAround(
    new Map([
      [session4, oid('a')],
      [session2, oid('b')],
    ]),
    new Map(),
  )
  assert.equal(first.named, [session2, session4])
  const second = lookAround(
    new Map([
      [session4, oid('c')],
      [session2, oid('b')],
    ]),
    first.after,
  )
  assert.equal(second.named, [session4])
  assert.equal(lookAround(new Map([[session4, oid('c')]]), second.after).named, [])
})

test('of more than 16 that moved, those that were left out longest come first: none waits for a fourth event', () => {
  const turns: SessionName[][] = []
  let { after } = lookAround(new Map(), new Map())
  for (let turn = 0; turn < 12; turn += 1) {
    const seen = lookAround(fleet(40, String(turn % 10)), after)
    after = seen.after
    turns.push(seen.named)
  }
  for (let from = 0; from + 3 <= turns.length; from += 1)
    assert.is(new Set(turns.slice(from, from + 3).flat()).size, 40, `events ${from} to ${from + 2}`)
})

test('once nothing moves any more, every chain is named within as many events as it takes, and once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 120 }), (count) => {
      let after = new Map() as ReturnType<typeof lookAround>['after']
      const all: SessionName[] = []
      for (let events = 0; events < Math.ceil(count / 16); events += 1) {
        const seen = lookAround(fleet(count, 'a'), after)
        all.push(...seen.named)
        after = parseSightings(renderSightings(seen.after)) as typeof after
      }
      assert.is(all.length, count)
      assert.is(new Set(all).size, count)
      assert.equal(lookAround(fleet(count, 'a'), after).named, [])
    }),
    seeded,
  )
})

test('a memory that is damaged or lost names chains again, and nothing else comes of it', () => {
  const { after } = lookAround(fleet(3, 'a'), new Map())
  const text = renderSightings(after)
  assert.equal(parseSightings(text), after)
  const cut = parseSightings(`${text.slice(0, -30)}\nx y z\n- - -\nsession-1 ${oid('a')} -1\n`)
  assert.is(cut.size, 2)
  assert.equal(lookAround(fleet(3, 'a'), cut).named, [name(2)])
})

test.run()
