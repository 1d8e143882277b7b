import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { capabilities, capabilityBook, matchOf, NO_SKILLS, skillsOf } from '../../src/governor/index.ts'
import {
  type CapabilityRules,
  GOVERNOR_DEFAULTS,
  taskKey,
  toBoardName,
  toSessionName,
  toTaskId,
} from '../../src/model/index.ts'
import { seed } from '../graph/make.ts'

const session = toSessionName('session-4')
const board = toBoardName('board.md')

function rules(changes: Partial<CapabilityRules> = {}): CapabilityRules {
  return { ...GOVERNOR_DEFAULTS.capabilities, ...changes }
}

function needing(...capabilities: string[]) {
  const id = toTaskId('T1')
  return { key: taskKey(board, id), id, board, capabilities }
}

function refusal(needs: string[], can: string[], changes: Partial<CapabilityRules> = {}, granted?: string[]) {
  const book = capabilityBook(rules(changes))
  const skills = skillsOf(book, { said: [{ capabilities: can }], granted })
  return capabilities({ session, book, skills }, needing(...needs))
}

const isRefused = (...asked: Parameters<typeof refusal>) => refusal(...asked) !== undefined

test('a task that needs nothing is for everybody, also for a session that nothing is said of', () => {
  assert.is(refusal([], []), undefined)
})

test('a session that nothing is said of may not do what needs something, and is told what to type', () => {
  const { reason, hint } = refusal(['sip'], []) ?? {}
  assert.is(reason, 'T1 needs integration:sip, and nothing says what session-4 can do')
  assert.is(hint, 'If it can: if-board join session-4 --can integration:sip')
})

test('exactly the threshold is enough, just below is not', () => {
  const ten = Array.from({ length: 10 }, (_, at) => `skill-${at}`)
  assert.not(isRefused(ten, ten.slice(0, 7)))
  assert.ok(isRefused(ten, ten.slice(0, 6)))
  assert.ok(isRefused(['a', 'b', 'c'], ['a', 'b']))
  assert.not(isRefused(['a', 'b', 'c'], ['a', 'b'], { match: 2 / 3 }))
})

test('a refusal says what is needed, what is there and what is missing; other work may come', () => {
  assert.equal(refusal(['Rust', 'sip'], ['rust']), {
    kind: 'refuse',
    rule: 'capabilities',
    reason:
      'T1 needs code-analysis:rust, integration:sip; session-4 has 1 of 2 (50 %, at least 70 %) and lacks integration:sip',
    hint: 'If it can: if-board join session-4 --can code-analysis:rust,integration:sip',
    leaves: 'wait',
  })
})

test('a task’s own threshold goes before its board’s, and that before the general one', () => {
  const half = ['a', 'b']
  assert.not(isRefused(half, ['a'], { boards: [['board.md', 0.5]] }))
  assert.ok(isRefused(half, ['a'], { boards: [['board.md', 0.5]], tasks: [['T1', 0.6]] }))
  assert.not(isRefused(half, ['a'], { boards: [['board.md', 0.6]], tasks: [['board.md:T1', 0.5]] }))
})

test('the model is a capability: whole, by its words, and by its aliases', () => {
  const book = capabilityBook(rules({ aliases: [['model:small', 'model:haiku']] }))
  const skills = skillsOf(book, { said: [{ capabilities: [], model: 'Claude Haiku 4.5' }] })
  for (const need of ['model:claude-haiku-4.5', 'model:Haiku', 'MODEL: claude', 'model:small'])
    assert.is(capabilities({ session, book, skills }, needing(need)), undefined, need)
  assert.ok(capabilities({ session, book, skills }, needing('model:opus')))
})

test('where an operator granted a key, what was not granted counts for nothing and is named', () => {
  const { reason, hint } = refusal(['gpu', 'rust'], ['gpu', 'rust'], {}, ['rust']) ?? {}
  assert.match(reason ?? '', 'no grant of session-4 says gpu')
  assert.is(hint, 'An operator grants it: if-board grant session-4 --can gpu')
  assert.not(isRefused(['rust'], ['gpu', 'rust'], {}, ['Code Analysis: Rust']))
  assert.ok(isRefused(['rust'], ['rust'], {}, []))
})

test('a grant gives nothing that nobody said', () => {
  assert.ok(isRefused(['rust'], [], {}, ['rust']))
})

test('what is shown of a hostile cell is short and printable, and no shell finds anything in it', () => {
  const hostile = Array.from({ length: 10_000 }, (_, at) => `\u001b[31m$(reboot);\`x\`|&>'"${'x'.repeat(200)}${at}`)
  const { reason = '', hint = '' } = refusal(hostile, []) ?? {}
  assert.not.match(`${reason}${hint}`, /[\p{C}$;`|&>'"()<\\]/u)
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
    seed,
  )
})

test.run()
