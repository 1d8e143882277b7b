import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toSessionName } from '../../src/model/index.ts'
import {
  beatCommit,
  decodeBeat,
  decodeEventCommit,
  EMPTY_TREES,
  encodeEventCommit,
  toSessionRecord,
} from '../../src/witness/index.ts'
import { claimEvent, oid, session2, session4, startMs } from './samples.ts'

const beat = { session: session4, at: startMs + 7, nonce: 'ab12', last: oid('a'), parents: [oid('a')] }

test('a beat names the last event and has its commit as parent', () => {
  const { body } = beatCommit(beat, EMPTY_TREES.sha1)
  const text = new TextDecoder().decode(body)
  assert.ok(text.includes(`parent ${oid('a')}\n`))
  assert.ok(
    text.endsWith(
      `session-4 is alive\n\n{"beat":"ab12","last":"${oid('a')}","session":"session-4","time":"2025-11-12T09:30:00.007Z"}\n`,
    ),
  )
  assert.equal(decodeBeat(body), beat)
})

test('a beat on a sealed chain names nothing', () => {
  const alone = { ...beat, last: undefined, parents: [] }
  assert.equal(decodeBeat(beatCommit(alone, EMPTY_TREES.sha256).body), alone)
})

test('beats and events are never taken for each other', async () => {
  assert.is(decodeEventCommit(beatCommit(beat, EMPTY_TREES.sha1).body), undefined)
  assert.is(decodeBeat(encodeEventCommit(await claimEvent(), EMPTY_TREES.sha1).body), undefined)
})

test('a changed byte makes it no beat or another beat, never the same', () => {
  const { body } = beatCommit(beat, EMPTY_TREES.sha1)
  for (let at = 0; at < body.length; at += 1) {
    const changed = Uint8Array.from(body)
    changed[at] = (body[at] as number) ^ 1
    const decoded = decodeBeat(changed)
    assert.ok(decoded === undefined || JSON.stringify(decoded) !== JSON.stringify(beat), `byte ${at}`)
  }
})

test('a session ref that holds an event shows it as the last one', async () => {
  const event = await claimEvent()
  const { body } = encodeEventCommit(event, EMPTY_TREES.sha1)
  assert.equal(toSessionRecord(session4, oid('b'), body), {
    name: session4,
    oid: oid('b'),
    last: { oid: oid('b'), event },
    beat: undefined,
  })
})

test('a session ref that holds a beat shows the event that the beat names, when it could be read', async () => {
  const event = await claimEvent()
  const { body } = beatCommit(beat, EMPTY_TREES.sha1)
  const known = toSessionRecord(session4, oid('b'), body, encodeEventCommit(event, EMPTY_TREES.sha1).body)
  assert.equal(known?.last, { oid: oid('a'), event })
  assert.equal(known?.beat, { at: beat.at, last: oid('a') })
  assert.is(toSessionRecord(session4, oid('b'), body)?.last, undefined)
})

test("another session's commit, or any other commit, is no record of this session", async () => {
  const { body } = encodeEventCommit(await claimEvent({ session: session2 }), EMPTY_TREES.sha1)
  assert.is(toSessionRecord(session4, oid('b'), body), undefined)
  assert.is(toSessionRecord(toSessionName('x'), oid('b'), beatCommit(beat, EMPTY_TREES.sha1).body), undefined)
  assert.is(toSessionRecord(session4, oid('b'), new TextEncoder().encode('tree x\n\nhello')), undefined)
  const foreign = toSessionRecord(session4, oid('b'), beatCommit(beat, EMPTY_TREES.sha1).body, body)
  assert.is(foreign?.last, undefined)
})

test.run()
