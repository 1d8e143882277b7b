/** What no good client sends: two meanings of one request, heads that never end, connections without a word. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nextCall, raw, ruleOf, type Service, startProxy, startService, type TestProxy } from '../../support/proxy.ts'

const test = suite<{ service: Service; proxy: TestProxy; impatient: TestProxy }>('the proxy, asked by whoever')

test.before(async (context) => {
  context.service = await startService()
  const base = `http://127.0.0.1:${context.service.port}`
  const startWith = (headMs: number) =>
    startProxy({
      aliases: [
        { alias: 'search', url: `${base}/` },
        { alias: 'slow', url: `${base}/`, timeoutSeconds: 1 },
      ],
      settings: { private: new Map([[base, ['127.0.0.1']]]) },
      headMs,
    })
  context.proxy = await startWith(3_000)
  context.impatient = await startWith(700)
})
test.after(async ({ service, proxy, impatient }) => {
  await Promise.all([proxy.close(), impatient.close()])
  await service.close()
})

/** The request line, the capability, and further fields; no body. */
function head(proxy: TestProxy, line: string, ...fields: string[]): string {
  return [
    `${line} HTTP/1.1`,
    'Host: search.if-board',
    `Proxy-Authorization: Bearer ${proxy.capability()}`,
    ...fields,
    '',
    '',
  ].join('\r\n')
}

const SMUGGLED: readonly (readonly [what: string, fields: readonly string[]])[] = [
  ['a length and chunks', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
  ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 4']],
  ['two lengths', ['Content-Length: 4', 'Content-Length: 5']],
  ['the same length twice', ['Content-Length: 4', 'Content-Length: 4']],
  ['a list of lengths', ['Content-Length: 4, 4']],
  ['a signed length', ['Content-Length: +4']],
  ['a coding that is not chunked', ['Transfer-Encoding: xchunked']],
  ['chunks behind another coding', ['Transfer-Encoding: chunked, identity']],
  ['a coding behind a tab', ['Transfer-Encoding:\tchunked', 'Transfer-Encoding: identity']],
  ['a space before the colon', ['Transfer-Encoding : chunked']],
  ['a folded field', ['X-Folded: a', ' Transfer-Encoding: chunked']],
  ['a bare carriage return', ['X-Bare: a\rTransfer-Encoding: chunked']],
  ['a NUL', ['X-Nul: a\u0000b']],
  ['a second host', ['Host: other.if-board']],
  ['a second capability', ['Proxy-Authorization: Bearer x']],
  ['a hop-by-hop host', ['Connection: close, host']],
  ['a name that is none', ['X Y: a']],
  ['a field without a name', [': a']],
  ['a loop', ['Via: 1.1 if-board']],
  ['an expectation that nobody meets', ['Expect: the-spanish-inquisition']],
]
for (const [what, fields] of SMUGGLED)
  test(`${what} is no request, and nothing reaches the service`, async ({ proxy, service }) => {
    const before = service.asked.length
    const text = head(proxy, 'POST http://search.if-board/a', ...fields)
    assert.match(
      ruleOf(await raw(proxy.port, `${text}0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`)),
      /^4(?:00|17) request$/,
    )
    assert.is(service.asked.length, before)
  })

test('targets that mean two things are refused, whatever the client did not normalise', async ({ proxy, service }) => {
  const before = service.asked.length
  const asked = async (target: string) => ruleOf(await raw(proxy.port, head(proxy, `GET ${target}`)))
  assert.is(await asked('http://u:p@search.if-board/a'), '400 request')
  assert.is(await asked('http://search.if-board/a#b'), '400 request')
  assert.is(await asked('https://search.if-board/a'), '400 request')
  assert.is(await asked('/search/../admin'), '403 path')
  assert.is(await asked('/search//admin'), '403 path')
  assert.is(await asked('//search/admin'), '403 alias')
  assert.is(await asked('http://[::ffff:7f00:1]/a'), '403 address')
  assert.is(await asked('http://[fe80::1%25lo]/a'), '403 address')
  assert.is(await asked('http://%31%32%37.0.0.1/a'), '403 address')
  assert.is(await asked('*'), '400 request')
  assert.is(await asked('/'), '403 alias')
  assert.is(service.asked.length, before)
})

test('a head that comes a byte at a time is given up', async ({ impatient: proxy }) => {
  const client = connect(proxy.port, '127.0.0.1')
  client.on('error', () => undefined)
  let answer = ''
  client.setEncoding('latin1').on('data', (text: string) => (answer += text))
  const text = head(proxy, 'GET http://search.if-board/a')
  const begun = performance.now()
  const closed = once(client, 'close')
  let sent = 0
  for (const letter of text) {
    if (client.destroyed || client.readableEnded) break
    client.write(letter)
    sent += 1
    await sleep(25)
  }
  client.destroy()
  await closed
  assert.is(ruleOf(answer), '408 time')
  assert.ok(sent < text.length, 'the head was never whole')
  // By what this proxy was told, not by what is usual.
  assert.ok(performance.now() - begun < 9_000)
})

test('a body that comes a byte at a time is given up, and no pass stays open', async ({ proxy, service }) => {
  const before = proxy.calls.length
  const client = connect(proxy.port, '127.0.0.1')
  client.on('error', () => undefined)
  let answer = ''
  client.setEncoding('latin1').on('data', (text: string) => (answer += text))
  const capability = proxy.capability({ name: 'alias', alias: 'slow' })
  client.write(
    `POST /slow/a HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Bearer ${capability}\r\nContent-Length: 1000\r\n\r\n`,
  )
  for (let at = 0; at < 60 && !client.destroyed && !client.readableEnded; at += 1) {
    client.write('x')
    await sleep(50)
  }
  client.destroy()
  assert.is(ruleOf(answer), '504 time')
  assert.is(proxy.calls.at(before)?.rule, 'time')
  assert.is.not(service.asked.at(-1)?.body.length, 1000)
})

test('a client that goes away in the middle leaves nothing behind', async ({ proxy, service }) => {
  const [before, asked] = [proxy.calls.length, service.asked.length]
  const client = connect(proxy.port, '127.0.0.1')
  client.write(head(proxy, 'POST /search/a', 'Content-Length: 100').concat('half'))
  for (let at = 0; at < 300 && service.asked[asked]?.body !== 'half'; at += 1) await sleep(30)
  client.destroy()
  const { rule, sent } = (await nextCall(proxy, before)) ?? {}
  assert.equal([rule, sent], [undefined, 4])
})

test('a head that is too long is refused', async ({ proxy }) => {
  assert.is(ruleOf(await raw(proxy.port, head(proxy, 'GET /search/a', `X-Long: ${'x'.repeat(20_000)}`))), '431 request')
})

test('a capability is not given to who cannot sign', async ({ proxy }) => {
  const post = (body: string) =>
    raw(
      proxy.port,
      `POST /-/grant HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  for (const body of ['', '{}', '[]', 'null', '{"text":"{}","signature":"a"}', '{"text":1}', 'x'.repeat(9_000)])
    assert.match(ruleOf(await post(body)), /^400 request$/, body.slice(0, 40))
  assert.is(ruleOf(await raw(proxy.port, 'GET /-/grant HTTP/1.1\r\nHost: x\r\n\r\n')), '400 request')
})

test.run()
