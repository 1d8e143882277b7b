/** The language of grammars: forms of flags, arguments in their order, and what holds for every grammar and every word. */
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decideCommand, openGrants } from '../../src/executor/index.ts'
import { READY_MADE } from '../../src/executor/ready-made.ts'
import { parseWords } from '../../src/executor/syntax.ts'
import { takes } from '../../src/executor/values.ts'
import { argvProblem } from '../../src/executor/words.ts'
import type { CommandSyntax, FlagForm, ValueRule } from '../../src/model/index.ts'
import { COMMAND_DEFAULTS } from '../../src/model/index.ts'

/** The words that the program gets, or `undefined`. */
function given(syntax: CommandSyntax, line: string): readonly string[] | undefined {
  const parsed = parseWords(syntax, line.split(' '))
  return parsed.kind === 'taken' ? parsed.args : undefined
}

test('each form of a flag takes its value where it says, and nowhere else', () => {
  const takenBy = (form: FlagForm) =>
    ['-out a', '-out=a', '-out'].map(
      (line) => given({ flags: { '-out': { value: 'name', form } } }, line) !== undefined,
    )
  assert.equal(takenBy('separate'), [true, false, false])
  assert.equal(takenBy('equals'), [false, true, false])
  assert.equal(takenBy('either'), [true, true, false])
  assert.equal(takenBy('maybe'), [false, true, true])
})

test('a flag of one letter takes its value as the next word, a longer one either way', () => {
  assert.ok(given({ flags: { '-n': 'number' } }, '-n 5'))
  assert.not.ok(given({ flags: { '-n': 'number' } }, '-n=5'))
  assert.not.ok(given({ flags: { '-n': 'number' } }, '-n5'))
  for (const line of ['--num 5', '--num=5']) assert.ok(given({ flags: { '--num': 'number' } }, line))
})

test('a flag behind an argument is denied, unless the grammar says that the program reads it there', () => {
  const syntax: CommandSyntax = { flags: { '-v': true }, args: ['name'] }
  assert.not.ok(given(syntax, 'a -v'))
  assert.ok(given({ ...syntax, order: 'any' }, 'a -v'))
})

test('arguments are taken in their order, each rule as long as it can', () => {
  const syntax: CommandSyntax = {
    args: ['number', { value: 'number', times: 'any' }, { value: 'name', times: 'maybe' }, 'path'],
  }
  for (const line of ['1 a/b', '1 2 3 a/b', '1 2 name a/b']) assert.ok(given(syntax, line), line)
  for (const line of ['a/b', '1', '1 name', '1 a/b c']) assert.not.ok(given(syntax, line), line)
  const some: CommandSyntax = { args: [{ value: 'number', times: 'some' }, 'name'] }
  for (const line of ['1 a', '1 2 a']) assert.ok(given(some, line), line)
  for (const line of ['a', '1 2']) assert.not.ok(given(some, line), line)
})

test('flags stand before a subcommand only where the grammar lists them there', () => {
  const syntax: CommandSyntax = { flags: { '-r': true }, commands: { test: { flags: { '-v': true } } } }
  assert.ok(given(syntax, '-r test -v'))
  assert.not.ok(given(syntax, '-v test'))
  assert.not.ok(given(syntax, 'test -r'))
  assert.not.ok(given(syntax, '-r'))
})

test('what stands behind `--` has a grammar of its own', () => {
  const syntax: CommandSyntax = {
    args: ['name'],
    rest: { flags: { '-x': true }, args: [{ value: 'number', times: 'any' }] },
  }
  assert.equal(given(syntax, 'a -- -x 1 2'), ['a', '--', '-x', '1', '2'])
  assert.not.ok(given(syntax, 'a -- b'))
  assert.not.ok(given(syntax, 'a -- -y'))
  assert.not.ok(given(syntax, '-- 1'), 'an argument before it is missing')
})

const VALUES: readonly (readonly [ValueRule, readonly string[], readonly string[]])[] = [
  ['number', ['0', '7', '999999999'], ['', '-1', '+1', '01', '1e3', '0x10', '1.5', '1000000000', '１']],
  [{ from: 2, to: 4 }, ['2', '4'], ['1', '5']],
  ['name', ['a', '_a', 'a-b.c', '1s', 'größe'], ['', '.a', '-a', 'a/b', 'a b', 'a:b', 'a;b', '$a', '`a`']],
  ['label', ['a/b', 'a=b,c!=d', 'a:b+c'], ['/a', 'a b', 'a;b', 'a/../b', 'a|b', 'a*']],
  ['revision', ['HEAD~2', 'v1..v2', 'a...b', 'a^', 'origin/main'], ['', ':a', 'a:b', 'a@{1}', 'a/../b', '^a', 'a b']],
  ['text', ['a b; $(c)', 'ä'], ['-a']],
  [
    'path',
    ['a', './a', 'a/b/', '.', './', 'a.b'],
    ['/a', '..', 'a/..', 'a//b', '.git', 'a/.Git/x', 'a\\b', 'a.', 'git~1', '~', '-a'].filter((word) => word !== '~'),
  ],
  [{ words: ['-x', '@y'] }, ['-x', '@y'], ['x', '-X']],
  [{ pattern: 'src/**/*.ts' }, ['src/a.ts', 'src/a/b.ts'], ['src/../a.ts', '/src/a.ts', 'src/a.js']],
  [{ pattern: '**' }, ['a/b'], ['/etc/passwd', '../a', 'a/../../b']],
  [['number', { words: ['all'] }], ['3', 'all'], ['none']],
]

for (const [rule, good, bad] of VALUES)
  test(`${JSON.stringify(rule)} takes ${good.join(' ')} and not the like`, () => {
    for (const word of good) assert.is(takes(rule, word).kind, 'yes', word)
    for (const word of bad) assert.is(takes(rule, word).kind, 'no', word)
  })

const value = fc.letrec<{ rule: ValueRule }>((tie) => ({
  rule: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<ValueRule>('path', 'number', 'name', 'label', 'revision', 'text'),
    fc.record({ words: fc.array(fc.constantFrom('-x', 'a', 'b'), { minLength: 1 }) }),
    fc.constantFrom<ValueRule>({ pattern: '*' }, { pattern: '**/a' }, { from: 1, to: 3 }),
    fc.array(tie('rule'), { minLength: 1, maxLength: 3 }),
  ),
})).rule

const flags = fc.dictionary(
  fc.constantFrom('-x', '-y', '--long', '-go'),
  fc.oneof(
    fc.constant(true as const),
    value,
    fc.record({ value, form: fc.constantFrom<FlagForm>('separate', 'equals', 'either', 'maybe') }),
  ),
)
const args = fc.array(
  fc.oneof(
    value,
    fc.record({ value, times: fc.constantFrom('one' as const, 'maybe' as const, 'some' as const, 'any' as const) }),
  ),
  { maxLength: 3 },
)
const syntax: fc.Arbitrary<CommandSyntax> = fc.record({ flags, args, rest: fc.record({ flags, args }) })
const words = fc.array(
  fc.oneof(
    fc.constantFrom(
      '-x',
      '-y',
      '--long',
      '--long=a',
      '-go',
      '-go=2',
      'a',
      'b',
      '2',
      'a/b',
      '--',
      '-z',
      '-xy',
      '@a',
      '..',
    ),
    fc.string({ unit: 'grapheme' }),
  ),
  { maxLength: 6 },
)

test('a command that is taken is given to the program word for word', () => {
  fc.assert(
    fc.property(syntax, words, (grammar, typed) => {
      const parsed = parseWords(grammar, typed)
      if (parsed.kind === 'taken') assert.equal(parsed.args, typed)
    }),
    { numRuns: 2_000 },
  )
})

test('no word that begins with a dash is taken but a listed flag or a listed word', () => {
  fc.assert(
    fc.property(syntax, words, (grammar, typed) => {
      if (parseWords(grammar, typed).kind !== 'taken') return
      const listed = new Set([
        ...Object.keys(grammar.flags ?? {}),
        ...Object.keys(grammar.rest?.flags ?? {}),
        '--',
        '-x',
      ])
      for (const word of typed.filter((one) => one.startsWith('-'))) {
        const equals = word.indexOf('=')
        assert.ok(listed.has(equals < 0 ? word : word.slice(0, equals)), word)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('taking a flag out of a grammar never lets more commands through', () => {
  fc.assert(
    fc.property(syntax, words, fc.constantFrom('-x', '-y', '--long', '-go'), (grammar, typed, flag) => {
      const { [flag]: _, ...fewer } = grammar.flags ?? {}
      if (parseWords({ ...grammar, flags: fewer }, typed).kind === 'taken')
        assert.is(parseWords(grammar, typed).kind, 'taken')
    }),
    { numRuns: 2_000 },
  )
})

test('words that pass the first look are those that survive UTF-8 and have nothing invisible', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (typed) => {
      if (argvProblem(typed) !== undefined) return
      for (const word of typed) {
        assert.is(new TextDecoder().decode(new TextEncoder().encode(word)), word)
        assert.not.match(word, /[\p{Cc}\p{Cf}]/u)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a reason names a word whole or not at all, and is short enough to be logged whole', () => {
  const secret = 'z'.repeat(61)
  const grants = openGrants(
    [...READY_MADE.keys(), ...READY_MADE.keys()].map((grammar) => ({
      ...COMMAND_DEFAULTS,
      name: grammar,
      grammar,
      program: 'x',
    })),
  )
  for (const argv of [
    ['x', '--', secret],
    ['x', `--${secret}`],
    ['x', `--tb=${secret}`],
    [secret],
    ['x', 'test', '--color', secret],
  ]) {
    const decision = decideCommand(grants, argv)
    assert.ok(decision.kind === 'denied' && decision.reason.length < 1_000)
    assert.not.match(decision.kind === 'denied' ? decision.reason : '', /zz/)
  }
})

test('the longest command is judged in a moment, whatever its words are', () => {
  const long = Array.from({ length: 199 }, (_, at) => `${'a'.repeat(4_000)}${at}`)
  const startedAt = performance.now()
  for (const rule of ['name', 'label', 'revision', 'path', { pattern: '*a*a*a*b' }] as const)
    parseWords({ args: [{ value: rule, times: 'any' }] }, long)
  assert.ok(performance.now() - startedAt < 2_000)
})

test.run()
