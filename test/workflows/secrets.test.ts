/** What becomes of secrets between a command and the object that it signs. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { secretlintMask } from '../../src/adapters/secretlint/index.ts'
import type { EventData, SessionName } from '../../src/model/index.ts'
import { MAX_MASKED_LENGTH } from '../../src/ports/index.ts'
import { addTask } from '../../src/workflows/add-task.ts'
import { note, pause } from '../../src/workflows/adjust.ts'
import { next } from '../../src/workflows/next.ts'
import { readPending } from '../../src/workflows/pending.ts'
import { read } from '../../src/workflows/read.ts'
import { sayableData, sayableText } from '../../src/workflows/sayable.ts'
import type { Masked } from '../../src/workflows/toolbox.ts'
import { claim, codeOf, done, end, settle, standing } from '../support/acts.ts'
import { BOARD, boardOf, type Clone, claimRefOf, names, sessionRefOf } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { FIXED, SAMPLES } from '../support/secrets.ts'

const [s1, s2] = names(2) as [SessionName, SessionName]
const one = boardOf(['P1'])
const secretBoard = (typed: string = FIXED.github) => one.replace('Do P1', `Use ${typed}`)

function masking() {
  const told: Masked[] = []
  return { told, box: { secrets: secretlintMask(), tellMasked: (masked: Masked) => void told.push(masked) } }
}

async function eventAt(clone: Clone, ref = claimRefOf('P1')): Promise<EventData> {
  const reading = await read(clone.box)
  const oid = reading.refs.get(ref)
  const record = [...reading.snapshot.sessions.values()].find((session) => session.record.last?.oid === oid)
  return record?.record.last?.event.data as EventData
}

test('every text of an event is masked, known to this version or not, and every name stays', async () => {
  const secret = FIXED.github
  const { box } = masking()
  const names = { board: secret, id: secret, boardBlob: secret, replaces: secret, commit: secret, from: secret }
  const texts = { title: secret, reason: secret, why: [secret, 'plain'], evidence: { note: secret, deep: [[secret]] } }
  const data = { ...names, ...texts, epoch: 3, filler: true, nothing: null, __proto__: { x: 1 } }
  const sayable = await sayableData(box, 'complete', data as unknown as EventData)
  const mark = '[masked: github token]'
  assert.equal(sayable, {
    ...names,
    ...{ title: mark, reason: mark, why: [mark, 'plain'], evidence: { note: mark, deep: [[mark]] } },
    ...{ epoch: 3, filler: true, nothing: null },
  } as never)
})

test('a secret on the edge of what fits is masked whole, for every rule and any place of the cut', () =>
  fc.assert(
    fc.asyncProperty(fc.oneof(...SAMPLES.values()), fc.integer({ min: 0, max: 60 }), async ({ text, secret }, left) => {
      const before = 'word '.repeat(200).slice(0, 499 - left)
      const { box } = masking()
      const { evidence } = await sayableData(box, 'complete', { evidence: { note: `${before} ${text} after` } })
      assert.ok((evidence?.note?.length ?? 0) <= 500)
      assert.not.ok(evidence?.note?.includes(secret.slice(0, 8)), evidence?.note)
    }),
    { numRuns: 300 },
  ))

test('a text that is longer than what is looked at is cut between two words', async () => {
  const { box } = masking()
  const words = { place: 'here', source: 'command', limit: 100_000 } as const
  const before = `${'x'.repeat(MAX_MASKED_LENGTH - 20)} `
  assert.is(await sayableText(box, { ...words, text: `${before}${FIXED.github} after` }), before.trim())
  assert.is(await sayableText(box, { ...words, text: 'y'.repeat(MAX_MASKED_LENGTH + 1) }), '')
  const whole = 'z'.repeat(MAX_MASKED_LENGTH)
  assert.is(await sayableText(box, { ...words, text: whole }), whole)
})

test('what was masked is told with its place, its kinds and where it came from', async () => {
  const { box, told } = masking()
  const task = { board: 'b.md', id: 'P1', title: FIXED.npm }
  await sayableData(box, 'note', { task, reason: `${FIXED.aws} and ${FIXED.github}` } as never)
  assert.equal(told, [
    { place: 'the title', source: 'board', kinds: ['npm access token'] },
    { place: 'the note', source: 'command', kinds: ['aws access key id', 'github token'] },
  ])
})

test('when the rules cannot be loaded, nothing is signed and nothing moves', () =>
  on(one, async (fleet, a) => {
    await claim(a, s1, 'P1')
    const before = await fleet.refs()
    const damaged = secretlintMask(() => Promise.reject(new Error('gone')))
    const broken = { ...a, box: { ...a.box, secrets: damaged } }
    for (const work of [
      () => done(broken, s1, 'P1', { note: FIXED.github }),
      () => end(broken, s1, { kind: 'failed', reason: FIXED.aws }),
      () => end(broken, s1, { kind: 'blocked', blocker: FIXED.aws }),
      () => note(broken.box, s1, 'P1', FIXED.npm),
    ])
      assert.is(await codeOf(work()), 'secrets/unavailable')
    assert.equal(await fleet.refs(), before)
    assert.is(await done(broken, s1, 'P1', { note: 'harmless' }), 'completed P1')
  }))

test('a title with a secret is copied nowhere, and stays as a person typed it', () =>
  on(secretBoard(), async (fleet, a, b) => {
    await claim(a, s1, 'P1')
    assert.is((await eventAt(a, sessionRefOf(s1))).task?.title, 'Use [masked: github token]')
    await settle(a, s1)
    assert.is((await fleet.state('P1'))?.title, 'Use [masked: github token]')
    const page = await fleet.text('AUTONOMOUS-NEXT-TASKS.md')
    assert.ok(page?.includes('P1') && page.includes('masked: github token'), page)
    assert.not.ok(page?.includes('a1B2c3'), page)
    assert.ok((await fleet.text())?.includes(FIXED.github))
    assert.is(await claim(b, s2, 'P1'), 'lost P1 to session-1')
    const {
      facts: [fact],
    } = await readPending(b.box, s2)
    assert.is(fact?.data.task?.title, 'Use [masked: github token]')
  }))

test('who holds a task with such a title is not told that its title changed', () =>
  on(secretBoard(), async (fleet, a) => {
    await claim(a, s1, 'P1')
    await fleet.edit((text) => `${text}\nMore words.\n`)
    const held = await next(a.box, { session: s1, leaseMinutes: undefined })
    assert.equal(held.kind === 'held' ? held.card.changes : held.kind, [])
  }))

test('a long title is cut behind the masking, in the event, the state and the page', () =>
  on(secretBoard(`${'w '.repeat(140)}${FIXED.github}`), async (fleet, a) => {
    await claim(a, s1, 'P1')
    await settle(a, s1)
    const title = (await fleet.state('P1'))?.title ?? ''
    assert.ok(title.length <= 300 && title.includes('[masked') && !title.includes('ghp_'), title)
    assert.not.ok((await fleet.text('AUTONOMOUS-NEXT-TASKS.md'))?.includes('ghp_'))
  }))

test('reasons of pauses are on the board and in the settings, and on no generated page', () =>
  on(one, async (fleet, a) => {
    await claim(a, s1, 'P1')
    const request = { now: false, author: s2 }
    await pause(a.box, { ...request, target: BOARD, reason: `until ${FIXED.npm} is gone` })
    await pause(a.box, { ...request, target: s1, reason: `until ${FIXED.github} is gone` })
    await settle(a, s1)
    const page = (await fleet.text('AUTONOMOUS-NEXT-TASKS.md')) ?? ''
    for (const kind of ['npm access token', 'github token']) assert.match(page, `masked: ${kind}`)
    assert.not.ok(page.includes('Zz9Zz9') || page.includes('a1B2c3'), page)
    assert.ok((await fleet.text())?.includes(FIXED.npm))
  }))

test('an id that looks like a secret stays: it names the task', () => {
  const id = `ghp_${'Q1q2Q3'.repeat(6)}`
  return on(boardOf([id]), async (_fleet, a) => {
    assert.is(await claim(a, s1, id), `granted ${id}`)
    assert.is(await done(a, s1, id), `completed ${id}`)
    await settle(a, s1)
    assert.is(await standing(a), `${id} done`)
  })
})

test('the message of a change has no secret, the board that was changed has it', () =>
  on(one, async (fleet, a) => {
    const request = { title: `Use ${FIXED.npm}`, author: 'Ann', id: undefined, board: undefined, values: new Map() }
    await addTask(a.box, { ...request, after: undefined, under: undefined } as never)
    assert.ok((await fleet.text())?.includes(FIXED.npm))
    const commit = await a.box.objects.read(await fleet.head())
    const message = new TextDecoder().decode(commit?.body)
    assert.match(message, 'Use [masked: npm access token]')
    assert.equal(a.masked, [{ place: 'the message of the change', source: 'board', kinds: ['npm access token'] }])
  }))

test.run()
