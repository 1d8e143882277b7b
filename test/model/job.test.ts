/** What a task names as its check or body: every malformed form is refused with its reason, and nothing ever throws. */
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inputProblem, jobName, parseJob } from '../../src/model/job.ts'

const test = suite('a job reference')

const HEX = 'a1'.repeat(32)
const reasonOf = (text: string) => {
  const parsed = parseJob(text)
  return parsed.kind === 'malformed' ? parsed.reason : `understood as ${jobName(parsed)}`
}

test('a module has a path and the hash of its bytes', () => {
  assert.equal(parseJob(`wasm:checks/a.wasm#sha256=${HEX.toUpperCase()}`), {
    kind: 'module',
    form: 'wasm',
    path: 'checks/a.wasm',
    sha256: HEX,
    inputs: undefined,
    outputs: undefined,
  })
})

test('inputs are patterns and outputs are paths, any number of each in any order', () => {
  const parsed = parseJob(`js:a.js#sha256=${HEX} in=src/** out=report.txt in=docs/*.md`)
  assert.equal(parsed.kind === 'module' && [parsed.form, parsed.inputs, parsed.outputs], [
    'js',
    ['src/**', 'docs/*.md'],
    ['report.txt'],
  ])
})

test('a command is words, without a shell and without quoting', () => {
  assert.equal(parseJob('cmd:npm  test -- --grep=x'), { kind: 'command', argv: ['npm', 'test', '--', '--grep=x'] })
  assert.equal(parseJob('cmd: ["npm", "run", "a b"]'), { kind: 'command', argv: ['npm', 'run', 'a b'] })
})

test('of a command its program alone is named, because its words may hold secrets', () => {
  const parsed = parseJob('cmd:curl --header Authorization:s3cret')
  assert.is(parsed.kind === 'malformed' ? '' : jobName(parsed), 'cmd:curl')
})

const MALFORMED: readonly (readonly [text: string, reason: RegExp])[] = [
  ['', /none of/],
  ['npm test', /none of/],
  [`WASM:a.wasm#sha256=${HEX}`, /none of/],
  [`sh:a.sh#sha256=${HEX}`, /none of/],
  ['js:a.js', /sha256=.* missing/],
  ['js:a.js#sha512=00', /sha256=.* missing/],
  ['js:a.js#sha256=', /64 hexadecimal/],
  [`js:a.js#sha256=${HEX}0`, /64 hexadecimal/],
  [`js:a.js#sha256=${HEX.slice(1)}g`, /64 hexadecimal/],
  [`js:a.js#sha256=${HEX}#sha256=${HEX}`, /64 hexadecimal/],
  [`js:#sha256=${HEX}`, /1 to/],
  [`js:/etc/passwd#sha256=${HEX}`, /relative/],
  [`js:../a.js#sha256=${HEX}`, /`\.\.`/],
  [`js:a/../../b.js#sha256=${HEX}`, /`\.\.`/],
  [`js:C:\\a.js#sha256=${HEX}`, /none of/],
  [`js:.git/hooks/x#sha256=${HEX}`, /\.git/],
  [`js:GIT~1/x#sha256=${HEX}`, /\.git/],
  [`js:${'a/'.repeat(40)}b#sha256=${HEX}`, /parts/],
  [`js:a.js#sha256=${HEX} docs/**`, /neither/],
  [`js:a.js#sha256=${HEX} env=HOME`, /neither/],
  [`js:a.js#sha256=${HEX} in=`, /1 to/],
  [`js:a.js#sha256=${HEX} in=../x`, /`\.\.`/],
  [`js:a.js#sha256=${HEX} in=a**b`, /stands alone/],
  [`js:a.js#sha256=${HEX} in=/`, /relative/],
  [`js:a.js#sha256=${HEX} out=*.txt`, /none of/],
  [`js:a.js#sha256=${HEX} out=../../.git/hooks/x`, /`\.\.`/],
  [`js:a.js#sha256=${HEX} out=.git/config`, /\.git/],
  [`js:a.js#sha256=${HEX}${' in=a'.repeat(65)}`, /more than 64/],
  [`js:a\u202ejs.exe#sha256=${HEX}`, /cannot be seen/],
  [`js:a\u0000.js#sha256=${HEX}`, /cannot be seen/],
  ['cmd:', /no command/],
  ['cmd:   ', /no command/],
  ['cmd:npm run "a b"', /no quoting/],
  ["cmd:sh -c 'rm x'", /no quoting/],
  ['cmd:npm\\ test', /no quoting/],
  ['cmd:npm test && npm run x', /no shell/],
  ['cmd:cat x | sh', /no shell/],
  ['cmd:npm test > out', /no shell/],
  ['cmd:npm\u0000test', /cannot be seen/],
  ['cmd:npm\u200btest', /cannot be seen/],
  ['cmd:[', /JSON array/],
  ['cmd:[]', /JSON array/],
  ['cmd:[""]', /JSON array/],
  ['cmd:["npm", 1]', /JSON array/],
  ['cmd:["npm"] x', /JSON array/],
  ['cmd:["npm", "a\\u0000b"]', /cannot be seen/],
  ['cmd:["npm", "a\\nb"]', /cannot be seen/],
  [`cmd:${'a '.repeat(65)}`, /more than 64/],
  [`cmd:${'a'.repeat(2000)}`, /characters/],
]

for (const [text, reason] of MALFORMED)
  test(`is not understood: ${JSON.stringify(text.slice(0, 60))}`, () => {
    assert.match(reasonOf(text), reason)
  })

test('whatever stands there, it is understood or has a reason of one short line', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ maxLength: 200 }).map((rest) => `js:${rest}`),
    fc.string({ maxLength: 100 }).map((rest) => `wasm:a#sha256=${HEX} ${rest}`),
    fc.string({ unit: 'binary', maxLength: 200 }).map((rest) => `cmd:${rest}`),
    fc.json().map((rest) => `cmd:${rest}`),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const reason = reasonOf(text)
      assert.ok(reason.length > 0 && reason.length < 2000 && !/\p{Cc}/u.test(reason), JSON.stringify(reason))
    }),
  )
})

test('what is understood holds no path that leads out, into .git or to what cannot be seen', () => {
  const part = fc.constantFrom('a', '..', '.', '.git', '.GIT ', 'git~1', '', 'b.js', '*', '**', 'x*y', '\u202e')
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(path, path, path, (file, input, output) => {
      const parsed = parseJob(`js:${file}#sha256=${HEX} in=${input} out=${output}`)
      if (parsed.kind !== 'module') return
      for (const one of [parsed.path, ...(parsed.inputs ?? []), ...(parsed.outputs ?? [])])
        assert.ok(!/(^|\/)(\.\.?|\.git *|git~1|)(\/|$)/i.test(one) && !/\p{Cf}/u.test(one), one)
      assert.ok(!/\*/.test(`${parsed.path}${parsed.outputs}`))
      assert.is(inputProblem(input), undefined)
    }),
  )
})

test.run()
