/**
 * The official inspector lists and calls every tool.
 *
 * It is a program of 150 packages, and its newer versions need Node 22: `node scripts/inspector.mjs` installs one, as
 * the long tests on a server do.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installedInspector } from '../../scripts/inspector.mjs'
import { bin } from '../support/cli.ts'
import { makeProject, type Project } from './support.ts'

const run = promisify(execFile)
const inspector = installedInspector()

interface Tool {
  readonly name: string
}

const BOARD = `# Board

| ID | Task | Status |
|----|------|--------|
| A1 | Write the parser | AVAILABLE |
| A2 | Write the printer | AVAILABLE |
`

const test = suite<{ project: Project }>('the MCP inspector')

if (inspector === undefined) console.log('skip: no MCP inspector is installed: node scripts/inspector.mjs')
else {
  test.before(async (context) => {
    context.project = await makeProject({ 'TASK-BOARD.md': BOARD })
  })
  test.after((context) => context.project.remove())

  test('it lists every tool and resource, and calls each tool, whose answers fit the schemas that it was shown', async ({
    project,
  }) => {
    // Each run is a connection of its own; the name makes all of them one session.
    const env = { ...project.environment, IF_BOARD_SESSION: 'inspector' }
    const { bin: bins } = JSON.parse(await readFile(join(inspector, 'package.json'), 'utf8'))
    const program = join(inspector, Object.values<string>(bins)[0] as string)
    const inspect = async (...args: readonly string[]) => {
      const command = [program, '--cli', process.execPath, bin, 'mcp', '--method', ...args]
      return JSON.parse((await run(process.execPath, command, { cwd: project.folder, env })).stdout)
    }
    const { tools } = await inspect('tools/list')
    const called = new Set<string>()
    const ajv = new AjvJsonSchemaValidator()
    const call = async (name: string, ...args: readonly string[]) => {
      called.add(name)
      const options = args.flatMap((text) => ['--tool-arg', text])
      const { structuredContent } = await inspect('tools/call', '--tool-name', name, ...options)
      const schema = tools.find((tool: Tool) => tool.name === name).outputSchema
      const { valid, errorMessage } = ajv.getValidator(schema)(structuredContent)
      assert.ok(valid, `${name}: ${errorMessage}`)
      return structuredContent.kind
    }
    assert.is((await inspect('resources/list')).resources.length, 1)
    assert.is(await call('next'), 'granted')
    assert.is(await call('release', 'reason=later'), 'released')
    assert.is(await call('claim', 'task=A1'), 'granted')
    assert.is(await call('block', 'on=paper'), 'blocked')
    assert.is(await call('claim', 'task=A2'), 'granted')
    assert.is(await call('done', 'task=A2', 'note=in print.ts'), 'completed')
    for (const name of ['show', 'why']) assert.is(await call(name, 'task=A2'), name)
    assert.is(await call('status'), 'status')
    assert.equal([...called].sort(), tools.map(({ name }: Tool) => name).sort(), 'every tool was called')
    assert.is(called.size, 8)
  })
}

test.run()
