/** What claims in git feel like is measured on every claim of a clone, and is never about something else. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SessionName } from '../../src/model/index.ts'
import { readSamples } from '../../src/workflows/contention.ts'
import { ask, claim, codeOf } from '../support/acts.ts'
import { MODES, putMode } from '../support/fast-mode.ts'
import { boardOf, type Clone, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'

const [ada, ben] = ['ada', 'ben'] as [SessionName, SessionName]
const board = boardOf(['A'], ['B'], ['C'])
const felt = async ({ box }: Clone) => (await readSamples(box)).map(({ pushes, lost }) => `${lost} of ${pushes}`)

test('a claim that nobody stood in the way of is one push; what asks for nothing is no claim', () =>
  on({ kind: 'memory-remote', board }, async (_, one) => {
    await ask(one, ada)
    assert.is(await ask(one, ada), 'held A')
    assert.equal(await felt(one), ['0 of 1'])
  }))

test('a push that came second is lost, and the time counts from the first one to the answer', () =>
  on({ kind: 'memory-remote', board }, async ({ clock }, one, other) => {
    one.traffic.beforePush = async () => {
      one.traffic.beforePush = undefined
      clock.advance(700)
      await claim(other, ben, 'A')
      return undefined
    }
    assert.is(await ask(one, ada), 'granted B')
    assert.equal(await felt(one), ['1 of 2'])
    const [sample] = await readSamples(one.box)
    assert.ok((sample?.waitMs ?? 0) >= 700, `${sample?.waitMs} ms`)
    assert.equal(await felt(other), ['0 of 1'], 'each clone knows its own')
  }))

test('claims of one clone that end at the same time are felt one by one', () =>
  on({ kind: 'memory-remote', board }, async (_, one) => {
    const sessions = names(3)
    await Promise.all(sessions.map((session, at) => claim(one, session, ['A', 'B', 'C'][at] as string)))
    assert.equal(await felt(one), ['0 of 1', '0 of 1', '0 of 1'])
  }))

test('a claim that an authority was too busy for was felt, one that was broken off for another reason was not', () =>
  on({ kind: 'memory-remote', board }, async (_, one, switcher) => {
    one.traffic.beforePush = async () => ({ kind: 'busy', reason: 'many push' })
    assert.is(await codeOf(ask(one, ada)), 'authority/busy')
    assert.equal(await felt(one), ['3 of 3'])
    one.traffic.beforePush = async () => {
      one.traffic.beforePush = undefined
      await putMode(switcher, MODES.switching)
      return undefined
    }
    assert.is(await codeOf(ask(one, ada)), 'fast/switching')
    assert.equal(await felt(one), ['3 of 3'])
  }))

test('sessions of one clone share what they felt, and the newest are kept', () =>
  on({ kind: 'memory-remote', board }, async (_, one) => {
    const line = (ms: number) => `${ms} ${ms} boot 0 10 1 0\n`
    const full = Array.from({ length: 300 }, (_, ms) => line(ms)).join('')
    await one.memory.write('contention', full)
    await ask(one, ada)
    await ask(one, ben)
    const samples = await readSamples(one.box)
    assert.is(samples.length, 256)
    assert.is(samples[0]?.at.wallMs, 46)
  }))

test('lines that are torn, or hold what nobody measured, are left out', () =>
  on({ kind: 'memory-remote', board }, async (_, one) => {
    const bad = [
      '1 1 boot 0 10 1',
      '1 1 boot 0 10 1 2',
      '1 1 boot 0 -1 1 0',
      'x 1 boot 0 10 1 0',
      '1 1  0 10 1 0',
      '{}',
    ]
    await one.memory.write('contention', `${bad.join('\n')}\n1 1 boot 0 10 2 1\n1 1 bo`)
    assert.equal(await felt(one), ['1 of 2'])
  }))

test('a memory that cannot be written costs nobody a claim', () =>
  on({ kind: 'memory-remote', board }, async (_, one) => {
    const { memory } = one.box
    const update: typeof memory.update = async (name, change) => {
      if (name === 'contention') throw new Error('no room')
      return memory.update(name, change)
    }
    assert.is(await ask({ ...one, box: { ...one.box, memory: { ...memory, update } } }, ada), 'granted A')
    assert.equal(await felt(one), [])
  }))

test.run()
