import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ObjectId, SessionName, SignedEvent } from '../../src/model/index.ts'
import type { CarriedEvent } from '../../src/witness/index.ts'
import { inOrder } from '../../src/workflows/chain-walk.ts'
import { seeded } from '../support/claims.ts'

interface Told {
  readonly session: string
  /** Seconds of the session's own clock. */
  readonly at: number
  /** Indices of earlier entries that it names. */
  readonly after?: readonly number[]
}

/** Events as they were said, one after the other, by whatever clocks. */
function said(told: readonly Told[]): CarriedEvent[] {
  const sequences = new Map<string, number>()
  const places: string[] = []
  return told.map(({ session, at, after = [] }, index) => {
    const sequence = (sequences.get(session) ?? 0) + 1
    sequences.set(session, sequence)
    places.push(`${session} ${sequence}`)
    const saw = after.filter((one) => told[one]?.session !== session).map((one) => `${places[one]} ${'0'.repeat(32)}`)
    const time = new Date(at * 1000).toISOString()
    const event = { session: session as SessionName, sequence, time, data: { saw } } as unknown as SignedEvent
    return { oid: String(index) as ObjectId, event }
  })
}

function chainsOf(events: readonly CarriedEvent[]): CarriedEvent[][] {
  const names = [...new Set(events.map(({ event }) => event.session))]
  return names.map((name) => events.filter(({ event }) => event.session === name))
}

const ordered = (told: readonly Told[]) => inOrder(chainsOf(said(told))).map(({ oid }) => Number(oid))

test('events that name nothing come by their clocks', () => {
  assert.equal(
    ordered([
      { session: 'b', at: 2 },
      { session: 'a', at: 1 },
    ]),
    [1, 0],
  )
})

test('what was seen comes first, also where the clock of the one who saw it is behind', () => {
  assert.equal(
    ordered([
      { session: 'b', at: 60 },
      { session: 'a', at: 1, after: [0] },
    ]),
    [0, 1],
  )
})

test('at the same moment the cause comes first, not the first name', () => {
  assert.equal(
    ordered([
      { session: 'b', at: 1 },
      { session: 'a', at: 1, after: [0] },
    ]),
    [0, 1],
  )
})

test('a claim comes before what takes its place', () => {
  const [claim, revoked] = said([
    { session: 'b', at: 9 },
    { session: 'a', at: 1 },
  ]) as [CarriedEvent, CarriedEvent]
  const replacing = { ...revoked, event: { ...revoked.event, data: { replaces: claim.oid } } }
  assert.equal(inOrder([[replacing], [claim]]), [claim, replacing])
})

test('a chain that runs back in time keeps its own order', () => {
  assert.equal(
    ordered([
      { session: 'a', at: 9 },
      { session: 'a', at: 1 },
      { session: 'b', at: 5 },
    ]),
    [2, 0, 1],
  )
})

test('chains whose owners lie, each naming what the other said later, keep their own order and lose nothing', () => {
  const [a1, a2, b1, b2] = said(['a', 'a', 'b', 'b'].map((session, at) => ({ session, at }))) as CarriedEvent[]
  const naming = (one: CarriedEvent | undefined, saw: string) => {
    const { oid, event } = one as CarriedEvent
    return { oid, event: { ...event, data: { saw: [`${saw} ${'0'.repeat(32)}`] } } }
  }
  const order = inOrder([
    [naming(a1, 'b 2'), a2 as CarriedEvent],
    [naming(b1, 'a 2'), b2 as CarriedEvent],
  ])
  const places = order.map(({ event: { session, sequence } }) => `${session}${sequence}`)
  assert.equal([...places].sort(), ['a1', 'a2', 'b1', 'b2'])
  assert.ok(places.indexOf('a1') < places.indexOf('a2') && places.indexOf('b1') < places.indexOf('b2'), places.join())
})

test('whatever the clocks say, every event comes behind all that it names and behind its own past', () => {
  const entry = fc.record({
    session: fc.constantFrom('a', 'b', 'c', 'd'),
    at: fc.nat({ max: 5 }),
    back: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
      const told = entries.map(({ back, ...one }, index) => ({
        ...one,
        after: back.map((far) => index - 1 - far).filter((earlier) => earlier >= 0),
      }))
      const order = ordered(told)
      const place = new Map(order.map((index, at) => [index, at]))
      assert.is(order.length, told.length)
      told.forEach(({ session, after }, index) => {
        const own = told.findLastIndex((one, earlier) => earlier < index && one.session === session)
        for (const cause of own < 0 ? after : [...after, own])
          assert.ok((place.get(cause) ?? 0) < (place.get(index) ?? 0), `${cause} before ${index}`)
      })
    }),
    seeded,
  )
})

test('a chain of 10,000 events that all name another of 10,000 is ordered without a deep stack', () => {
  const told: Told[] = []
  for (let at = 0; at < 10_000; at += 1) told.push({ session: 'b', at: 20_000 - at })
  for (let at = 0; at < 10_000; at += 1) told.push({ session: 'a', at: 1, after: [9_999] })
  assert.is(ordered(told).at(-1), 19_999)
})

test.run()
