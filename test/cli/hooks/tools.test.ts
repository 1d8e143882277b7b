import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sampled } from '../../support/sampled.ts'
import { BOARD, makeWorld, putBoards, type World } from '../world.ts'
import { type Fired, fakeTool, TOOL_NAMES, type ToolName } from './fake-tool.ts'

const test = suite<{ world: World }>('hooks of coding tools, in processes of their own')

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

/** Two tasks, one after the other. */
const SHORT = BOARD.split('\n')
  .filter((line) => !line.includes('A3'))
  .join('\n')

/** A clone with the boards in it. */
async function project(world: World, name: string, board = BOARD): Promise<string> {
  const folder = await world.clone(name)
  await putBoards(folder, { 'TASK-BOARD.md': board })
  return folder
}

/** Of a card: the literal command that ends the task. */
function doneOf(text: string): string[] {
  const line = /^When done: +if-board (.+) --note/m.exec(text)?.[1]
  assert.ok(line, text)
  return [...line.split(' '), '--note', 'ok']
}

for (const tool of sampled(TOOL_NAMES, 1))
  test(`${tool}: from one start, a session works through the board and then stops`, async ({ world }) => {
    const folder = await project(world, `through-${tool}`, SHORT)
    const session = fakeTool(world, tool, folder, `${tool}-1`)
    const start = await session.fire('start')
    assert.match(start.text ?? '', 'if-board next')
    const done: string[] = []
    for (let turn = 0; turn < 6; turn += 1) {
      const { text, status } = await session.fire('stop')
      assert.is(status, 0)
      if (text === undefined) break
      done.push(/^TASK (\S+):/m.exec(text)?.[1] ?? '?')
      const ended = await session.command(...doneOf(text))
      assert.is(ended.status, 0, ended.stderr)
    }
    assert.equal(done, ['A1', 'A2'])
    const hub = `--git-dir=${folder}/.git/if-board/hub.git`
    const board = () => world.git(folder, hub, 'show', 'refs/heads/if-board/main:TASK-BOARD.md')
    const written = async () => (await board()).match(/COMPLETED/g)?.length
    // Who leaves gives it two seconds: where a machine stalls for as long, it leaves again.
    for (let tries = 1; tries <= 5 && (await written()) !== 2; tries += 1)
      assert.is((await session.fire('stop')).text, undefined)
    assert.is(await written(), 2, 'whoever leaves has written it into the board')
  })

test('what a hook claims says so in the log', async ({ world }) => {
  const folder = await project(world, 'trigger')
  const session = fakeTool(world, 'codex', folder, 'log-1')
  await session.fire('stop')
  await world.run(folder, ['sync'])
  const { stdout } = await world.run(folder, ['witness', 'log', '--type', 'claim', '--json'])
  assert.match(stdout, /"trigger":\s*"hook"/)
})

test('three tools at once on one board take every task once', async ({ world }) => {
  const rows = Array.from({ length: 6 }, (_, at) => `| B${at} | Step ${at} | AVAILABLE | None |`)
  const folder = await project(
    world,
    'three',
    `# Board\n\n| ID | Task | Status | Dependencies |\n|--|--|--|--|\n${rows.join('\n')}\n`,
  )
  const tools: ToolName[] = ['claude-code', 'codex', 'opencode']
  // A work tree each: one folder is one session for people, and tools in it are kept apart by their ids.
  // One after the other: git cannot add two at once to one repository.
  const folders: string[] = []
  for (const tool of tools) {
    const tree = `${folder}-${tool}`
    await world.git(folder, 'worktree', 'add', '--quiet', '--detach', tree)
    folders.push(tree)
  }
  const taken = await Promise.all(
    tools.map(async (tool, at) => {
      const session = fakeTool(world, tool, folders[at] as string, `${tool}-three`)
      const done: string[] = []
      for (let turn = 0; turn < 12; turn += 1) {
        const { text } = await session.fire('stop')
        if (text === undefined) break
        done.push(/^TASK (\S+):/m.exec(text)?.[1] ?? '?')
        assert.is((await session.command(...doneOf(text))).status, 0)
      }
      return done
    }),
  )
  const all = taken.flat()
  assert.is(new Set(all).size, all.length, `twice: ${all}`)
  assert.is(all.length, 6)
})

test('the same event twice is one event: the same answer, one task, nothing counted', async ({ world }) => {
  const folder = await project(world, 'twice')
  const session = fakeTool(world, 'claude-code', folder, 'twice-1')
  const same = { last_assistant_message: 'the same bytes' }
  const [one, two] = await Promise.all([session.fire('stop', same), session.fire('stop', same)])
  const ids = [one, two].map(({ text }) => /^TASK (\S+):/m.exec(text ?? '')?.[1])
  assert.equal(ids, ['A1', 'A1'])
  const { stdout } = await world.run(folder, ['status', '--json'])
  assert.is(JSON.parse(stdout).totals.claimed, 1)
})

test('a session that does nothing is reminded twice, then loses its task and may stop', async ({ world }) => {
  const folder = await project(world, 'idle')
  const session = fakeTool(world, 'codex', folder, 'idle-1')
  const stops = []
  for (let turn = 0; turn < 5; turn += 1) stops.push(await session.fire('stop'))
  const [first, second, third, fourth, fifth] = stops.map(({ text }) => text)
  assert.match(first ?? '', 'is claimed for you')
  assert.match(second ?? '', 'reminder 1 of 2')
  assert.match(third ?? '', 'reminder 2 of 2')
  assert.is(fourth, undefined)
  assert.match(stops[3]?.stderr ?? '', /gave A1 back: no sign of work/)
  assert.is(fifth, undefined, 'it rests')
  const { stdout } = await world.run(folder, ['show', 'A1', '--json'])
  assert.is(JSON.parse(stdout).task.status, 'ready')
})

test('the use of a tool, or a commit, is a sign of work', async ({ world }) => {
  const folder = await project(world, 'works')
  const session = fakeTool(world, 'claude-code', folder, 'works-1')
  await session.fire('stop')
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (turn % 2 === 0) assert.is((await session.fire('beat')).stderr, '')
    else await world.git(folder, 'commit', '--quiet', '--allow-empty', `--message=step ${turn}`)
    assert.match((await session.fire('stop')).text ?? '', 'you still hold a task')
  }
})

/**
 * What a wait beside a stop answers. Both are one event only if their processes start within two seconds, so where it
 * was answered by nothing, it is tried on another project, three times at most.
 */
async function wokenBeside(
  { world, name, board }: { readonly world: World; readonly name: string; readonly board: string },
  wait: (folder: string) => Promise<Fired>,
): Promise<Fired> {
  for (let tries = 1; ; tries += 1) {
    const woken = await wait(await project(world, `${name}-${tries}`, board))
    if (woken.status !== 0 || tries === 3) return woken
  }
}

test('a stop waits in the background of Claude Code, and a new task wakes the session', async ({ world }) => {
  const held = BOARD.replace('AVAILABLE | None', 'PAUSED | None').replace('AVAILABLE | None', 'PAUSED | None')
  const woken = await wokenBeside({ world, name: 'wakes', board: held }, async (folder) => {
    const session = fakeTool(world, 'claude-code', folder, 'wakes-1')
    const same = { last_assistant_message: 'both hooks get this', waitSeconds: 60 }
    const waiting = session.fire('wait', same)
    const stopped = await session.fire('stop', same)
    assert.is(stopped.text, undefined)
    await world.run(folder, ['resume', 'A3'])
    return waiting
  })
  assert.is(woken.status, 2)
  assert.match(woken.stderr, /TASK A3: Write the manual/)
})

test('a session that stops again within a moment waits for the answer of that stop, not of the one before', async ({
  world,
}) => {
  const board = BOARD.replace(/(A2.*)AVAILABLE/, '$1PAUSED').replace(/\| A3.*\n/, '')
  const woken = await wokenBeside({ world, name: 'fast', board }, async (folder) => {
    const session = fakeTool(world, 'claude-code', folder, 'fast-1')
    const same = { last_assistant_message: 'the same bytes', waitSeconds: 60 }
    assert.match((await session.fire('stop', same)).text ?? '', 'TASK A1')
    await session.command('done', 'A1')
    const waiting = session.fire('wait', same)
    await session.fire('stop', same)
    await world.run(folder, ['resume', 'A2'])
    return waiting
  })
  assert.match(woken.stderr, /TASK A2: Write the printer/)
})

test('beside a stop that was answered by a task, nothing waits', async ({ world }) => {
  const folder = await project(world, 'no-wait')
  const session = fakeTool(world, 'claude-code', folder, 'no-wait-1')
  const same = { last_assistant_message: 'both', waitSeconds: 60 }
  const [waited, stopped] = await Promise.all([session.fire('wait', same), session.fire('stop', same)])
  assert.match(stopped.text ?? '', 'TASK A1')
  assert.equal([waited.status, waited.stderr], [0, ''])
})

test('tools without a background wait inside of the stop', async ({ world }) => {
  const folder = await project(world, 'waits', BOARD.replaceAll('AVAILABLE | None', 'PAUSED | None'))
  const session = fakeTool(world, 'gemini-cli', folder, 'waits-1')
  const stopping = session.fire('stop', { waitSeconds: 60 })
  await new Promise((resolve) => setTimeout(resolve, 700))
  await world.run(folder, ['resume', 'A1'])
  assert.match((await stopping).text ?? '', 'TASK A1')
})

test('whoever plans, was interrupted, or waits for work of its own is left alone', async ({ world }) => {
  const folder = await project(world, 'alone')
  const stands = async (tool: ToolName, more: Record<string, unknown>) => {
    assert.is((await fakeTool(world, tool, folder, 'alone-1').fire('stop', more)).text, undefined, JSON.stringify(more))
  }
  await stands('claude-code', { permission_mode: 'plan' })
  await stands('claude-code', { background_tasks: [{ id: 'b1', type: 'bash' }] })
  await stands('claude-code', { agent_id: 'sub' })
  await stands('codex', { permission_mode: 'plan' })
  await stands('cursor', { status: 'aborted' })
  await stands('copilot-cli', { stopReason: 'error' })
  const { stdout } = await world.run(folder, ['status', '--json'])
  assert.is(JSON.parse(stdout).totals.claimed, 0)
})

test('a person who pauses a session or its task lets it stop', async ({ world }) => {
  const folder = await project(world, 'paused')
  const session = fakeTool(world, 'codex', folder, 'paused-1')
  await session.fire('stop')
  const { stdout } = await world.run(folder, ['status', '--json'])
  const { name } = JSON.parse(stdout).sessions[0]
  await world.run(folder, ['pause', 'A1'])
  assert.is((await session.fire('stop')).text, undefined)
  await world.run(folder, ['resume', 'A1'])
  await world.run(folder, ['pause', name])
  assert.is((await session.fire('stop')).text, undefined)
})

test.run()
