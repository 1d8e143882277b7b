/** What an engine does where its server or git fails it: it goes on, and says why there is no link. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { seededKeyRing } from '../../../src/adapters/memory/local.ts'
import { IfBoardError, type SessionName } from '../../../src/model/index.ts'
import type { FastLink, FastListing, FastPath } from '../../../src/ports/index.ts'
import { FastEngine } from '../../../src/workflows/fast/engine.ts'
import { type EngineTools, engineTools } from '../../../src/workflows/fast/engine-tools.ts'
import { read } from '../../../src/workflows/read.ts'
import { MODES, NONCE, putMode, SWITCHER } from '../../support/fast-mode.ts'
import { boardOf, type Clone, keyOf, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'

const test = suite('engine')
const [s1] = names(1) as [SessionName]
const board = boardOf(['T1'])

const silent = new IfBoardError('authority/unreachable', 'git does not answer')
const full = new IfBoardError('fast/alarm', 'etcd takes no writes: no space')

/** A server of which a test says what it lists and how it answers; `open` counts its links. */
class Server implements FastPath {
  open = 0
  nonce: string | undefined = NONCE
  fails: Partial<Record<'connect' | 'list' | 'lease', unknown>> = {}
  readonly claims: FastListing['claims'] = new Map([
    [keyOf('T1'), { task: keyOf('T1'), claim: { session: s1, nonce: 'n', event: '{}' }, revision: 4 }],
  ])

  async connect() {
    if (this.fails.connect !== undefined) throw this.fails.connect
    this.open += 1
    let end: (() => void) | undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const link = {
      list: async () => {
        if (this.fails.list !== undefined) throw this.fails.list
        return { kind: 'listed' as const, ...this.listing() }
      },
      async *watch() {
        await ended
        yield { kind: 'broken' as const, reason: 'closed' }
      },
      claims: {
        lease: async () => {
          throw this.fails.lease
        },
      },
      close: async () => {
        this.open -= 1
        end?.()
      },
    }
    return { kind: 'linked' as const, link: link as unknown as FastLink }
  }

  listing(): FastListing {
    const { nonce: epochNonce, claims } = this
    const empty = { ready: new Map(), done: new Map(), projector: undefined, armed: undefined, unreadable: 0 }
    return { revision: 5, epochNonce, claims: epochNonce === undefined ? new Map() : claims, ...empty }
  }
}

/** etcd decides by the record of git; `moveMode` is what the test says. */
async function inEtcd(work: (server: Server, tools: EngineTools, clone: Clone) => Promise<void>): Promise<void> {
  await on(board, async (_fleet, a) => {
    const clone = a as Clone
    for (const mode of [MODES.switching, MODES.etcd]) await putMode(clone, mode)
    const server = new Server()
    await work(server, engineTools(clone.box, { path: server, speaker: s1 }), clone)
  })
}

const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error) => (error instanceof TypeError ? error.message : String(error)),
  )

test('an engine whose etcd was wiped while git is silent goes on, and moves the mode when git answers', () =>
  inEtcd(async (server, tools, clone) => {
    server.nonce = undefined
    let isSilent = true
    const moveMode: EngineTools['moveMode'] = async (seen, to) => {
      if (isSilent) throw silent
      return tools.moveMode(seen, to)
    }
    const engine = new FastEngine({ ...tools, moveMode })
    await engine.turn()
    assert.is(server.open, 0)
    assert.match(engine.trouble, /wiped.*git does not answer \[authority\/unreachable\]/)
    isSilent = false
    await engine.turn()
    assert.is((await read(clone.box)).mode.mode, 'draining')
    assert.is(server.open, 0)
    await engine.close()
  }))

test('an engine whose etcd was wiped moves the mode, also while another clone speaks under its name', () =>
  inEtcd(async (server, _tools, { box }) => {
    server.nonce = undefined
    const other = { ...box, keys: seededKeyRing('another machine') }
    const engine = new FastEngine(engineTools(other, { path: server, speaker: SWITCHER }))
    await engine.turn()
    assert.is((await read(box)).mode.mode, 'draining')
    assert.is(server.open, 0)
  }))

test('an engine that has lost etcd sees at once that git is to decide again, and one that has it after a third of the lease', () =>
  on(board, async ({ clock }, a) => {
    const clone = a as Clone
    for (const mode of [MODES.switching, MODES.etcd]) await putMode(clone, mode)
    const server = new Server()
    const tools = engineTools(clone.box, { path: server, speaker: s1 })
    const [lost, reached] = [new FastEngine(tools), new FastEngine(tools)]
    await reached.turn()
    server.fails = { connect: new IfBoardError('fast/unreached', 'the test cut it') }
    await lost.turn()
    await putMode(clone, MODES.draining)
    const seen = async (ms: number) => {
      clock.advance(ms)
      await Promise.all([lost.turn(), reached.turn()])
      return [lost, reached].map(({ sight }) => sight?.record.mode)
    }
    const { leaseMs } = MODES.etcd
    assert.equal(await seen(leaseMs / 15), ['draining', 'etcd'])
    assert.equal(await seen(leaseMs / 3), ['draining', 'draining'])
    await reached.close()
  }))

test('an engine to whom etcd answers what a person must mend goes on, leaves no link open, and says it', () =>
  inEtcd(async (server, tools) => {
    const engine = new FastEngine(tools)
    for (const call of ['connect', 'list'] as const) {
      server.fails = { [call]: full }
      await engine.turn()
      assert.is(server.open, 0)
      assert.match(engine.trouble, /no space \[fast\/alarm\]/)
    }
    server.fails = {}
    await engine.turn()
    assert.is(server.open, 1)
    await engine.close()
    assert.is(server.open, 0)
  }))

test('turns that meet leave one link open, and none after the end', () =>
  inEtcd(async (server, tools) => {
    const engine = new FastEngine(tools)
    await Promise.all([engine.turn(), engine.turn()])
    assert.is(server.open, 1)
    await engine.close()
    assert.is(server.open, 0)
  }))

test('an engine whose claims etcd does not renew goes on with the others, and says it', () =>
  inEtcd(async (server, tools) => {
    server.fails = { lease: full }
    const engine = new FastEngine(tools)
    engine.alive(s1, 60_000)
    await engine.turn()
    assert.ok(engine.holderOf(s1)?.held.has(keyOf('T1')))
    assert.match(engine.trouble, /no space \[fast\/alarm\]/)
    await engine.close()
  }))

test('a fault of ours is not hidden as trouble, and leaves no link open', () =>
  inEtcd(async (server, tools) => {
    server.fails = { list: new TypeError('a fault') }
    const gone = new FastEngine(tools).turn()
    assert.is(await faultOf(gone), 'a fault')
    assert.is(server.open, 0)
    server.fails = { lease: new TypeError('a fault') }
    const engine = new FastEngine(tools)
    engine.alive(s1, 60_000)
    assert.is(await faultOf(engine.run(new AbortController().signal)), 'a fault')
    assert.is(server.open, 0)
  }))

test.run()
