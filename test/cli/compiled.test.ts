import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BOARD, makeWorld, putBoards, type World } from './world.ts'

/** Node 22 keeps compiled code by itself, in a form of its own. */
const ownWay = Number(process.versions.node.split('.')[0]) < 22 && process.platform !== 'win32'
if (!ownWay) console.log('skip: this Node keeps compiled code by itself')

const test = suite<{ world: World; folder: string }>('compiled code that is kept')
const here = ownWay ? test : test.skip

test.before(async (context) => {
  context.world = await makeWorld()
  context.folder = await context.world.clone('project')
  await putBoards(context.folder, { 'TASK-BOARD.md': BOARD })
})
test.after((context) => context.world.remove())

/** Ask once, with a cache folder of its own; the file that is kept there. */
async function kept({ world, folder }: { world: World; folder: string }, cache: string) {
  const answer = await world.run(folder, ['next', '--session', 'one'], { XDG_CACHE_HOME: cache })
  assert.is(answer.status, 0, answer.stderr)
  const [name, ...others] = await readdir(join(cache, 'if-board'))
  assert.equal(others, [])
  return join(cache, 'if-board', name as string)
}

/** A file that was written again has another time. */
const LONG_AGO = new Date('2020-01-01T00:00:00Z')
const isLongAgo = async (path: string) => (await stat(path)).mtimeMs === LONG_AGO.getTime()

here('what was kept is used, and only its owner may read it', async (context) => {
  const cache = join(context.world.root, 'cache-used')
  const path = await kept(context, cache)
  assert.is((await stat(path)).mode & 0o777, 0o600)
  await utimes(path, LONG_AGO, LONG_AGO)
  assert.is(await kept(context, cache), path)
  assert.ok(await isLongAgo(path), 'code that could be used was compiled again')
})

here('what is damaged or cut is compiled again, and no byte of it is run', async (context) => {
  const cache = join(context.world.root, 'cache-damaged')
  const path = await kept(context, cache)
  const whole = await readFile(path)
  for (const at of [0, 40, whole.length >> 1, whole.length - 1]) {
    const damaged = Buffer.from(whole)
    damaged[at] = (damaged[at] as number) ^ 0x10
    await writeFile(path, damaged)
    await utimes(path, LONG_AGO, LONG_AGO)
    await kept(context, cache)
    assert.not.ok(await isLongAgo(path), `byte ${at}`)
  }
  await writeFile(path, whole.subarray(0, 1000))
  await utimes(path, LONG_AGO, LONG_AGO)
  await kept(context, cache)
  assert.not.ok(await isLongAgo(path), 'a file that was cut')
})

here('what others may write is not believed', async (context) => {
  const cache = join(context.world.root, 'cache-open')
  const path = await kept(context, cache)
  await chmod(path, 0o622)
  await utimes(path, LONG_AGO, LONG_AGO)
  await kept(context, cache)
  assert.not.ok(await isLongAgo(path))
})

here('a cache folder that cannot be made is no failure', async ({ world, folder }) => {
  const cache = join(world.root, 'a-file')
  await writeFile(cache, '')
  const answer = await world.run(folder, ['next', '--session', 'one'], { XDG_CACHE_HOME: cache })
  assert.is(answer.status, 0, answer.stderr)
})

here('what other builds left long ago goes, what they left lately stays', async (context) => {
  const cache = join(context.world.root, 'cache-old')
  const folder = join(cache, 'if-board')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'old.v8'), '')
  await utimes(join(folder, 'old.v8'), LONG_AGO, LONG_AGO)
  await writeFile(join(folder, 'new.v8'), '')
  const answer = await context.world.run(context.folder, ['next', '--session', 'one'], { XDG_CACHE_HOME: cache })
  assert.is(answer.status, 0, answer.stderr)
  const names = await readdir(folder)
  assert.not.ok(names.includes('old.v8'))
  assert.ok(names.includes('new.v8'))
  assert.is(names.length, 2)
})

test.run()
