/**
 * The official inspector lists and calls every tool.
 *
 * It is a program of 150 packages, and its newer versions need Node 22: `IF_BOARD_INSPECTOR` names the folder of an
 * installed `@modelcontextprotocol/inspector`, as the long tests on a server do.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bin } from '../support/cli.ts'
import { makeProject, type Project } from './support.ts'

const run = promisify(execFile)
const inspector = process.env.IF_BOARD_INSPECTOR

const BOARD = `# Board

| ID | Task | Status |
|----|------|--------|
| A1 | Write the parser | AVAILABLE |
| A2 | Write the printer | AVAILABLE |
`

const test = suite<{ project: Project }>('the MCP inspector')

if (inspector === undefined) console.log('skip: IF_BOARD_INSPECTOR names no installed @modelcontextprotocol/inspector')
else {
  test.before(async (context) => {
    context.project = await makeProject({ 'TASK-BOARD.md': BOARD })
  })
  test.after((context) => context.project.remove())

  test('it lists every tool and resource, and calls each tool', async ({ project }) => {
    // Each run is a connection of its own; the name makes all of them one session.
    const env = { ...project.environment, IF_BOARD_SESSION: 'inspector' }
    const { bin: bins } = JSON.parse(await readFile(join(inspector, 'package.json'), 'utf8'))
    const program = join(inspector, Object.values<string>(bins)[0] as string)
    const inspect = async (...args: readonly string[]) => {
      const command = [program, '--cli', process.execPath, bin, 'mcp', '--method', ...args]
      return JSON.parse((await run(process.execPath, command, { cwd: project.folder, env })).stdout)
    }
    const call = async (name: string, ...args: readonly string[]) => {
      const options = args.flatMap((text) => ['--tool-arg', text])
      return (await inspect('tools/call', '--tool-name', name, ...options)).structuredContent.kind
    }
    assert.is((await inspect('tools/list')).tools.length, 8)
    assert.is((await inspect('resources/list')).resources.length, 1)
    assert.is(await call('next'), 'granted')
    assert.is(await call('release', 'reason=later'), 'released')
    assert.is(await call('claim', 'task=A1'), 'granted')
    assert.is(await call('block', 'on=paper'), 'blocked')
    assert.is(await call('claim', 'task=A2'), 'granted')
    assert.is(await call('done', 'task=A2', 'note=in print.ts'), 'completed')
    for (const name of ['show', 'why']) assert.is(await call(name, 'task=A2'), name)
    assert.is(await call('status'), 'status')
  })
}

test.run()
