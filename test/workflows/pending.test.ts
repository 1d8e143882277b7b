/** Lost races and denials: noted once, whatever asks again, and counted where they are too many. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { refKey, type SessionName, type SignedEvent, toBoardName, toTaskId } from '../../src/model/index.ts'
import type { LocalMemory } from '../../src/ports/index.ts'
import { note, pause, renew, resume } from '../../src/workflows/adjust.ts'
import { next } from '../../src/workflows/next.ts'
import { type Fact, noteDenial, noteFact, noteLoss, readPending } from '../../src/workflows/pending.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, done, end, settle } from '../support/acts.ts'
import { BOARD, boardOf, type Clone, keyOf, names } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { endAfterPush, loseAnswer } from '../support/tear.ts'
import { nameOfEvent, notesOf } from '../support/witnessed.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const three = boardOf(['T1'], ['T2'], ['T3'])

const T2 = { board: toBoardName(BOARD), id: toTaskId('T2'), title: 'Do T2' }
const LATE_COST: Fact = { type: 'cost', subject: keyOf('T2'), data: { task: T2, cost: { usd: 2.5 } } }
const noteCost = ({ box }: Clone, once?: string) => noteFact(box, s1, LATE_COST, once)

/** What a session has said of this type, sealed. */
async function said(clone: Clone, type: 'denied' | 'lost' | 'cost'): Promise<SignedEvent[]> {
  await settle(clone, s3)
  return (await notesOf(clone)).flatMap(({ events }) => events).filter((event) => event.type === `if-board.${type}`)
}

test('a denial says the task, the rule, the reason in words and the board that was judged, once', () =>
  on(three, async (_fleet, a) => {
    await claim(a, s1, 'T1')
    for (let times = 0; times < 3; times += 1) assert.is(await claim(a, s1, 'T2'), 'refused max-tasks')
    await done(a, s1)
    const [denied, ...more] = await said(a, 'denied')
    assert.equal(more, [])
    const { task, rule, reason, verdict, boardBlob, trigger, happened } = denied?.data ?? {}
    assert.equal([task?.id, rule, verdict, trigger], ['T2', 'max-tasks', 'refuse', 'cli'])
    assert.is(reason, 'session-1 holds 1 of at most 1 task (maxTasks)')
    assert.match(boardBlob ?? '', /^[0-9a-f]{40}$/)
    assert.match(happened ?? '', /^\d{4}-/)
  }))

test('a denial that was said is not said again by a later process, but for another text of the board', () =>
  on(three, async (fleet, a) => {
    await claim(a, s1, 'T1')
    await claim(a, s1, 'T2')
    await note(a.box, s1, 'T1', 'pushes what waits')
    await claim(a, s1, 'T2')
    assert.equal((await readPending(a.box, s1)).facts, [])
    await claim(a, s1, 'T3')
    await fleet.edit((text) => `${text}\nMore words.\n`)
    await claim(a, s1, 'T2')
    await done(a, s1)
    assert.equal(
      (await said(a, 'denied')).map(({ data }) => data.task?.id),
      ['T2', 'T3', 'T2'],
    )
  }))

test('a session that is paused is denied without a task, once for what the settings say', () =>
  on(three, async (_fleet, a, b) => {
    await note(a.box, s1, 'T1', 'here I am')
    const aside = { target: s1, reason: 'lunch', now: false, author: s2 }
    await pause(b.box, aside)
    await next(a.box, { session: s1, peek: true })
    assert.equal((await readPending(a.box, s1)).facts, [])
    for (let times = 0; times < 3; times += 1) {
      assert.is(await ask(a, s1), 'refused session-paused')
      await settle(b, s2)
    }
    await resume(b.box, aside)
    assert.is(await ask(a, s1), 'granted T1')
    await pause(b.box, { ...aside, reason: 'again' })
    await done(a, s1)
    assert.is(await ask(a, s1), 'refused session-paused')
    await note(a.box, s1, 'T2', 'still here')
    const denied = await said(a, 'denied')
    assert.equal(
      denied.map(({ subject, data }) => [subject, data.rule, data.reason]),
      [
        [undefined, 'session-paused', 'session-1 is paused: lunch'],
        [undefined, 'session-paused', 'session-1 is paused: again'],
      ],
    )
  }))

test('who asks again and again for what another holds has lost it once per grant', () =>
  on(three, async (_fleet, a, b) => {
    await claim(a, s1, 'T1')
    for (let times = 0; times < 3; times += 1) await claim(b, s2, 'T1')
    await note(b.box, s2, 'T2', 'pushes what waits')
    await claim(b, s2, 'T1')
    await done(a, s1)
    await claim(b, s2, 'T2')
    const lost = await said(b, 'lost')
    assert.equal(
      lost.map(({ data }) => [data.task?.id, data.from, data.reason]),
      [['T1', s1 as string, 'another session holds it']],
    )
  }))

test('what finds no room is counted, and the next event says how much it was, once', () =>
  on(three, async (_fleet, a) => {
    for (let at = 0; at < 19; at += 1) {
      const task = { board: 'TASK-BOARD.md', id: `X${at}`, title: '' } as never
      await noteFact(a.box, s1, { type: 'lost', subject: keyOf(`X${at}`), data: { task } }, '')
    }
    assert.is((await readPending(a.box, s1)).dropped, 3)
    await note(a.box, s1, 'T1', 'first')
    await note(a.box, s1, 'T1', 'second')
    await settle(a, s3)
    const events = (await notesOf(a)).flatMap(({ events }) => events)
    assert.is(events.length, 18)
    assert.equal(
      events.flatMap((event) => (event.data.dropped === undefined ? [] : [nameOfEvent(event), event.data.dropped])),
      ['session-1#17 note', 3],
    )
  }))

test('what a late command has cost is said, because it was spent all the same; a repeated one repeats nothing', () =>
  on(three, async (fleet, a, b) => {
    await ask(a, s1, 10)
    await claim(b, s2, 'T1')
    fleet.clock.advance(11 * 60_000)
    assert.is(await claim(b, s2, 'T1'), 'granted T1')
    const late = () => end(a, s1, { kind: 'completed', evidence: {}, cost: { usd: 2.5 } }, 'T1')
    assert.is(await late(), 'lost T1 to session-2')
    assert.is(await late(), 'lost T1 to session-2')
    await note(a.box, s1, 'T2', 'pushes what waits')
    await done(b, s2)
    assert.is(await late(), 'already-settled T1 by session-2')
    await note(a.box, s1, 'T2', 'pushes what waits')
    assert.equal(
      (await said(a, 'cost')).map(({ subject, data }) => [subject, data.cost]),
      [[keyOf('T1'), { usd: 2.5 }]],
    )
    assert.is((await said(a, 'lost')).length, 2)
  }))

for (const [what, lose] of [
  ['whose answer was lost', loseAnswer],
  ['that landed before the process ended', endAfterPush],
] as const)
  test(`what rode in a push ${what} is not said again`, () =>
    on({ kind: 'remote', board: three }, async (_fleet, a) => {
      await claim(a, s1, 'T1')
      await claim(a, s1, 'T2')
      lose(a)
      await done(a, s1, 'T1').catch(() => undefined)
      await note(a.box, s1, 'T3', 'goes on')
      assert.equal((await readPending(a.box, s1)).facts, [])
      await note(a.box, s1, 'T3', 'goes on again')
      assert.is((await said(a, 'denied')).length, 1)
    }))

test('what rode in a push that did not land is said by the next', () =>
  on(three, async (_fleet, a) => {
    await claim(a, s1, 'T1')
    await claim(a, s1, 'T2')
    a.traffic.beforePush = async () => {
      a.traffic.beforePush = undefined
      throw new Error('killed before it was sent')
    }
    await done(a, s1, 'T1').catch(() => undefined)
    await done(a, s1, 'T1')
    assert.is((await said(a, 'denied')).length, 1)
  }))

test('a denial that could not be written is noted the next time', () =>
  on(three, async (_fleet, a) => {
    await claim(a, s1, 'T1')
    const { secrets } = a.box
    const broken = { ...a.box, secrets: { ...secrets, mask: async () => Promise.reject(new Error('no rules')) } }
    await claim({ ...a, box: broken }, s1, 'T2').catch(() => undefined)
    await claim(a, s1, 'T2')
    await done(a, s1)
    assert.is((await said(a, 'denied')).length, 1)
  }))

test('words of any length and half characters in a reason stop nobody from saying what comes after', () =>
  on(three, async (_fleet, a) => {
    const reading = await read(a.box)
    const reason = `${'x'.repeat(999)}\ud83d${'y'.repeat(100_000)}`
    await noteDenial(a.box, reading, { session: s1, rule: 'some-rule', reason })
    const view = [...reading.snapshot.views.values()][0]
    if (view !== undefined) await noteLoss(a.box, { session: s1, view, reason, to: `\ude00${'z'.repeat(100_000)}` })
    assert.is(await ask(a, s1), 'granted T1')
    const [denied] = await said(a, 'denied')
    assert.is(denied?.data.reason, `${'x'.repeat(999)}\ufffd`)
    assert.is((await said(a, 'lost')).length, 1)
  }))

test('what an older version left to be said is left out, and stops nobody', () =>
  on(three, async (_fleet, a) => {
    await claim(a, s1, 'T1')
    await claim(a, s1, 'T2')
    const { facts } = await readPending(a.box, s1)
    assert.is(facts.length, 1)
    const name = `pending/${refKey(s1, a.box.sha256)}`
    await a.memory.write(name, '{"type":"denied","data":{"task":{"id":"T2"}}}\nnull\n7\n{"half":\n')
    assert.equal(await readPending(a.box, s1), { facts: [], dropped: 0 })
    assert.is(await done(a, s1), 'completed T1')
  }))

for (const kind of ['memory', 'remote'] as const)
  test(`what rode in the push of a process that was killed is not said again behind a fold and a sign of life (${kind})`, () =>
    on({ kind, board: three }, async (_fleet, a, b) => {
      await claim(a, s1, 'T1')
      await noteCost(a)
      endAfterPush(a)
      await note(a.box, s1, 'T3', 'pushes what waits').catch(() => undefined)
      await settle(b, s3)
      await renew(a.box, s1)
      await note(a.box, s1, 'T3', 'pushes again')
      assert.is((await said(b, 'cost')).length, 1)
    }))

test('two processes of one session that begin a push at once say what waits once', () =>
  on({ kind: 'memory', board: three }, async (_fleet, a, b) => {
    await claim(a, s1, 'T1')
    await noteCost(a)
    let second: Promise<unknown> = Promise.resolve()
    let land: () => void = () => undefined
    const landed = new Promise<void>((resolve) => {
      land = resolve
    })
    a.traffic.beforePush = async () => {
      await new Promise<void>((reached) => {
        a.traffic.beforePush = async () => {
          a.traffic.beforePush = undefined
          reached()
          await landed
          return undefined
        }
        second = note(a.box, s1, 'T3', 'the second process')
      })
      a.traffic.afterPush = async () => {
        a.traffic.afterPush = undefined
        land()
        await second
      }
      return undefined
    }
    await note(a.box, s1, 'T3', 'the first process')
    assert.is((await said(b, 'cost')).length, 1)
  }))

test('a fact whose process was killed before it was marked is noted once', () =>
  on({ kind: 'memory', board: three }, async (_fleet, a) => {
    const { update } = a.memory
    const killed = { ...a.box, memory: { ...a.memory, update: endAfterOne(update) } }
    await noteFact(killed, s1, LATE_COST, 'the same').catch(() => undefined)
    for (let times = 0; times < 2; times += 1) await noteCost(a, 'the same')
    assert.is((await readPending(a.box, s1)).facts.length, 1)
  }))

/** One change of the memory, and then nothing more. */
function endAfterOne(update: LocalMemory['update']): LocalMemory['update'] {
  let isOver = false
  return async (name, change) => {
    if (isOver) throw new Error('killed')
    isOver = true
    await update(name, change)
  }
}

test.run()
