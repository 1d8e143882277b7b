/** What coding tools tell by OTLP: both encodings, each tool's events, and whatever else comes to an open port. */
import { request as httpRequest } from 'node:http'
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { logsOfJson } from '../../../src/adapters/otlp/logs-json.ts'
import { logsOfProtobuf } from '../../../src/adapters/otlp/logs-protobuf.ts'
import { receiveOtlp } from '../../../src/adapters/otlp/receiver.ts'
import { requestsOf } from '../../../src/adapters/otlp/requests.ts'
import type { ToldRequest } from '../../../src/ports/told.ts'
import { seeded } from '../../support/claims.ts'

type Value = string | number | bigint
type Event = Readonly<Record<string, Value>>

const AT_MS = 1_764_000_000_123

/** One document, as OpenTelemetry's exporters make it. */
function document(events: readonly Event[], resource: Event = { 'service.name': 'tool' }) {
  const attributes = (of: Event) => Object.entries(of).map(([key, value]) => ({ key, value: anyValue(value) }))
  const logRecords = events.map((event) => ({ timeUnixNano: `${AT_MS}456789`, attributes: attributes(event) }))
  return { resourceLogs: [{ resource: { attributes: attributes(resource) }, scopeLogs: [{ logRecords }] }] }
}

function anyValue(value: Value): object {
  if (typeof value === 'bigint') return { intValue: String(value) }
  return typeof value === 'string' ? { stringValue: value } : { doubleValue: value }
}

interface Message {
  fromObject(value: object): object
  encode(message: object): { finish(): Uint8Array }
}

const { ExportLogsServiceRequest } = (
  root as unknown as {
    opentelemetry: { proto: { collector: { logs: { v1: { ExportLogsServiceRequest: Message } } } } }
  }
).opentelemetry.proto.collector.logs.v1

const asJson = (value: object) => new TextEncoder().encode(JSON.stringify(value))
const asProtobuf = (value: object) =>
  ExportLogsServiceRequest.encode(ExportLogsServiceRequest.fromObject(value)).finish()

const CLAUDE: Event = {
  'event.name': 'api_request',
  'session.id': 'c-1',
  model: 'claude-opus-4-5',
  cost_usd: 0.25,
  input_tokens: 3n,
  output_tokens: 20n,
  cache_read_tokens: 1000n,
  cache_creation_tokens: 100n,
}
const CODEX: Event = {
  'event.name': 'codex.sse_event',
  'event.kind': 'response.completed',
  'conversation.id': 'x-1',
  model: 'gpt-5.3-codex',
  input_token_count: '80',
  cached_token_count: 60n,
  output_token_count: '20',
  reasoning_token_count: 15n,
}
const GEMINI: Event = {
  'event.name': 'gemini_cli.api_response',
  'session.id': 'g-1',
  model: 'gemini-3-pro',
  input_token_count: 50n,
  cached_content_token_count: 10n,
  output_token_count: 5n,
  thoughts_token_count: 7n,
  tool_token_count: 2n,
}
const NONE = { cacheWriteTokens: 0, cacheHourTokens: 0 }
const EXPECTED: ToldRequest[] = [
  {
    ...{ tool: 'claude-code', sessionId: 'c-1', at: AT_MS, usd: 0.25 },
    usage: {
      ...{ model: 'claude-opus-4-5', freshTokens: 3, cacheReadTokens: 1000, outputTokens: 20 },
      ...{ cacheWriteTokens: 100, cacheHourTokens: 0 },
    },
  },
  {
    ...{ tool: 'codex', sessionId: 'x-1', at: AT_MS },
    usage: { model: 'gpt-5.3-codex', freshTokens: 20, cacheReadTokens: 60, ...NONE, outputTokens: 20 },
  },
  {
    ...{ tool: 'gemini', sessionId: 'g-1', at: AT_MS },
    usage: { model: 'gemini-3-pro', freshTokens: 42, cacheReadTokens: 10, ...NONE, outputTokens: 12 },
  },
]

test('the requests of each tool are read alike from JSON and from protocol buffers', () => {
  const told = document([CLAUDE, { 'event.name': 'user_prompt', 'session.id': 'c-1', prompt: 'secret' }, CODEX, GEMINI])
  assert.equal(requestsOf(logsOfJson(asJson(told)) ?? []), EXPECTED)
  assert.equal(requestsOf(logsOfProtobuf(asProtobuf(told)) ?? []), EXPECTED)
})

test('an id that only the resource has counts, and the time may stand in the event alone', () => {
  const { 'session.id': id, ...event } = GEMINI
  const told = document([{ ...event, 'event.timestamp': new Date(AT_MS).toISOString() }], {
    'session.id': id as string,
  })
  for (const { scopeLogs } of told.resourceLogs)
    for (const { logRecords } of scopeLogs) for (const one of logRecords) one.timeUnixNano = '0'
  for (const records of [logsOfJson(asJson(told)), logsOfProtobuf(asProtobuf(told))])
    assert.equal(requestsOf(records ?? []), [EXPECTED[2]])
})

test('events without a session or a time, responses that failed, and figures that are none, count nothing', () => {
  const { 'session.id': _, ...nobody } = CLAUDE
  const failed = { ...CODEX, 'error.message': 'gone' }
  assert.equal(requestsOf(logsOfJson(asJson(document([nobody, failed]))) ?? []), [])
  const odd = { ...CLAUDE, cost_usd: -1, input_tokens: 'many', output_tokens: -5n, cache_read_tokens: 1.5 }
  const [request] = requestsOf(logsOfJson(asJson(document([odd]))) ?? [])
  assert.is(request?.usd, undefined)
  assert.equal([request?.usage.freshTokens, request?.usage.outputTokens, request?.usage.cacheReadTokens], [0, 0, 0])
})

test('whatever bytes come, they are a document or none, and nothing throws', () => {
  const whole = asProtobuf(document([CLAUDE, CODEX, GEMINI]))
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(whole.length).map((length) => whole.slice(0, length)),
    fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.map((old, i) => (i === at ? byte : old))),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc.json().map((text) => new TextEncoder().encode(`{"resourceLogs":[{"scopeLogs":[{"logRecords":${text}}]}]}`)),
  )
  fc.assert(
    fc.property(bytes, (some) => {
      for (const records of [logsOfJson(some), logsOfProtobuf(some)])
        for (const { usage } of requestsOf(records ?? [])) assert.ok(usage.freshTokens >= 0)
    }),
    { ...seeded, numRuns: 500 },
  )
})

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

function send(port: number, { method = 'POST', path = '/v1/logs', headers = {}, body = '' }: Sent) {
  const json = { 'content-type': 'application/json' }
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const options = { port, host: '127.0.0.1', method, path, headers: { ...json, ...headers } }
    const sent = httpRequest(options, (answer) => {
      let text = ''
      answer.on('data', (chunk) => (text += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

test('the port takes logs in both encodings, and refuses all else without reading it', async () => {
  const taken: ToldRequest[] = []
  const receiver = await receiveOtlp(0, async (requests) => void taken.push(...requests))
  const { port } = receiver
  try {
    const told = document([CLAUDE])
    assert.equal(await send(port, { body: asJson(told) }), { status: 200, text: '{}' })
    const protobuf = { 'content-type': 'application/x-protobuf' }
    assert.equal(await send(port, { headers: protobuf, body: asProtobuf(told) }), { status: 200, text: '' })
    assert.is(taken.length, 2)
    const refused: [number, Sent][] = [
      [400, { body: '{' }],
      [400, { body: '[]' }],
      [400, { headers: protobuf, body: '{}' }],
      [403, { headers: { origin: 'https://evil.example' } }],
      [403, { headers: { host: 'evil.example' } }],
      [404, { path: '/v1/metrics' }],
      [404, { path: '/v1/logs/../x' }],
      [405, { method: 'GET' }],
      [413, { headers: { 'content-length': String(5 * 1024 * 1024) } }],
      [415, { headers: { 'content-type': 'text/plain' } }],
      [415, { headers: { 'content-encoding': 'gzip' } }],
    ]
    for (const [status, sent] of refused) assert.is((await send(port, sent)).status, status, JSON.stringify(sent))
    assert.is(taken.length, 2)
  } finally {
    await receiver.close()
  }
})

test('a body without a length is read up to the limit, and what cannot be kept is to be sent again', async () => {
  const receiver = await receiveOtlp(0, async () => {
    throw new Error('disk')
  })
  try {
    const chunked = { 'transfer-encoding': 'chunked' }
    const long = await send(receiver.port, { headers: chunked, body: ' '.repeat(5 * 1024 * 1024) }).catch(() => 'ended')
    assert.ok(long === 'ended' || (typeof long === 'object' && long.status === 413))
    assert.is((await send(receiver.port, { body: asJson(document([CLAUDE])) })).status, 503)
  } finally {
    await receiver.close()
  }
})

test.run()
