/** Refs and events that nobody of the fleet would write: whoever may push may point them at anything. */
import { truncate, writeFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Evidence, ObjectId, RefName, SessionName } from '../../src/model/index.ts'
import { MAX_OBJECT_BYTES } from '../../src/ports/index.ts'
import { note } from '../../src/workflows/adjust.ts'
import { fold } from '../../src/workflows/fold.ts'
import { readPending } from '../../src/workflows/pending.ts'
import { read } from '../../src/workflows/read.ts'
import { ask, claim, codeOf, done, end, settle, standing } from '../support/acts.ts'
import { boardOf, claimRefOf, type Fleet, type FleetKind, keyOf, names, sessionRefOf } from '../support/fleet.ts'
import { on } from '../support/on-fleet.ts'
import { forge, sealedEvents } from '../support/witnessed.ts'

const [s1, s2, s3] = names(3) as [SessionName, SessionName, SessionName]
const two = boardOf(['P1'], ['Z'])
const DAY = 24 * 60 * 60_000
const owned: readonly FleetKind[] = ['memory', 'local']

for (const kind of owned)
  test(`evidence of a strange shape folds into a state that everybody can read, on ${kind}`, () =>
    on(
      two,
      async (fleet, a, b) => {
        await claim(a, s1, 'P1')
        const evidence = {
          ...{ name: 7, at: 'later', by: 'person', seal: 'x', branch: 'feature', unknown: { deep: [1] } },
        } as Evidence
        assert.is(await done(a, s1, 'P1', evidence), 'completed P1')
        assert.is((await fold(a.box, s2)).kind, 'folded')
        const record = (await fleet.state('P1'))?.done
        assert.is(record?.by, s1)
        assert.equal(Object.keys(record ?? {}).sort(), ['at', 'branch', 'by', 'seal'])
        assert.type(record?.at, 'number')
        assert.is(await ask(b, s2), 'granted Z')
        assert.is(await done(b, s1, 'P1'), 'completed P1 by session-1')
      },
      kind,
    ))

for (const [what, data] of [
  ['an epoch above every count', { epoch: Number.MAX_SAFE_INTEGER }],
  ['a lease without an end', { epoch: 1, leaseSeconds: 1e300 }],
  ['failures above every count', { epoch: 1, leaseSeconds: 60, failures: Number.MAX_SAFE_INTEGER }],
] as const)
  test(`a claim event with ${what} is not understood: its task is unknown, everything else works`, () =>
    on(two, async (fleet, a, b) => {
      const forgery = {
        type: 'claim',
        subject: keyOf('P1'),
        session: 'evil',
        data: { leaseSeconds: 60, ...data },
      } as const
      await forge({ fleet, clone: a, ref: claimRefOf('P1') }, forgery)
      assert.is(await standing(a), 'P1 unknown, Z ready')
      assert.is(await claim(a, s1, 'P1'), 'none')
      assert.is(await ask(a, s1), 'granted Z')
      assert.is(await done(a, s1), 'completed Z')
      await settle(a, s3)
      fleet.clock.advance(365 * DAY)
      assert.is(await ask(b, s2), 'none')
      assert.is(await standing(a), 'P1 unknown, Z done')
    }))

test('a lease of a week, the longest there is, ends', () =>
  on(boardOf(['P1']), async (fleet, a) => {
    const data = { epoch: 1, leaseSeconds: 7 * 24 * 3600 }
    await forge(
      { fleet, clone: a, ref: claimRefOf('P1') },
      { type: 'claim', subject: keyOf('P1'), session: 'evil', data },
    )
    await read(a.box)
    fleet.clock.advance(7 * DAY - 1)
    assert.is(await ask(a, s1), 'none')
    fleet.clock.advance(1)
    assert.is(await ask(a, s1), 'granted P1')
  }))

test('a ref to an object above the size limit stops nobody', () =>
  on(two, async (fleet, a) => {
    const [huge] = await a.box.objects.write([{ type: 'blob', body: new Uint8Array(MAX_OBJECT_BYTES + 1) }])
    await fleet.force(claimRefOf('P1'), huge)
    await fleet.force(sessionRefOf('session-9'), huge)
    assert.is(await standing(a), 'P1 unknown, Z ready')
    assert.is(await ask(a, s1), 'granted Z')
    assert.is(await done(a, s1), 'completed Z')
    await settle(a, s3)
    assert.is(await standing(a), 'P1 unknown, Z done')
  }))

test('the same on real git, where the object is never loaded', () =>
  on(
    two,
    async (fleet, a) => {
      const huge = await hugeObject(fleet)
      await fleet.force(claimRefOf('P1'), huge)
      assert.is(await standing(a), 'P1 unknown, Z ready')
      assert.is(await ask(a, s1), 'granted Z')
    },
    'local',
  ))

test('an old event under another session’s ref name does not turn a chain back', () =>
  on(boardOf(['P1'], ['Z'], ['Y']), async (fleet, a) => {
    await claim(a, s1, 'P1')
    const old = (await fleet.refs()).get(sessionRefOf(s1))
    await done(a, s1)
    await note(a.box, s1, 'Z', 'one')
    await note(a.box, s1, 'Z', 'two')
    for (const name of ['refs/if-board/s/zzz-00000000', 'refs/if-board/s/aaa-00000000', sessionRefOf(s2)])
      await fleet.force(name as RefName, old)
    assert.match(await ask(a, s1), /^granted /)
    const { snapshot } = await read(a.box)
    assert.is(snapshot.sessions.get(s1)?.record.last?.event.sequence, 5)
    assert.equal([...snapshot.sessions.keys()], [s1])
    await settle(a, s3)
    assert.equal(await sealedEvents(a), [
      'session-1#1 claim',
      'session-1#2 complete',
      'session-1#3 note',
      'session-1#4 note',
      'session-1#5 claim',
    ])
  }))

for (const sequence of [1, 2, 3, 2 ** 31])
  test(`an event under a claim ref that names a session and carries another key does not move its chain: #${sequence}`, () =>
    on(two, async (fleet, a) => {
      await claim(a, s1, 'P1')
      await forge(
        { fleet, clone: a, ref: claimRefOf('Z') },
        { type: 'release', subject: keyOf('Z'), session: s1, sequence },
      )
      assert.is(await done(a, s1), 'completed P1')
      await settle(a, s3)
      assert.ok((await sealedEvents(a)).includes('session-1#2 complete'))
      assert.is((await read(a.box)).snapshot.sessions.get(s1)?.record.last?.event.sequence, 2)
      await note(a.box, s1, 'P1', 'still here')
      await settle(a, s3)
      const own = (await sealedEvents(a)).filter((event) => event.startsWith('session-1'))
      assert.equal(own, ['session-1#1 claim', 'session-1#2 complete', 'session-1#3 note'])
    }))

const EMOJI = '\u{1f600}'
const boardWith = (title: string, status = 'AVAILABLE') =>
  ['| ID | Task | Status |', '|---|---|---|', `| P1 | ${title} | ${status} |`, '| Z | z | AVAILABLE |', ''].join('\n')

for (const kind of owned)
  test(`a title with an emoji across character 300 is claimed, done and folded, on ${kind}`, () =>
    on(
      boardWith(`${'x'.repeat(299)}${EMOJI} end`),
      async (fleet, a) => {
        assert.is(await claim(a, s1, 'P1'), 'granted P1')
        await fold(a.box, s3)
        assert.is(await ask(a, s1), 'held P1')
        assert.is(await done(a, s1), 'completed P1')
        await settle(a, s3)
        assert.is((await fleet.state('P1'))?.title, 'x'.repeat(299))
      },
      kind,
    ))

test('an emoji on the edge of reason, note and blocker is cut as a whole', () =>
  on(boardOf(['P1'], ['P2'], ['P3'], ['P4']), async (fleet, a) => {
    const text = `${'x'.repeat(999)}${EMOJI}`
    for (const [at, how] of (
      [
        { kind: 'failed', reason: text },
        { kind: 'released', reason: text },
        { kind: 'blocked', blocker: text },
        { kind: 'completed', evidence: { note: `${'x'.repeat(499)}` } },
      ] as const
    ).entries()) {
      const id = `P${at + 1}`
      assert.is(await claim(a, s1, id), `granted ${id}`)
      assert.is(await end(a, s1, how, id), `${how.kind} ${id}`)
    }
    await note(a.box, s1, 'P1', text)
    await settle(a, s3)
    assert.is((await sealedEvents(a)).length, 9)
    assert.not.match((await fleet.text()) ?? '', /[\ud800-\udbff](?![\udc00-\udfff])/)
  }))

test('a fact about a task with an emoji across character 300 waits, and rides in the next push', () =>
  on(boardWith(`${'x'.repeat(299)}${EMOJI} end`, 'CLAIMED'), async (_fleet, a) => {
    assert.is(await claim(a, s1, 'P1'), 'lost P1 to person')
    assert.is((await readPending(a.box, s1)).facts.length, 1)
    assert.is(await ask(a, s1), 'granted Z')
    assert.equal((await readPending(a.box, s1)).facts, [])
    await settle(a, s3)
    assert.equal(await sealedEvents(a), ['session-1#1 lost', 'session-1#2 claim'])
  }))

test('half a character from outside is shown as unknown, not refused', () =>
  on(boardWith(`half \ud83d title`), async (_fleet, a) => {
    assert.is(await claim(a, s1, 'P1'), 'granted P1')
    await note(a.box, s1, 'Z', 'half \ude00 note')
    assert.is(await done(a, s1), 'completed P1')
  }))

for (const kind of ['memory', 'memory-remote', 'local', 'remote'] as const)
  test(`a mode record means another engine: everything that decides stops, on ${kind}`, () =>
    on(
      two,
      async (fleet, a) => {
        await claim(a, s1, 'P1')
        await fleet.force('refs/if-board/mode' as RefName, await fleet.head())
        const refs = await fleet.refs()
        const acts = [
          () => ask(a, s2),
          () => claim(a, s2, 'Z'),
          () => done(a, s1),
          () => fold(a.box, s3),
          () => standing(a),
        ]
        for (const act of acts) assert.is(await codeOf(act()), 'authority/unsupported')
        assert.equal(await fleet.refs(), refs)
        await fleet.force('refs/if-board/mode' as RefName, undefined)
        assert.is(await done(a, s1), 'completed P1')
      },
      kind,
    ))

test('a mode record that appears under a claim on a remote leaves no answer of granted', () =>
  on(
    two,
    async (fleet, a) => {
      a.traffic.beforePush = async () => {
        a.traffic.beforePush = undefined
        await fleet.force('refs/if-board/mode' as RefName, await fleet.head())
        return undefined
      }
      assert.match(String(await codeOf(ask(a, s1))), /^authority\//)
    },
    'memory-remote',
  ))

/** Zeros without end are one small loose object. */
async function hugeObject({ sandbox, authority }: Fleet): Promise<ObjectId> {
  assert.ok(sandbox)
  const path = sandbox.path('huge')
  await writeFile(path, '')
  await truncate(path, MAX_OBJECT_BYTES + 1)
  return sandbox.git('.', `--git-dir=${authority}`, 'hash-object', '-w', path) as ObjectId
}

test.run()
