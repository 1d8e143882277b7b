/** `/healthz` and `/metrics`: who is answered, by a server alone and by a real watcher. */
import { execFileSync } from 'node:child_process'
import { rename } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toListenAt } from '../../src/cli/receivers.ts'
import { IfBoardError } from '../../src/model/index.ts'
import { type Monitor, startMonitor } from '../../src/watcher/monitor.ts'
import { jsonOf, run } from '../support/cli.ts'
import { boardOf, initIn } from '../support/clones.ts'
import { sandbox } from '../support/git-servers.ts'
import { parsePrometheus } from '../support/prometheus-text.ts'
import { killWatchers, type RunningWatcher, startWatch } from './world.ts'

interface Got {
  readonly status: number
  readonly type: string | undefined
  readonly body: string
}

function get(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Got> {
  const { method = 'GET', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'], body: text }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function withMonitor(work: (monitor: Monitor) => Promise<void>): Promise<void> {
  const monitor = await startMonitor(
    { host: '127.0.0.1', port: 0 },
    { health: () => ({ state: 'seeing', reason: undefined }), metrics: () => 'm 1\n' },
  )
  try {
    await work(monitor)
  } finally {
    await monitor.close()
  }
}

test('an address that others could reach is refused with the reason', () => {
  assert.equal(toListenAt('9464'), { host: '127.0.0.1', port: 9464 })
  assert.equal(toListenAt('127.0.0.1:0'), { host: '127.0.0.1', port: 0 })
  assert.equal(toListenAt('localhost:80'), { host: '127.0.0.1', port: 80 })
  assert.equal(toListenAt('[::1]:9464'), { host: '::1', port: 9464 })
  for (const text of ['0.0.0.0:9464', '[::]:9464', '10.0.0.1:80', 'example.org:80', '127.0.0.2:80', '::1:80'])
    assert.throws(
      () => toListenAt(text),
      (error: unknown) => error instanceof IfBoardError && /stays on this machine/.test(error.message),
      text,
    )
  for (const text of ['', 'x', '65536', '-1', '127.0.0.1', ':80', '1.5', '9464/metrics'])
    assert.throws(
      () => toListenAt(text),
      (error: unknown) => error instanceof IfBoardError && error.code === 'usage/invalid',
      text,
    )
})

test('only GET and HEAD of the two paths, under a name of loopback and without a body, are answered', () =>
  withMonitor(async ({ url }) => {
    assert.equal(await get(`${url}/metrics`), {
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: 'm 1\n',
    })
    assert.is((await get(`${url}/metrics?name=x`)).status, 200)
    assert.equal(await get(`${url}/healthz`, { method: 'HEAD' }), { status: 200, type: 'application/json', body: '' })
    assert.is((await get(`${url}/`)).status, 404)
    assert.is((await get(`${url}/metrics/../secret`)).status, 404)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      assert.is((await get(`${url}/metrics`, { method })).status, 405)
    assert.is((await get(`${url}/metrics`, { headers: { 'content-length': '3' }, body: 'abc' })).status, 413)
    assert.is((await get(`${url}/metrics`, { headers: { 'transfer-encoding': 'chunked' }, body: 'abc' })).status, 413)
    for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil', '0.0.0.0'])
      assert.is((await get(`${url}/metrics`, { headers: { host } })).status, 403, host)
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:65535', '[::1]:9'])
      assert.is((await get(`${url}/metrics`, { headers: { host } })).status, 200, host)
  }))

test('who sends too much or never ends is hung up on', () =>
  withMonitor(async ({ url }) => {
    assert.is((await get(`${url}/metrics`, { headers: { 'x-long': 'x'.repeat(10_000) } })).status, 431)
    const begun = performance.now()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => undefined).resume()
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n')
    await new Promise((resolve) => socket.once('close', resolve))
    assert.ok(performance.now() - begun < 15_000)
  }))

test('a port that is taken is told with what to type', () =>
  withMonitor(async ({ url }) => {
    const port = Number(new URL(url).port)
    const again = startMonitor(
      { host: '127.0.0.1', port },
      { health: () => ({ state: 'seeing', reason: undefined }), metrics: () => '' },
    )
    await again.then(
      () => assert.unreachable(),
      (error: unknown) => assert.ok(error instanceof IfBoardError && error.code === 'watch/cannot-listen'),
    )
  }))

const urlOf = async (watcher: RunningWatcher) => {
  const event = await watcher.until(({ event }) => event === 'listening')
  return event.event === 'listening' ? event.url : ''
}

interface Health {
  readonly state: string
  readonly reason: string | null
}

/** It asks until the watcher has come to that state; only a watcher that sees is healthy. */
async function untilIn(url: string, state: string): Promise<Health> {
  for (let tries = 0; ; tries += 1) {
    const { status, body } = await get(`${url}/healthz`)
    const health: Health = JSON.parse(body)
    assert.is(status, health.state === 'seeing' ? 200 : 503)
    if (health.state === state) return health
    assert.ok(tries < 300, body)
    await sleep(100)
  }
}

test('a real watcher says what it sees, that it is blind, and that it stands by', async () => {
  const box = sandbox()
  try {
    await box.repository('main', `file://${box.bare('remote.git')}`)
    await initIn(box, 'main', boardOf(5))
    const where = { cwd: box.path('main'), env: { ...box.environment, IF_BOARD_SESSION: 'ann' } }
    assert.is(jsonOf(await run(where, 'next', '--json')).kind, 'granted')
    const watcher = startWatch(where, '--listen', '0')
    const url = await urlOf(watcher)
    assert.is((await untilIn(url, 'seeing')).reason, null)

    const other = startWatch(where, '--listen', '0', '--standby')
    assert.match((await untilIn(await urlOf(other), 'standing-by')).reason ?? '', 'another watcher')

    const { body } = await get(`${url}/metrics`)
    const metrics = parsePrometheus(body)
    const value = (name: string, ...[key, label]: string[]) =>
      metrics.get(name)?.samples.find(({ labels }) => key === undefined || labels.get(key) === label)?.value
    assert.is(value('if_board_tasks', 'status', 'claimed'), 1)
    assert.is(value('if_board_tasks', 'status', 'ready'), 4)
    assert.is(value('if_board_sessions', 'state', 'working'), 1)
    assert.is(value('if_board_claims'), 1)
    assert.is(value('if_board_watcher_state', 'state', 'seeing'), 1)
    assert.ok((value('if_board_authority_requests_total', 'request', 'fetch') ?? 0) >= 1)
    assert.ok((value('process_resident_memory_bytes') ?? 0) > 1e7)
    assert.ok((value('if_board_session_silence_seconds', 'session', 'ann') ?? -1) >= 0)
    judgeByPromtool(body)

    await rename(box.path('remote.git'), box.path('away.git'))
    // A session that says something makes it look at once.
    await run(where, 'renew')
    assert.match((await untilIn(url, 'blind')).reason ?? '', 'remote')
    await rename(box.path('away.git'), box.path('remote.git'))
    await untilIn(url, 'seeing')
    assert.is(await watcher.stop(), 130)
  } finally {
    await killWatchers()
    await box.remove()
  }
})

/** The checker of Prometheus itself, where it is installed (Debian: package `prometheus`). */
function judgeByPromtool(metrics: string): void {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' })
  } catch {
    console.log('skip: promtool is not installed')
    return
  }
  execFileSync('promtool', ['check', 'metrics'], { input: metrics, stdio: ['pipe', 'inherit', 'inherit'] })
}

test.run()
