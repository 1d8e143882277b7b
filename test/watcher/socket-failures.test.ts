/** Whatever becomes of a watcher that was asked, the command is carried out once and answered soon. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bin, jsonOf, type Ran, run, told } from '../support/cli.ts'
import { full, seeded } from '../support/clones.ts'
import { sampled } from '../support/sampled.ts'
import { directly, type SocketWorld, socketWorld, until } from './socket-world.ts'
import { startWatch, unlock } from './world.ts'

let world: SocketWorld
test.before.each(() => {
  world = socketWorld()
})
test.after.each(() => world.remove())

/** What a real watcher notes; the same for all of this program. */
let build: string | undefined

async function buildOf(): Promise<string> {
  const watcher = await world.watching()
  const note = JSON.parse(await readFile(world.note(), 'utf8'))
  await watcher.stop()
  return note.build
}

/** A stand-in for a watcher that fails in one way. */
async function standIn(attend: (socket: Socket, line: string) => void): Promise<() => void> {
  build ??= await buildOf()
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'if-board-')))
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => attend(socket, data.toString('utf8')))
  })
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve))
  await writeFile(world.note(), JSON.stringify({ build, path: join(folder, 's') }))
  return () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}

const FAILING: readonly (readonly [string, (socket: Socket, line: string) => void])[] = [
  ['says nothing', () => undefined],
  ['hangs up', (socket) => socket.destroy()],
  ['declines', (socket) => socket.write('{"kind":"declined"}\n')],
  ['says what is no message', (socket) => socket.write('hello\n')],
  ['says an endless line', (socket) => void setInterval(() => socket.write(Buffer.alloc(1 << 20, 'x')), 1).unref()],
  ['takes it and falls silent', (socket, line) => void (line.includes('"ask"') && socket.write('{"kind":"taken"}\n'))],
  [
    'takes it, answers half and is gone',
    (socket, line) =>
      line.includes('"ask"') ? socket.write('{"kind":"taken"}\n') : socket.end('{"kind":"ended","status":0,"sai'),
  ],
  ['gives up', (socket, line) => socket.write(line.includes('"ask"') ? '{"kind":"taken"}\n' : '{"kind":"given-up"}\n')],
]

/** A second of silence, and what a busy machine adds. */
const SOON_MS = 3_500

test('whatever a watcher does wrong, the command does its work itself, soon', async () => {
  await world.project()
  for (const [what, attend] of sampled(FAILING, 3)) {
    const close = await standIn(attend)
    try {
      let longerMs = Number.POSITIVE_INFINITY
      // A machine that does much else besides may stop one of the two: the best of three tells what the program does.
      for (let tries = 0; tries < 3 && longerMs >= SOON_MS; tries += 1) {
        const alone = await run(directly(world.as('ann')), 'next')
        const ran = await run(world.as('ann'), 'next')
        assert.is(ran.status, 0, `${what}: ${told(ran)}`)
        assert.match(ran.stdout, /^TASK T1/, what)
        longerMs = Math.min(longerMs, ran.ms - alone.ms)
      }
      assert.ok(longerMs < SOON_MS, `${what}: ${Math.round(longerMs)} ms longer than alone`)
    } finally {
      close()
    }
  }
})

test('done without an id, cut off after it landed, is done once and means the same task', async () => {
  await world.project()
  let key = ''
  let carriedOut: Promise<void> | undefined
  const close = await standIn((socket, line) => {
    if (line.includes('"ask"')) return void socket.write('{"kind":"taken"}\n')
    // Carried out as the watcher would, and then its power fails; meanwhile the session takes another task.
    carriedOut = (async () => {
      socket.write(`${JSON.stringify({ kind: 'about', task: key })}\n`)
      await run(directly(world.as('ann')), 'done')
      await run(directly(world.as('ann')), 'next')
      socket.destroy()
    })()
  })
  try {
    const held = jsonOf(await run(directly(world.as('ann')), 'next', '--json')).task
    key = `${held.board}:${held.id}`
    const done = await run(world.as('ann'), 'done', '--json')
    assert.is(done.status, 0, told(done))
    assert.is(jsonOf(done).kind, 'completed')
    assert.is(jsonOf(done).task.id, held.id)
    // On a busy machine the command gave up on it before it was through.
    await carriedOut
    const now = jsonOf(await run(directly(world.as('ann')), 'next', '--json'))
    assert.is(now.kind, 'held', 'what it took meanwhile is still its own')
    assert.is.not(now.task.id, held.id)
  } finally {
    close()
  }
})

test('a watcher that is stopped like a process in a debugger is left, and moves nothing when it wakes', async () => {
  await world.project()
  const watcher = await world.watching()
  process.kill(watcher.pid, 'SIGSTOP')
  const asked = await run(world.as('ann'), 'next', '--json')
  assert.is(jsonOf(asked).kind, 'granted', told(asked))
  const done = await run(world.as('ann'), 'done', '--json')
  assert.is(jsonOf(done).kind, 'completed', told(done))
  process.kill(watcher.pid, 'SIGCONT')
  await sleep(1_500)
  // Woken, it finds a question of somebody who has gone: carried out now, it would take a task for nobody.
  const list = jsonOf(await run(directly(world.as('ben')), 'list', '--json'))
  assert.equal(
    list.tasks.filter(({ status }: { status: string }) => status === 'claimed'),
    [],
  )
  await watcher.stop()
})

test('killed at any moment, a command asked through it is answered once, and every task is done once', async () => {
  const tasks = full ? 40 : 4
  await world.project('main', tasks)
  const random = seeded()
  const now: { state: 'killing' | 'mending' | 'over' } = { state: 'killing' }
  let trouble: unknown
  const killing = (async () => {
    while (now.state !== 'over') {
      const watcher = startWatch(world.as('watcher'))
      await until(() => stat(world.note()))
      await sleep(100 + random() * 700)
      while (now.state === 'mending') await sleep(20)
      await watcher.kill()
    }
  })().catch((error) => {
    trouble = error
  })
  const ask = async (...args: readonly string[]): Promise<Ran> => {
    // One transaction locks several refs, and an answer names the first that is in the way.
    for (let tries = 0; ; tries += 1) {
      const ran = await run(world.as('ann'), ...args)
      if (ran.status !== 7 || tries === 8) return ran
      now.state = 'mending'
      await unlock(world.as('ann'), ran)
    }
  }
  const finished: string[] = []
  try {
    for (;;) {
      const asked = await ask('next', '--json')
      if (asked.status === 3) break
      assert.is(asked.status, 0, told(asked))
      const done = await ask('done', '--json')
      assert.is(done.status, 0, told(done))
      finished.push(jsonOf(done).task.id)
      now.state = 'killing'
    }
  } finally {
    now.state = 'over'
    await killing
  }
  assert.is(trouble, undefined, String(trouble))
  assert.is(new Set(finished).size, tasks)
  assert.is(finished.length, tasks)
})

test('Ctrl-C of a command reaches it through the watcher, which goes on', async () => {
  await world.project()
  const watcher = await world.watching()
  for (const after of sampled([10, 40, 60, 80, 120], 2)) {
    const child = spawn(process.execPath, [bin, 'next'], { ...world.as('ann'), stdio: 'ignore' })
    const closed = new Promise<[number | null, string | null]>((resolve) =>
      child.once('close', (code, signal) => resolve([code, signal])),
    )
    await sleep(after)
    child.kill('SIGINT')
    const [code, signal] = await closed
    assert.ok(code === 130 || code === 0 || signal === 'SIGINT', `${after} ms: ${code} ${signal}`)
  }
  assert.is((await world.ranThere(world.as('ann'), 'next')).itself, false)
  assert.is(await watcher.stop(), 130)
})

test('who connects and talks nonsense, or not at all, is hung up on, and others are answered', async () => {
  await world.project()
  await world.watching()
  const { path } = JSON.parse(await readFile(world.note(), 'utf8'))
  const ended = (first: string | Buffer) =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(path)
      socket.on('error', () => undefined)
      socket.once('close', () => resolve())
      socket.write(first)
      setTimeout(() => reject(new Error(`still open after ${first.slice(0, 20)}`)), 60_000).unref()
    })
  const strangers = [
    '',
    '\n',
    'GET / HTTP/1.1\r\n\r\n',
    '{"kind":"go"}\n',
    '{"kind":"ask"}\n',
    Buffer.alloc(4 << 20, 'x'),
  ]
  const [{ itself }] = await Promise.all([world.ranThere(world.as('ann'), 'next'), ...strangers.map(ended)])
  assert.is(itself, false)
})

test('sockets that a killed watcher left are removed by the next one, and nothing else ever is', async () => {
  await world.project()
  const first = await world.watching()
  const { path } = JSON.parse(await readFile(world.note(), 'utf8'))
  await first.kill()
  assert.ok(await stat(path), 'it was killed, so it lies there')
  const second = await world.watching()
  await until(async () => ((await stat(dirname(path)).catch(() => undefined)) === undefined ? true : undefined))
  await second.kill()
  // A note that names what is not a socket of ours.
  await writeFile(world.box.path('precious'), 'x')
  await writeFile(world.note(), JSON.stringify({ build: 'x', path: world.box.path('precious') }))
  const third = startWatch(world.as('watcher'))
  await third.until(({ event }) => event === 'started')
  await until(async () => ((await readFile(world.note(), 'utf8')).includes('precious') ? undefined : true))
  assert.is(await readFile(world.box.path('precious'), 'utf8'), 'x')
})

test('a temporary folder with a path that no socket can have is no reason not to watch', async () => {
  await world.project()
  const long = world.box.path('x'.repeat(60), 'y'.repeat(60))
  await mkdir(long, { recursive: true })
  const watcher = startWatch(world.as('watcher', 'main', { TMPDIR: long }))
  await watcher.until(({ event }) => event === 'started')
  assert.is((await world.ranItself(world.as('ann', 'main', { TMPDIR: long }), 'next')).itself, true)
  assert.is(await watcher.stop(), 130)
})

test.run()
