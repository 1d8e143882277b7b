import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfText } from '../../src/adapters/process/hashes.ts'
import {
  eventHash,
  parseSealedSession,
  renderSealedSession,
  sealedSessionPath,
  sealedSessionsOf,
} from '../../src/witness/index.ts'
import { chainOf, oid, session2, session4 } from './samples.ts'

const sealed = { session: session4, sequence: 17, hash: 'f'.repeat(64), commit: oid('a') }

test('a sealed session is one canonical line and reads back', () => {
  const text = renderSealedSession(sealed)
  assert.is(text, `{"commit":"${oid('a')}","hash":"${'f'.repeat(64)}","sequence":17,"session":"session-4"}\n`)
  assert.equal(parseSealedSession(text), sealed)
})

test('each session has a file of its own below the state folder', () => {
  assert.match(sealedSessionPath(session4, sha256OfText), /^\.if-board\/state\/sealed\/session-4-[0-9a-f]{8}$/)
})

test('a line that a fold would not have written is refused', () => {
  const text = renderSealedSession(sealed)
  const wrong = [
    text.slice(0, -1),
    ` ${text}`,
    `${text}\n`,
    text.replace('17', '0'),
    text.replace('17', '"17"'),
    text.replace('session-4', '../x'),
    text.replace(oid('a'), 'HEAD'),
    text.replace('{', '{"a":1,'),
    'null\n',
    '',
  ]
  for (const one of wrong) assert.is(parseSealedSession(one), undefined, one)
})

test('a seal ends each chain at its newest event', async () => {
  const hash = (event: Parameters<typeof eventHash>[0]): string => eventHash(event, sha256OfText)
  const [first, second] = await chainOf(session4, 2, hash)
  const [other] = await chainOf(session2, 1, hash)
  assert.ok(first && second && other)
  const events = [
    { oid: oid('b'), event: second },
    { oid: oid('a'), event: first },
    { oid: oid('c'), event: other },
  ]
  assert.equal(sealedSessionsOf(events, sha256OfText), [
    { session: session2, sequence: 1, hash: hash(other), commit: oid('c') },
    { session: session4, sequence: 2, hash: hash(second), commit: oid('b') },
  ])
})

test.run()
