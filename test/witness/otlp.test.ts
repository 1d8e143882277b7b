/** The export as OTLP logs, against OpenTelemetry's own protocol buffers. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatTime, traceparent } from '../../src/witness/index.ts'
import { toOtlpBoardRecord, toOtlpLogs, toOtlpRecord } from '../../src/witness/otlp.ts'
import { assertOtlpLogs } from '../support/otlp-schema.ts'
import { claimBody, claimEvent, oid, seeded, startMs } from './samples.ts'

const SOURCE = { boardId: '0'.repeat(32), version: '1.2.3' }
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

test('every document is one of the protocol, with no field that it does not know', async () => {
  const { data } = await claimBody()
  const facts = fc.record(
    {
      reason: fc.string(),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      cost: fc.record({ usd: fc.double({ min: 0, max: 1e6, noNaN: true }), inputTokens: fc.nat() }),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(facts, fc.option(fc.nat()), async (extra, fold) => {
      const event = await claimEvent({ data: { ...data, ...extra }, traceparent: traceparent(TRACE, SPAN) })
      assertOtlpLogs(JSON.stringify(toOtlpLogs(SOURCE, [toOtlpRecord(event, fold ?? undefined, startMs)])))
    }),
    { ...seeded, numRuns: 50 },
  )
})

test('an event keeps its time, trace, facts and signed text', async () => {
  const event = await claimEvent({ traceparent: traceparent(TRACE, SPAN) })
  const record = toOtlpRecord(event, 5, startMs + 1000)
  const values = new Map(record.attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
  assert.is(record.timeUnixNano, `${startMs + 250}000000`)
  assert.is(record.observedTimeUnixNano, `${startMs + 1000}000000`)
  assert.equal([record.traceId, record.spanId], [TRACE, SPAN])
  assert.is(record.body.stringValue, 'session-4 claim P0.1.2')
  assert.is(values.get('session.id'), 'session-4')
  assert.is(values.get('if_board.fold'), '5')
  assert.equal(JSON.parse(String(values.get('log.record.original'))), JSON.parse(JSON.stringify(event)))
})

test('what somebody should look at is a warning, and nobody else is woken', async () => {
  const severityOf = async (type: 'if-board.denied' | 'if-board.note') =>
    toOtlpRecord(await claimEvent({ type, data: {}, subject: undefined as never }), 1, 0).severityText
  assert.is(await severityOf('if-board.denied'), 'WARN')
  assert.is(await severityOf('if-board.note'), 'INFO')
})

test('changes of the boards are of the protocol as well', () => {
  const record = { kind: 'fold', commit: oid('d'), author: 'folder', time: formatTime(startMs), changes: [] } as const
  assertOtlpLogs(JSON.stringify(toOtlpLogs(SOURCE, [toOtlpBoardRecord(record, 3, startMs)])))
})

test('the strict reader refuses what a collector would ignore', async () => {
  const good = toOtlpLogs(SOURCE, [toOtlpRecord(await claimEvent(), 1, startMs)])
  const [resourceLogs] = good.resourceLogs
  const [scopeLogs] = resourceLogs?.scopeLogs ?? []
  const [record] = scopeLogs?.logRecords ?? []
  const withRecord = (change: object) =>
    JSON.stringify({
      resourceLogs: [{ ...resourceLogs, scopeLogs: [{ ...scopeLogs, logRecords: [{ ...record, ...change }] }] }],
    })
  assertOtlpLogs(withRecord({}))
  for (const change of [
    { unknownField: 1 },
    { time_unix_nano: '1' },
    { traceId: 'nothex' },
    { timeUnixNano: 5 },
    { severityNumber: 'SEVERITY_NUMBER_INFO' },
    { body: { text: 'x' } },
    { attributes: [{ key: 'a', value: { intValue: 'one' } }] },
  ])
    assert.throws(() => assertOtlpLogs(withRecord(change)), undefined, JSON.stringify(change))
})

test.run()
