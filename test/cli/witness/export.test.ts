/** `witness export` to a collector: a real server that reads strictly, and is not always well. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { httpPoster } from '../../../src/adapters/http/post.ts'
import { fakeClock, seededChance } from '../../../src/adapters/memory/local.ts'
import { collectorOf, shownUrl } from '../../../src/cli/collector.ts'
import { IfBoardError } from '../../../src/model/index.ts'
import type { OtlpLogs } from '../../../src/witness/otlp.ts'
import { batches } from '../../../src/workflows/witness/export.ts'
import { retryAfterMs, sendLogs } from '../../../src/workflows/witness/send-otlp.ts'
import { assertOtlpLogs } from '../../support/otlp-schema.ts'

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Receiver {
  readonly url: string
  readonly received: Received[]
  close(): Promise<void>
}

/** Answers each request by the next of `answers`, and by success when there is none left. */
async function receiver(...answers: readonly ((response: ServerResponse) => void)[]): Promise<Receiver> {
  const received: Received[] = []
  const left = [...answers]
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() })
    const answer = left.shift() ?? ok('{}')
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const ok = (body: string) => (response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(body)
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end('{"message":"no\\u001b[31m"}')

const DOCUMENT: OtlpLogs = {
  resourceLogs: [
    { resource: { attributes: [] }, scopeLogs: [{ scope: { name: 'if-board', version: '1' }, logRecords: [] }] },
  ],
}

const test = suite('export to a collector')

/** Sends one document; what was slept, in seconds. */
async function sendTo(at: Receiver, timeoutMs = 5000) {
  const clock = fakeClock()
  const slept: number[] = []
  const sleep = async (ms: number) => void slept.push(ms / 1000)
  const { post, close } = httpPoster()
  try {
    const tools = { post, clock: { ...clock, sleep }, chance: seededChance(1) }
    const headers = new Map([['authorization', 'Bearer secret-value']])
    const said = await sendLogs(tools, { url: `${at.url}/v1/logs`, headers, timeoutMs }, DOCUMENT)
    return { said, slept, error: undefined }
  } catch (error) {
    assert.instance(error, IfBoardError)
    return { said: undefined, slept, error: error as IfBoardError }
  } finally {
    close()
    await at.close()
  }
}

test('a document is posted as JSON, and read strictly on the other side', async () => {
  const at = await receiver()
  const { said } = await sendTo(at)
  assert.equal(said, { rejected: 0, message: undefined })
  const [{ path, headers, body }] = at.received as [Received]
  assert.is(path, '/v1/logs')
  assert.is(headers['content-type'], 'application/json')
  assert.is(headers.authorization, 'Bearer secret-value')
  assertOtlpLogs(body)
})

test('after 429, 502, 503 and 504 the same document is sent again', async () => {
  const at = await receiver(status(429, { 'retry-after': '7' }), status(502), status(503), status(504))
  const { said, slept } = await sendTo(at)
  assert.equal(said, { rejected: 0, message: undefined })
  assert.is(new Set(at.received.map(({ body }) => body)).size, 1)
  assert.is(at.received.length, 5)
  assert.is(slept[0], 7, 'Retry-After counts')
  assert.ok((slept[3] ?? 0) > (slept[1] ?? 0), `growing: ${slept}`)
})

test('a collector that stays busy, or wants an hour, is exit 7', async () => {
  for (const answers of [Array.from({ length: 5 }, () => status(503)), [status(503, { 'retry-after': '3600' })]]) {
    const at = await receiver(...answers)
    const { error } = await sendTo(at)
    assert.is(error?.code, 'collector/unreachable')
    assert.is(at.received.length, answers.length)
  }
})

test('every other status is final, and its words are made printable', async () => {
  for (const code of [400, 401, 404, 413, 500, 301]) {
    const at = await receiver(status(code, { location: '/elsewhere' }))
    const { error, slept } = await sendTo(at)
    assert.is(error?.code, 'collector/refused', String(code))
    assert.match(error?.message ?? '', `status ${code}`)
    assert.not.match(error?.message ?? '', /\u001b|secret-value/)
    assert.equal([at.received.length, slept.length], [1, 0])
  }
})

test('a partial success is told and not sent again', async () => {
  const at = await receiver(ok('{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}}'))
  const { said } = await sendTo(at)
  assert.equal(said, { rejected: 3, message: 'too old' })
  assert.is(at.received.length, 1)
})

test('what a collector answers beside the protocol counts as taken', async () => {
  for (const body of ['', 'fine', 'null', '{"partialSuccess":{"rejectedLogRecords":-1}}', '[]'])
    assert.equal((await sendTo(await receiver(ok(body)))).said, { rejected: 0, message: undefined }, body)
})

test('no answer in time, a broken connection and nobody there are exit 7', async () => {
  const silent = await receiver(...Array.from({ length: 5 }, () => () => undefined))
  assert.is((await sendTo(silent, 40)).error?.code, 'collector/unreachable')
  const broken = await receiver(
    ...Array.from({ length: 5 }, () => (response: ServerResponse) => void response.destroy()),
  )
  assert.is((await sendTo(broken)).error?.code, 'collector/unreachable')
  const gone = await receiver()
  await gone.close()
  const { error } = await sendTo({ ...gone, close: async () => undefined })
  assert.is(error?.code, 'collector/unreachable')
  assert.match(error?.message ?? '', 'ECONNREFUSED')
})

test('an answer without end is given up', async () => {
  const endless = (response: ServerResponse) => {
    response.writeHead(200)
    for (let part = 0; part < 6; part += 1) response.write(Buffer.alloc(1024 * 1024))
    response.end()
  }
  const { error } = await sendTo(await receiver(...Array.from({ length: 5 }, () => endless)))
  assert.match(error?.message ?? '', 'too long')
})

test('Retry-After is seconds or a date', () => {
  const now = Date.UTC(2025, 10, 12)
  assert.is(retryAfterMs('120', now), 120_000)
  assert.is(retryAfterMs('Wed, 12 Nov 2025 00:00:05 GMT', now), 5000)
  assert.is(retryAfterMs('Tue, 11 Nov 2025 00:00:05 GMT', now), 0)
  for (const text of [undefined, '', 'soon', '-1', '1e9', '5 s']) assert.is(retryAfterMs(text, now), undefined, text)
})

test('the collector is named by option or by OpenTelemetry’s variables', () => {
  const of = (to: string | undefined, environment: Record<string, string>, more = {}) =>
    collectorOf({ to, headers: [], timeoutSeconds: 10, insecure: false, environment, ...more })
  assert.is(of(undefined, {}), undefined)
  assert.is(of('https://a.example', {})?.url, 'https://a.example/v1/logs')
  assert.is(of('https://a.example/base/', {})?.url, 'https://a.example/base/v1/logs')
  assert.is(of('https://a.example/v1/logs', {})?.url, 'https://a.example/v1/logs')
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }
  assert.is(of(undefined, env)?.url, 'http://localhost:4318/v1/logs')
  assert.is(
    of(undefined, { ...env, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://b.example/x' })?.url,
    'https://b.example/x',
  )
  const headers = of(
    'https://a.example',
    { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=two%20words' },
    { headers: ['A: 2'] },
  )?.headers
  assert.equal(
    [...(headers ?? [])],
    [
      ['a', '2'],
      ['b', 'two words'],
    ],
  )
})

test('nothing leaves in the clear, and no message shows a secret', () => {
  const refused = (to: string, more: object = {}) => {
    try {
      collectorOf({ to, headers: [], timeoutSeconds: 10, insecure: false, environment: {}, ...more })
      return 'taken'
    } catch (error) {
      const { code, message, hint } = error as IfBoardError
      assert.not.match(`${message} ${hint}`, /s3cret/)
      return code
    }
  }
  assert.is(refused('http://collector.example'), 'usage/invalid')
  assert.is(refused('http://collector.example', { insecure: true }), 'taken')
  assert.is(refused('http://127.0.0.1.evil.example'), 'usage/invalid')
  for (const url of ['http://127.0.0.1:4318', 'http://localhost:4318', 'http://[::1]:4318'])
    assert.is(refused(url), 'taken', url)
  for (const header of ['s3cret', 'a b: s3cret', 'a: s3cret\r\nb: c', ': s3cret'])
    assert.is(refused('https://a.example', { headers: [header] }), 'usage/invalid', header)
  assert.is(refused('https://', {}), 'usage/invalid')
  assert.is(shownUrl('https://me:s3cret@a.example/v1/logs?key=s3cret'), 'https://a.example/v1/logs')
})

test('batches are full but for the last', async () => {
  async function* numbers() {
    for (let number = 0; number < 1025; number += 1) yield number
  }
  const sizes: number[] = []
  for await (const batch of batches(numbers())) sizes.push(batch.length)
  assert.equal(sizes, [512, 512, 1])
})

test.run()
