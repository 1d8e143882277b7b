import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BOARD, makeWorld, type World } from './world.ts'

const test = suite<{ world: World }>('setting up and looking on the command line')

test.before(async (context) => {
  context.world = await makeWorld()
})
test.after((context) => context.world.remove())

test('init, look, work, fold, uninstall', async ({ world }) => {
  const folder = await world.clone('web')
  await writeFile(join(folder, 'TASKS.md'), BOARD)
  const ask = async (...args: string[]) => JSON.parse((await world.run(folder, [...args, '--json'])).stdout)

  assert.match((await world.run(folder, ['init', '--dry-run'])).stdout, 'TASKS.md: if-board init --from TASKS.md')
  const made = await world.run(folder, ['init', '--from', 'TASKS.md'])
  assert.is(made.status, 0, made.stderr)
  assert.match(made.stdout, 'Copied: TASKS.md → TASKS.md, 3 tasks')
  assert.match(made.stdout, /Next:\n {2}if-board next\n/)
  assert.is((await ask('init')).outcome, 'unchanged')

  await world.run(folder, ['next', '--session', 'session-4'])
  const { schema, kind, tasks, diagnostics } = await ask('list')
  assert.equal({ schema, kind }, { schema: 'if-board/v1', kind: 'list' })
  assert.equal(
    tasks.map(({ id, status, blockedBy }: Record<string, unknown>) => [id, status, blockedBy]),
    [
      ['A1', 'claimed', []],
      ['A2', 'blocked', ['A1']],
      ['A3', 'ready', []],
    ],
  )
  assert.equal(diagnostics, [])
  const status = await ask('status')
  assert.is(status.totals.total, 3)
  assert.equal(status.criticalPath, ['A1', 'A2'])
  assert.is(status.sessions[0].task, 'A1')
  assert.is((await ask('show', 'A1')).task.holder, 'session-4')
  assert.equal((await ask('why', 'A2')).chain.length > 0, true)
  assert.is((await ask('graph')).kind, 'graph')
  assert.match((await world.run(folder, ['graph', '--format', 'mermaid'])).stdout, /^(graph|flowchart)/)
  assert.is(
    (await ask('doctor')).checks.every(({ ok }: { ok: boolean }) => ok),
    true,
  )

  await world.run(folder, ['done', '--session', 'session-4'])
  await world.run(folder, ['sync'])
  const copy = await world.run(folder, ['checkout', '../board'])
  assert.is(copy.status, 0, copy.stderr)
  assert.match(await readFile(join(world.root, 'board', 'TASKS.md'), 'utf8'), /A1 \| Write the parser \| \S+ COMPLETED/)

  const kept = await world.run(folder, ['uninstall'])
  assert.is(kept.status, 1, kept.stdout)
  assert.is((await world.run(folder, ['uninstall', '--all'])).status, 0)
  assert.match((await world.run(folder, ['next'])).stderr, '[board/not-initialised]')
})

test('files are parsed and linted outside any repository', async ({ world }) => {
  const folder = join(world.root, 'plain')
  await mkdir(folder)
  await writeFile(join(folder, 'b.md'), BOARD.replace('| A1 |\n', '| A1, Z9 |\n'))
  const parsed = JSON.parse((await world.run(folder, ['parse', 'b.md', '--json'])).stdout)
  assert.is(parsed.tasks.length, 3)
  const linted = await world.run(folder, ['lint', 'b.md'])
  assert.is(linted.status, 6)
  assert.match(linted.stdout, /^b\.md:6:\d+: error: .*Z9.*\[board\/unknown-dependency\]\n {2}try: /m)
  const sarif = JSON.parse((await world.run(folder, ['lint', 'b.md', '--sarif'])).stdout)
  assert.is(sarif.version, '2.1.0')
  assert.is(sarif.runs[0].results[0].locations[0].physicalLocation.region.startLine, 6)
  const missing = await world.run(folder, ['parse', 'no.md'])
  assert.is(missing.status, 1)
  assert.match(missing.stderr, '[file/unreadable]')
})

test('two coding tools in one folder never get one task; a linked work tree is a session of its own', async ({
  world,
}) => {
  const folder = await world.clone('tools')
  await writeFile(join(folder, 'TASKS.md'), BOARD)
  await world.run(folder, ['init', '--from', 'TASKS.md'])
  const ask = (where: string, id: string) => world.run(where, ['next', '--json'], { CLAUDE_CODE_SESSION_ID: id })
  const [one, two] = await Promise.all([ask(folder, 'one'), ask(folder, 'two')])
  assert.equal([one.status, two.status].sort(), [0, 2], `${one.stdout}${two.stdout}`)
  const shared = JSON.parse((one.status === 2 ? one : two).stdout)
  assert.is(shared.error.code, 'session/shared')
  const late = one.status === 2 ? 'one' : 'two'
  await world.run(folder, ['join', 'second'], { CLAUDE_CODE_SESSION_ID: late })
  const granted = JSON.parse((await ask(folder, late)).stdout)
  const first = JSON.parse((one.status === 0 ? one : two).stdout)
  assert.not.equal(granted.task.id, first.task.id)

  await world.git(folder, 'worktree', 'add', '--quiet', '../linked')
  const third = await world.run(join(world.root, 'linked'), ['next'])
  assert.is(third.status, 3, third.stdout)
  assert.match(third.stderr, /joined as .*-linked-1/)
  const held = await world.run(folder, ['next'])
  assert.match(held.stderr, /holds A\d since \d{4}-/, 'a plain terminal is told that the task is held already')
})

test.run()
