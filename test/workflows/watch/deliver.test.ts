import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fakeClock, seededChance } from '../../../src/adapters/memory/local.ts'
import { type Delivered, deliveries, isForPeople } from '../../../src/workflows/watch/deliver.ts'
import type { WatchEvent } from '../../../src/workflows/watch/events.ts'

const gone = (message: string): WatchEvent => ({ event: 'remote-gone', message, at: '2025-11-12T09:00:00Z' })
const messageOf = (event: WatchEvent) => (event.event === 'remote-gone' ? event.message : event.event)

function world(answer: (tries: number) => Delivered) {
  const sent: string[] = []
  const failures: string[] = []
  const clock = fakeClock()
  const delivery = deliveries({
    clock: { ...clock, sleep: async (ms) => clock.advance(ms) },
    chance: seededChance(1),
    stop: new AbortController().signal,
    send: async (event) => {
      sent.push(messageOf(event))
      return answer(sent.length)
    },
    failed: (reason) => void failures.push(reason),
  })
  return { sent, failures, clock, delivery }
}

test('events are handed over in their order, each once where it is taken', async () => {
  const { sent, failures, delivery } = world(() => ({ kind: 'taken' }))
  for (const word of ['a', 'b', 'c']) delivery.add(gone(word))
  await delivery.settled()
  assert.equal([sent, failures], [['a', 'b', 'c'], []])
})

test('a receiver that is away for a moment is asked again, with growing pauses, and gets it', async () => {
  const { sent, failures, clock, delivery } = world((tries) =>
    tries < 4 ? { kind: 'again', reason: 'away' } : { kind: 'taken' },
  )
  const before = clock.now().monotonicMs
  delivery.add(gone('a'))
  await delivery.settled()
  assert.equal([sent, failures], [['a', 'a', 'a', 'a'], []])
  const ms = clock.now().monotonicMs - before
  assert.ok(ms >= 3_500 && ms <= 10_500, `${ms} ms`)
})

test('what is never taken is given up, told once, and the next event has its turn', async () => {
  const { sent, failures, delivery } = world((tries) =>
    tries <= 6 ? { kind: tries === 6 ? 'refused' : 'again', reason: `no ${tries}` } : { kind: 'taken' },
  )
  for (const word of ['a', 'b', 'c']) delivery.add(gone(word))
  await delivery.settled()
  assert.equal(sent, ['a', 'a', 'a', 'a', 'a', 'b', 'c'])
  assert.equal(failures, ['no 5'])
})

test('whoever tells is never held up, and what waits is bounded', async () => {
  const { sent, failures, delivery } = world(() => ({ kind: 'taken' }))
  for (let at = 0; at < 500; at += 1) delivery.add(gone(`${at}`))
  await delivery.settled()
  assert.is(sent.length, 100)
  assert.is(failures.length, 1)
})

test('people do not hear of every task', () => {
  assert.is(isForPeople(gone('a')), true)
  assert.is(isForPeople({ event: 'started', authority: 'local', at: '' }), false)
})

test.run()
