import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toSessionName } from '../../src/model/index.ts'
import { sessionMatches } from '../../src/scheduler/index.ts'

function matches(words: string, session: string): boolean {
  return sessionMatches(words, toSessionName(session))
}

const ways = [
  'Session 4 (SIP)',
  '4-SIP',
  'session-4',
  'SESSION 4',
  'Session_04',
  '**Session 4**',
  '`session-4`',
  '@session-4',
]

for (const words of ways) {
  test(`\`${words}\` means session 4, however that is named`, () => {
    for (const session of ['session-4', 'Session-4', '4-SIP', 'session4', 'session-4-sip']) {
      assert.ok(matches(words, session), session)
    }
    for (const session of ['session-5', 's4', 'session-40', 'session-14', '5-SIP', '4sip']) {
      assert.not(matches(words, session), session)
    }
  })
}

test('`s4` is a session of its own', () => {
  assert.ok(matches('S4', 's4'))
  assert.not(matches('s4', 'session-4'))
})

test('a name matches in any case and spelling of its slug', () => {
  assert.ok(matches('Build Bot', 'build-bot'))
  assert.ok(matches('build_bot', 'Build.Bot'))
  assert.not(matches('build', 'build-bot'))
})

test('an alias in brackets matches, and so does a name in front of brackets', () => {
  assert.ok(matches('Session 4 (SIP)', 'sip'))
  assert.ok(matches('SIP (Session 4)', 'session-4'))
  assert.ok(matches('build-bot (Linux, arm64)', 'build-bot'))
  assert.ok(matches('build-bot (Linux, arm64)', 'arm64'))
  assert.not(matches('Session 4', 'sip'))
})

test('with equal numbers, aliases may not contradict each other', () => {
  assert.not(matches('session-4-a', 'session-4-b'))
  assert.ok(matches('Session 4', 'session-4-b'))
})

test('one cell may name several', () => {
  for (const words of [
    'Session 2, Session 4',
    'Session 2 / Session 4 (SIP)',
    'session-2 and session-4',
    'Session 4 & 2',
  ]) {
    assert.ok(matches(words, 'session-4'), words)
    assert.ok(matches(words, 'session-2'), words)
    assert.not(matches(words, 'session-3'), words)
  }
})

test('words without letters and digits, and very long ones, mean nobody', () => {
  for (const words of ['', ' ', '—', '()', '(((', ')', 'session-4 '.repeat(100)])
    assert.not(matches(words, 'session-4'))
})

test('any words get an answer, and a name always means itself', () => {
  const name = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,4}){0,2}$/)
  fc.assert(
    fc.property(fc.string(), name, (words, session) => {
      assert.type(matches(words, session), 'boolean')
      assert.ok(matches(session, session))
      assert.ok(matches(session.toUpperCase(), session))
    }),
    { seed: Number(process.env.IF_BOARD_SEED ?? 20260101) },
  )
})

test.run()
