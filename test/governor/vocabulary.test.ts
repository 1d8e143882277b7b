import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { DEFAULT_VOCABULARY, normalCapability, vocabularyOf } from '../../src/governor/vocabulary.ts'
import { seed } from '../graph/make.ts'

const plain = vocabularyOf({ vocabulary: [], aliases: [] })

test('the default vocabulary has the 42 capabilities of the recorded project, each once and in its normal form', () => {
  assert.is(DEFAULT_VOCABULARY.length, 42)
  assert.is(new Set(DEFAULT_VOCABULARY).size, 42)
  for (const name of DEFAULT_VOCABULARY) assert.is(normalCapability(name), name)
})

test('case, spaces and underscores do not make another capability', () => {
  for (const word of [
    'Code-Analysis:Python',
    ' code analysis : python ',
    'code_analysis:Python',
    'CODE__ANALYSIS:python',
  ])
    assert.is(plain.nameOf(word), 'code-analysis:python', word)
})

test('a word without its namespace is the one name that ends so', () => {
  assert.is(plain.nameOf('Rust'), 'code-analysis:rust')
  assert.is(plain.nameOf('sip'), 'integration:sip')
})

test('a word that several names end with, or that is a namespace, stands for itself', () => {
  assert.is(plain.nameOf('performance'), 'performance')
  assert.is(plain.nameOf('testing'), 'testing')
  assert.is(vocabularyOf({ vocabulary: ['ml:python'], aliases: [] }).nameOf('python'), 'python')
})

test('an alias stands for its capability, over any number of steps and however it is written', () => {
  const words = vocabularyOf({
    vocabulary: [],
    aliases: [
      ['Py', 'python3'],
      ['python3', 'Code Analysis:Python'],
    ],
  })
  assert.is(words.nameOf('PY'), 'code-analysis:python')
})

test('aliases that lead in a circle stand for themselves', () => {
  const aliases = [
    ['in', 'a'],
    ['a', 'b'],
    ['b', 'A'],
    ['x', 'x'],
    ['fine', 'rust'],
  ] as const
  const words = vocabularyOf({ vocabulary: [], aliases })
  assert.equal(['in', 'a', 'b', 'x', 'fine'].map(words.nameOf), ['in', 'a', 'b', 'x', 'code-analysis:rust'])
})

test('a near miss names what was meant, a word of its own does not', () => {
  assert.is(plain.nearest('code-analysis:pyton'), 'code-analysis:python')
  assert.is(plain.nearest('code-anaylsis:rust'), 'code-analysis:rust')
  assert.is(plain.nearest('frontend:docker'), 'infra:docker')
  assert.is(plain.nearest('gpu'), undefined)
  assert.is(plain.nearest('baking:bread'), undefined)
})

test('any model is a known capability, and so is what the config adds', () => {
  assert.ok(plain.isKnown('model:whatever-9'))
  assert.not.ok(plain.isKnown('gpu'))
  assert.ok(vocabularyOf({ vocabulary: ['GPU'], aliases: [] }).isKnown('gpu'))
})

test('whatever is written, its name is its own name, has no white space and no control character', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\u0000', '\u202e', '_', ' ', ':', 'A', 'é') }),
  )
  fc.assert(
    fc.property(text, fc.array(fc.tuple(text, text), { maxLength: 6 }), (word, aliases) => {
      const name = normalCapability(word)
      assert.not.match(name, /[\p{C}\p{Z}\s_]/u)
      assert.is(normalCapability(name), name)
      const words = vocabularyOf({ vocabulary: [], aliases })
      words.nameOf(word)
    }),
    seed,
  )
})

test('a hundred thousand misspelt words are judged in little time', () => {
  const words = vocabularyOf({ vocabulary: [], aliases: [] })
  const began = performance.now()
  for (let at = 0; at < 100_000; at += 1) words.nearest(`code-analysis:x${at}`)
  assert.ok(performance.now() - began < 5000)
})

test('aliases in a chain of ten thousand are followed in little time', () => {
  const aliases = Array.from({ length: 10_000 }, (_, at) => [`w${at}`, `w${(at + 1) % 10_000}`] as const)
  const began = performance.now()
  assert.is(vocabularyOf({ vocabulary: [], aliases }).nameOf('w5'), 'w5')
  assert.ok(performance.now() - began < 5000)
})

test.run()
