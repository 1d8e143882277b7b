/** The export as CloudEvents: what the official package accepts, and what a stranger can verify from a line alone. */
import { createPublicKey, verify } from 'node:crypto'
import { CloudEvent as OfficialEvent } from 'cloudevents'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toCloudEvent, toRecordCloudEvent } from '../../src/witness/cloud-event.ts'
import type { BoardRecord } from '../../src/witness/index.ts'
import { formatTime, traceparent } from '../../src/witness/index.ts'
import { claimEvent, oid, seeded, session2, startMs } from './samples.ts'

/** Strict: the constructor throws for whatever the schema of CloudEvents 1.0 or the rules of its attributes refuse. */
function parsed(line: string): OfficialEvent<unknown> {
  return new OfficialEvent(JSON.parse(line), true)
}

test('every event parses with the official package, whatever it carries', async () => {
  const extras = fc.record(
    {
      parents: fc.constantFrom([], [oid('a')], [oid('a'), oid('b')]),
      sequence: fc.integer({ min: 2, max: 2 ** 31 }),
      traceparent: fc.constant(traceparent('4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7')),
    },
    { requiredKeys: ['parents', 'sequence'] },
  )
  await fc.assert(
    fc.asyncProperty(extras, fc.option(fc.nat()), async (extra, fold) => {
      const event = await claimEvent({ ...extra, previous: 'c'.repeat(64) })
      const official = parsed(JSON.stringify(toCloudEvent(event, fold ?? undefined)))
      assert.is(official.id, event.id)
      assert.is(official.type, event.type)
      assert.is(official.subject, event.subject)
      assert.is(official.time, event.time)
      assert.equal(official.data, JSON.parse(JSON.stringify(event)))
    }),
    { ...seeded, numRuns: 50 },
  )
})

test('changes of the boards parse as well', () => {
  const record: BoardRecord = {
    kind: 'edit',
    commit: oid('d'),
    author: 'Ada',
    time: formatTime(startMs),
    changes: [{ key: 'TASK-BOARD.md:A' as never, field: 'status', from: 'AVAILABLE', to: 'PAUSED' }],
  }
  const official = parsed(JSON.stringify(toRecordCloudEvent(record, { boardId: '1'.repeat(32), fold: 7 })))
  assert.is(official.type, 'if-board.edit')
  assert.is(official.id, `edit-${oid('d')}`)
  assert.is(official.fold, 7)
})

test('the official package refuses what the specification does, so the above can fail', async () => {
  const good = toCloudEvent(await claimEvent(), 1)
  for (const change of [{ chain_sequence: 1 }, { source: '' }, { time: 'today' }, { type: 5 }, { subject: '' }])
    assert.throws(
      () => parsed(JSON.stringify({ ...good, ...change })),
      (error: unknown) => error instanceof Error,
      JSON.stringify(change),
    )
})

test('every attribute has a name and a type of the specification, which the signed event has not', async () => {
  const event = await claimEvent({ sequence: 2, previous: 'c'.repeat(64), parents: [oid('a'), oid('b')] })
  const { data, ...attributes } = toCloudEvent(event, 3)
  assert.is.not(data, undefined)
  assert.ok(Object.keys(attributes).length > 10)
  assert.equal(strangers(attributes), [])
  const { data: _, ...signed } = event
  assert.equal(strangers(signed), ['parents'])
})

/** "Type System" of CloudEvents 1.0.2: names, and values that are 32-bit integers or texts with something in them. */
function strangers(attributes: object): string[] {
  const isValue = (value: unknown) =>
    typeof value === 'number'
      ? Number.isInteger(value) && value <= 2 ** 31 - 1
      : typeof value === 'string' && value !== ''
  return Object.entries(attributes).flatMap(([name, value]) =>
    /^[a-z0-9]{1,20}$/.test(name) && isValue(value) ? [] : [name],
  )
}

test('a stranger verifies the signature from the exported line alone', async () => {
  const line = JSON.stringify(toCloudEvent(await claimEvent({ session: session2 }), 1))
  assert.ok(verifies(line))
  assert.not.ok(verifies(line.replace('top of the list', 'top of my list')))
})

/** Written from docs/log.md with nothing of ours; sorted keys are RFC 8785 for what events hold. */
function verifies(line: string): boolean {
  const { signature, ...body } = JSON.parse(line).data
  const canonical = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
  }
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: body.sessionkey }, format: 'jwk' })
  return verify(null, Buffer.from(canonical(body)), key, Buffer.from(signature, 'base64url'))
}

test.run()
