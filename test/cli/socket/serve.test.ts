/** The watcher's end by itself: a real socket, a service that does what a test says, and a clock that a test sets. */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Ask, type FromCommand, type FromWatcher, HOLD_MS, lineOf } from '../../../src/cli/socket/messages.ts'
import { type CarriedOut, type Errand, receiver } from '../../../src/cli/socket/serve.ts'

const ASK: Ask = {
  build: 'b',
  words: ['next'],
  cwd: '/x',
  variables: {},
  steering: 'd',
  terminal: false,
  color: false,
  columns: null,
  rows: null,
  startedAt: 1,
  input: null,
}
const DONE: CarriedOut = { status: 0, said: [['data', 'x']] }

/** A watcher that carries out by `work`, and the clock that its holds count on. */
async function serving(
  work: (errand: Errand) => Promise<CarriedOut | 'declined'>,
  use: (tools: { call: () => Caller; clock: { ms: number } }) => Promise<void>,
): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'if-board-serve-')))
  const clock = { ms: 0 }
  const receive = receiver({ monotonicMs: () => clock.ms, serves: () => true, carryOut: work })
  const server = createServer(receive)
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve))
  const callers: Caller[] = []
  const call = () => {
    const caller = callerAt(join(folder, 's'))
    callers.push(caller)
    return caller
  }
  try {
    await use({ call, clock })
  } finally {
    for (const { leave } of callers) leave()
    server.close()
    await rm(folder, { recursive: true })
  }
}

interface Caller {
  say(message: FromCommand): void
  /** The next word that is no beat; `closed` at the end. */
  hear(): Promise<FromWatcher | 'closed'>
  leave(): void
}

function callerAt(path: string): Caller {
  const socket = connect(path)
  const heard: (FromWatcher | 'closed')[] = []
  let rest = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    heard.push(...lines.map((line) => JSON.parse(line) as FromWatcher).filter(({ kind }) => kind !== 'beat'))
  })
  socket.on('error', () => undefined)
  socket.on('close', () => heard.push('closed'))
  return {
    say: (message) => void socket.write(lineOf(message)),
    leave: () => socket.destroy(),
    async hear() {
      for (let tries = 0; tries < 3000; tries += 1) {
        const word = heard.shift()
        if (word !== undefined) return word
        await sleep(10)
      }
      throw new Error('nothing was heard')
    },
  }
}

/** What never comes fails, and does not hang. */
async function until(is: () => boolean): Promise<void> {
  for (const giveUpAt = performance.now() + 30_000; !is(); await sleep(5))
    assert.ok(performance.now() < giveUpAt, 'it never came')
}

const ask: FromCommand = { kind: 'ask', ...ASK }

test('a question is taken, asked back, carried out and answered', () =>
  serving(
    async ({ about }) => {
      about('B.md:T1')
      return DONE
    },
    async ({ call }) => {
      const caller = call()
      caller.say(ask)
      assert.equal(await caller.hear(), { kind: 'taken' })
      caller.say({ kind: 'go' })
      assert.equal(await caller.hear(), { kind: 'about', task: 'B.md:T1' })
      assert.equal(await caller.hear(), { kind: 'ended', ...DONE })
      assert.is(await caller.hear(), 'closed')
    },
  ))

test('a "go" that was under way for as long as a command waits begins nothing', async () => {
  let begun = 0
  await serving(
    async () => {
      begun += 1
      return DONE
    },
    async ({ call, clock }) => {
      const caller = call()
      caller.say(ask)
      await caller.hear()
      clock.ms += HOLD_MS
      caller.say({ kind: 'go' })
      assert.is(await caller.hear(), 'closed')
      assert.is(begun, 0)
    },
  )
})

test('after a stop of the watcher in the middle of its work it may move nothing more, and says so', async () => {
  const may: boolean[] = []
  let wake: () => void = () => undefined
  await serving(
    async ({ mayMove }) => {
      may.push(mayMove())
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      may.push(mayMove())
      return DONE
    },
    async ({ call, clock }) => {
      const caller = call()
      caller.say(ask)
      await caller.hear()
      caller.say({ kind: 'go' })
      await until(() => may.length > 0)
      clock.ms += HOLD_MS
      // Beats go on by the clock of timers; a hold that has lapsed is not extended by them.
      await sleep(250)
      wake()
      assert.equal(await caller.hear(), { kind: 'given-up' })
      assert.equal(may, [true, false])
    },
  )
})

test('who leaves or is interrupted has its work stopped, and nothing is moved for who has left', async () => {
  const errands: Errand[] = []
  await serving(
    async (errand) => {
      errands.push(errand)
      await new Promise((resolve) => errand.stop.addEventListener('abort', resolve))
      return DONE
    },
    async ({ call }) => {
      // One after the other: who is silent for long is hung up on.
      const begun = async () => {
        const before = errands.length
        const caller = call()
        caller.say(ask)
        await caller.hear()
        caller.say({ kind: 'go' })
        await until(() => errands.length > before)
        return caller
      }
      const [leaves, interrupts] = [await begun(), await begun()]
      leaves.leave()
      await until(() => errands[0]?.stop.aborted === true)
      assert.is(errands[0]?.mayMove(), false)
      assert.is(errands[1]?.stop.aborted, false)
      interrupts.say({ kind: 'stop' })
      assert.equal(await interrupts.hear(), { kind: 'ended', ...DONE })
    },
  )
})

test('a slow one holds up nobody, and what is too many is declined at once', async () => {
  let slow = 0
  await serving(
    async ({ ask: { words }, stop }) => {
      if (words[0] !== 'slow') return DONE
      slow += 1
      await new Promise((resolve) => stop.addEventListener('abort', resolve))
      return DONE
    },
    async ({ call }) => {
      const go = async (word: string) => {
        const caller = call()
        caller.say({ ...ask, words: [word] } as FromCommand)
        const first = await caller.hear()
        if (first !== 'closed' && first.kind === 'taken') caller.say({ kind: 'go' })
        return { caller, first }
      }
      for (let count = 1; count <= 7; count += 1) {
        await go('slow')
        await until(() => slow >= count)
      }
      const { caller } = await go('quick')
      assert.equal(await caller.hear(), { kind: 'ended', ...DONE })
      await go('slow')
      await until(() => slow >= 8)
      assert.equal((await go('quick')).first, { kind: 'declined' })
    },
  )
})

test('a service that breaks answers "do it yourself"', () =>
  serving(
    async () => {
      throw new Error('a bug of ours')
    },
    async ({ call }) => {
      const caller = call()
      caller.say(ask)
      await caller.hear()
      caller.say({ kind: 'go' })
      assert.equal(await caller.hear(), { kind: 'given-up' })
    },
  ))

test.run()
