import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BOARD, makeWorld, putBoards, type World } from './world.ts'

const test = suite<{ world: World; folder: string }>('the lifecycle on the command line')

test.before.each(async (context) => {
  context.world = await makeWorld()
  context.folder = await context.world.clone('web')
  await putBoards(context.folder, { 'TASK-BOARD.md': BOARD })
})
test.after.each((context) => context.world.remove())

test('a session takes a task, meets it again, completes it and takes what that unblocked', async ({
  world,
  folder,
}) => {
  const first = await world.run(folder, ['next', '--json', '--session', 'session-4'])
  assert.is(first.status, 0, first.stderr)
  const granted = JSON.parse(first.stdout)
  assert.is(granted.schema, 'if-board/v1')
  assert.is(granted.kind, 'granted')
  assert.is(granted.task.id, 'A1')
  assert.is(granted.task.board, 'TASK-BOARD.md')
  assert.is(granted.task.filler, false)
  assert.equal(Object.keys(granted.claim).slice(0, 4), ['ref', 'oid', 'epoch', 'leaseSeconds'])

  const held = JSON.parse((await world.run(folder, ['next', '--json', '--session=session-4'])).stdout)
  assert.is(held.kind, 'held')
  assert.is(held.claim.oid, granted.claim.oid)

  const done = await world.run(folder, ['done', '--json', '--note', 'see src', '--session', 'session-4'])
  const completed = JSON.parse(done.stdout)
  assert.is(done.status, 0)
  assert.is(completed.kind, 'completed')
  assert.equal(completed.unblocked, ['A2'])

  const again = await world.run(folder, ['done', 'A1', '--session', 'session-4', '--json'])
  assert.is(again.status, 0)
  assert.is(JSON.parse(again.stdout).kind, 'completed')

  const after = await world.run(folder, ['claim', 'A2'], { IF_BOARD_SESSION: 'session-5' })
  assert.is(after.status, 0, after.stderr)
  const head = (await world.git(folder, 'rev-parse', 'HEAD')).slice(0, 12)
  assert.match(after.stdout, `A1 Write the parser: done by session-4, branch main, commit ${head}, in your HEAD`)
  assert.match(after.stdout, '> see src')
})

test('each outcome has its exit status', async ({ world, folder }) => {
  const as = (name: string) => ({ IF_BOARD_SESSION: name })
  assert.is((await world.run(folder, ['claim', 'A1'], as('one'))).status, 0)
  assert.is((await world.run(folder, ['claim', 'A1'], as('two'))).status, 4, 'another holds it')
  assert.is((await world.run(folder, ['claim', 'A2'], as('two'))).status, 3, 'not ready')
  assert.is((await world.run(folder, ['claim', 'A3'], as('one'))).status, 5, 'one task a session')
  assert.is((await world.run(folder, ['claim', 'A9'], as('two'))).status, 1, 'no such task')
  assert.is((await world.run(folder, ['done'], as('two'))).status, 1, 'holds none')
  assert.is((await world.run(folder, ['claim'], as('two'))).status, 2, 'no task named')
  assert.is((await world.run(folder, ['fail', 'A1'], as('one'))).status, 2, 'no reason given')
  assert.is((await world.run(folder, ['next', '--wait', 'long'], as('one'))).status, 2)
  const taken = await world.run(folder, ['release', '--of', 'one', '--reason', 'gone', '--json'], as('two'))
  assert.equal(JSON.parse(taken.stdout).tasks, ['A1'])
  const late = await world.run(folder, ['done', 'A1', '--json'], as('one'))
  assert.is(late.status, 4, 'the claim was taken back')
  assert.is(JSON.parse(late.stdout).kind, 'lost')
})

test('next waits until something is ready', async ({ world, folder }) => {
  const as = (name: string) => ({ IF_BOARD_SESSION: name })
  await world.run(folder, ['claim', 'A1'], as('one'))
  await world.run(folder, ['claim', 'A3'], as('two'))
  const begun = performance.now()
  const nothing = await world.run(folder, ['next', '--wait', '1'], as('three'))
  assert.is(nothing.status, 3)
  assert.ok(performance.now() - begun >= 1000, 'it waited its second')
  assert.match(nothing.stdout, 'A1, held by one: 1 task waits for it')
  const waiting = world.run(folder, ['next', '--wait', '30', '--json'], as('three'))
  await world.run(folder, ['done'], as('one'))
  const granted = await waiting
  assert.is(granted.status, 0)
  assert.is(JSON.parse(granted.stdout).task.id, 'A2')
})

test('a task is blocked by words, failed with a reason, paused and resumed', async ({ world, folder }) => {
  const as = (name: string) => ({ IF_BOARD_SESSION: name })
  await world.run(folder, ['claim', 'A1'], as('one'))
  assert.is((await world.run(folder, ['block', '--on', 'an account'], as('one'))).status, 0)
  const asked = await world.run(folder, ['claim', 'A1'], as('one'))
  assert.match(asked.stdout, 'A1 waits for: an account')
  assert.is((await world.run(folder, ['unblock', 'A1'])).status, 0)
  const second = await world.run(folder, ['claim', 'A1'], as('two'))
  assert.match(second.stdout, '- one blocked: an account')
  assert.is((await world.run(folder, ['fail', '--reason', 'too hard'], as('two'))).status, 0)
  assert.is((await world.run(folder, ['pause', '--reason', 'release day'])).status, 0)
  assert.is((await world.run(folder, ['next'], as('one'))).status, 3)
  assert.is((await world.run(folder, ['resume'])).status, 0)
  const third = await world.run(folder, ['next'], as('one'))
  assert.match(third.stdout, '- two failed: too hard')
})

test.run()
