import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bodyJson, eventJson } from '../../src/witness/event-json.ts'
import { canonicalJson, parseEvent } from '../../src/witness/index.ts'
import { claimBody, claimEvent, seeded, signed } from './samples.ts'

test('what is signed is the text of the event without its signature, whatever texts stand in it', async () => {
  const { data } = await claimBody()
  const event = await claimEvent()
  const hostile = fc.constantFrom(`"signature":"${event.signature}",`, '","signature":"', '\\', '"', '😀', 'x')
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 8 }), async (parts) => {
      const body = await claimBody({ data: { ...data, reason: parts.join('') } })
      const one = await signed(body)
      const read = parseEvent(canonicalJson(one))
      assert.is(bodyJson(one), canonicalJson(body))
      assert.is(read && bodyJson(read), canonicalJson(body))
      assert.is(read && eventJson(read), canonicalJson(one))
    }),
    seeded,
  )
})

test('an event that was made from another one has a text of its own', async () => {
  const event = await claimEvent()
  assert.is(eventJson(event), canonicalJson(event))
  const other = { ...event, sequence: 7 }
  assert.is(eventJson(other), canonicalJson(other))
  assert.is.not(eventJson(other), eventJson(event))
})

test.run()
