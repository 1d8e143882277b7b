/** What the proxy did, in the log: few events that grow, under whose name they belong. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { refKey, type SessionName, type SignedEvent, toObjectId } from '../../../src/model/index.ts'
import { note } from '../../../src/workflows/adjust.ts'
import { noteFact, noteRiding, readPending, settleRiding } from '../../../src/workflows/pending.ts'
import { type Owner, openProxyLog } from '../../../src/workflows/proxy/log.ts'
import type { Toolbox } from '../../../src/workflows/toolbox.ts'
import { claim, settle } from '../../support/acts.ts'
import { boardOf, type Clone, keyOf, names } from '../../support/fleet.ts'
import { on } from '../../support/on-fleet.ts'
import { notesOf } from '../../support/witnessed.ts'

const [ada, gate, other] = names(3) as [SessionName, SessionName, SessionName]
const board = boardOf(['T1'], ['T2'])
const PROXY = '0123456789abcdef'

/** A name that this clone has used. */
async function known(box: Toolbox, session: SessionName): Promise<void> {
  const seen = box.clock.now()
  await box.memory.write(`names/${refKey(session, box.sha256)}`, JSON.stringify({ session, seen }))
}

async function ownerOf(clone: Clone, session: SessionName): Promise<Owner> {
  await claim(clone, session, 'T1')
  const key = keyOf('T1')
  const refs = await clone.box.refs.list()
  const oid = [...refs].find(([ref]) => ref.includes('/c/'))?.[1]
  assert.ok(oid)
  return { session, key, claim: oid, task: { board: 'TASK-BOARD.md', id: 'T1', title: 'T1' } as Owner['task'] }
}

const call = (at: number) => ({ alias: 'search', method: 'GET', sent: 0, received: 1, path: `/tasks/${at}` })

async function said(clone: Clone): Promise<SignedEvent[]> {
  await settle(clone, other)
  return (await notesOf(clone)).flatMap(({ events }) => events).filter(({ type }) => type === 'if-board.requested')
}

test('10,000 calls are one event of the session, and what comes later is in the next one, which says all', () =>
  on(board, async (_fleet, a) => {
    await known(a.box, ada)
    const owner = await ownerOf(a, ada)
    const log = openProxyLog(a.box, PROXY, gate)
    for (let at = 0; at < 10_000; at += 1) {
      log.add(owner, call(at))
      if (at % 1_000 === 0) await log.flush()
    }
    await log.flush()
    assert.is((await readPending(a.box, ada)).facts.length, 1)
    await note(a.box, ada, 'T1', 'on the way')
    log.add(owner, call(1))
    log.add(owner, { ...call(2), rule: 'budget' })
    await log.flush()
    await note(a.box, ada, 'T1', 'again')
    const events = await said(a)
    assert.equal(
      events.map(({ session, subject, data }) => [session, subject, data.reason]),
      [
        [ada, keyOf('T1'), '10000 passed on, 0 refused'],
        [ada, keyOf('T1'), '10001 passed on, 1 refused (budget)'],
      ],
    )
    assert.is(events[1]?.data.requests?.proxy, PROXY)
  }))

test('what could not be noted is noted the next time', () =>
  on(board, async (_fleet, a) => {
    await known(a.box, ada)
    let isFull = true
    const memory = {
      ...a.box.memory,
      update: async (name: string, change: (text: string | undefined) => string | undefined) => {
        if (isFull && name.startsWith('pending/')) throw new Error('no space')
        await a.box.memory.update(name, change)
      },
    }
    const owner = await ownerOf(a, ada)
    const log = openProxyLog({ ...a.box, memory }, PROXY, gate)
    log.add(owner, call(1))
    assert.is(
      await log.flush().then(
        () => 'noted',
        () => 'failed',
      ),
      'failed',
    )
    isFull = false
    await log.flush()
    assert.is((await readPending(a.box, ada)).facts.length, 1)
  }))

test('what a command notes at the same time stays beside it', () =>
  on(board, async (_fleet, a) => {
    await known(a.box, ada)
    const owner = await ownerOf(a, ada)
    const log = openProxyLog(a.box, PROXY, gate)
    const costs = async (seconds: number) => {
      log.add(owner, call(seconds))
      const data = { task: owner.task, cost: { seconds } }
      await noteFact(a.box, ada, { type: 'cost', subject: owner.key, data }, `cost ${seconds}`)
      await log.flush()
    }
    await Promise.all(Array.from({ length: 10 }, (_, at) => costs(at)))
    const { facts } = await readPending(a.box, ada)
    assert.equal(facts.map(({ type }) => type).sort(), [...Array(10).fill('cost'), 'requested'])
  }))

test('two claims of one task are two facts', () =>
  on(board, async (_fleet, a) => {
    await known(a.box, ada)
    const owner = await ownerOf(a, ada)
    const log = openProxyLog(a.box, PROXY, gate)
    log.add(owner, call(1))
    await log.flush()
    log.add({ ...owner, claim: toObjectId('b'.repeat(40)) }, call(1))
    await log.flush()
    assert.is((await readPending(a.box, ada)).facts.length, 2)
  }))

test('nothing new is nothing said', () =>
  on(board, async (_fleet, a) => {
    await known(a.box, ada)
    const log = openProxyLog(a.box, PROXY, gate)
    log.add(await ownerOf(a, ada), call(1))
    await log.flush()
    await note(a.box, ada, 'T1', 'on the way')
    await log.flush()
    assert.equal((await readPending(a.box, ada)).facts, [])
  }))

test('what grew while it was being said is said by the next push', () =>
  on(board, async (_fleet, a) => {
    await known(a.box, ada)
    const owner = await ownerOf(a, ada)
    const log = openProxyLog(a.box, PROXY, gate)
    log.add(owner, call(1))
    await log.flush()
    const riding = await noteRiding(a.box, ada, await readPending(a.box, ada), owner.claim)
    log.add(owner, call(2))
    await log.flush()
    await settleRiding(a.box, ada, riding)
    const [left, ...more] = (await readPending(a.box, ada)).facts
    assert.equal([left?.data.requests?.uses[0]?.calls, more], [2, []])
  }))

test('of a session of another clone, and of what no capability explains, the proxy’s own session tells', () =>
  on(board, async (_fleet, a) => {
    const owner = await ownerOf(a, ada)
    const log = openProxyLog(a.box, PROXY, gate)
    log.add(owner, call(1))
    log.add(undefined, { ...call(2), alias: '-', rule: 'capability' })
    await log.flush()
    assert.equal((await readPending(a.box, ada)).facts, [])
    const { facts } = await readPending(a.box, gate)
    assert.equal(
      facts.map(({ subject, data }) => [subject, data.from, data.reason]),
      [
        [keyOf('T1'), ada, '1 passed on, 0 refused'],
        [undefined, undefined, '0 passed on, 1 refused (capability)'],
      ],
    )
    await note(a.box, gate, 'T2', 'here I am')
    assert.is((await said(a)).length, 2)
  }))

test('a secret in a path is masked before it is signed', () =>
  on(board, async (_fleet, a) => {
    await known(a.box, ada)
    const log = openProxyLog(a.box, PROXY, gate)
    const secret = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`
    log.add(await ownerOf(a, ada), { ...call(1), path: `/tasks/${secret}` })
    await log.flush()
    const text = JSON.stringify((await readPending(a.box, ada)).facts)
    assert.not.match(text, secret)
    assert.match(text, /masked/)
  }))

test.run()
