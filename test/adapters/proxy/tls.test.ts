/** Secrets and TLS: the proxy makes the connection and puts the credential in; the client never sees it. */

import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SecretPlan, SecretSource } from '../../../src/adapters/proxy/settings.ts'
import {
  type Certificate,
  certificateFor,
  nextCall,
  ran,
  raw,
  ruleOf,
  type Service,
  startProxy,
  startService,
  type TestProxy,
} from '../../support/proxy.ts'

const SECRET = 'tok-5f2a/9+c1=e7'

interface Context {
  folder: string
  certificate: Certificate
  service: Service
  plain: Service
  proxy: TestProxy
}
const test = suite<Context>('the proxy and TLS')

/** What the service sees, in ways that give it away or not. */
const PAGES: Readonly<Record<string, (authorization: string) => string | Buffer>> = {
  '/v2/quiet': () => 'nothing to see',
  '/v2/echo': (authorization) => `you sent ${authorization}`,
  '/v2/echo-long': (authorization) => `${'.'.repeat(70_000)}${authorization}${'.'.repeat(70_000)}`,
  '/v2/base64': () => Buffer.from(`{"a":"${SECRET}"}`).toString('base64'),
  '/v2/percent': () => encodeURIComponent(SECRET),
}

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'if-board-secrets-'))
  context.certificate = await certificateFor('api.test', 'other.test')
  context.service = await startService((request, response) => {
    const authorization = String(request.headers.authorization)
    if (request.url === '/v2/header') return void response.writeHead(200, { 'x-echo': authorization }).end()
    if (request.url === '/v2/gzip')
      return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'))
    if (request.url === '/v2/split') {
      response.write(SECRET.slice(0, 5))
      return void setTimeout(() => response.end(SECRET.slice(5)), 30)
    }
    response.end(PAGES[request.url ?? '']?.(authorization) ?? `${request.method} ${request.url}`)
  }, context.certificate)
  context.plain = await startService()
  const [own, open] = [join(context.folder, 'own'), join(context.folder, 'open')]
  await writeFile(own, `${SECRET}\n`, { mode: 0o600 })
  await writeFile(open, SECRET)
  await chmod(open, 0o644)
  const origin = `https://api.test:${context.service.port}`
  const plan = (source: SecretSource, change: Partial<SecretPlan> = {}): SecretPlan => ({
    ...{ origin, header: 'authorization', prefix: 'Bearer ', source, ...change },
  })
  const node = (code: string) => ({
    kind: 'command' as const,
    argv: [process.execPath, '-e', code] as [string, string, string],
  })
  const alias = (name: string, secret: string) => ({ alias: name, url: `${origin}/v2/`, secret })
  context.proxy = await startProxy({
    aliases: [
      alias('api', 'by-env'),
      alias('by-file', 'by-file'),
      alias('by-command', 'by-command'),
      alias('open-file', 'open-file'),
      alias('no-env', 'no-env'),
      alias('failing', 'failing'),
      alias('unknown', 'unknown'),
      alias('short', 'short'),
      { ...alias('elsewhere', 'by-env'), url: `http://api.test:${context.plain.port}/` },
      { alias: 'wrong-name', url: `https://wrong.test:${context.service.port}/` },
      { alias: 'packages', connect: [`api.test:${context.service.port}`, 'inside.test:443'] },
    ],
    environment: { API_TOKEN: SECRET, SHORT: 'abc' },
    settings: {
      ca: [context.certificate.cert],
      private: new Map(
        [origin, `http://api.test:${context.plain.port}`, `https://wrong.test:${context.service.port}`].map((one) => [
          one,
          ['127.0.0.1'],
        ]),
      ),
      secrets: new Map([
        ['by-env', plan({ kind: 'env', name: 'API_TOKEN' })],
        ['by-file', plan({ kind: 'file', path: own }, { header: 'x-api-key', prefix: '' })],
        ['by-command', plan(node(`console.log('${SECRET}')`))],
        ['open-file', plan({ kind: 'file', path: open })],
        ['no-env', plan({ kind: 'env', name: 'NOT_SET' })],
        ['failing', plan(node(`console.log('${SECRET}'); process.exit(1)`))],
        ['short', plan({ kind: 'env', name: 'SHORT' })],
      ]),
    },
    headMs: 1_000,
  })
})
test.after(async ({ proxy, service, plain, folder }) => {
  await proxy.close()
  await Promise.all([service.close(), plain.close()])
  await rm(folder, { recursive: true, force: true })
})

async function ask({ proxy }: Context, path: string, headers: Record<string, string> = {}) {
  const alias = path.split('/')[1] as string
  const capability = proxy.capability({ name: 'alias', alias })
  const answer = await fetch(`http://127.0.0.1:${proxy.port}${path}`, {
    headers: { 'proxy-authorization': `Bearer ${capability}`, ...headers },
  })
  const body = await answer.text().catch(() => 'cut')
  const rule = /"rule":"([a-z]+)"/.exec(body)?.[1]
  return {
    told: rule === undefined ? `${answer.status}` : `${answer.status} ${rule}`,
    body,
    headers: [...answer.headers].join(),
  }
}

test('the credential goes in, over TLS with the name of the host, whatever the client sent', async (context) => {
  const answer = await ask(context, '/api/quiet', { authorization: 'Bearer mine', 'x-api-key': 'mine' })
  assert.equal([answer.told, answer.body], ['200', 'nothing to see'])
  const { headers } = context.service.asked.at(-1) as Service['asked'][number]
  assert.is(headers.authorization, `Bearer ${SECRET}`)
  assert.is(headers['accept-encoding'], 'identity')
  assert.is(headers.host, `api.test:${context.service.port}`)
})

test('it comes from a file of its owner, or from a command, in the header that was named', async (context) => {
  assert.is((await ask(context, '/by-file/quiet', { 'x-api-key': 'mine' })).told, '200')
  assert.is(context.service.asked.at(-1)?.headers['x-api-key'], SECRET)
  assert.is(context.service.asked.at(-1)?.headers.authorization, undefined)
  assert.is((await ask(context, '/by-command/quiet')).told, '200')
  assert.is(context.service.asked.at(-1)?.headers.authorization, `Bearer ${SECRET}`)
})

test('a secret that is missing, open to others, too short, for another origin or not to be had is none', async (context) => {
  const before = context.service.asked.length + context.plain.asked.length
  for (const alias of ['open-file', 'no-env', 'failing', 'unknown', 'short', 'elsewhere']) {
    const answer = await ask(context, `/${alias}/quiet`)
    assert.is(answer.told, '403 secret', alias)
    assert.not.match(answer.body, SECRET.slice(0, 6), alias)
  }
  assert.is(context.service.asked.length + context.plain.asked.length, before)
})

test('an answer that gives the credential away ends before its first byte', async (context) => {
  for (const page of ['echo', 'echo-long', 'base64', 'percent', 'split', 'header', 'gzip']) {
    const answer = await ask(context, `/api/${page}`)
    const all = answer.body + answer.headers
    assert.not.ok(
      all.includes(SECRET.slice(0, 12)) || all.includes(Buffer.from(SECRET).toString('base64').slice(0, 12)),
      page,
    )
    assert.is(context.proxy.calls.at(-1)?.rule, 'credential', page)
  }
})

test('nothing that is told or logged holds the credential', ({ proxy }) => {
  assert.not.ok(JSON.stringify(proxy.calls).includes(SECRET.slice(0, 8)))
})

test('a certificate for another name is not believed', async (context) => {
  const answer = await ask(context, '/wrong-name/quiet')
  assert.is(answer.told, '502 unreachable')
  assert.match(answer.body, /ERR_TLS_CERT_ALTNAME_INVALID/)
})

/** A tunnel by hand: the answer to CONNECT, and the socket behind it. */
async function tunnel(
  { proxy }: Context,
  authority: string,
  capability: string,
): Promise<{ socket: Socket; answer: string }> {
  const socket = connect(proxy.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: Bearer ${capability}\r\n\r\n`,
  )
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return { socket, answer: bytes.toString('latin1') }
}

async function throughTls(context: Context, servername: string, capability: string): Promise<string> {
  const { socket, answer } = await tunnel(context, `api.test:${context.service.port}`, capability)
  if (!answer.startsWith('HTTP/1.1 200')) return ruleOf(answer)
  const secure = connectTls({ socket, servername, ca: context.certificate.cert })
  let text = ''
  secure.setEncoding('latin1').on('data', (more: string) => (text += more))
  secure.on('error', () => undefined)
  secure.write('GET /v2/quiet HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n')
  await once(secure, 'close').catch(() => undefined)
  return text === '' ? 'cut' : (text.split('\r\n')[0] as string)
}

const forTunnels = ({ proxy }: Context, ...more: Parameters<TestProxy['capability']>) =>
  proxy.capability({ name: 'alias', alias: 'packages' }, ...more)

test('a tunnel leads to a listed host whose name the client says, and is logged as opaque', async (context) => {
  const before = context.proxy.calls.length
  assert.is(await throughTls(context, 'api.test', forTunnels(context)), 'HTTP/1.1 200 OK')
  assert.is(context.service.asked.at(-1)?.headers.authorization, undefined)
  const { method, path, sent = 0, received = 0, rule } = (await nextCall(context.proxy, before)) ?? {}
  assert.equal([method, path, rule], ['CONNECT', undefined, undefined])
  assert.ok(sent > 100 && received > 100)
})

test('a tunnel whose ClientHello says another name, none, or is none, is cut before anything is connected', async (context) => {
  const asked = context.service.asked.length
  const before = context.proxy.calls.length
  assert.is(await throughTls(context, 'other.test', forTunnels(context)), 'cut')
  assert.is(await throughTls(context, '', forTunnels(context)), 'cut')
  const { socket } = await tunnel(context, `api.test:${context.service.port}`, forTunnels(context))
  socket.write('GET / HTTP/1.1\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  for (const at of [0, 1, 2]) assert.is((await nextCall(context.proxy, before + at))?.rule, 'sni', `${at}`)
  assert.is(context.service.asked.length, asked)
})

test('a tunnel without a word is given up', async (context) => {
  const before = context.proxy.calls.length
  const { socket } = await tunnel(context, `api.test:${context.service.port}`, forTunnels(context))
  socket.resume()
  await once(socket, 'close')
  assert.is((await nextCall(context.proxy, before))?.rule, 'time')
})

test('tunnels elsewhere are refused: other hosts, ports, addresses, names that lead inside', async (context) => {
  const { port } = context.service
  const told = async (authority: string, capability = forTunnels(context)) =>
    ruleOf((await tunnel(context, authority, capability)).answer)
  assert.is(await told(`other.test:${port}`), '403 alias')
  assert.is(await told('api.test:22'), '403 alias')
  assert.is(await told(`127.0.0.1:${port}`), '403 address')
  assert.is(await told(`[::1]:${port}`), '403 address')
  assert.is(await told('inside.test:443'), '403 address')
  assert.is(await told(`api.test:${port}`, context.proxy.capability()), '403 alias')
  assert.is(await told(`api.test:${port}`, forTunnels(context, { name: 'path', path: '/v2' })), '403 path')
  assert.match(
    await raw(context.proxy.port, `CONNECT api.test:${port} HTTP/1.1\r\nHost: x\r\n\r\n`),
    /^HTTP\/1\.1 407 /,
  )
})

test('bytes of a tunnel are held at the last one', async (context) => {
  const before = context.proxy.calls.length
  assert.is(await throughTls(context, 'api.test', forTunnels(context, { name: 'bytes', bytes: 700 })), 'cut')
  const { sent = 0, received = 0, rule } = (await nextCall(context.proxy, before)) ?? {}
  assert.equal([sent + received, rule], [700, 'budget'])
})

test('curl and its https_proxy use the same tunnel', async (context) => {
  const { port } = context.service
  const pem = join(context.folder, 'ca.pem')
  await writeFile(pem, context.certificate.cert)
  const args = ['--silent', '--noproxy', '', '--cacert', pem, `https://api.test:${port}/v2/quiet`]
  const answer = await ran('curl', args, { https_proxy: context.proxy.url(forTunnels(context)) })
  if (answer.status === -1) return console.log('skip: there is no curl')
  assert.is(answer.stdout, 'nothing to see')
})

test.run()
