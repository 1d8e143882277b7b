import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { endOfPrefix, spaceKeys } from '../../../src/adapters/etcd/keys.ts'
import {
  claimValue,
  doneValue,
  isUnderToken,
  readArmed,
  readClaim,
  readDone,
  readProjector,
} from '../../../src/adapters/etcd/values.ts'
import type { SessionName, TaskKey } from '../../../src/model/index.ts'

const options = { seed: Number(process.env.IF_BOARD_SEED ?? 20260101) }
const keys = spaceKeys({ board: 'ab'.repeat(16), epoch: 7 })
const bytes = (text: string) => Buffer.from(text, 'utf8')
const session = 'ada' as SessionName

test('keys are what docs/fast-path.md says, and are read back', () => {
  const task = 'boards/web.md:P0.1' as TaskKey
  assert.is(keys.claim(task), `/ifb/${'ab'.repeat(16)}/7/c/boards/web.md:P0.1`)
  assert.equal(keys.read(bytes(keys.claim(task))), { kind: 'claim', task })
  assert.equal(keys.read(bytes(keys.ready(task))), { kind: 'ready', task })
  assert.equal(keys.read(bytes(keys.done(task))), { kind: 'done', task })
  assert.equal(keys.read(bytes(keys.armed)), { kind: 'armed' })
})

test('keys of another epoch, of no task or in no script are none of ours', () => {
  const strange = [
    'c/T1',
    'c/:T1',
    'c/TASKS.md:',
    'c/../x:T1',
    'c/TASKS.md:a\u0007',
    'x/TASKS.md:T1',
    'cc/TASKS.md:T1',
    'c',
  ]
  for (const name of strange) assert.is(keys.read(Buffer.concat([keys.first, bytes(name)])), undefined, name)
  assert.is(keys.read(bytes(spaceKeys({ board: 'ab'.repeat(16), epoch: 70 }).epoch)), undefined)
  assert.is(keys.read(Buffer.concat([keys.first, bytes('c/TASKS.md:'), Buffer.of(0xff)])), undefined)
})

test('the end of a prefix comes after every key that begins with it, and before any other', () => {
  const end = endOfPrefix(keys.first)
  assert.ok(Buffer.compare(Buffer.concat([keys.first, Buffer.alloc(9, 0xff)]), end) < 0)
  assert.ok(Buffer.compare(spaceKeys({ board: 'ab'.repeat(16), epoch: 8 }).first, end) > 0)
  assert.is(end.toString(), `/ifb/${'ab'.repeat(16)}/70`)
})

test('a claim and a completion are a line of JSON and their events as they are', () => {
  const event = '{"a":"\\"ä"}\n{"b":2}'
  assert.is(claimValue({ session, nonce: 'n1', event }), `{"session":"ada","nonce":"n1"}\n${event}`)
  const token = { epoch: 1, revision: 2, nonce: 'n' }
  assert.is(doneValue({ session, token, event }), `${JSON.stringify({ session, token })}\n${event}`)
})

test('a value in another spelling, with more or less in it, is not readable', () => {
  const claim = { session, nonce: 'n1', event: '{}' }
  const spelled = claimValue(claim)
  assert.equal(readClaim(bytes(spelled)), claim)
  const done = { session, token: { epoch: 1, revision: 2, nonce: 'n' }, event: '' }
  assert.equal(readDone(bytes(doneValue(done))), done)
  for (const other of [
    ` ${spelled}`,
    `\n${spelled}`,
    spelled.replace('{"session"', '{"x":1,"session"'),
    spelled.replace('"ada"', '"a/../b"'),
    spelled.replace('"n1"', '""'),
    spelled.replace('"n1"', `"${'n'.repeat(200)}"`),
    spelled.replace('\n', ''),
    spelled.replace('\n', '\r\n'),
    spelled.replace('ada', '\\u0061da'),
    '[]\n{}',
    'null\n{}',
    '',
    '\n',
    '{"__proto__":{"session":"ada"},"nonce":"n"}\n{}',
  ])
    assert.is(readClaim(bytes(other)), undefined, other)
  assert.is(readClaim(Buffer.of(0xff, 0xfe)), undefined)
  assert.is(readClaim(Buffer.concat([bytes(spelled), Buffer.of(0xff)])), undefined)
  assert.is(readDone(bytes(doneValue(done).replace('2', '-2'))), undefined)
})

const tokens = fc.record({
  session: fc.constantFrom('ada', 'adam', 'bob') as fc.Arbitrary<SessionName>,
  nonce: fc.oneof(fc.constantFrom('n', 'n1', 'n"', 'n\\', 'n\n', 'ñ'), fc.string({ minLength: 1, maxLength: 9 })),
})

test('the values between the bounds of a token are those of its claim with any event, and no other claim', () => {
  fc.assert(
    fc.property(tokens, tokens, fc.string({ unit: 'binary' }), (token, other, event) => {
      assert.ok(isUnderToken(token, bytes(claimValue({ ...token, event }))))
      const isSame = token.session === other.session && token.nonce === other.nonce
      assert.is(isUnderToken(token, bytes(claimValue({ ...other, event }))), isSame)
    }),
    options,
  )
})

test('whatever stands there, reading it gives a value or nothing', () => {
  const readers = [readClaim, readDone, readProjector, readArmed]
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((head) => `${head}\n{}`),
      ),
      (text) => {
        for (const read of readers) read(bytes(text))
      },
    ),
    options,
  )
})

test.run()
