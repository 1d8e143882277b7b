/** The proxy as it is typed: a session that holds a task uses a real service, and the log says what it did. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ProxyUse } from '../../src/model/proxy.ts'
import { bin, jsonOf, run, told } from '../support/cli.ts'
import { type Sandbox, sandbox } from '../support/git-servers.ts'
import { ran, type Service, startService } from '../support/proxy.ts'
import { sampled } from '../support/sampled.ts'

const BOARD = `# Board

| ID | Task | Status |
|----|------|--------|
| A1 | Fill the index | AVAILABLE |
| A2 | Ask the index | AVAILABLE |
`
const SECRET = 'index-token-5f2a9c1e'

let box: Sandbox
let service: Service
/** Proxies that a failed test has left running would keep this process from ending. */
const proxies: ChildProcess[] = []
test.before.each(async () => {
  service = await startService(searchServer())
  box = sandbox()
  await box.repository('clone')
  await writeFile(box.path('clone/TASKS.md'), BOARD)
  assert.is((await ask('init', '--local', '--from', 'TASKS.md')).status, 0)
})
test.after.each(async () => {
  for (const proxy of proxies.splice(0)) proxy.kill('SIGKILL')
  await service.close()
  await box.remove()
})

const where = (more: Record<string, string> = {}) => ({ cwd: box.path('clone'), env: { ...box.environment, ...more } })
const ask = (...args: string[]) => run(where(), ...args)

/** A small index of documents: `PUT /tasks/_doc/ID`, `GET /tasks/_search?q=WORD`; who has no token gets nothing. */
function searchServer(): Parameters<typeof startService>[0] {
  const documents = new Map<string, string>()
  return (request, response) => {
    if (request.headers.authorization !== `Bearer ${SECRET}`) return void response.writeHead(401).end()
    const url = new URL(request.url ?? '', 'http://x/')
    let body = ''
    request.on('data', (text: string) => (body += text))
    request.on('end', () => {
      const id = /^\/tasks\/_doc\/(.+)$/.exec(url.pathname)?.[1]
      if (id !== undefined && request.method === 'PUT') documents.set(id, body)
      const word = url.searchParams.get('q') ?? ''
      const hits = [...documents].filter(([, text]) => text.includes(word)).map(([name]) => name)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ hits }))
    })
  }
}

/** Settings of the boards and of this machine, and the proxy in a process of its own. */
async function openProxy(more = '') {
  const origin = `http://127.0.0.1:${service.port}`
  await setOnBoard(
    `proxy:\n  search: {url: "${origin}/", methods: [GET, PUT], paths: ["/tasks/**"], secret: index-token${more}}\n`,
  )
  const secrets = { 'index-token': { origin, env: 'INDEX_TOKEN' } }
  await writeFile(
    box.path('clone/.git/if-board/proxy.json'),
    JSON.stringify({ secrets, private: { [origin]: ['127.0.0.1'] } }),
  )
  await chmod(box.path('clone/.git/if-board/proxy.json'), 0o600)
  const { cwd, env } = where({ INDEX_TOKEN: SECRET })
  const child = spawn(process.execPath, [bin, 'proxy', '--port', '0', '--json', '--session', 'gate'], {
    ...{ cwd, env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  proxies.push(child)
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const [text] = (await Promise.race([once(child.stdout, 'data'), once(child, 'close')])) as [Buffer | number]
  if (typeof text === 'number') throw new Error(`the proxy ended with ${text}: ${errors}`)
  const { socket, port, aliases } = JSON.parse(String(text))
  return {
    ...{ socket: socket as string, port: port as number, aliases: aliases as string[] },
    async close() {
      child.kill('SIGTERM')
      const [status] = (await once(child, 'close')) as [number]
      return status
    },
  }
}

async function setOnBoard(lines: string): Promise<void> {
  assert.is((await ask('checkout', box.path('board'))).status, 0)
  await appendFile(box.path('board/.if-board/config.yml'), lines)
  box.git('board', 'commit', '--quiet', '--all', '--message=Services')
  box.git('board', 'push', '--quiet')
}

/** Status and body, or the rule that refused. */
function asked(port: number, capability: string, method: string, path: string, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'proxy-authorization': `Bearer ${capability}`, 'content-length': Buffer.byteLength(body) }
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (more: string) => (text += more))
      answer.on('end', () => resolve(`${answer.statusCode} ${/"rule":"([a-z]+)"/.exec(text)?.[1] ?? text}`))
    })
    sent.on('error', reject).end(body)
  })
}

const grantTo = (session: string, ...more: string[]) =>
  ask('proxy', 'grant', 'search', '--session', session, '--json', ...more)

test('a session that holds a task indexes and queries a real service, and never sees its key', async () => {
  const proxy = await openProxy()
  assert.equal(proxy.aliases, ['search'])
  if (process.platform !== 'win32') assert.is((await stat(proxy.socket)).mode & 0o777, 0o600)
  await ask('join', 'ada', '--session', 'ada', '--can', 'network.http.proxy.external')
  assert.is((await ask('next', '--session', 'ada')).status, 0)
  const granted = jsonOf(await grantTo('ada'))
  assert.equal([granted.kind, granted.task, granted.port], ['proxy-grant', 'A1', proxy.port])
  const { capability } = granted
  assert.is(await asked(proxy.port, capability, 'PUT', '/search/tasks/_doc/1', 'walk the dog'), '200 {"hits":["1"]}')
  assert.is(
    await asked(proxy.port, capability, 'PUT', '/search/tasks/_doc/2', 'feed the cat'),
    '200 {"hits":["1","2"]}',
  )
  assert.is(
    await asked(proxy.port, capability, 'GET', '/search/tasks/_search?q=dog&private=words'),
    '200 {"hits":["1"]}',
  )
  assert.is(await asked(proxy.port, capability, 'GET', '/search/_cluster'), '403 path')
  assert.is(await asked(proxy.port, capability, 'DELETE', '/search/tasks/_doc/1'), '403 method')
  const curl = await ran(
    'curl',
    ['--silent', '--noproxy', '', 'http://search.if-board/tasks/_search?q=cat'],
    granted.environment,
  )
  if (curl.status !== -1) assert.is(curl.stdout, '{"hits":["2"]}')

  const narrower = await run(
    where({ IF_BOARD_CAPABILITY: capability }),
    'proxy',
    'narrow',
    '--methods',
    'GET',
    '--calls',
    '1',
  )
  assert.is(narrower.status, 0, told(narrower))
  assert.is(await asked(proxy.port, narrower.stdout.trim(), 'PUT', '/search/tasks/_doc/3', 'x'), '403 method')
  assert.is(await asked(proxy.port, narrower.stdout.trim(), 'GET', '/search/tasks/_search?q=dog'), '200 {"hits":["1"]}')
  assert.is(await asked(proxy.port, narrower.stdout.trim(), 'GET', '/search/tasks/_search?q=dog'), '403 budget')
  await untilNoted('"rule":"budget"')

  assert.is((await ask('done', '--session', 'ada')).status, 0)
  await sleep(2_100)
  assert.is(await asked(proxy.port, capability, 'GET', '/search/tasks/_search?q=dog'), '403 claim')
  assert.is(await proxy.close(), 130)
  await logged(capability)
})

/** The proxy notes its counts once a second; the next push of the session takes them along. */
async function untilNoted(words: string): Promise<void> {
  const folder = box.path('clone/.git/if-board/memory/pending')
  const giveUpAt = performance.now() + 30_000
  for (;;) {
    const names = await readdir(folder).catch(() => [])
    // One may be taken along, and gone, meanwhile.
    const texts = await Promise.all(names.map((name) => readFile(`${folder}/${name}`, 'utf8').catch(() => '')))
    if (texts.some((text) => text.includes(words))) return
    assert.ok(performance.now() < giveUpAt, `${words} is noted nowhere: ${texts}`)
    await sleep(100)
  }
}

/** What is signed: the counts, by verdict and rule, and nothing that is secret. */
async function logged(capability: string): Promise<void> {
  const log = jsonOf(await ask('witness', 'log', '--json', '--type', 'requested'))
  const [{ event }] = log.entries
  assert.equal([event.session, event.subject], ['ada', 'TASKS.md:A1'])
  const uses: ProxyUse[] = event.data.requests.uses
  const row = (method: string, rule?: string) => uses.find((use) => use.method === method && use.rule === rule)
  assert.equal(
    [
      row('PUT')?.calls,
      row('PUT')?.sent,
      row('GET')?.verdict,
      row('GET', 'path')?.calls,
      row('DELETE', 'method')?.calls,
    ],
    [2, 24, 'allow', 1, 1],
  )
  assert.equal([row('GRANT')?.calls, row('GET', 'budget')?.verdict], [1, 'refuse'])
  assert.ok(row('GET')?.paths?.includes('/tasks/_search'))
  const text = JSON.stringify(log)
  for (const hidden of [SECRET, 'private', 'walk the dog', capability.slice(0, 20)])
    assert.not.ok(text.includes(hidden), hidden)
  const verified = await ask('witness', 'verify')
  assert.is(verified.status, 0, told(verified))
}

test('who lacks the capability, is not named, holds nothing or asks for what is not there gets none', async () => {
  const proxy = await openProxy(', sessions: [ada]')
  await ask('join', 'ada', '--session', 'ada')
  await ask('join', 'ben', '--session', 'ben', '--can', 'network.http.proxy.external')
  const nothing = await grantTo('ada')
  assert.equal([nothing.status, jsonOf(nothing).error.code], [1, 'claim/none-held'])
  for (const session of ['ada', 'ben']) assert.is((await ask('next', '--session', session)).status, 0)
  const refused = await grantTo('ada')
  assert.equal([refused.status, jsonOf(refused).rule], [5, 'session'], told(refused))
  assert.match(jsonOf(refused).reason, /lacks the capability network\.http\.proxy\.external/)
  assert.equal(jsonOf(await grantTo('ben')).reason, 'the alias names other sessions')
  const unknown = await ask('proxy', 'grant', 'tickets', '--session', 'ben', '--json')
  assert.equal([unknown.status, jsonOf(unknown).rule], [5, 'alias'])
  await proxy.close()
})

test('without services, without a proxy and with settings that others may write, it says what to do', async () => {
  const off = await ask('proxy', '--json')
  assert.equal([off.status, jsonOf(off).error.code], [1, 'proxy/off'])
  await ask('next', '--session', 'ada')
  const alone = await grantTo('ada')
  assert.equal([alone.status, jsonOf(alone).error.code], [1, 'proxy/not-running'])
  await setOnBoard('proxy:\n  search: {url: "http://127.0.0.1:1/"}\n')
  const path = box.path('clone/.git/if-board/proxy.json')
  const wrongs = [
    '{"secrets": 1}',
    'no JSON',
    '{"private": {"http://a/": ["x"]}}',
    '{"sekrets": {}}',
    '{"secrets": {"a": {"origin": "http://a"}}}',
  ]
  for (const text of sampled(wrongs, 2)) {
    await writeFile(path, text)
    const wrong = await ask('proxy', '--json')
    assert.equal([wrong.status, jsonOf(wrong).error.code], [1, 'proxy/settings'], text)
  }
  await writeFile(path, '{}')
  await chmod(path, 0o666)
  if (process.platform !== 'win32')
    assert.match(jsonOf(await ask('proxy', '--json')).error.message, /others can write it/)
})

test('settings of the boards that cannot be read let nothing out', async () => {
  const proxy = await openProxy()
  await ask('join', 'ada', '--session', 'ada', '--can', 'network.http.proxy.external')
  await ask('next', '--session', 'ada')
  const { capability } = jsonOf(await grantTo('ada'))
  assert.is(await asked(proxy.port, capability, 'GET', '/search/tasks/_search'), '200 {"hits":[]}')
  await appendFile(box.path('board/.if-board/config.yml'), '  broken: [\n')
  box.git('board', 'pull', '--quiet', '--rebase', '--autostash')
  box.git('board', 'commit', '--quiet', '--all', '--message=Broken')
  box.git('board', 'push', '--quiet')
  await sleep(2_100)
  assert.is(await asked(proxy.port, capability, 'GET', '/search/tasks/_search'), '403 claim')
  await proxy.close()
})

test('what is typed wrongly is a misuse', async () => {
  const mistakes = [
    ['proxy', '--port', '70000'],
    ['proxy', 'grant', 'Search'],
    ['proxy', 'grant', 'search', '--minutes', '0'],
    ['proxy', 'grant', 'search', '--path', '/a/../b'],
    ['proxy', 'grant', 'search', '--methods', 'GET;PUT'],
    ['proxy', 'grant', 'search', '--calls', '1.5'],
    ['proxy', 'narrow', '--module', 'abc'],
    ['proxy', 'narrow'],
  ]
  for (const words of sampled(mistakes, 3)) assert.is((await ask(...words)).status, 2, words.join(' '))
})

test.run()
