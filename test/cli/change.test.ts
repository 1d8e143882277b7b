/** Changing boards from a terminal: golden texts, JSON, and processes that meet. */
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

test.run()
