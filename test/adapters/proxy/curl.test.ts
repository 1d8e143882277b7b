/** The proxy as curl and Node ask it: what passes, what is refused, and what the service got to see. */
import { request as httpRequest } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ran, type Service, startProxy, startService, type TestProxy } from '../../support/proxy.ts'

const test = suite<{ service: Service; proxy: TestProxy }>('the proxy, asked by curl')

/** curl is there on every system that is supported, but a container may lack it. */
const hasCurl = (await ran('curl', ['--version'])).status === 0
if (!hasCurl) console.log('skip: there is no curl, so it is not shown')

test.before(async (context) => {
  context.service = await startService((request, response) => {
    const { url } = request
    if (url === '/base/redirect/in') return void response.writeHead(302, { location: '/base/there?q=1' }).end()
    if (url === '/base/redirect/metadata')
      return void response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end()
    if (url === '/base/redirect/up') return void response.writeHead(307, { location: '/admin' }).end()
    if (url === '/base/cookie') return void response.writeHead(200, { 'set-cookie': 'a=b', 'x-kept': '1' }).end('ok')
    if (url?.startsWith('/base/bytes/')) return void response.end('x'.repeat(Number(url.split('/').at(-1))))
    if (url === '/base/stream') {
      response.write('x'.repeat(60))
      return void setTimeout(() => response.end('y'.repeat(60)), 50)
    }
    if (url === '/base/never') return
    request.on('end', () => response.end(`${request.method} ${url}`))
  })
  const base = `http://service.test:${context.service.port}`
  context.proxy = await startProxy({
    aliases: [
      { alias: 'search', url: `${base}/base/` },
      { alias: 'narrow', url: `${base}/base/`, methods: ['GET'], paths: ['/tasks/**'] },
      { alias: 'small', url: `${base}/base/`, budget: { bytes: 100 } },
      { alias: 'few', url: `${base}/base/`, budget: { requests: 2 } },
      { alias: 'dear', url: `${base}/base/`, budget: { microUsd: 3 }, microUsdPerRequest: 2 },
      { alias: 'slow', url: `${base}/base/`, timeoutSeconds: 1 },
      { alias: 'gone', url: 'http://service.test:1/' },
      { alias: 'inside', url: 'http://inside.test/' },
      { alias: 'rebound', url: 'http://rebound.test/' },
      { alias: 'literal', url: 'http://10.0.0.1/' },
      { alias: 'nowhere', url: 'http://nowhere.test/' },
    ],
    settings: {
      private: new Map([
        [base, ['127.0.0.1']],
        ['http://service.test:1', ['127.0.0.1']],
      ]),
    },
    resolve: async (host) =>
      ({
        'service.test': ['127.0.0.1'],
        'inside.test': ['169.254.169.254'],
        'rebound.test': ['93.184.216.34', '127.0.0.1'],
      })[host] ?? [],
  })
})
test.after(async ({ service, proxy }) => {
  await proxy.close()
  await service.close()
})

interface Answered {
  readonly status: number
  readonly body: string
  readonly rule: string | undefined
  readonly exit: number
}

/** By curl where it is, as a proxy; `args` are curl's own. */
async function curl(proxy: TestProxy, capability: string, url: string, ...args: string[]): Promise<Answered> {
  const all = ['--silent', '--show-error', '--noproxy', '', '--write-out', '\n%{http_code}', ...args, url]
  const { status, stdout } = await ran('curl', all, { http_proxy: proxy.url(capability) })
  const at = stdout.lastIndexOf('\n')
  const body = stdout.slice(0, at)
  return { status: Number(stdout.slice(at + 1)), body, rule: /"rule":"([a-z]+)"/.exec(body)?.[1], exit: status }
}

const told = ({ status, rule }: Answered) => `${status} ${rule ?? ''}`.trim()

if (hasCurl) {
  test('an alias is asked through http_proxy, and the service gets what was meant', async ({ proxy, service }) => {
    const answer = await curl(proxy, proxy.capability(), 'http://search.if-board/tasks/1?q=a%20b')
    assert.equal([answer.status, answer.body], [200, 'GET /base/tasks/1?q=a%20b'])
    const { headers, line } = service.asked.at(-1) as Service['asked'][number]
    assert.is(line, 'GET /base/tasks/1?q=a%20b')
    assert.is(headers.host, `service.test:${service.port}`)
    assert.is(headers.via, '1.1 if-board')
    assert.is(headers['proxy-authorization'], undefined)
    assert.is(headers['proxy-connection'], undefined)
  })

  test('the same on the socket, where the alias is the first part of the path', async ({ proxy }) => {
    const bearer = ['--header', `Proxy-Authorization: Bearer ${proxy.capability()}`]
    const args = ['--silent', '--unix-socket', proxy.socket, ...bearer, 'http://proxy/search/tasks/1']
    assert.is((await ran('curl', args)).stdout, 'GET /base/tasks/1')
  })

  test('a body goes through, with a length and in chunks', async ({ proxy, service }) => {
    const capability = proxy.capability()
    assert.is((await curl(proxy, capability, 'http://search.if-board/a', '--data', 'body')).status, 200)
    assert.is(service.asked.at(-1)?.body, 'body')
    const chunked = ['--header', 'Transfer-Encoding: chunked', '--data', 'in chunks']
    assert.is((await curl(proxy, capability, 'http://search.if-board/a', ...chunked)).status, 200)
    assert.is(service.asked.at(-1)?.body, 'in chunks')
    const expecting = ['--header', 'Expect: 100-continue', '--data', 'z'.repeat(100_000)]
    assert.is((await curl(proxy, capability, 'http://search.if-board/a', ...expecting)).status, 200)
    assert.is(service.asked.at(-1)?.body.length, 100_000)
  })

  test('without a capability, with another proxy’s or a changed one, nothing passes', async ({ proxy, service }) => {
    const before = service.asked.length
    const other = await startProxy({ aliases: [{ alias: 'search' }] })
    const strange = other.capability()
    await other.close()
    assert.is(told(await curl(proxy, '', 'http://search.if-board/a')), '403 capability')
    assert.is(told(await curl(proxy, strange, 'http://search.if-board/a')), '403 capability')
    const changed = proxy.capability().replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))
    assert.is(told(await curl(proxy, changed, 'http://search.if-board/a')), '403 capability')
    const none = await ran('curl', [
      '--silent',
      '--noproxy',
      '',
      '--proxy',
      `127.0.0.1:${proxy.port}`,
      '--write-out',
      '%{http_code}',
      '--output',
      '/dev/null',
      'http://search.if-board/a',
    ])
    assert.is(none.stdout, '407')
    assert.is(service.asked.length, before)
  })

  test('an expired capability, and one whose claim is over, are dead', async ({ proxy }) => {
    const soon = proxy.capability({ name: 'expires', seconds: Math.floor(proxy.nowMs / 1000) + 1 })
    assert.is((await curl(proxy, soon, 'http://search.if-board/a')).status, 200)
    proxy.nowMs += 2_000
    assert.is(told(await curl(proxy, soon, 'http://search.if-board/a')), '403 capability')
    const capability = proxy.capability()
    proxy.standing = { holds: false, refusal: undefined }
    assert.is(told(await curl(proxy, capability, 'http://search.if-board/a')), '403 claim')
    proxy.standing = { holds: true, refusal: 'no' }
    assert.is(told(await curl(proxy, capability, 'http://search.if-board/a')), '403 session')
    proxy.standing = { holds: true, refusal: undefined }
  })

  test('an attenuated capability allows less, and a replayed one shares its count', async ({ proxy }) => {
    const narrower = proxy.capability({ name: 'methods', methods: ['GET'] }, { name: 'path', path: '/tasks' })
    assert.is(told(await curl(proxy, narrower, 'http://search.if-board/tasks/1')), '200')
    assert.is(told(await curl(proxy, narrower, 'http://search.if-board/other')), '403 path')
    assert.is(told(await curl(proxy, narrower, 'http://search.if-board/tasks/1', '--data', 'x')), '403 method')
    const once = proxy.capability({ name: 'calls', calls: 1 })
    assert.is(told(await curl(proxy, once, 'http://search.if-board/a')), '200')
    assert.is(told(await curl(proxy, once, 'http://search.if-board/a')), '403 budget')
  })

  test('what registry and capability do not name is refused', async ({ proxy }) => {
    const capability = proxy.capability()
    const narrow = proxy.capability({ name: 'alias', alias: 'narrow' })
    assert.is(told(await curl(proxy, capability, 'http://narrow.if-board/tasks/1')), '403 alias')
    assert.is(told(await curl(proxy, narrow, 'http://narrow.if-board/tasks/1')), '200')
    assert.is(told(await curl(proxy, narrow, 'http://narrow.if-board/admin')), '403 path')
    assert.is(told(await curl(proxy, narrow, 'http://narrow.if-board/tasks/1', '--request', 'PUT')), '403 method')
    assert.is(told(await curl(proxy, capability, 'http://search.if-board/a', '--request', 'DELETE')), '403 method')
    assert.is(told(await curl(proxy, capability, 'http://search.if-board/a', '--request', 'TRACE')), '403 method')
    assert.is(told(await curl(proxy, capability, 'http://example.com/')), '403 alias')
    assert.is(told(await curl(proxy, capability, 'http://unknown.if-board/')), '403 alias')
  })

  test('addresses in any notation are no alias', async ({ proxy }) => {
    const capability = proxy.capability()
    for (const host of [
      '127.0.0.1',
      '127.1',
      '0x7f.1',
      '0177.0.0.1',
      '2130706433',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '169.254.169.254',
    ])
      assert.is(told(await curl(proxy, capability, `http://${host}/latest`)), '403 address', host)
  })

  test('paths that lead up are refused as they come', async ({ proxy, service }) => {
    const before = service.asked.length
    for (const path of [
      '../admin',
      'a/../../admin',
      '%2e%2e/admin',
      'a/%2e%2e%2fadmin',
      '..%5cadmin',
      '%252e%252e/admin',
      '..;/admin',
    ])
      assert.is(
        told(await curl(proxy, proxy.capability(), `http://search.if-board/${path}`, '--path-as-is')),
        '403 path',
        path,
      )
    assert.is(service.asked.length, before)
  })

  test('a name that leads to metadata, or to a public and a private address, is not connected to', async ({
    proxy,
  }) => {
    for (const alias of ['inside', 'rebound', 'literal'])
      assert.is(
        told(await curl(proxy, proxy.capability({ name: 'alias', alias }), `http://${alias}.if-board/`)),
        '403 address',
        alias,
      )
    for (const alias of ['nowhere', 'gone'])
      assert.is(
        told(await curl(proxy, proxy.capability({ name: 'alias', alias }), `http://${alias}.if-board/`)),
        '502 unreachable',
        alias,
      )
  })

  test('a redirect within the alias is followed as a new request, one that leads out is refused', async ({
    proxy,
    service,
  }) => {
    const capability = proxy.capability()
    const answer = await curl(proxy, capability, 'http://search.if-board/redirect/in', '--location')
    assert.equal([answer.status, answer.body], [200, 'GET /base/there?q=1'])
    const narrower = proxy.capability({ name: 'path', path: '/redirect' })
    assert.is(told(await curl(proxy, narrower, 'http://search.if-board/redirect/in', '--location')), '403 path')
    for (const where of ['metadata', 'up']) {
      const out = await curl(proxy, capability, `http://search.if-board/redirect/${where}`, '--location')
      assert.is(told(out), '502 redirect')
      assert.not.match(out.body, /169\.254|admin/)
    }
    assert.not.ok(service.asked.some(({ line }) => line.includes('admin')))
  })

  test('cookies do not come back', async ({ proxy }) => {
    const answer = await curl(proxy, proxy.capability(), 'http://search.if-board/cookie', '--include')
    assert.match(answer.body, /x-kept: 1/i)
    assert.not.match(answer.body, /set-cookie/i)
  })

  test('a body up is held at the last byte, with and without a length', async ({ proxy }) => {
    const bytes = (most: number) => proxy.capability({ name: 'bytes', bytes: most })
    const post = (capability: string, size: number, ...more: string[]) =>
      curl(proxy, capability, 'http://search.if-board/bytes/0', '--data', 'x'.repeat(size), ...more)
    const exact = bytes(100)
    assert.is((await post(exact, 100)).status, 200)
    assert.is(told(await post(exact, 1)), '403 budget')
    assert.is(told(await post(bytes(100), 101)), '413 budget')
    const chunked = ['--header', 'Transfer-Encoding: chunked']
    assert.is((await post(bytes(100), 100, ...chunked)).status, 200)
    assert.is(told(await post(bytes(100), 101, ...chunked)), '413 budget')
    assert.is(proxy.calls.at(-1)?.sent, 100)
  })

  test('a body down is held at the last byte, with and without a length', async ({ proxy }) => {
    const small = (path: string) =>
      curl(proxy, proxy.capability({ name: 'bytes', bytes: 100 }), `http://search.if-board/${path}`)
    assert.is((await small('bytes/100')).body.length, 100)
    assert.is(told(await small('bytes/101')), '403 budget')
    const cut = await small('stream')
    assert.is(cut.body, `${'x'.repeat(60)}${'y'.repeat(40)}`)
    assert.is.not(cut.exit, 0, 'the client is told that the answer is not whole')
    assert.equal([proxy.calls.at(-1)?.received, proxy.calls.at(-1)?.rule], [100, 'budget'])
  })

  test('budgets of a day hold over capabilities: bytes, requests, dollars', async ({ proxy }) => {
    const ask = (alias: string, path: string) =>
      curl(proxy, proxy.capability({ name: 'alias', alias }), `http://${alias}.if-board/${path}`)
    assert.is(told(await ask('small', 'bytes/99')), '200')
    assert.is(told(await ask('small', 'bytes/2')), '403 budget')
    assert.is(told(await ask('small', 'bytes/1')), '200')
    assert.is(told(await ask('small', 'bytes/1')), '403 budget')
    assert.equal(
      [told(await ask('few', 'a')), told(await ask('few', 'a')), told(await ask('few', 'a'))],
      ['200', '200', '403 budget'],
    )
    assert.equal([told(await ask('dear', 'a')), told(await ask('dear', 'a'))], ['200', '403 budget'])
  })

  test('many at once pass no more than there is', async ({ proxy }) => {
    const capability = proxy.capability({ name: 'calls', calls: 5 })
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => curl(proxy, capability, 'http://search.if-board/a')),
    )
    assert.is(answers.filter(({ status }) => status === 200).length, 5)
    assert.is(answers.filter(({ rule }) => rule === 'budget').length, 7)
  })

  test('a service that does not answer in time is given up', async ({ proxy }) => {
    const begun = performance.now()
    const capability = proxy.capability({ name: 'alias', alias: 'slow' })
    assert.is(told(await curl(proxy, capability, 'http://slow.if-board/never')), '504 time')
    // By its own time, not by the one that others have.
    assert.ok(performance.now() - begun < 9_000)
  })

  test('no query and no capability reaches the log', async ({ proxy }) => {
    const capability = proxy.capability()
    await curl(proxy, capability, 'http://search.if-board/tasks/1?key=hidden')
    const text = JSON.stringify(proxy.calls)
    assert.not.match(text, /hidden|ifb1/)
    assert.equal(proxy.calls.at(-1), {
      alias: 'search',
      method: 'GET',
      path: '/tasks/1',
      sent: 0,
      received: 'GET /base/tasks/1?key=hidden'.length,
    })
  })
}

test('a name is resolved once for a request, so where it leads a moment later is of no account', async ({
  service,
}) => {
  const origin = `http://rebinding.test:${service.port}`
  const answers = [['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1', '::ffff:10.0.0.1']]
  let lookups = 0
  const proxy = await startProxy({
    aliases: [{ alias: 'search', url: `${origin}/` }],
    settings: { private: new Map([[origin, ['127.0.0.1']]]) },
    resolve: async () => answers[lookups++] ?? [],
  })
  const ask = async () => {
    const headers = { 'proxy-authorization': `Bearer ${proxy.capability()}` }
    const answer = await fetch(`http://127.0.0.1:${proxy.port}/search/a`, { headers })
    return `${answer.status} ${/"rule":"([a-z]+)"/.exec(await answer.text())?.[1] ?? ''}`.trim()
  }
  assert.equal([await ask(), lookups], ['200', 1])
  assert.equal([await ask(), await ask(), lookups], ['403 address', '403 address', 3])
  await proxy.close()
})

test('an address that may be reached for one origin may not for another', async ({ service }) => {
  const proxy = await startProxy({
    aliases: [{ alias: 'search', url: `http://other.test:${service.port}/` }],
    settings: { private: new Map([[`http://service.test:${service.port}`, ['127.0.0.0/8']]]) },
  })
  const headers = { 'proxy-authorization': `Bearer ${proxy.capability()}` }
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/search/a`, { headers })
  assert.match(await answer.text(), /"rule":"address","reason":"the host leads to an address that is loopback/)
  await proxy.close()
})

test('Node’s own client gets the same', async ({ proxy }) => {
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { host: 'search.if-board', 'proxy-authorization': `Bearer ${proxy.capability()}` }
    const asked = httpRequest(
      { host: '127.0.0.1', port: proxy.port, path: 'http://search.if-board/tasks/1', headers },
      (response) => {
        let body = ''
        response
          .setEncoding('utf8')
          .on('data', (text: string) => (body += text))
          .on('end', () => resolve(`${response.statusCode} ${body}`))
      },
    )
    asked.on('error', reject).end()
  })
  assert.is(answer, '200 GET /base/tasks/1')
})

test('Node’s fetch asks the port directly, where the alias stands in the path', async ({ proxy }) => {
  const headers = { 'proxy-authorization': `Bearer ${proxy.capability()}` }
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/search/tasks`, { method: 'POST', body: 'x', headers })
  assert.equal([answer.status, await answer.text()], [200, 'POST /base/tasks'])
})

test.run()
