/** `if-board watch --otlp`: a coding tool tells what it uses, and the end of its task says so. */
import { createServer } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonOf, run, told } from '../support/cli.ts'
import { boardOf, openFleet } from '../support/clones.ts'
import { killWatchers, startWatch } from './world.ts'

const ID = '0199aa11-2222-7333-8444-555566667777'

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

function apiRequest(costUsd: number): string {
  const attributes = [
    { key: 'event.name', value: { stringValue: 'api_request' } },
    { key: 'session.id', value: { stringValue: ID } },
    { key: 'model', value: { stringValue: 'm' } },
    { key: 'output_tokens', value: { intValue: '42' } },
    { key: 'cost_usd', value: { doubleValue: costUsd } },
  ]
  const logRecords = [{ timeUnixNano: `${Date.now()}000000`, attributes }]
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

test('what a tool told between claim and end is the cost of the task; status knows it before', async () => {
  const fleet = await openFleet({ transport: 'local', size: 1, board: boardOf(3) })
  try {
    const [member] = fleet.members
    assert.ok(member !== undefined)
    const tool = { ...member, env: { ...member.env, CLAUDE_CODE_SESSION_ID: ID, IF_BOARD_SESSION: '' } }
    const port = await freePort()
    const watcher = startWatch(member, '--otlp', String(port))
    await watcher.until(({ event }) => event === 'started')
    const send = async (costUsd: number) => {
      const headers = { 'content-type': 'application/json' }
      const url = `http://127.0.0.1:${port}/v1/logs`
      assert.is((await fetch(url, { method: 'POST', headers, body: apiRequest(costUsd) })).status, 200)
    }
    assert.is(jsonOf(await run(tool, 'next', '--json')).kind, 'granted')
    await send(9) // nobody knew then that this session is told of
    await run(tool, 'done')
    assert.is(jsonOf(await run(tool, 'next', '--json')).kind, 'granted')
    await send(0.25)
    await send(0.5)
    const part = { source: 'otel', usd: 0.75, inputTokens: 0, outputTokens: 84 }
    const costNow = async () => jsonOf(await run(tool, 'status', '--json')).sessions[0].cost
    assert.equal(await costNow(), [{ of: 'held', ...part }])
    const done = await run(tool, 'done', '--json')
    assert.is(jsonOf(done).kind, 'completed', told(done))
    assert.equal(await costNow(), [{ of: 'ended', ...part }])
    assert.is(jsonOf(await run(tool, 'witness', 'cost', '--json')).total.otelUsd, 0.75)
    assert.is(await watcher.stop(), 130)
  } finally {
    await killWatchers()
    await fleet.close()
  }
})

test('a port that is taken ends the watch with a code, and leaves its place to the next one', async () => {
  const fleet = await openFleet({ transport: 'local', size: 1, board: boardOf(1) })
  const other = createServer()
  try {
    const [member] = fleet.members
    assert.ok(member !== undefined)
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const refused = await run(member, 'watch', '--json', '--otlp', String(port))
    assert.is(refused.status, 1, told(refused))
    assert.is(jsonOf(refused).error.code, 'watch/port')
    assert.is((await run(member, 'watch', '--otlp', '70000')).status, 2)
    const watcher = startWatch(member)
    await watcher.until(({ event }) => event === 'started')
    assert.is(await watcher.stop(), 130)
  } finally {
    other.close()
    await killWatchers()
    await fleet.close()
  }
})

test.run()
