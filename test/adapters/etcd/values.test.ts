import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { endOfPrefix, spaceKeys } from '../../../src/adapters/etcd/keys.ts'
import {
  claimValue,
  doneValue,
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
  assert.is(keys.claim(task).toString(), `/ifb/${'ab'.repeat(16)}/7/c/boards/web.md:P0.1`)
  assert.equal(keys.read(keys.claim(task)), { kind: 'claim', task })
  assert.equal(keys.read(keys.ready(task)), { kind: 'ready', task })
  assert.equal(keys.read(keys.done(task)), { kind: 'done', task })
  assert.equal(keys.read(keys.armed), { kind: 'armed' })
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
  assert.is(keys.read(spaceKeys({ board: 'ab'.repeat(16), epoch: 70 }).epoch), undefined)
  assert.is(keys.read(Buffer.concat([keys.first, bytes('c/TASKS.md:'), Buffer.of(0xff)])), undefined)
})

test('the end of a prefix comes after every key that begins with it, and before any other', () => {
  const end = endOfPrefix(keys.first)
  assert.ok(Buffer.compare(Buffer.concat([keys.first, Buffer.alloc(9, 0xff)]), end) < 0)
  assert.ok(Buffer.compare(spaceKeys({ board: 'ab'.repeat(16), epoch: 8 }).first, end) > 0)
  assert.is(end.toString(), `/ifb/${'ab'.repeat(16)}/70`)
})

test('a value in another spelling, with more or less in it, is not readable', () => {
  const claim = { session, nonce: 'n1', event: '{}' }
  const spelled = claimValue(claim).toString()
  assert.equal(readClaim(bytes(spelled)), claim)
  const done = { session, token: { epoch: 1, revision: 2, nonce: 'n' }, event: '' }
  assert.equal(readDone(doneValue(done)), done)
  for (const other of [
    ` ${spelled}`,
    spelled.replace('{"session"', '{"x":1,"session"'),
    spelled.replace('"ada"', '"a/../b"'),
    spelled.replace('"n1"', '""'),
    spelled.replace('"n1"', `"${'n'.repeat(200)}"`),
    spelled.replace('"{}"', '{}'),
    spelled.replace('ada', '\\u0061da'),
    '[]',
    'null',
    '',
    '{"__proto__":{"session":"ada"},"nonce":"n","event":""}',
  ])
    assert.is(readClaim(bytes(other)), undefined, other)
  assert.is(readClaim(Buffer.of(0xff, 0xfe)), undefined)
  assert.is(readDone(bytes(doneValue(done).toString().replace('2', '-2'))), undefined)
})

test('whatever stands there, reading it gives a value or nothing', () => {
  const readers = [readClaim, readDone, readProjector, readArmed]
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      for (const read of readers) read(bytes(text))
    }),
    options,
  )
})

test.run()
