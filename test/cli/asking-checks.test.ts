/** Checks and bodies that ask a service, as they are typed: the proxy a process of its own, the service real, git real. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { askingModule } from '../adapters/wasm/asking.ts'
import { type Service, startService } from '../support/proxy.ts'
import { bytesOf } from '../support/wat.ts'
import { boardOf, type Files, jobOf, project, type Row, runsIn } from './checked.ts'
import { CONFIG, makeWorld, push, type World } from './world.ts'

const test = suite<{ world: World; service: Service }>('checks that ask services')
const SECRET = 'index-token-5f2a9c1e'
let made = 0
/** The service does not answer. */
let silent = false
/** Proxies that a failed test has left running would keep this process from ending. */
const proxies: ChildProcess[] = []

/** Knows the tasks that were put into it; who has no token gets nothing. */
function searchServer(): NonNullable<Parameters<typeof startService>[0]> {
  const documents = new Map<string, string>()
  return (request, response) => {
    if (request.headers.authorization !== `Bearer ${SECRET}`) return void response.writeHead(401).end()
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x/')
    let body = ''
    request.on('data', (text: string) => (body += text))
    request.on('end', () => {
      if (silent) return
      if (request.method === 'PUT') documents.set(pathname.split('/').at(-1) ?? '', body)
      const hits = [...documents].filter(([, text]) => text.includes(searchParams.get('q') ?? '')).map(([id]) => id)
      response.end(JSON.stringify({ hits }))
    })
  }
}

test.before(async (context) => {
  context.world = await makeWorld()
  context.service = await startService(searchServer())
})
test.after(async ({ world, service }) => {
  for (const proxy of proxies) proxy.kill('SIGKILL')
  await service.close()
  await world.remove()
})

const ANN = ['--session', 'ann']
const CHECK = `const { hits } = JSON.parse(http({ alias: 'search', path: '/tasks/_search?q=walk' }).body)
print('found ' + hits.length)
if (hits.length === 0) throw new Error('the page is in no index')
`
const BODY = `http({ method: 'PUT', alias: 'search', path: '/tasks/_doc/1', body: readText('docs/page.md') })
try { http({ alias: 'search', path: '/_cluster' }) } catch ({ rule }) { print('denied by ' + rule) }
writeText('docs/indexed.md', 'yes')
`
const FILES: Files = { 'checks/index.js': CHECK, 'bodies/index.js': BODY, 'docs/page.md': 'walk the dog\n' }

/** The jobs are the settings' own, so that they are granted what a cell is not. */
function settingsOf(service: Service, http = '{aliases: [search], calls: 3}'): string {
  return `proxy:
  search: {url: "http://127.0.0.1:${service.port}/", methods: [GET, PUT], paths: ["/tasks/**"], secret: token}
checks:
  tasks:
    - {match: T1, check: "${jobOf('checks/index.js', CHECK)}", http: ${http}}
    - {match: F1, run: "${jobOf('bodies/index.js', BODY)}", inputs: [docs/page.md], outputs: [docs/indexed.md], http: ${http}}
    - {match: T3, http: {aliases: [search], calls: 1}}
`
}

interface Asked {
  readonly settings: string
  readonly files?: Files
  readonly rows?: readonly Row[]
}

async function clone(world: World, { settings, files = FILES, rows = [] }: Asked): Promise<string> {
  made += 1
  const boards = { 'TASKS.md': boardOf([{ id: 'T1' }, { id: 'F1' }, ...rows]) }
  const folder = await project(world, `asking-${made}`, files, boards)
  await push(world, folder, { [CONFIG]: (before) => `${before}${settings}` })
  await world.run(folder, ['join', 'ann', '--can', 'network.http.proxy.external', ...ANN])
  return folder
}

async function openProxy(world: World, folder: string, { port }: Service) {
  const origin = `http://127.0.0.1:${port}`
  const file = join(folder, '.git/if-board/proxy.json')
  const secrets = { token: { origin, env: 'INDEX_TOKEN' } }
  await writeFile(file, JSON.stringify({ secrets, private: { [origin]: ['127.0.0.1'] } }))
  await chmod(file, 0o600)
  const child = spawn(process.execPath, [world.program, 'proxy', '--json', '--session', 'gate'], {
    cwd: folder,
    env: { ...world.environment, INDEX_TOKEN: SECRET },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  proxies.push(child)
  await once(child.stdout, 'data')
  return async () => {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
}

test('a body fills an index, a check finds what is in it, and the log tells of their calls without a word of them', async ({
  world,
  service,
}) => {
  const folder = await clone(world, { settings: settingsOf(service) })
  const close = await openProxy(world, folder, service)
  const run = (...args: string[]) => world.run(folder, [...args, ...ANN])
  await run('claim', 'T1')
  const early = await run('done', 'T1', '--json')
  assert.equal([early.status, JSON.parse(early.stdout).refused?.rule], [5, 'check'], early.stdout)
  assert.match(JSON.parse(early.stdout).refused.output, /the page is in no index/)
  await run('release', 'T1')
  const filled = await run('run', 'F1', '--json')
  assert.is(filled.status, 0, filled.stdout + filled.stderr)
  await run('claim', 'T1')
  const tried = await run('check', 'T1')
  assert.match(tried.stdout, /passes, [\d,]+ units of fuel, 1 call of services, so it cannot be repeated\./)
  assert.is((await run('done', 'T1')).status, 0)
  const runs = await runsIn(world, folder)
  assert.equal(
    runs.map(({ purpose, outcome, http }) => [purpose, outcome, http]),
    [
      ['done', 'exit', [{ alias: 'search', calls: 1, sent: 0, received: 11 }]],
      ['run', 'completed', [{ alias: 'search', calls: 2, denied: 1, sent: 13, received: 14 }]],
      ['check', 'completed', [{ alias: 'search', calls: 1, sent: 0, received: 14 }]],
      ['done', 'completed', [{ alias: 'search', calls: 1, sent: 0, received: 14 }]],
    ],
  )
  await close()
  await run('note', 'T1', 'what waits rides along')
  const story = (await run('witness', 'show', 'F1')).stdout.replace(/\s+/g, ' ')
  assert.match(story, /2 calls of services \(1 denied\), so it cannot be repeated/)
  const requested = (await run('witness', 'log', '--type', 'requested', '--json')).stdout
  const module = jobOf('bodies/index.js', BODY).slice(-64)
  assert.ok(requested.includes(`"module":"${module}"`) || requested.includes(`"module": "${module}"`), requested)
  const log = (await run('witness', 'log', '--json')).stdout
  for (const hidden of [SECRET, 'walk the dog', 'ifb1.']) assert.not.ok(log.includes(hidden), hidden)
  const verified = await run('witness', 'verify', '--level', 'full')
  assert.is(verified.status, 0, verified.stdout)
  assert.ok(service.asked.every(({ headers }) => headers['if-board-module'] === undefined))
})

test('a module asks as a script does, where a rule without a job of its own grants it to a cell', async ({
  world,
  service,
}) => {
  const wasm = bytesOf(askingModule(['PUT search /tasks/_doc/9\\n\\na page'.replaceAll('\\n', '\n')]))
  const rows = [{ id: 'T3', check: jobOf('checks/ask.wasm', wasm) }]
  const folder = await clone(world, { settings: settingsOf(service), files: { 'checks/ask.wasm': wasm }, rows })
  const close = await openProxy(world, folder, service)
  await world.run(folder, ['claim', 'T3', ...ANN])
  const checked = await world.run(folder, ['check', 'T3', '--json', ...ANN])
  assert.is(checked.status, 0, checked.stdout)
  const [{ output, ran }] = JSON.parse(checked.stdout).runs
  assert.match(output, /^0 200\n[\s\S]*\{"hits":\[/)
  assert.equal(ran.http[0].calls, 1)
  await close()
})

test('what a rule grants to its own job, a cell does not get', async ({ world, service }) => {
  const files = { ...FILES, 'checks/own.js': "if (typeof http !== 'undefined') throw new Error('it has http')" }
  const rows = [{ id: 'T2', check: jobOf('checks/own.js', files['checks/own.js']) }]
  const settings = settingsOf(service).replace('match: T1', 'match: "T[0-2]"').replace('"T[0-2]"', '"T*"')
  const folder = await clone(world, { settings: settings.replace(/ {4}- \{match: T3.*\n/, ''), files, rows })
  const close = await openProxy(world, folder, service)
  await world.run(folder, ['claim', 'T2', ...ANN])
  const { stdout } = await world.run(folder, ['check', 'T2', '--json', ...ANN])
  assert.equal(JSON.parse(stdout).runs[0].verdict, 'passed', stdout)
  await close()
})

test('without a proxy, without a claim or without the capability nobody knows, and the hint says what to do', async ({
  world,
  service,
}) => {
  const folder = await clone(world, { settings: settingsOf(service) })
  const refused = async (...args: string[]) => {
    const { status, stdout } = await world.run(folder, [...args, '--json', ...ANN])
    const { rule, reason, hint } = JSON.parse(stdout).refused
    assert.equal([status, rule], [5, 'check-not-run'], stdout)
    return `${reason} | ${hint}`
  }
  await world.run(folder, ['claim', 'T1', ...ANN])
  assert.match(await refused('done', 'T1'), /no proxy of this clone answers \| Start one.*if-board proxy$/)
  assert.match(await refused('check', 'T1'), /no proxy of this clone answers/)
  const body = await world.run(folder, ['run', 'F1', '--json', ...ANN])
  assert.equal([body.status, JSON.parse(body.stdout).refused.rule], [5, 'run-not-run'], body.stdout)
  assert.equal(JSON.parse((await world.run(folder, ['show', 'F1', '--json'])).stdout).task.status, 'ready')
  assert.not.match((await world.run(folder, ['witness', 'log', '--json'])).stdout, /"TASKS\.md:F1"/)
  const close = await openProxy(world, folder, service)
  await world.run(folder, ['release', 'T1', ...ANN])
  assert.match(await refused('check', 'T1'), /ann does not hold.*\| if-board next/)
  await world.run(folder, ['join', 'ann', '--can', 'docs', ...ANN])
  await world.run(folder, ['claim', 'T1', ...ANN])
  assert.match(
    await refused('check', 'T1'),
    /lacks the capability network\.http\.proxy\.external \(rule session\).*if-board proxy grant search/,
  )
  await close()
})

test('a proxy that is killed while a check asks leaves it unknown whether the work passes', async ({
  world,
  service,
}) => {
  const folder = await clone(world, { settings: settingsOf(service) })
  const close = await openProxy(world, folder, service)
  await world.run(folder, ['claim', 'T1', ...ANN])
  const before = service.asked.length
  silent = true
  const checking = world.run(folder, ['check', 'T1', '--json', ...ANN])
  for (let waited = 0; waited < 20_000 && service.asked.length === before; waited += 20) await sleep(20)
  await close()
  const { status, stdout } = await checking
  silent = false
  const { refused, runs } = JSON.parse(stdout)
  assert.equal([status, refused.rule, runs[0].ran.http[0].unreachable], [5, 'check-not-run', 1], stdout)
  assert.match(refused.reason, /no proxy answered 1 of its calls/)
})

test('settings that grant HTTP to a command, to no service or without a bound are no settings', async ({
  world,
  service,
}) => {
  const folder = await clone(world, { settings: '# none yet\n' })
  for (const [http, reason] of [
    ['{aliases: [], calls: 1}', /aliases/],
    ['{aliases: [search]}', /calls/],
    ['{aliases: [Search], calls: 1}', /aliases/],
    ['{aliases: [search], calls: 1001}', /calls/],
  ] as const) {
    await push(world, folder, {
      [CONFIG]: (before) => `${before.replace(/# none yet[\s\S]*/, '')}# none yet\n${settingsOf(service, http)}`,
    })
    assert.match((await world.run(folder, ['next', '--json', ...ANN])).stdout, reason, http)
  }
  const command = 'checks:\n  tasks: [{match: T1, check: "cmd:npm test", http: {aliases: [search], calls: 1}}]\n'
  await push(world, folder, {
    [CONFIG]: (before) => `${before.replace(/# none yet[\s\S]*/, '')}# none yet\n${command}`,
  })
  assert.match((await world.run(folder, ['next', '--json', ...ANN])).stdout, /a command has no `http`/)
})

test.run()
