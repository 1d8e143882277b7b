/** HTTP of modules and scripts by one call of the host: through a real proxy to a real service, and at every bound. */
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CallAnswer } from '../../../src/model/index.ts'
import type { ModuleHttp, ModuleReport } from '../../../src/ports/index.ts'
import { type Service, startProxy, startService, type TestProxy } from '../../support/proxy.ts'
import { bytesOf } from '../../support/wat.ts'
import { ANSWER_AT, answeredWith, askingModule, scriptOf, sha256Of, throughProxy } from './asking.ts'
import { type Asked, open, request, textOf, wordOf } from './attacked.ts'

const SECRET = 'index-token-5f2a9c1e'
const test = suite<{ service: Service; proxy: TestProxy }>('HTTP of a module')
const chassis = open()

type Serve = NonNullable<Parameters<typeof startService>[0]>

/** What a service may do instead of answering well. */
const ODD = new Map<string, (response: Parameters<Serve>[1]) => void>([
  ['/tasks/slow', () => undefined],
  ['/tasks/large', (response) => void response.end(Buffer.alloc(5 * 2 ** 20, 'x'))],
  [
    '/tasks/broken',
    (response) => {
      // More than what the proxy keeps back to look through.
      response.writeHead(200, { 'content-length': 99_999 }).write('x'.repeat(50_000))
      setTimeout(() => response.destroy(), 300)
    },
  ],
  [
    '/tasks/forged',
    (response) => void response.writeHead(403).end('{"kind":"denied","rule":"budget","reason":"forged"}'),
  ],
])

/** `PUT /tasks/_doc/ID` keeps a text, `GET /tasks/_search?q=WORD` finds it; who has no token gets nothing. */
function searchServer(): Serve {
  const documents = new Map<string, string>()
  return (request, response) => {
    if (request.headers.authorization !== `Bearer ${SECRET}`) return void response.writeHead(401).end()
    const url = new URL(request.url ?? '', 'http://x/')
    const odd = ODD.get(url.pathname)
    if (odd !== undefined) return odd(response)
    let body = ''
    request.on('data', (text: string) => (body += text))
    request.on('end', () => {
      if (request.method === 'PUT') documents.set(url.pathname.split('/').at(-1) ?? '', body)
      const hits = [...documents].filter(([, text]) => text.includes(url.searchParams.get('q') ?? '')).map(([id]) => id)
      response.writeHead(200, { 'content-type': 'application/json', 'x-engine': 'test' }).end(JSON.stringify({ hits }))
    })
  }
}

test.before.each(async (context) => {
  context.service = await startService(searchServer())
  const origin = `http://127.0.0.1:${context.service.port}`
  context.proxy = await startProxy({
    aliases: [
      { alias: 'search', url: `${origin}/`, methods: ['GET', 'PUT'], paths: ['/tasks/**'], secret: 'token' },
      { alias: 'other', url: `${origin}/`, paths: ['/**'] },
      { alias: 'gone', url: 'http://127.0.0.1:1/' },
    ],
    settings: {
      private: new Map([
        [origin, ['127.0.0.1']],
        ['http://127.0.0.1:1', ['127.0.0.1']],
      ]),
      secrets: new Map([
        ['token', { origin, header: 'authorization', prefix: 'Bearer ', source: { kind: 'env', name: 'TOKEN' } }],
      ]),
    },
    environment: { TOKEN: SECRET },
  })
})
test.after.each(async ({ service, proxy }) => {
  await proxy.close()
  await service.close()
})

const runModule = (wat: string, http: (module: Uint8Array) => ModuleHttp | undefined, asked: Asked = {}) => {
  const module = bytesOf(wat)
  return chassis.run(request(module, { http: http(module), ...asked }))
}
const runScript = (source: string, http: (module: Uint8Array) => ModuleHttp | undefined, asked: Asked = {}) => {
  const module = scriptOf(source)
  return chassis.run(
    request(module, { language: 'script', http: http(module), ...asked, limits: { fuel: 1e8, ...asked.limits } }),
  )
}

/** What a run leaves: outcome, standard output. */
const seen = (report: ModuleReport) => [wordOf(report), textOf(report.stdout) || textOf(report.stderr)]

test('a module puts a document into an index and finds it again', async ({ service, proxy }) => {
  const calls = [
    'PUT search /tasks/_doc/7\nContent-Type: text/plain\n\nwalk the dog',
    'GET search /tasks/_search?q=dog\n\n',
  ]
  const report = await runModule(askingModule(calls), (module) => throughProxy(proxy, module))
  const [outcome, text = ''] = seen(report)
  assert.is(outcome, 'completed', text)
  assert.equal(text.match(/0 200\n[\s\S]*?\n\n\{"hits":\["7"\]\}/g)?.length, 2, text)
  assert.match(text, /^x-engine: test$/m)
  assert.equal(report.http, [{ alias: 'search', calls: 2, sent: 12, received: 28 }])
  assert.equal(
    service.asked.map(({ line, body }) => `${line} ${body}`),
    ['PUT /tasks/_doc/7 walk the dog', 'GET /tasks/_search?q=dog '],
  )
  assert.is(service.asked[0]?.headers['content-type'], 'text/plain')
})

test('a script does the same, and is told status, headers and body', async ({ service, proxy }) => {
  const source = `
    http({ method: 'PUT', alias: 'search', path: '/tasks/_doc/7', body: 'walk the dög' })
    const { status, headers, body } = http({ alias: 'search', path: '/tasks/_search?q=walk' })
    print(status, headers['x-engine'], JSON.parse(body).hits)`
  const report = await runScript(source, (module) => throughProxy(proxy, module))
  assert.equal(seen(report), ['completed', '200 test 7\n'])
  assert.is(Buffer.from(service.asked[0]?.body ?? '', 'latin1').toString('utf8'), 'walk the dög')
  assert.equal(report.http, [{ alias: 'search', calls: 2, sent: 13, received: 28 }])
})

const DENIED = [
  ['a service that was not granted', "alias: 'other', path: '/x'", 'alias'],
  ['a service that there is not', "alias: 'nothing', path: '/x'", 'alias'],
  ['a method', "alias: 'search', method: 'DELETE', path: '/tasks/1'", 'method'],
  ['a path', "alias: 'search', path: '/_cluster'", 'path'],
  ['a path that two programs read differently', "alias: 'search', path: '/tasks/%2e%2e/_cluster'", 'path'],
  ['a header of ours', "alias: 'search', path: '/tasks/1', headers: {'Proxy-Authorization': 'x'}", 'request'],
  ['a header with a line in it', "alias: 'search', path: '/tasks/1', headers: {a: 'b\\r\\nc: d'}", 'request'],
  ['a path with a line in it', "alias: 'search', path: '/tasks/1 HTTP/1.1\\r\\nx: y'", 'request'],
] as const
for (const [what, call, rule] of DENIED)
  test(`${what} is denied by its rule, and the script may go on`, async ({ service, proxy }) => {
    const source = `try { http({ ${call} }) } catch (error) { print(error.name, error.rule, error.message.startsWith(error.rule + ': ')) }`
    const report = await runScript(source, (module) => throughProxy(proxy, module))
    assert.equal(seen(report), ['completed', `HttpError ${rule} true\n`])
    assert.equal(service.asked, [])
  })

test('a script that does not expect a denial fails by it, and says which rule', async ({ proxy }) => {
  const report = await runScript("http({ alias: 'search', path: '/secret' })", (module) => throughProxy(proxy, module))
  assert.is(wordOf(report), 'exit 1')
  assert.match(textOf(report.stderr), /^HttpError: path: the settings do not list the path/)
  assert.equal(report.http, [{ alias: 'search', calls: 1, denied: 1, sent: 0, received: 0 }])
})

test('calls are granted to the last one, and those beyond are denied and counted', async ({ service, proxy }) => {
  const source = `
    const rules = []
    for (let left = 4; left > 0; left -= 1)
      try { rules.push(http({ alias: 'search', path: '/tasks/_search' }).status) } catch ({ rule }) { rules.push(rule) }
    print(rules)`
  const report = await runScript(source, (module) => throughProxy(proxy, module, { calls: 2 }))
  assert.equal(seen(report), ['completed', '200,200,budget,budget\n'])
  assert.equal(report.http, [{ alias: 'search', calls: 4, denied: 2, sent: 0, received: 22 }])
  assert.is(service.asked.length, 2)
  const counted = (module: Uint8Array) => throughProxy(proxy, module, { caveats: [{ name: 'calls', calls: 2 }] })
  assert.equal(seen(await runScript(source, counted)), ['completed', '200,200,budget,budget\n'])
})

test('the last byte of a budget is the last that comes', async ({ proxy }) => {
  const source =
    "try { print(http({ alias: 'search', path: '/tasks/_search' }).body) } catch (error) { print(error.rule) }"
  const run = (bytes: number) =>
    runScript(source, (module) => throughProxy(proxy, module, { caveats: [{ name: 'bytes', bytes }] }))
  assert.equal(seen(await run(11)), ['completed', '{"hits":[]}\n'])
  assert.match(seen(await run(10))[1] ?? '', /^(budget|cut)\n$/)
})

test('a capability for another module is refused', async ({ service, proxy }) => {
  const source = "try { http({ alias: 'search', path: '/tasks/1' }) } catch (error) { print(error.message) }"
  const report = await runScript(source, (module) =>
    throughProxy(proxy, module, { sha256: sha256Of(scriptOf('another')) }),
  )
  assert.equal(seen(report), ['completed', 'module: the capability is for the calls of a module\n'])
  assert.equal(service.asked, [])
})

test('a service cannot pretend that the proxy refused', async ({ proxy }) => {
  const source =
    "const { status, body } = http({ alias: 'search', path: '/tasks/forged' }); print(status, JSON.parse(body).rule)"
  assert.equal(seen(await runScript(source, (module) => throughProxy(proxy, module))), ['completed', '403 budget\n'])
})

test('what is too large, breaks off or cannot be reached is told as such', async ({ proxy }) => {
  const source = `
    const ends = [['search', '/tasks/large'], ['search', '/tasks/broken'], ['gone', '/']].map(([alias, path]) => {
      try { return http({ alias, path }).status } catch ({ rule }) { return rule }
    })
    print(ends)`
  const report = await runScript(source, (module) => throughProxy(proxy, module, { aliases: ['search', 'gone'] }))
  assert.equal(seen(report), ['completed', 'cut,cut,unreachable\n'])
  assert.equal(report.http, [
    { alias: 'search', calls: 2, cut: 2, sent: 0, received: 0 },
    { alias: 'gone', calls: 1, denied: 1, sent: 0, received: 0 },
  ])
})

test('a proxy that is killed in the middle of a call is unreachable, and so is each call after it', async ({
  service,
  proxy,
}) => {
  const source = `
    const ends = ['/tasks/slow', '/tasks/1'].map((path) => {
      try { return http({ alias: 'search', path }).status } catch ({ rule }) { return rule }
    })
    print(ends)`
  const running = runScript(source, (module) => throughProxy(proxy, module))
  for (let waited = 0; waited < 10_000 && service.asked.length === 0; waited += 20) await sleep(20)
  await proxy.close()
  const report = await running
  assert.equal(seen(report), ['completed', 'unreachable,unreachable\n'])
  assert.equal(report.http, [{ alias: 'search', calls: 2, unreachable: 2, sent: 0, received: 0 }])
})

test('time spent waiting counts: the deadline ends run and call', async ({ service, proxy }) => {
  const startedAt = performance.now()
  const report = await runScript(
    "http({ alias: 'search', path: '/tasks/slow' })",
    (module) => throughProxy(proxy, module),
    {
      limits: { deadlineMs: 7_000 },
    },
  )
  assert.is(wordOf(report), 'deadline')
  assert.ok(performance.now() - startedAt < 8_500)
  assert.equal(report.http, [{ alias: 'search', calls: 1, sent: 0, received: 0 }])
  assert.is(service.asked.length, 1)
  for (let waited = 0; waited < 3_000 && proxy.calls.length === 0; waited += 20) await sleep(20)
  assert.is(proxy.calls.length, 1, 'the proxy has let go of it')
})

test('without a grant the import is denied, and a script has no `http`', async () => {
  const report = await runModule(askingModule(['GET search /tasks/1\n\n']), () => undefined)
  assert.equal(report.outcome, { kind: 'denied', reason: 'it imports the function if_board.http_request' })
  assert.equal(seen(await runScript('print(typeof http)', () => undefined)), ['completed', 'undefined\n'])
  assert.equal(report.http, [])
})

const PAGE: CallAnswer = { kind: 'answered', status: 200, headers: [['a', 'b']], body: scriptOf('0123456789') }
const WHOLE = '200\na: b\n\n0123456789'

test('an answer that finds no room is kept, and given without asking again', async () => {
  const { http, asked } = answeredWith(() => PAGE)
  const again = (room: number) =>
    `(i32.store (i32.const 4) (i32.const ${room}))
     (call $proc_exit (i32.add (i32.mul (i32.const 16) (local.get $number))
       (call $http (i32.const 0) (i32.const 0) (i32.const ${ANSWER_AT}) (i32.const ${room}) (i32.const 1024))))`
  const fits = await runModule(
    askingModule(['GET search /\n\n'], { room: WHOLE.length - 1, after: again(WHOLE.length) }),
    () => http,
  )
  assert.is(wordOf(fits), `exit ${16 * 5}`)
  const still = await runModule(askingModule(['GET search /\n\n'], { room: 3, after: again(4) }), () => http)
  assert.is(wordOf(still), `exit ${16 * 5 + 5}`)
  assert.is(asked.length, 2)
  const nothing = await runModule(askingModule([''], { after: '(call $proc_exit (local.get $number))' }), () => http)
  assert.is(wordOf(nothing), 'exit 6')
})

test('numbers tell how a call ended, and what is no call asks nobody', async () => {
  const numberOf = async (call: string, answer: CallAnswer = PAGE) => {
    const { http, asked } = answeredWith(() => answer)
    return [seen(await runModule(askingModule([call]), () => http))[1], asked.length]
  }
  assert.equal(await numberOf('GET search /\n\n'), [`0 ${WHOLE}`, 1])
  assert.equal(await numberOf('GET search /\n\n', { kind: 'denied', rule: 'path', reason: 'no' }), ['1 path\nno', 1])
  assert.equal(await numberOf('GET search /\n\n', { kind: 'unreachable', reason: 'gone' }), ['2 gone', 1])
  assert.equal(await numberOf('GET search /\n\n', { kind: 'cut', reason: 'half' }), ['3 half', 1])
  for (const none of [
    'GET search /',
    'GET /\n\n',
    'get search /\n\n',
    'GET search x\n\n',
    'GET search / HTTP/1.1\n\n',
    'GET search /\nno field\n\n',
    'GET search /\nHost: x\n\n',
    'GET search /\na: \u0001\n\n',
    '\n\n',
  ])
    assert.equal(await numberOf(none), ['4 ', 0], JSON.stringify(none))
})

test('an address outside of the memory asks nobody', async () => {
  const { http, asked } = answeredWith(() => PAGE)
  for (const call of [
    '(i32.const 65530) (i32.const 16) (i32.const 0) (i32.const 9) (i32.const 0)',
    '(i32.const 2048) (i32.const 14) (i32.const 65530) (i32.const 16) (i32.const 0)',
    '(i32.const 2048) (i32.const 14) (i32.const 0) (i32.const 16) (i32.const 65533)',
    '(i32.const -1) (i32.const -1) (i32.const -1) (i32.const -1) (i32.const -1)',
  ])
    assert.is(
      wordOf(await runModule(askingModule([], { after: `(call $proc_exit (call $http ${call}))` }), () => http)),
      'exit 7',
      call,
    )
  assert.equal(asked, [])
})

test('a call costs fuel, and its bytes too', async () => {
  const fuelOf = async (body: Uint8Array, sent = '') => {
    const { http } = answeredWith(() => ({ ...PAGE, body }) as CallAnswer)
    return (await runModule(askingModule([`PUT search /\n\n${sent}`]), () => http)).fuel ?? 0
  }
  const [short, long, sent] = [
    await fuelOf(scriptOf('')),
    await fuelOf(new Uint8Array(8_000)),
    await fuelOf(scriptOf(''), 'x'.repeat(80)),
  ]
  assert.ok(short > 100)
  assert.ok(long - short >= 2_000, `${long - short} units for 8,000 bytes`)
  assert.is(sent - short, 10)
  const loop =
    '(loop (drop (call $http (i32.const 2048) (i32.const 15) (i32.const 4096) (i32.const 9) (i32.const 0))) (br 0))'
  const { http } = answeredWith(() => PAGE)
  assert.is(wordOf(await runModule(askingModule([], { after: loop }), () => http, { limits: { fuel: 1e4 } })), 'fuel')
})

test('neither capability nor credential is anywhere in a run', async ({ service, proxy }) => {
  let capability = ''
  const kept = (module: Uint8Array) => {
    const http = throughProxy(
      {
        ...proxy,
        socket: proxy.socket,
        capability: (...caveats) => (capability = proxy.capability(...caveats)),
      } as TestProxy,
      module,
    )
    return http
  }
  const source = `
    const { headers, body } = http({ alias: 'search', path: '/tasks/_search' })
    print(JSON.stringify([headers, body, Object.getOwnPropertyNames(globalThis), http.toString()]))`
  const report = await runScript(source, kept)
  assert.is(wordOf(report), 'completed')
  assert.is(service.asked[0]?.headers.authorization, `Bearer ${SECRET}`)
  const text = [
    JSON.stringify(report, (_, value) => (value instanceof Map ? [...value] : value)),
    textOf(report.stdout),
    textOf(report.stderr),
  ].join()
  for (const hidden of [SECRET, capability, capability.slice(0, 30), proxy.socket, 'if-board-module'])
    assert.not.ok(text.includes(hidden))
})

test('inside bubblewrap a module asks by its supervisor, and still has no network', async ({ proxy }) => {
  const walled = open('probe')
  const module = scriptOf("print(http({ alias: 'search', path: '/tasks/_search' }).body)")
  const report = await walled.run(
    request(module, { language: 'script', http: throughProxy(proxy, module), limits: { fuel: 1e8 } }),
  )
  if (!report.layers.includes('bwrap')) console.log('skip: bubblewrap does not work here')
  assert.equal(seen(report), ['completed', '{"hits":[]}\n'])
})

test.run()
