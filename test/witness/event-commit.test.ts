import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfText, verifyEd25519 } from '../../src/adapters/process/hashes.ts'
import { type EventBody, encodeCommit, parseCommit, type SignedEvent } from '../../src/model/index.ts'
import {
  canonicalJson,
  decodeEventCommit,
  EMPTY_TREES,
  encodeEventCommit,
  eventHash,
  MAX_COMMIT_BYTES,
  parseEvent,
  toClaimRecord,
  verifyEvent,
} from '../../src/witness/index.ts'
import { claimBody, claimEvent, oid, seeded, session2, signed, startMs } from './samples.ts'

const utf8 = new TextEncoder()
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

test('the commit of a claim reads as the format says', async () => {
  const event = await claimEvent({ parents: [oid('a'), oid('b')] })
  const text = textOf(encodeEventCommit(event, EMPTY_TREES.sha1).body)
  assert.is(
    text,
    [
      `tree ${EMPTY_TREES.sha1}`,
      `parent ${oid('a')}`,
      `parent ${oid('b')}`,
      'author session-4 <session-4@if-board.invalid> 1762939800 +0000',
      'committer session-4 <session-4@if-board.invalid> 1762939800 +0000',
      '',
      'session-4 claims P0.1.2 (epoch 1)',
      '',
      canonicalJson(event),
      '',
    ].join('\n'),
  )
})

test('a takeover says from whom, a joining names no task', async () => {
  const { data } = await claimBody()
  const steal = await claimEvent({ type: 'if-board.steal', data: { ...data, epoch: 2, from: 'session-2\u001b[31m' } })
  const { subject: _, traceparent: __, ...body } = await claimBody({ type: 'if-board.joined', data: {} })
  assert.is(firstLine(steal), 'session-4 takes over P0.1.2 from session-2?[31m (epoch 2)')
  assert.is(firstLine(await signed(body)), 'session-4 joins')
})

test('decoding what was encoded gives the event again, whatever its texts', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, async (change) => {
      const event = await signed({ ...(await claimBody()), ...(change as unknown as Partial<EventBody>) })
      for (const tree of Object.values(EMPTY_TREES)) {
        const decoded = decodeEventCommit(encodeEventCommit(event, tree).body)
        assert.equal(decoded, event)
        assert.ok(decoded !== undefined && verifyEvent(decoded, verifyEd25519))
      }
    }),
    { ...seeded, numRuns: 60 },
  )
})

test('no change of one byte of a commit is read as an event with a good signature', async () => {
  const { body } = encodeEventCommit(await claimEvent({ parents: [oid('a')] }), EMPTY_TREES.sha1)
  const digits = [0, 1, 0x20, 0x80]
  for (let at = 0; at < body.length; at += 1) {
    for (const flip of digits) {
      const changed = Uint8Array.from(body)
      changed[at] = ((body[at] as number) + flip + 1) % 256
      const decoded = decodeEventCommit(changed)
      assert.ok(decoded === undefined || !verifyEvent(decoded, verifyEd25519), `byte ${at} plus ${flip + 1}`)
    }
  }
})

test('no single byte of the message can be exchanged for any other byte', async () => {
  const { body } = encodeEventCommit(await claimEvent(), EMPTY_TREES.sha1)
  const message = textOf(body).indexOf('\n\n') + 2
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: message, max: body.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        const changed = Uint8Array.from(body)
        changed[at] = ((body[at] as number) + by) % 256
        const decoded = decodeEventCommit(changed)
        return decoded === undefined || !verifyEvent(decoded, verifyEd25519)
      },
    ),
    { ...seeded, numRuns: 2000 },
  )
})

test('a byte that is missing or added makes it no event', async () => {
  const { body } = encodeEventCommit(await claimEvent(), EMPTY_TREES.sha1)
  for (const text of [textOf(body).slice(0, -1), `${textOf(body)}\n`, textOf(body).replace('claims', 'claimed')])
    assert.is(decodeEventCommit(utf8.encode(text)), undefined)
})

test('a commit with files, another time or another author carries no event', async () => {
  const event = await claimEvent()
  const commit = parseCommit(encodeEventCommit(event, EMPTY_TREES.sha1).body)
  assert.ok(commit)
  const source = { ...commit.author, tree: commit.tree, parents: [], message: commit.message }
  assert.equal(decodeEventCommit(encodeCommit(source).body), event)
  for (const change of [{ tree: oid('c') }, { seconds: 1 }, { name: 'session-2' }, { parents: [oid('d')] }])
    assert.is(decodeEventCommit(encodeCommit({ ...source, ...change }).body), undefined)
})

test('fields of the wrong type or out of range are refused one by one', async () => {
  const event = await claimEvent()
  const wrong: Record<string, unknown>[] = [
    { specversion: '1.1' },
    { id: 'ABC' },
    { source: 'https://example.org' },
    { type: 'if-board.rewrite' },
    { type: 'if-board.toString' },
    { subject: 'TASK-BOARD.md:P9.9.9' },
    { subject: '../x.md:P0.1.2' },
    { subject: undefined },
    { time: '2025-11-12T09:30:00Z' },
    { time: '2025-02-30T00:00:00.000Z' },
    { session: '-rf' },
    { session: 4 },
    { sessionkey: 'AAAA' },
    { sequence: 0 },
    { sequence: 1.5 },
    { sequence: 2 },
    { previous: 'f'.repeat(64) },
    { parents: ['HEAD'] },
    { parents: [oid('a'), oid('a')] },
    { parents: [oid('a'), oid('b'), oid('c')] },
    { data: [] },
    { data: { ...event.data, epoch: '1' } },
    { data: { ...event.data, epoch: undefined } },
    { data: { ...event.data, leaseSeconds: -1 } },
    { data: { ...event.data, leaseSeconds: 604_801 } },
    { data: { ...event.data, epoch: 2 ** 31 + 1 } },
    { data: { ...event.data, leaseSeconds: undefined } },
    { data: { ...event.data, failures: 2 ** 60 } },
    { data: { ...event.data, task: { ...event.data.task, title: 7 } } },
    { data: { ...event.data, why: ['x', 1] } },
    { data: { ...event.data, evidence: { note: 'x'.repeat(501) } } },
    { data: { ...event.data, evidence: { commit: 'HEAD' } } },
    { data: { ...event.data, budgetUsd: -5 } },
    { signature: `${event.signature.slice(0, -1)}B` },
    { extra: 1 },
  ]
  assert.equal(parseEvent(canonicalJson(event)), event)
  for (const change of wrong)
    assert.is(parseEvent(canonicalJson({ ...event, ...change })), undefined, JSON.stringify(change))
})

test('a field of data that this version does not know is kept and still covered by the signature', async () => {
  const body = await claimBody()
  const event = await signed({ ...body, data: { ...body.data, weather: 'fine' } as EventBody['data'] })
  const decoded = decodeEventCommit(encodeEventCommit(event, EMPTY_TREES.sha1).body)
  assert.ok(decoded !== undefined && verifyEvent(decoded, verifyEd25519))
  assert.not.ok(
    verifyEvent({ ...event, data: { ...event.data, weather: 'bad' } as SignedEvent['data'] }, verifyEd25519),
  )
})

test('texts that make a commit larger than 64 KiB are refused before anything is written, and never read', async () => {
  const body = await claimBody()
  const event = await signed({ ...body, data: { ...body.data, reason: 'x'.repeat(MAX_COMMIT_BYTES) } })
  assert.throws(() => encodeEventCommit(event, EMPTY_TREES.sha1), /longer than 64 KiB/)
})

test('an event signed by another key than it names does not verify', async () => {
  const event = await claimEvent()
  const other = await claimEvent({ session: session2 })
  assert.not.ok(verifyEvent({ ...event, signature: other.signature }, verifyEd25519))
  assert.not.ok(verifyEvent({ ...event, sessionkey: other.sessionkey }, verifyEd25519))
})

test('a claim record says what the ref holds; an event of the chain alone is none', async () => {
  const { data } = await claimBody()
  const kinds: Record<string, string | undefined> = {}
  for (const type of [
    'claim',
    'steal',
    'release',
    'fail',
    'block',
    'revoked',
    'withdraw',
    'complete',
    'merged',
    'note',
    'lost',
    'denied',
  ] as const) {
    kinds[type] = toClaimRecord(oid('a'), await claimEvent({ type: `if-board.${type}`, data }))?.kind
  }
  assert.equal(kinds, {
    claim: 'granted',
    steal: 'granted',
    release: 'returned',
    fail: 'returned',
    block: 'returned',
    revoked: 'returned',
    withdraw: 'returned',
    complete: 'completed',
    merged: 'completed',
    note: undefined,
    lost: undefined,
    denied: undefined,
  })
  const record = toClaimRecord(oid('a'), await claimEvent({ data: { ...data, failures: 2, modeEpoch: 3 } }))
  assert.is(record?.leaseMs, 1_800_000)
  assert.equal([record?.epoch, record?.failures, record?.modeEpoch, record?.at], [1, 2, 3, startMs + 250])
})

test('the hash of an event covers its signature', async () => {
  const event = await claimEvent()
  assert.match(eventHash(event, sha256OfText), /^[0-9a-f]{64}$/)
  const other = await claimEvent({ session: session2 })
  assert.is.not(eventHash({ ...event, signature: other.signature }, sha256OfText), eventHash(event, sha256OfText))
})

const words = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !/\p{Surrogate}/u.test(text))
const plain = { noNullPrototype: true } as const
const bodies = fc.record({
  id: fc.stringMatching(/^[0-9a-f]{32}$/),
  data: fc.record(
    {
      task: fc.constant({ board: 'TASK-BOARD.md', id: 'P0.1.2', title: '__proto__' }),
      epoch: fc.nat(),
      leaseSeconds: fc.double({ min: 0, max: 604_800, noNaN: true }).map((value) => value + 0),
      reason: words,
      from: words,
      why: fc.array(words, { maxLength: 3 }),
      evidence: fc.record({ note: words, reference: words, branch: words }, plain),
      replaces: fc.constant(oid('e')),
    },
    { ...plain, requiredKeys: ['task', 'epoch', 'leaseSeconds'] },
  ),
})

function firstLine(event: SignedEvent): string {
  return parseCommit(encodeEventCommit(event, EMPTY_TREES.sha1).body)?.message.split('\n')[0] ?? ''
}

test.run()
