/** Changing boards from a terminal: golden texts, JSON, and processes that meet. */
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BOARD, makeWorld, putBoards, type World } from './world.ts'

const test = suite<{ world: World; folder: string }>('changing boards from a terminal')
let made = 0

test.before(async (context) => {
  context.world = await makeWorld()
})
test.before.each(async (context) => {
  made += 1
  context.folder = await context.world.clone(`clone-${made}`)
  await putBoards(context.folder, { 'TASKS.md': BOARD })
})
test.after((context) => context.world.remove())

test('add says where the task stands and what it waits for', async ({ world, folder }) => {
  const ran = await world.run(folder, ['add', 'Print', 'the manual', '--needs', 'A2, A3', '--estimate', '2h'])
  assert.is(ran.stdout, 'A4 (Print the manual) is on TASKS.md, line 8.\nWaits for: A2, A3\n', ran.stderr)
  const ready = await world.run(folder, ['add', 'Sell it', '--after', 'A1'])
  assert.is(ready.stdout, 'A5 (Sell it) is on TASKS.md, line 6.\nIt is ready: if-board claim A5\n')
  const { schema, kind, task } = JSON.parse((await world.run(folder, ['add', 'Rest', '--json'])).stdout)
  assert.equal([schema, kind, task.id, task.status], ['if-board/v1', 'added', 'A6', 'ready'])
})

test('set and reopen say what changed and who is told', async ({ world, folder }) => {
  await world.run(folder, ['next', '--session', 'ann'])
  await world.run(folder, ['sync', '--session', 'ann'])
  const set = await world.run(folder, ['set', 'A1', 'priority', 'high'])
  assert.is(
    set.stdout,
    'A1 (Write the parser) has another priority now.\nann holds it and is shown this at its next command.\n',
  )
  const opened = await world.run(folder, ['reopen', 'A1'])
  assert.is(
    opened.stdout,
    'A1 (Write the parser) is open and ready now.\nann held it and is told at its next command.\n',
  )
  assert.is((await world.run(folder, ['reopen', 'A1'])).stdout, 'A1 (Write the parser) is ready already.\n')
  await world.run(folder, ['set', 'A1', 'status', 'done'])
  const again = JSON.parse((await world.run(folder, ['reopen', 'A1', '--json'])).stdout)
  assert.equal(
    [again.kind, again.field, again.revoked, again.waitAgain],
    ['reopened', 'status', null, [{ board: 'TASKS.md', id: 'A2' }]],
  )
})

test('refusals name their place and what to type', async ({ world, folder }) => {
  const estimate = await world.run(folder, ['set', 'A1', 'estimate', 'soon'])
  assert.is(estimate.status, 1)
  assert.is(
    estimate.stderr,
    'if-board: TASKS.md:5:1: `soon` is no estimate [board/cannot-edit]\n  try: Write `45m`, `1h 30m` or `2d`\n',
  )
  const field = await world.run(folder, ['set', 'A1', 'colour', 'red'])
  assert.is(field.status, 2)
  assert.match(field.stderr, 'Fields: status, title, owner')
  const section = await world.run(folder, ['add', 'X', '--under', 'Later'])
  assert.match(section.stderr, '[board/no-such-section]\n  try: Its sections: `Board`')
  const cycle = await world.run(folder, ['set', 'A1', 'dependencies', 'A2'])
  assert.match(cycle.stderr, 'wait for each other: `A1` → `A2` → `A1` [task/cycle]')
})

test('of processes that add at once every one lands, under an id of its own, while others fold', async ({
  world,
  folder,
}) => {
  await world.run(folder, ['next', '--session', 'ann'])
  await world.run(folder, ['done', '--session', 'ann'])
  const titles = ['One', 'Two', 'Three']
  const [folded, ...added] = await Promise.all([
    world.run(folder, ['sync', '--session', 'ann']),
    ...titles.map((title) => world.run(folder, ['add', title, '--json'])),
  ])
  assert.is(folded.status, 0, folded.stderr)
  const ids = added.map(({ stdout, stderr }) => (stdout === '' ? stderr : JSON.parse(stdout).task.id))
  assert.equal(ids.sort(), ['A4', 'A5', 'A6'])
  const { tasks } = JSON.parse((await world.run(folder, ['list', '--json'])).stdout)
  assert.equal(tasks.map(({ id, status }: Record<string, string>) => `${id} ${status}`).sort(), [
    'A1 done',
    'A2 ready',
    'A3 ready',
    'A4 ready',
    'A5 ready',
    'A6 ready',
  ])
})

test('import tells what it did, and what it found, on the other channel', async ({ world, folder }) => {
  const issues = ['{"id":"bd-1","title":"Dig","status":"closed","created_by":"ann"}', '{"id":"bd-2","title":"Fill"}']
  await writeFile(join(folder, 'issues.jsonl'), issues.join('\n'))
  const dry = await world.run(folder, ['import', 'issues.jsonl', '--dry-run'])
  assert.match(
    dry.stdout,
    '# Tasks\n\n| ID | Task | Status | Dependencies |\n|---|---|---|---|\n| bd-1 | Dig | COMPLETED | None |\n',
  )
  const ran = await world.run(folder, ['import', 'issues.jsonl'])
  assert.is(ran.stdout, '2 tasks on the new board boards/issues.md.\nGo on: if-board lint\n')
  assert.is(ran.stderr, 'issues.jsonl:1:1: info: `created_by`, once: a board has no place for it [import/no-place]\n')
  assert.is(
    (await world.run(folder, ['import', 'issues.jsonl'])).stdout,
    'boards/issues.md has all of it already; 2 tasks stood there and stay as they are.\n',
  )
  const { kind, added } = JSON.parse((await world.run(folder, ['import', 'issues.jsonl', '--json'])).stdout)
  assert.equal([kind, added], ['unchanged', []])
  await writeFile(join(folder, 'odd.xyz'), 'hello')
  assert.match(
    (await world.run(folder, ['import', 'odd.xyz'])).stderr,
    '[import/not-understood]\n  try: Say which it is: --format',
  )
})

test('without a terminal edit names the other way', async ({ world, folder }) => {
  const ran = await world.run(folder, ['edit'])
  assert.is(ran.status, 1)
  assert.is(
    ran.stderr,
    'if-board: there is no terminal to open an editor in [edit/no-editor]\n  try: Edit in a clone of the boards: if-board checkout\n',
  )
})

/** util-linux's script(1) gives a command a terminal; where it is another one, or none, this is not run. */
const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).stdout?.includes('util-linux')

if (hasTerminal)
  test('in a terminal edit opens the editor, asks about findings, and pushes', async ({ world, folder }) => {
    const editor = join(world.root, 'editor.mjs')
    await writeFile(
      editor,
      "import{readFileSync as r,writeFileSync as w}from'node:fs';const f=process.argv[2];w(f,r(f,'utf8').replace('Write the manual','Write all of it').replace('| A2 |','| A1 |'))",
    )
    const ran = await world.inTerminal(folder, ['edit'], 'p\n', { GIT_EDITOR: `"${process.execPath}" "${editor}"` })
    assert.match(ran.stdout, 'TASKS.md:6:1: error: `A1` already stands in line 5')
    assert.match(ran.stdout, '[e]dit again, [p]ush as it is, [k]eep it for later?')
    assert.match(ran.stdout, 'TASKS.md has your edit.')
    assert.is(ran.status, 0)
    const { tasks } = JSON.parse((await world.run(folder, ['list', '--json'])).stdout)
    assert.is(tasks.at(-1).title, 'Write all of it')
  })

test.run()
