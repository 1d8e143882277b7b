/** `checks:` of the settings: what is understood, what is refused with its place, and that `init` writes it back. */
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig, renderConfig } from '../../src/board/config.ts'
import type { Config, JobRules } from '../../src/model/index.ts'
import { RUN_LAYERS } from '../../src/model/job.ts'
import { DEFAULT_LIMITS } from '../../src/ports/index.ts'

const least = 'boards: [TASK-BOARD.md]\nboardId: "0123456789abcdef0123456789abcdef"\n'
const HEX = 'a1'.repeat(32)

function checks(text: string): JobRules | undefined {
  const { config, diagnostics } = parseConfig(`${least}${text}`, 'config.yml')
  assert.equal(diagnostics, [])
  return (config as Config).checks
}

test('without a line of theirs nothing is said of checks', () => {
  assert.is(checks(''), undefined)
})

test('limits have units in their names, and a rule says what its tasks are checked with', () => {
  const rule = `{match: "P0.*", check: "js:a.js#sha256=${HEX}", inputs: ["docs/**"], limits: {fuel: 5}}`
  assert.equal(
    checks(
      `checks:\n  limits: {seconds: 0.5, memoryMiB: 2, outputKiB: 3, moduleMiB: 4}\n  demand: [bwrap]\n  tasks: [${rule}]\n`,
    ),
    {
      limits: { memoryBytes: 2 * 2 ** 20, deadlineMs: 500, outputBytes: 3072, moduleBytes: 4 * 2 ** 20 },
      demand: ['bwrap'],
      deliverables: 'checked',
      tasks: [{ match: 'P0.*', check: `js:a.js#sha256=${HEX}`, inputs: ['docs/**'], limits: { fuel: 5 }, demand: [] }],
    },
  )
})

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ['a layer that is none', 'checks: {demand: [bwarp]}', /expected/],
  ['a limit above what is allowed', 'checks: {limits: {seconds: 31}}', /`checks\.limits\.seconds`: expected/],
  ['a limit of nothing', 'checks: {limits: {fuel: 0}}', /`checks\.limits\.fuel`: expected/],
  ['a mistyped limit', 'checks: {limits: {feul: 5}}', /did you mean `fuel`/],
  ['a mistyped section', 'cheks: {demand: [bwrap]}', /did you mean `checks`/],
  ['a rule for nothing', 'checks: {tasks: [{check: x}]}', /match/],
  ['a check that names nothing', 'checks: {tasks: [{match: A, check: "js:a.js"}]}', /sha256/],
  ['a body that names nothing', 'checks: {tasks: [{match: A, run: "sh:x"}]}', /none of/],
  ['an input that leads out', 'checks: {tasks: [{match: A, inputs: ["../x"]}]}', /`\.\.`/],
  ['an output that is a pattern', 'checks: {tasks: [{match: A, outputs: ["*.txt"]}]}', /none of/],
]

for (const [name, text, message] of WRONG)
  test(`the settings are not read with ${name}`, () => {
    const { config, diagnostics } = parseConfig(`${least}${text}\n`, 'config.yml')
    assert.is(config, undefined)
    assert.match(diagnostics.map((one) => `${one.line} ${one.message}`).join('\n'), message)
    assert.is(diagnostics[0]?.line, 3)
  })

test('whatever is set is written so that it is read back', () => {
  const limits = fc
    .record(
      {
        memoryBytes: fc.integer({ min: 1, max: 256 }).map((mib) => mib * 2 ** 20),
        fuel: fc.integer({ min: 1, max: DEFAULT_LIMITS.fuel }),
        deadlineMs: fc.integer({ min: 1, max: 30_000 }),
        outputBytes: fc.integer({ min: 1, max: 1024 }).map((kib) => kib * 1024),
        files: fc.integer({ min: 1, max: 256 }),
      },
      { requiredKeys: [] },
    )
    .map((one) => ({ ...one }))
  const demand = fc.subarray([...RUN_LAYERS])
  const rule = fc
    .record(
      {
        match: fc.constantFrom('P0.*', 'TASK-BOARD.md:*', '1'),
        check: fc.constant(`wasm:a.wasm#sha256=${HEX}`),
        run: fc.constant('cmd:npm test'),
        inputs: fc.constantFrom(['docs/**'], ['a b.md', 'x']),
        outputs: fc.constant(['out/report.txt']),
        limits,
        demand,
      },
      { requiredKeys: ['match', 'limits', 'demand'] },
    )
    .map((one) => ({ ...one }))
  const deliverables = fc.constantFrom('checked' as const, 'all' as const)
  const rules = fc.record({ limits, demand, deliverables, tasks: fc.array(rule, { maxLength: 3 }) })
  const { config } = parseConfig(least, 'config.yml')
  fc.assert(
    fc.property(rules, (made) => {
      const text = renderConfig({ ...(config as Config), checks: made })
      assert.equal(parseConfig(text, 'config.yml').config?.checks, { ...made })
    }),
    { numRuns: 50 },
  )
})

test.run()
