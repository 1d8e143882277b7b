/** What `init --agents` wrote, run as the tools run it: command strings through a shell, the plugin in a process. */
import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BOARD, makeWorld, type World } from '../world.ts'
import { inputOf } from './fake-tool.ts'

const test = suite<{ world: World; folder: string; path: string }>('hooks as they were installed')

test.before(async (context) => {
  const world = await makeWorld()
  const folder = await world.clone('installed')
  await writeFile(join(folder, 'TASKS.md'), BOARD)
  const made = await world.run(folder, ['init', '--local', '--from', 'TASKS.md', '--agents', 'codex,opencode'])
  assert.is(made.status, 0, made.stderr)
  const bin = join(world.root, 'on-path')
  await mkdir(bin)
  const script = `#!/bin/sh\nexec '${process.execPath}' '${world.program}' "$@"\n`
  await writeFile(join(bin, 'if-board'), script, { mode: 0o755 })
  Object.assign(context, { world, folder, path: `${bin}${delimiter}${process.env.PATH}` })
})
test.after((context) => context.world.remove())

/** A program with this on its standard input; what it printed. */
function run(command: readonly string[], cwd: string, input: string, env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const [program = '', ...args] = command
    const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    child.on('error', reject)
    child.on('close', () => resolve(text))
    child.stdin.end(input)
  })
}

test('the commands in the settings do what they say', async ({ world, folder, path }) => {
  const { hooks } = JSON.parse(await readFile(join(folder, '.codex', 'hooks.json'), 'utf8'))
  const env = { PATH: path, HOME: world.root, GIT_CONFIG_NOSYSTEM: '1', IF_BOARD_HOOK_WAIT: '0' }
  const fire = (event: string, ours: string) =>
    run(
      ['sh', '-c', hooks[event][0].hooks[0].command],
      folder,
      JSON.stringify(inputOf('codex', 'c-1', ours, folder)),
      env,
    )
  assert.match(JSON.parse(await fire('SessionStart', 'start')).hookSpecificOutput.additionalContext, 'if-board next')
  assert.match(JSON.parse(await fire('Stop', 'stop')).reason, 'TASK A1')
  assert.equal(JSON.parse(await fire('PostToolUse', 'beat')), {})
  await world.run(folder, ['done', 'A1'], { CODEX_THREAD_ID: 'c-1' })
})

/** OpenCode, as far as our plugin needs it: the session goes idle, a prompt begins the next turn. */
const HOST = `
import { spawnSync } from 'node:child_process'
const [, , plugin, directory] = process.argv
const { IfBoard } = await import(plugin)
const prompts = []
const client = { session: {
  get: async ({ path }) => ({ data: path.id === 'child' ? { parentID: 'main' } : {} }),
  promptAsync: async ({ path, body }) => { prompts.push([path.id, body.parts[0].text]) },
} }
const hooks = await IfBoard({ client, directory })
const idle = (sessionID) => hooks.event({ event: { type: 'session.idle', properties: { sessionID } } })
await idle('child')
for (let turn = 0; turn < 6; turn += 1) {
  const before = prompts.length
  await Promise.all([idle('main'), idle('main')])
  if (prompts.length === before) break
  const env = { ...process.env }
  const output = { env: {} }
  await hooks['shell.env']({ cwd: directory, sessionID: 'main' }, output)
  await hooks['tool.execute.after']({ sessionID: 'main', tool: 'bash', callID: '1' })
  const done = spawnSync('if-board', ['done'], { cwd: directory, env: { ...env, ...output.env }, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
}
console.log(JSON.stringify(prompts))
`

test('the plugin of OpenCode works through the board, prompt by prompt, and leaves child sessions alone', async ({
  world,
  folder,
  path,
}) => {
  const host = join(world.root, 'host.mjs')
  await writeFile(host, HOST)
  // OpenCode runs it as a module whatever the project says; Node goes by the ending.
  const plugin = join(world.root, 'plugin.mjs')
  await writeFile(plugin, await readFile(join(folder, '.opencode', 'plugins', 'if-board.js')))
  const tree = join(world.root, 'opencode')
  await world.git(folder, 'worktree', 'add', '--quiet', '--detach', tree)
  const env = { PATH: path, HOME: world.root, GIT_CONFIG_NOSYSTEM: '1', IF_BOARD_HOOK_WAIT: '0' }
  const prompts = JSON.parse(await run([process.execPath, host, plugin, tree], tree, '', env))
  const tasks = prompts.map(([id, text]: [string, string]) => [id, /^TASK (\S+):/m.exec(text)?.[1]])
  assert.equal(tasks.sort(), [
    ['main', 'A2'],
    ['main', 'A3'],
  ])
})

test.run()
