/** One connection, one session: also beside another in the same folder, cancelled, killed, or gone. */
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connectionTool } from '../../src/mcp/session.ts'
import { call, handshake, killGroup, makeProject, type Project, request } from './support.ts'

const ROWS = Array.from({ length: 12 }, (_, at) => `| B${at + 1} | Task ${at + 1} | AVAILABLE |`)
const BOARD = `# Board\n\n| ID | Task | Status |\n|----|------|--------|\n${ROWS.join('\n')}\n`

const test = suite<{ project: Project }>('sessions of MCP connections')

test.before.each(async (context) => {
  context.project = await makeProject({ 'TASK-BOARD.md': BOARD })
})
test.after.each((context) => context.project.remove())

test('connections in one folder never get one task, whoever else works there', async ({ project }) => {
  const clients = [
    await project.connect(),
    await project.connect(),
    await project.connect({ era: { pin: '2026-07-28' } }),
  ]
  const answers = await Promise.all(clients.flatMap((client) => [call(client, 'next'), call(client, 'next')]))
  const tasks = answers.map(({ task }) => task.id)
  for (const at of [0, 2, 4]) assert.is(tasks[at], tasks[at + 1], 'one connection that asks twice at once has one task')
  assert.is(new Set(tasks).size, clients.length)
  assert.is(new Set(answers.map(({ session }) => session)).size, clients.length)
})

test('who connects again in a folder goes on under its name with its task', async ({ project }) => {
  const before = await project.connect()
  const first = await call(before, 'next')
  await before.close()
  const again = await call(await project.connect(), 'next')
  assert.equal([again.kind, again.session, again.task.id], ['held', first.session, first.task.id])
})

test('after kill -9 in the middle of a claim, each task has one holder and nothing stands in the way', async ({
  project,
}) => {
  for (const ms of [0, 40, 120]) {
    const bare = project.bare()
    bare.send(handshake('2025-06-18'))
    await bare.receive()
    bare.send(request('tools/call', { name: 'next', arguments: {} }))
    await sleep(ms)
    killGroup(bare.child.pid as number)
    await bare.ended
  }
  const client = await project.connect()
  const mine = await call(client, 'next')
  assert.ok(mine.kind === 'granted' || mine.kind === 'held')
  const { sessions } = await call(client, 'status')
  const held = sessions.flatMap(({ tasks }: { tasks: string[] }) => tasks)
  assert.is(new Set(held).size, held.length)
  assert.ok(held.includes(mine.task.id))
})

test('a wait ends with the task that became ready, and says meanwhile what it waits for', async ({ project }) => {
  await project.json('pause', 'TASK-BOARD.md', '--reason', 'lunch')
  const client = await project.connect()
  const progress: string[] = []
  const waiting = client.callTool(
    { name: 'next', arguments: { wait: 60 } },
    { onprogress: ({ message }) => void progress.push(message ?? '') },
  )
  while (progress.length === 0) await sleep(20)
  await project.json('resume', 'TASK-BOARD.md')
  const { structuredContent } = await waiting
  assert.is((structuredContent as { kind: string }).kind, 'granted')
  assert.match(progress[0] as string, /nothing is ready/)
})

test('a wait that is cancelled ends, and what is asked next is answered at once', async ({ project }) => {
  await project.json('pause', 'TASK-BOARD.md')
  const client = await project.connect()
  const controller = new AbortController()
  const waiting = client.callTool({ name: 'next', arguments: { wait: 600 } }, { signal: controller.signal })
  const outcome = waiting.then(
    () => 'answered',
    () => 'cancelled',
  )
  await sleep(800)
  controller.abort()
  assert.is(await outcome, 'cancelled')
  assert.is((await call(client, 'next')).kind, 'none')
})

test('the server ends with its input, also while it waits', async ({ project }) => {
  await project.json('pause', 'TASK-BOARD.md')
  const bare = project.bare()
  bare.send(handshake('2025-11-25'))
  await bare.receive()
  bare.send(request('tools/call', { name: 'next', arguments: { wait: 600 } }))
  await sleep(500)
  bare.child.stdin?.end()
  const status = await Promise.race([bare.ended, sleep(60_000, 'stuck', { ref: false })])
  assert.is(status, 0, bare.stderr())
})

test('a coding tool that names its session is one session in its hooks, its commands and its connection', () => {
  const environment = { label: 'Claude Code', id: 'Claude Code=1' }
  assert.is(connectionTool('claude-code', environment, 'c'), environment)
  assert.equal(connectionTool('gemini-cli-mcp-client', environment, 'c'), { label: 'Gemini CLI', id: 'MCP=c' })
  assert.equal(connectionTool(undefined, environment, 'c'), { label: 'MCP', id: 'MCP=c' })
  assert.equal(connectionTool('claude-code', undefined, 'c'), { label: 'Claude Code', id: 'MCP=c' })
})

test.run()
