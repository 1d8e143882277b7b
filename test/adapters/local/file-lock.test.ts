import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tryFileLock, waitForFileLock } from '../../../src/adapters/process/file-lock.ts'
import { programArgs } from '../../support/program.ts'

const test = suite<{ folder: string; path: string }>('a lock file')

test.before.each(async (world) => {
  world.folder = await mkdtemp(join(tmpdir(), 'if-board-lock-'))
  world.path = join(world.folder, 'one.lock')
})

test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }))

/** What a process says that takes the lock and ends without giving it back. */
function inProcess(path: string, end: 'exit' | 'killed'): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...programArgs('support/lock-process'), path, end], (_error, stdout) => resolve(stdout))
  })
}

test('is held by one at a time, and free once it is released', async ({ path }) => {
  const first = await tryFileLock(path)
  assert.is(await first?.holds(), true)
  assert.is(await tryFileLock(path), undefined)
  assert.is(await inProcess(path, 'exit'), 'refused')
  assert.ok(existsSync(path), 'the lock of another process is not taken away at the end of one')
  await first?.release()
  assert.not(existsSync(path))
  assert.is(await inProcess(path, 'exit'), 'taken')
})

test('is gone when its process ended without a word, and taken over when that was killed', async ({ path }) => {
  assert.is(await inProcess(path, 'exit'), 'taken')
  assert.not(existsSync(path), 'given back at the exit')
  assert.is(await inProcess(path, 'killed'), 'taken')
  assert.ok(existsSync(path))
  const lock = await tryFileLock(path)
  assert.is(await lock?.holds(), true)
  await lock?.release()
})

test('of a process that nobody here can see, in another container, is held', async ({ path }) => {
  const ours = await tryFileLock(path)
  const owner = JSON.parse(await readFile(path, 'utf8'))
  await ours?.release()
  const gone = { ...owner, pid: 2 ** 22 + 1 }
  await writeFile(path, JSON.stringify({ ...gone, host: `${hostname()} pid:[1]` }))
  assert.is(await tryFileLock(path), undefined)
  await writeFile(path, JSON.stringify(gone))
  const lock = await tryFileLock(path)
  assert.is(await lock?.holds(), true)
  await lock?.release()
})

if (process.platform === 'linux')
  test('of a process that has ended and that nobody waits for is taken over', async ({ path }) => {
    const parent = spawn('sh', ['-c', '(exit 0) & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const [pid] = await once(parent.stdout, 'data')
      const ours = await tryFileLock(path)
      const owner = JSON.parse(await readFile(path, 'utf8'))
      await ours?.release()
      await writeFile(path, JSON.stringify({ ...owner, pid: Number(String(pid)) }))
      const lock = await waitForFileLock(path, 10_000)
      assert.is(await lock?.holds(), true)
      await lock?.release()
    } finally {
      parent.kill()
    }
  })

// Root reads every file, and Windows has no such modes: there another kind of file is one that nobody can read.
test('that cannot be read is held while it may be touched', async ({ path }) => {
  await mkdir(path)
  const then = new Date(Date.now() - 5_000)
  await utimes(path, then, then)
  assert.is(await tryFileLock(path), undefined)
  assert.ok(existsSync(path), 'it may be touched by an owner whom nobody here can see')
})

test('that another one has taken over meanwhile is not released in its place', async ({ path }) => {
  const lost = await tryFileLock(path)
  await writeFile(path, 'of somebody else')
  assert.is(await lost?.holds(), false)
  await lost?.release()
  assert.is(await readFile(path, 'utf8'), 'of somebody else')
})

test.run()
