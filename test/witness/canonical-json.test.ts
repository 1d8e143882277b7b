import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { IfBoardError } from '../../src/model/index.ts'
import { canonicalJson, parseCanonicalJson } from '../../src/witness/index.ts'
import { seeded } from './samples.ts'

test('the sample of RFC 8785 §3.2.2 is written as §3.2.3 shows it', () => {
  const text = '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/'
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27],
    string: text,
    literals: [null, true, false],
  }
  assert.is(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('keys are ordered by UTF-16 code units, so an emoji comes before U+FB33 (RFC 8785 §3.2.3)', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  const order = ['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Emoji', 'Hebrew']
  const written = canonicalJson(value)
  const found = [...order].sort((a, b) => written.indexOf(`"${a}`) - written.indexOf(`"${b}`))
  assert.equal(found, order)
})

test('numbers are written as RFC 8785 appendix B lists them', () => {
  const samples: readonly [bits: string, text: string][] = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555554', '333333333.33333325'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ]
  for (const [bits, text] of samples) assert.is(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE()), text)
})

test('a number that is not finite has no canonical form', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => canonicalJson([value]), /finite/)
})

test('half a surrogate pair is refused in values and in keys', () => {
  const refused = (error: unknown): boolean => error instanceof IfBoardError && error.code === 'usage/invalid'
  assert.throws(() => canonicalJson({ title: 'x\ud83d' }), refused)
  assert.throws(() => canonicalJson({ '\ude00': 1 }), refused)
  assert.is(parseCanonicalJson('"\\ud83d"'), undefined)
})

test('fields that are undefined are left out', () => {
  assert.is(canonicalJson({ b: undefined, a: 1 }), '{"a":1}')
})

test('a key called __proto__ is a key like others', () => {
  const text = '{"__proto__":{"polluted":true},"a":1}'
  assert.is(canonicalJson(JSON.parse(text)), text)
  assert.is(({} as Record<string, unknown>).polluted, undefined)
})

test('another spelling of the same value is not canonical', () => {
  for (const text of ['{"b":1,"a":2}', '{"a": 1}', '1.0', '"\\u0041"', '{"a":1,"a":1}', '[1,]', ''])
    assert.is(parseCanonicalJson(text), undefined, text)
})

test('input that nests without end is refused, not a crash', () => {
  assert.is(parseCanonicalJson(`${'['.repeat(30_000)}${']'.repeat(30_000)}`), undefined)
})

test('reading what was written gives the value again', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
      const expected = JSON.parse(JSON.stringify(value))
      assert.equal(parseCanonicalJson(canonicalJson(value)), expected)
    }),
    seeded,
  )
})

test.run()
