import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig, renderConfig } from '../../src/board/config.ts'
import { ESCALATION_DEFAULTS, type EscalationRules } from '../../src/model/index.ts'
import { runs } from './support.ts'

const least = 'boards: [TASK-BOARD.md]\nboardId: "0123456789abcdef0123456789abcdef"\n'
const rulesOf = (written: string) => parseConfig(`${least}fast: ${written}\n`, 'config.yml').config?.escalation

test('claims go nowhere by themselves unless somebody asks for it', () => {
  assert.is(parseConfig(least, '').config?.escalation, undefined)
  assert.is(rulesOf('{endpoints: ["https://etcd.example:2379"]}'), undefined)
  assert.is(rulesOf('{escalate: false}'), undefined)
})

test('whoever asks gets the defaults, and may change each of them', () => {
  assert.equal(rulesOf('{escalate: true}'), ESCALATION_DEFAULTS)
  assert.equal(rulesOf('{escalate: {}}'), ESCALATION_DEFAULTS)
  const { up, down } = ESCALATION_DEFAULTS
  assert.equal(rulesOf('{escalate: {up: {lostPercent: 60}, leastMinutes: 45}}'), {
    up: { ...up, lostPercent: 60 },
    down,
    leastMinutes: 45,
  })
})

const WRONG: readonly (readonly [string, string, number, RegExp])[] = [
  ['a word', 'escalate: soon', 10, /expected true, or `up`, `down` and `leastMinutes`/],
  ['a key that nobody knows', 'escalate: {up: {claim: 3}}', 16, /did you mean `claims`/],
  ['a share above all', 'escalate: {up: {lostPercent: 100}}', 29, /a number from 1 to 99/],
  ['no window', 'escalate: {down: {minutes: 0}}', 27, /a number from 0.05 to 1440/],
  ['no least time', 'escalate: {leastMinutes: 0}', 25, /a number from 0.05 to 1440/],
  ['half a claim', 'escalate: {up: {claims: 1.5}}', 24, /a whole number from 1 to 200/],
  ['thresholds that are close together', 'escalate: {down: {claimsPerMinute: 1.5}}', 35, /at most 1, half of/],
  ['a window by which they are', 'escalate: {up: {minutes: 20}}', 0, /at most 0.25, half of/],
]
for (const [what, written, column, message] of WRONG)
  test(`${what} is an error at its place`, () => {
    const { config, diagnostics } = parseConfig(`${least}fast:\n  ${written}\n`, 'config.yml')
    assert.is(config, undefined)
    const [first] = diagnostics
    assert.is(first?.severity, 'error', JSON.stringify(diagnostics))
    assert.match(first?.message ?? '', message)
    if (column > 0) assert.equal([first?.line, first?.column], [4, column + 3])
  })

const minutes = fc.integer({ min: 1, max: 1440 })
const rules: fc.Arbitrary<EscalationRules> = fc.record(
  {
    up: fc.record(
      {
        claims: fc.integer({ min: 1, max: 200 }),
        minutes,
        lostPercent: fc.integer({ min: 1, max: 99 }),
        waitSeconds: fc.integer({ min: 1, max: 600 }),
      },
      { noNullPrototype: true },
    ),
    down: fc.record({ claimsPerMinute: fc.constantFrom(1, 0.5, 0.01), minutes }, { noNullPrototype: true }),
    leastMinutes: minutes,
  },
  { noNullPrototype: true },
)
const sensible = rules.filter(({ up, down }) => down.claimsPerMinute <= up.claims / up.minutes / 2)

test('what was set is written back and read again, with and without endpoints', () => {
  const { config } = parseConfig(least, '')
  assert.ok(config)
  const endpoints = fc.constantFrom(undefined, ['https://etcd.example:2379'])
  fc.assert(
    fc.property(sensible, endpoints, (escalation, fastEndpoints) => {
      const wanted = { ...config, escalation, ...(fastEndpoints === undefined ? {} : { fastEndpoints }) }
      assert.equal(parseConfig(renderConfig(wanted), ''), { config: wanted, diagnostics: [] })
    }),
    runs,
  )
})

test.run()
