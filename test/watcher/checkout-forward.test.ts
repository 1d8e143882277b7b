/** A checkout that nobody edits follows the branch; one that somebody does is left as it is. */
import { rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run, told } from '../support/cli.ts'
import { BOARD, type CheckoutWorld, checkoutWorld, FILE } from './checkout-world.ts'

let world: CheckoutWorld
test.before.each(async () => {
  world = await checkoutWorld()
})
test.after.each(() => world.remove())

const isBrought = ({ event }: { event: string }) => event === 'brought'
/** Somebody else's edit, through a command of theirs: the branch moves. */
const retitle = async (title: string) => {
  const set = await run(
    { ...world.where, env: { ...world.where.env, IF_BOARD_SESSION: 'other' } },
    'set',
    'A3',
    'title',
    title,
  )
  assert.is(set.status, 0, told(set))
  assert.match(world.pushed(), title)
}

test('a checkout without edits of its own follows the branch, by what the watcher fetched', async () => {
  await retitle('Paint it green')
  await world.watcher.until(isBrought)
  assert.match(await world.text(), 'Paint it green')
  assert.is(world.box.git('main-board', 'status', '--porcelain'), '')
  assert.is(world.box.git('main-board', 'rev-parse', 'HEAD'), world.box.git('remote.git', 'rev-parse', 'if-board/main'))
})

test('a file that is edited, or open in an editor, is left as it is until it is not', async () => {
  // Not text that lints, so it stays an edit; and the branch moves on in another line of it.
  await world.replace('| A1 | Lay', '| A2 | Lay')
  await world.watcher.until(({ event }) => event === 'not-saved')
  const typed = await world.text()
  await retitle('Paint it blue')
  await sleep(4_000)
  assert.is(await world.text(), typed)
  await writeFile(world.box.path(FILE), BOARD)

  await writeFile(world.box.path('main-board/.TASKS.md.swp'), '')
  await retitle('Paint it black')
  await sleep(4_000)
  assert.not.match(await world.text(), 'Paint it black')
  await rm(world.box.path('main-board/.TASKS.md.swp'))
  // A save is a sign; without one it is looked at every half minute.
  await writeFile(world.box.path(FILE), await world.text())
  await world.watcher.until(isBrought)
  assert.match(await world.text(), 'Paint it black')
  assert.is(world.box.git('main-board', 'status', '--porcelain'), '')
})

test('a checkout in the middle of something, on another branch or with a commit of its own is left alone', async () => {
  world.box.git('main-board', 'switch', '--quiet', '--create', 'mine')
  const before = world.box.git('main-board', 'rev-parse', 'HEAD')
  await retitle('Paint it white')
  await sleep(4_000)
  assert.is(world.box.git('main-board', 'rev-parse', 'HEAD'), before)
  assert.not.match(await world.text(), 'white')
  assert.not.ok(world.watcher.events.some(isBrought))
})

test.run()
