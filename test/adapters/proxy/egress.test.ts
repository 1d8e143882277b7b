/** The way out of a run: one call to a real proxy, which answers in every way that a proxy, or something else, may. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { proxyEgress } from '../../../src/adapters/proxy/egress.ts'
import type { CallAnswer, HttpCall } from '../../../src/model/index.ts'
import { nextCall, type Service, startProxy, startService, type TestProxy } from '../../support/proxy.ts'

const test = suite<{ service: Service; proxy: TestProxy }>('the way out of a run')
const MODULE = 'a1'.repeat(32)
const never = new AbortController().signal

test.before.each(async (context) => {
  context.service = await startService((request, response) => {
    if (request.url === '/slow') return
    response.setHeader('x-twice', ['a', 'b'])
    response.setHeader('via', '1.1 other')
    response.end(request.url)
  })
  const origin = `http://127.0.0.1:${context.service.port}`
  context.proxy = await startProxy({
    aliases: [
      { alias: 'search', url: `${origin}/` },
      { alias: 'slow', url: `${origin}/`, timeoutSeconds: 1 },
    ],
    settings: { private: new Map([[origin, ['127.0.0.1']]]) },
  })
})
test.after.each(async ({ service, proxy }) => {
  await proxy.close()
  await service.close()
})

const call = (more: Partial<HttpCall> = {}): HttpCall => ({
  ...{ method: 'GET', alias: 'search', path: '/a?b=c', headers: [], body: new Uint8Array(0) },
  ...more,
})

const by = (proxy: TestProxy, sha256 = MODULE) =>
  proxyEgress({
    ...{ socket: proxy.socket, sha256 },
    capabilities: new Map(
      ['search', 'slow'].map((alias) => [
        alias,
        proxy.capability({ name: 'alias', alias }, { name: 'module', sha256: MODULE }),
      ]),
    ),
  })

const word = (answer: CallAnswer) =>
  answer.kind === 'answered' ? String(answer.status) : answer.kind === 'denied' ? answer.rule : answer.kind

test('what the service answers comes back, with its own fields alone', async ({ service, proxy }) => {
  const headers = [
    ['accept', 'a'],
    ['accept', 'b'],
  ] as const
  const answer = await by(proxy).ask(call({ method: 'PUT', headers, body: new TextEncoder().encode('words') }), never)
  assert.ok(answer.kind === 'answered')
  assert.equal([answer.status, new TextDecoder().decode(answer.body)], [200, '/a?b=c'])
  assert.equal(new Map(answer.headers).get('x-twice'), 'a, b')
  assert.not.ok(answer.headers.some(([name]) => ['connection', 'via', 'transfer-encoding'].includes(name)))
  const [asked] = service.asked
  assert.equal([asked?.headers.accept, asked?.body], ['a, b', 'words'])
  assert.not.match(JSON.stringify(asked?.headers), /ifb1\.|if-board-module/)
  assert.is((await nextCall(proxy, 0))?.module, MODULE)
})

test('a denial is told by its rule, whoever the module says it is', async ({ service, proxy }) => {
  assert.is(word(await by(proxy, 'b2'.repeat(32)).ask(call(), never)), 'module')
  assert.is(word(await by(proxy).ask(call({ method: 'DELETE' }), never)), 'method')
  assert.is(word(await by(proxy).ask(call({ alias: 'other' }), never)), 'alias')
  assert.is(word(await by(proxy).ask(call({ alias: 'slow', path: '/slow' }), never)), 'time')
  proxy.standing = { holds: false, refusal: undefined }
  assert.is(word(await by(proxy).ask(call(), never)), 'claim')
  assert.equal(
    service.asked.map(({ line }) => line),
    ['GET /slow'],
  )
})

test('a call is let go when it is to stop', async ({ service, proxy }) => {
  const stop = new AbortController()
  const asked = by(proxy).ask(call({ path: '/slow' }), stop.signal)
  for (let waited = 0; waited < 8_000 && service.asked.length === 0; waited += 10) await sleep(10)
  stop.abort()
  assert.is(word(await asked), 'unreachable')
  assert.is(word(await by(proxy).ask(call(), AbortSignal.abort())), 'unreachable')
  assert.is(service.asked.length, 1)
})

/** Whatever is behind a socket, as it answers a request. */
async function behind(answers: (peer: Socket) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'if-board-egress-'))
  const socket = process.platform === 'win32' ? `\\\\.\\pipe\\${folder.replaceAll(/\W/g, '')}` : join(folder, 's')
  const server = createServer((peer) => peer.on('error', () => undefined).once('data', () => answers(peer)))
  server.listen(socket)
  await once(server, 'listening')
  const capabilities = new Map([['search', 'ifb1.words.words']])
  const answer = await proxyEgress({ socket, sha256: MODULE, capabilities }).ask(call(), never)
  server.close()
  await rm(folder, { recursive: true, force: true })
  assert.not.match(JSON.stringify(answer), /words/)
  return word(answer)
}

test('what is no proxy, or ends in the middle, is told and never taken for an answer', async () => {
  const say = (text: string) => behind((peer) => void peer.end(text))
  assert.is(await say('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 'unreachable')
  assert.is(await say('SSH-2.0-x\r\n'), 'unreachable')
  assert.is(await say(''), 'unreachable')
  assert.is(await say('HTTP/1.1 403 Denied\r\n\r\n{"kind":"denied","rule":1,"reason":"x"}'), 'unreachable')
  assert.is(await say('HTTP/1.1 200 OK\r\nVia: 1.1 if-board\r\nContent-Length: 9\r\n\r\nok'), 'cut')
  const flood = Buffer.alloc(2 ** 20, 'x')
  const pour = (peer: Socket): void => void peer.write(flood, (error) => error ?? pour(peer))
  assert.is(
    await behind((peer) => {
      peer.write('HTTP/1.1 200 OK\r\nVia: 1.1 if-board\r\n\r\n')
      pour(peer)
    }),
    'cut',
  )
  const nobody = proxyEgress({
    socket: join(tmpdir(), 'nobody'),
    sha256: MODULE,
    capabilities: new Map([['search', 'x']]),
  })
  assert.is(word(await nobody.ask(call(), never)), 'unreachable')
})

test.run()
