/** The official client against the real server: every tool, every kind of answer, both eras of the protocol. */
import type { Client } from '@modelcontextprotocol/client'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NOTICE } from '../../src/mcp/as-data.ts'
import { call, ERAS, makeProject, type Project } from './support.ts'

const BOARD = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Write the parser | AVAILABLE | None |
| A2 | Write the printer | AVAILABLE | A1 |
| A3 | Write the manual | AVAILABLE | None |
| A4 | Ask the lawyer | AVAILABLE | "an answer" |
`

const TOOLS = ['next', 'claim', 'done', 'block', 'release', 'status', 'show', 'why']

const test = suite<{ project: Project }>('the tools of the MCP server')

test.before.each(async (context) => {
  context.project = await makeProject({ 'TASK-BOARD.md': BOARD })
})
test.after.each((context) => context.project.remove())

for (const era of ERAS) {
  const named = typeof era === 'string' ? 'a previous protocol revision' : 'the current protocol revision'

  test(`every tool answers what its output schema says, in ${named}`, async ({ project }) => {
    const client = await project.connect({ era })
    assert.is(client.getNegotiatedProtocolVersion(), era === 'legacy' ? '2025-11-25' : era.pin)
    const { tools } = await client.listTools()
    assert.equal(
      tools.map(({ name }) => name),
      TOOLS,
    )
    assert.ok(
      tools.every(({ outputSchema, inputSchema }) => outputSchema !== undefined && inputSchema.type === 'object'),
    )
    await walk(client)
  })
}

/** The client throws where an answer does not fit the schema. */
async function walk(client: Client): Promise<void> {
  const kind = async (name: string, args: Record<string, unknown> = {}) => (await call(client, name, args)).kind
  assert.is((await call(client, 'next', { peek: true })).peek, true)
  const first = await call(client, 'next')
  assert.is(first.kind, 'granted')
  assert.is(first.schema, 'if-board/v1')
  assert.is(first.task.id, 'A1')
  assert.match(first.session, /-1$/)
  assert.is(await kind('next'), 'held')
  assert.is(await kind('claim', { task: 'A1' }), 'held')
  assert.is(await kind('claim', { task: 'A3' }), 'refused')
  assert.is(await kind('release', { reason: 'later' }), 'released')
  assert.is(await kind('claim', { task: 'A2' }), 'none')
  assert.is(await kind('claim', { task: 'A3', lease: 45 }), 'granted')
  assert.is(await kind('block', { on: 'a printer' }), 'blocked')
  assert.is(await kind('next'), 'granted')
  const done = await call(client, 'done', { note: 'API in parse.ts', cost: 1.5 })
  assert.equal([done.kind, done.unblocked], ['completed', ['A2']])
  assert.is(await kind('done', { task: 'A1' }), 'completed')
  assert.is(await kind('status'), 'status')
  assert.is((await call(client, 'show', { task: 'A1' })).task.done.costUsd, 1.5)
  assert.is((await call(client, 'why', { task: 'A2' })).ranking.position, 1)
  assert.is(await kind('why', { task: 'A4' }), 'why')
}

test('an error is an answer with code, message and hint, and the server goes on', async ({ project }) => {
  const client = await project.connect()
  await client.listTools()
  const cases = [
    ['show', { task: 'Z9' }, 'task/unknown'],
    ['done', {}, 'claim/none-held'],
    ['show', {}, 'usage/invalid'],
    ['show', { task: 7 }, 'usage/invalid'],
    ['next', { wait: -1 }, 'usage/invalid'],
    ['next', { wait: 1e9 }, 'usage/invalid'],
    ['next', { nonsense: true }, 'usage/invalid'],
    ['show', { task: 'x'.repeat(5000) }, 'usage/invalid'],
    ['show', { __proto__: null, constructor: 'x' }, 'usage/invalid'],
  ] as const
  for (const [name, args, code] of cases) {
    const answer = await call(client, name, args)
    assert.equal(
      [answer.isError, answer.kind, answer.error.code],
      [true, 'error', code],
      `${name} ${JSON.stringify(args)}`,
    )
  }
  assert.is((await call(client, 'next')).kind, 'granted')
})

test('a tool and a resource that are not there are errors of the protocol', async ({ project }) => {
  const client = await project.connect()
  for (const ask of [
    () => client.callTool({ name: 'rm', arguments: {} }),
    () => client.readResource({ uri: 'ifboard://task/Z9' }),
    () => client.readResource({ uri: 'file:///etc/passwd' }),
    () => client.readResource({ uri: 'ifboard://task/%zz' }),
  ]) {
    const error = await ask().then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    assert.ok(error instanceof Error)
  }
  assert.is((await call(client, 'status')).kind, 'status')
})

test('the board and each task are resources', async ({ project }) => {
  const client = await project.connect()
  const { resources } = await client.listResources()
  assert.equal(
    resources.map(({ uri }) => uri),
    ['ifboard://board'],
  )
  const { resourceTemplates } = await client.listResourceTemplates()
  assert.equal(
    resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    ['ifboard://task/{id}'],
  )
  const read = async (uri: string) => {
    const [content] = (await client.readResource({ uri })).contents
    return JSON.parse((content as { text: string }).text)
  }
  const board = await read('ifboard://board')
  assert.equal(
    board.tasks.map(({ id }: { id: string }) => id),
    ['A1', 'A2', 'A3', 'A4'],
  )
  assert.is(board.notice, NOTICE)
  assert.is((await read('ifboard://task/A%31')).task.title, 'Write the parser')
})

test('events say that MCP was the trigger', async ({ project }) => {
  const client = await project.connect()
  await call(client, 'next')
  const { entries } = await project.json('witness', 'log')
  const triggers = entries.filter((entry: { type: string }) => /claim/.test(entry.type))
  assert.ok(triggers.length > 0 && JSON.stringify(triggers).includes('mcp'), JSON.stringify(entries).slice(0, 500))
})

test.run()
