/** Tails of events in etcd, and which of them go on where git ends. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryObjectStore } from '../../../src/adapters/memory/index.ts'
import { sha256OfText } from '../../../src/adapters/process/hashes.ts'
import { EMPTY_TREES, eventHash } from '../../../src/witness/index.ts'
import { joinChain, Tails } from '../../../src/workflows/fast/chains.ts'
import { fits, parseTail, renderTail } from '../../../src/workflows/fast/tail.ts'
import { chainOf, claimEvent, oid, seeded, session2, session4 } from '../../witness/samples.ts'

const hash = (event: Parameters<typeof eventHash>[0]) => eventHash(event, sha256OfText)
const chain = await chainOf(session4, 6, hash)
const tails = new Tails({ emptyTree: EMPTY_TREES.sha1, objects: memoryObjectStore() })
const carried = chain.map((event) => tails.carried(event))
const here = { sha256: sha256OfText, boardId: '00000000000000000000000000000001' }
/** git has the chain up to this event. */
const endAt = (sequence: number) => {
  const last = chain[sequence - 1]
  return { sequence, hash: last && hash(last), sealed: 0, key: last?.sessionkey }
}
const sequences = (joined: readonly { readonly event: { readonly sequence: number } }[]) =>
  joined.map(({ event }) => event.sequence)

test('a tail comes back as its events, and as nothing for another session or with one bad line', () => {
  const text = renderTail(chain.slice(0, 3))
  const tail = parseTail(text, session4)
  assert.ok(tail?.kind === 'events')
  assert.equal(tail.events, chain.slice(0, 3))
  assert.equal(tail.last, chain[2])
  assert.is(parseTail(text, session2), undefined)
  assert.is(parseTail(`${text}\n{}`, session4), undefined)
  assert.is(parseTail(`${text}\n`, session4), undefined)
  assert.is(parseTail('', session4), undefined)
  assert.equal(parseTail(oid('a'), session4), { kind: 'carried', claim: oid('a') })
})

test('the same text under another session is judged for that one', () => {
  const text = renderTail(chain.slice(0, 1))
  assert.is(tails.of(text, session4)?.kind, 'events')
  assert.is(tails.of(text, session2), undefined)
})

test('what is too large for a value in etcd does not fit, however it is spelled', () => {
  assert.ok(fits('a'.repeat(60_000)))
  assert.not.ok(fits('a'.repeat(61_441)))
  assert.not.ok(fits('"'.repeat(40_000)), 'JSON writes each as two')
  assert.not.ok(fits('任'.repeat(30_000)), 'UTF-8 writes each as three')
})

test('events join where git ends, in whatever order and how often they are told', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), fc.shuffledSubarray(carried, { minLength: 6 }), (ends, told) => {
      const all = sequences(carried).filter((sequence) => sequence > ends)
      assert.equal(sequences(joinChain(endAt(ends), [...told, ...told], here)), all)
    }),
    seeded,
  )
})

test('behind a gap nothing joins', () => {
  const without = carried.filter(({ event }) => event.sequence !== 4)
  assert.equal(sequences(joinChain(endAt(1), without, here)), [2, 3])
})

test('an event of another board, under another key or behind another past never joins', async () => {
  const second = { session: session4, sequence: 2 }
  const fine = { ...second, previous: hash(chain[0] as (typeof chain)[0]) }
  const join = async (change: Parameters<typeof claimEvent>[0]) =>
    sequences(joinChain(endAt(1), [tails.carried(await claimEvent(change))], here))
  assert.equal(await join(fine), [2])
  assert.equal(await join({ ...fine, source: 'if-board:00000000000000000000000000000002' }), [])
  assert.equal(await join({ ...fine, sessionkey: 'A'.repeat(43) }), [])
  assert.equal(await join({ ...fine, sessionkey: 'A'.repeat(43), type: 'if-board.joined' }), [2], 'a key that joins')
  assert.equal(await join({ ...second, previous: sha256OfText('another') }), [])
})

test.run()
