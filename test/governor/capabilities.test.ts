import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { capabilityBook, judgeCapabilities, matchOf, NO_SKILLS, skillsOf } from '../../src/governor/capabilities.ts'
import {
  type CapabilityRules,
  GOVERNOR_DEFAULTS,
  taskKey,
  toBoardName,
  toSessionName,
  toTaskId,
} from '../../src/model/index.ts'

const session = toSessionName('session-4')
const board = toBoardName('board.md')

function rules(changes: Partial<CapabilityRules> = {}): CapabilityRules {
  return { ...GOVERNOR_DEFAULTS.capabilities, ...changes }
}

function needing(...capabilities: string[]) {
  const id = toTaskId('T1')
  return { key: taskKey(board, id), id, board, capabilities }
}

function verdict(needs: string[], can: string[], changes: Partial<CapabilityRules> = {}, granted?: string[]) {
  const book = capabilityBook(rules(changes))
  const skills = skillsOf(book, { said: [{ capabilities: can }], granted })
  return judgeCapabilities(book, { task: needing(...needs), session, skills })
}

test('a task that needs nothing is for everybody, also for a session that nothing is said of', () => {
  assert.equal(verdict([], []), { kind: 'allow' })
})

test('a session that nothing is said of may not do what needs something, and is told what to type', () => {
  const told = verdict(['sip'], [])
  assert.is(told.kind, 'refuse')
  assert.match(told.kind === 'refuse' ? told.reason : '', 'if-board join session-4 --can integration:sip')
})

test('exactly the threshold is enough, just below is not', () => {
  const ten = Array.from({ length: 10 }, (_, at) => `skill-${at}`)
  assert.is(verdict(ten, ten.slice(0, 7)).kind, 'allow')
  assert.is(verdict(ten, ten.slice(0, 6)).kind, 'refuse')
  assert.is(verdict(['a', 'b', 'c'], ['a', 'b']).kind, 'refuse')
  assert.is(verdict(['a', 'b', 'c'], ['a', 'b'], { match: 2 / 3 }).kind, 'allow')
})

test('a refusal says what is needed, what is there and what is missing', () => {
  assert.equal(verdict(['Rust', 'sip'], ['rust']), {
    kind: 'refuse',
    rule: 'capabilities',
    reason:
      'T1 needs code-analysis:rust, integration:sip; session-4 has 1 of 2 (50 %, at least 70 %) and lacks integration:sip',
  })
})

test('a task’s own threshold goes before its board’s, and that before the general one', () => {
  const half = ['a', 'b']
  assert.is(verdict(half, ['a'], { boards: [['board.md', 0.5]] }).kind, 'allow')
  assert.is(verdict(half, ['a'], { boards: [['board.md', 0.5]], tasks: [['T1', 0.6]] }).kind, 'refuse')
  assert.is(verdict(half, ['a'], { boards: [['board.md', 0.6]], tasks: [['board.md:T1', 0.5]] }).kind, 'allow')
})

test('the model is a capability: whole, and by its words', () => {
  const book = capabilityBook(rules())
  const skills = skillsOf(book, { said: [{ capabilities: [], model: 'Claude Haiku 4.5' }] })
  for (const need of ['model:claude-haiku-4.5', 'model:Haiku', 'MODEL: claude'])
    assert.is(judgeCapabilities(book, { task: needing(need), session, skills }).kind, 'allow', need)
  assert.is(judgeCapabilities(book, { task: needing('model:opus'), session, skills }).kind, 'refuse')
})

test('where an operator granted a key, what was not granted counts for nothing and is named', () => {
  const told = verdict(['gpu', 'rust'], ['gpu', 'rust'], {}, ['rust'])
  assert.is(told.kind, 'refuse')
  assert.match(told.kind === 'refuse' ? told.reason : '', 'the grant of session-4 does not say gpu')
  assert.is(verdict(['rust'], ['gpu', 'rust'], {}, ['Code Analysis: Rust']).kind, 'allow')
  assert.is(verdict(['rust'], ['rust'], {}, []).kind, 'refuse')
})

test('a grant gives nothing that nobody said', () => {
  assert.is(verdict(['rust'], [], {}, ['rust']).kind, 'refuse')
})

test('what is shown of a hostile cell is short and printable', () => {
  const told = verdict(
    Array.from({ length: 10_000 }, (_, at) => `\u001b[31m${'x'.repeat(200)}${at}`),
    [],
  )
  const reason = told.kind === 'refuse' ? told.reason : ''
  assert.not.match(reason, /\p{C}/u)
  assert.ok(reason.length < 1000)
})

const words = fc.constantFrom(
  'Rust',
  'code-analysis:rust',
  'sip',
  'gpu',
  'GPU ',
  'model:haiku',
  'docs',
  'a b',
  'a_b',
  '',
)
const lists = fc.array(words, { maxLength: 12 })

test('more skills never match worse, more needs that a session lacks never match better, and all needs match fully', () => {
  const book = capabilityBook(rules())
  fc.assert(
    fc.property(lists, lists, lists, (needs, has, more) => {
      const of = (capabilities: string[]) => skillsOf(book, { said: [{ capabilities }] }).has
      const needed = book.needsOf(needing(...needs))
      const match = matchOf(needed, of(has))
      const widened = book.needsOf(needing(...needs, 'nobody-has-this'))
      assert.ok(match >= 0 && match <= 1)
      assert.ok(matchOf(needed, of([...has, ...more])) >= match)
      assert.ok(matchOf(widened, of(has)) <= match)
      assert.is(matchOf(needed, of(needs)), 1)
      assert.is(matchOf(needed, NO_SKILLS.has), needed.size === 0 ? 1 : 0)
    }),
  )
})

test.run()
