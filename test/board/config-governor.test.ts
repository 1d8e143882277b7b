import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import schema from '../../schemas/config.schema.json' with { type: 'json' }
import { addApproved, parseConfig, renderConfig } from '../../src/board/config.ts'
import { type Config, GOVERNOR_DEFAULTS, type GovernorConfig } from '../../src/model/index.ts'
import { runs } from './support.ts'

const ID = '0123456789abcdef0123456789abcdef'
const least = `boards: [TASK-BOARD.md]\nboardId: "${ID}"\n`

function governor(text: string): GovernorConfig {
  const { config, diagnostics } = parseConfig(`${least}${text}`, 'config.yml')
  assert.equal(diagnostics, [])
  return (config as Config).governor
}

/** `line:column message`, of all that was found. */
function found(text: string): string[] {
  return parseConfig(`${least}${text}`, 'config.yml').diagnostics.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  )
}

test('an amount is dollars, or dollars and tokens, and is counted in millionths', () => {
  const { budget } = governor('budget: {total: $300, day: {usd: 0.1, tokens: 5}, task: {tokens: 9}}\n')
  assert.equal(budget.total, { microUsd: 300_000_000 })
  assert.equal(budget.day, { microUsd: 100_000, tokens: 5 })
  assert.equal(budget.task, { tokens: 9 })
  assert.equal(budget.session, {})
})

test('what `reserve` leaves out keeps its default', () => {
  assert.equal(governor('budget: {reserve: $2}\n').budget.reserve, { microUsd: 2_000_000, tokens: 500_000 })
})

test('hours have a zone and days, or UTC and every day', () => {
  assert.equal(governor('policy: {hours: 08:00-20:00 Europe/Berlin mon-fri}\n').policy.hours, {
    from: 480,
    to: 1200,
    zone: 'Europe/Berlin',
    days: [1, 2, 3, 4, 5],
  })
  const { hours } = governor('policy: {hours: "22:00-06:00"}\n').policy
  assert.equal([hours?.zone, hours?.days], ['UTC', [1, 2, 3, 4, 5, 6, 7]])
  assert.equal(governor('policy: {hours: "00:00-24:00 sat-mon,wed"}\n').policy.hours?.days, [1, 3, 6, 7])
})

test('the name of a task is what is written, not a number', () => {
  assert.equal(governor('capabilities: {tasks: {1.10: 0.5}}\n').capabilities.tasks, [['1.10', 0.5]])
})

const AMOUNT = 'expected an amount such as `$300` or `{usd: 300, tokens: 50000000}`'
const WRONG: readonly (readonly [string, string, string])[] = [
  ['a negative amount', 'budget: {day: $-5}', `3:15 \`budget.day\`: ${AMOUNT}`],
  ['a negative number', 'budget: {day: {usd: -5}}', '3:21 `budget.day.usd`: expected a number from 0 to 1000000000'],
  ['NaN', 'budget: {day: {usd: .nan}}', '3:21 `budget.day.usd`: expected a number from 0 to 1000000000'],
  ['an endless number', 'budget: {day: {usd: .inf}}', '3:21 `budget.day.usd`: expected a number from 0 to 1000000000'],
  ['a huge number', 'budget: {day: {usd: 1e99}}', '3:21 `budget.day.usd`: expected a number from 0 to 1000000000'],
  ['another currency', 'budget: {day: €5}', `3:15 \`budget.day\`: ${AMOUNT}`],
  ['two currencies', 'budget: {day: {usd: 5, eur: 5}}', '3:24 `budget.day.eur` is no key that if-board knows'],
  ['another currency to tell of', 'budget: {alerts: [75, €5]}', `3:23 \`budget.alerts.1\`: ${AMOUNT}`],
  ['a bare number', 'budget: {day: 5}', `3:15 \`budget.day\`: ${AMOUNT}`],
  ['an amount of nothing', 'budget: {day: {}}', `3:15 \`budget.day\`: ${AMOUNT}`],
  ['a bound without a value', 'budget: {day: }', `3:15 \`budget.day\`: ${AMOUNT}`],
  ['a mistyped bound', 'budget: {dya: $5}', '3:10 `budget.dya` is no key that if-board knows; did you mean `day`?'],
  ['a mistyped section', 'bugdet: {day: $5}', '3:1 `bugdet` is no key that if-board knows; did you mean `budget`?'],
  ['a bound twice', 'budget:\n  day: $5\n  day: $9', '5:3 `day` stands here twice'],
  ['a tab', 'budget:\n\tday: $5', '4:1 Tabs are not allowed as indentation'],
  ['an alias', 'budget: {day: &a $5, task: *a}', '3:28 aliases are not read'],
  ['half a share', 'capabilities: {match: 70}', '3:23 `capabilities.match`: expected a number from 0 to 1'],
  ['a part of a count', 'breaker: {failures: 1.5}', '3:21 `breaker.failures`: expected a whole number from 1 to 10000'],
  ['a word that is no choice', 'breaker: {halfOpen: maybe}', '3:21 `breaker.halfOpen`: expected `probe` or `manual`'],
  [
    'hours in words',
    'policy: {hours: daily}',
    '3:17 `policy.hours`: expected hours such as `08:00-20:00 Europe/Berlin mon-fri`',
  ],
  [
    'a zone that is none',
    'policy: {hours: 08:00-20:00 Mars/Base}',
    '3:17 `policy.hours`: `Mars/Base` is no time zone that this machine knows, such as `Europe/Berlin`',
  ],
  [
    'hours of no length',
    'policy: {hours: 08:00-08:00}',
    '3:17 `policy.hours`: hours that begin and end at the same minute are none',
  ],
  [
    'a path that leaves the repository',
    'policy: {forbiddenPaths: [src/**, ../x]}',
    '3:35 `../x`: a pattern is a path below the root',
  ],
  ['a session that is none', 'policy: {sections: {UI: ["a/b"]}}', '3:26 `policy.sections.UI.0`: is not a session name'],
  ['aliases in a circle', 'capabilities: {aliases: {a: b, b: a}}', '3:26 aliases lead in a circle: `a` → `b` → `a`'],
  ['an alias of itself', 'capabilities: {aliases: {a: a}}', '3:26 aliases lead in a circle: `a` → `a`'],
  ['a number for a name', 'policy: {approval: [1.10]}', '3:21 `policy.approval.0`: expected a text'],
]
for (const [name, text, message] of WRONG)
  test(`${name} is an error at its place`, () => {
    assert.is(parseConfig(`${least}${text}\n`, '').config, undefined)
    assert.is(found(`${text}\n`)[0], message)
  })

test('an unknown key that looks like no limit may be of a newer if-board: a warning', () => {
  const { config, diagnostics } = parseConfig(`${least}telemetry: off\n`, 'config.yml')
  assert.ok(config)
  assert.equal(
    diagnostics.map(({ code, severity }) => [code, severity]),
    [['config/unknown-key', 'warning']],
  )
})

test('the defaults that editors show are those that hold', () => {
  const { capabilities, breaker, help, slo, budget } = schema.properties
  const defaults = (part: object) =>
    Object.fromEntries(
      Object.entries(part).flatMap(([key, rule]) =>
        'default' in rule ? [[key, (rule as { default: unknown }).default]] : [],
      ),
    )
  assert.is(defaults(capabilities.properties).match, GOVERNOR_DEFAULTS.capabilities.match)
  assert.equal(defaults(breaker.properties), GOVERNOR_DEFAULTS.breaker)
  assert.equal(defaults(help.properties), GOVERNOR_DEFAULTS.help)
  assert.equal(defaults(slo.properties), GOVERNOR_DEFAULTS.slo)
  assert.equal(defaults(budget.properties), {
    reserve: { usd: 1, tokens: 500_000 },
    alerts: GOVERNOR_DEFAULTS.budget.alerts,
  })
  assert.equal(governor(''), GOVERNOR_DEFAULTS)
})

test('every key has words for whoever edits the file, and every example is valid', () => {
  const walk = (name: string, part: Record<string, unknown>): void => {
    assert.type(part.description, 'string', `${name} has no description`)
    for (const example of (part.examples ?? []) as unknown[]) {
      const [section, key] = name.split('.') as [string, string | undefined]
      const value = JSON.stringify(example)
      const base = section === 'boards' ? `boardId: "${ID}"\n` : least
      const text = key === undefined ? `${section}: ${value}\n` : `${section}: {${key}: ${value}}\n`
      assert.equal(parseConfig(base + text, '').diagnostics, [], name)
    }
    for (const [key, inner] of Object.entries((part.properties ?? {}) as Record<string, Record<string, unknown>>))
      walk(name === '' ? key : `${name}.${key}`, inner)
  }
  walk('', schema as unknown as Record<string, unknown>)
})

const word = fc.stringMatching(/^[a-z][a-z0-9:. -]{0,9}[a-z0-9]$/)
const session = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/)
const micro = fc.integer({ min: 0, max: 1_000_000_000_000_000 })
const tokens = fc.integer({ min: 0, max: 1_000_000_000_000_000 })
const cap = fc.record({ microUsd: micro, tokens }, { requiredKeys: [], noNullPrototype: true })
const someCap = cap.filter((amount) => Object.keys(amount).length > 0)
const part = fc.double({ min: 0, max: 1, noNaN: true }).map((n) => (Object.is(n, -0) ? 0 : n))
const count = fc.integer({ min: 1, max: 10_000 })
const unique = <T>(value: fc.Arbitrary<T>) =>
  fc.uniqueArray(fc.tuple(word, value), { selector: ([key]) => key, maxLength: 3 })
const texts = fc.array(word, { maxLength: 3 })

const governors: fc.Arbitrary<GovernorConfig> = fc.record(
  {
    capabilities: fc.record(
      {
        match: part,
        boards: unique(part),
        tasks: unique(part),
        vocabulary: texts,
        aliases: unique(fc.constantFrom('x:1', 'x:2')),
      },
      { noNullPrototype: true },
    ),
    budget: fc.record(
      {
        total: cap,
        day: cap,
        session: cap,
        task: cap,
        boards: unique(someCap),
        reserve: fc.record({ microUsd: micro, tokens }, { noNullPrototype: true }),
        alerts: fc
          .uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 4 })
          .map((all) => all.sort((a, b) => a - b)),
        alertSums: fc.array(someCap, { maxLength: 3 }),
      },
      { noNullPrototype: true },
    ),
    breaker: fc.record(
      {
        consecutive: count,
        failures: count,
        windowMinutes: count,
        microUsdPerHour: micro,
        coolDownMinutes: count,
        halfOpen: fc.constantFrom('probe' as const, 'manual' as const),
        quarantine: count,
      },
      {
        requiredKeys: ['consecutive', 'failures', 'windowMinutes', 'coolDownMinutes', 'halfOpen', 'quarantine'],
        noNullPrototype: true,
      },
    ),
    policy: fc.record(
      {
        hours: fc.record(
          {
            from: fc.integer({ min: 0, max: 719 }),
            to: fc.integer({ min: 720, max: 1440 }),
            zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'),
            days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }).map((days) => days.sort()),
          },
          { noNullPrototype: true },
        ),
        sessionsPerTask: count,
        sections: unique(fc.array(session, { maxLength: 3 })),
        approval: texts,
        approved: texts,
        forbiddenPaths: fc.array(fc.constantFrom('a/**', '**/*.pem', 'LICENSE'), { maxLength: 3 }),
        default: fc.constantFrom('permit' as const, 'deny' as const),
      },
      { requiredKeys: ['sections', 'approval', 'approved', 'forbiddenPaths'], noNullPrototype: true },
    ),
    help: fc.record({ sessions: count, escalateMinutes: count }, { noNullPrototype: true }),
    slo: fc.record(
      { successRate: part, p99Minutes: count, minReputation: part },
      { requiredKeys: ['minReputation'], noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
)

test('every setting of the governor survives being written and read', () => {
  const config = parseConfig(least, '').config as Config
  fc.assert(
    fc.property(governors, (rules) => {
      const text = renderConfig({ ...config, governor: rules })
      assert.equal(parseConfig(text, ''), { config: { ...config, governor: rules }, diagnostics: [] }, text)
    }),
    runs,
  )
})

const KEYS = ['boards', 'budget', 'day', 'usd', 'policy', 'hours', 'sections', '__proto__', 'toString', 'a/b~c', 'x']
const scalars = fc.oneof(fc.string({ maxLength: 12 }), fc.double(), fc.boolean(), fc.constantFrom('$5', null, '.nan'))
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalars,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('tree')), { maxLength: 4 }).map((entries) => {
      const map: Record<string, unknown> = Object.create(null)
      for (const [key, value] of entries) map[key] = value
      return map
    }),
  ),
}))
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        ...KEYS,
        ':',
        ' ',
        '\n',
        '  ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '"',
        '&a',
        '*a',
        '!!set',
        '\t',
        '$5',
        '|',
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join('')),
  tree.map((value) => JSON.stringify(value) ?? ''),
  tree.map((value) => `${least}budget: ${JSON.stringify(value) ?? ''}\npolicy: ${JSON.stringify(value) ?? ''}\n`),
)

test('any text is a configuration, or has an error with a place', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { config, diagnostics } = parseConfig(text, 'config.yml')
      const errors = diagnostics.filter(({ severity }) => severity === 'error')
      assert.is(config === undefined, errors.length > 0, JSON.stringify(diagnostics))
      for (const { line, column, message } of diagnostics) {
        assert.ok(line >= 1 && line <= text.split(/\r\n?|\n/).length + 1 && column >= 1)
        assert.not.match(message, /undefined|\[object/)
      }
    }),
    runs,
  )
})

test('to approve a task adds it to the list, and keeps what people wrote', () => {
  const text = `# ours\n${least}policy:\n  approval: [A, B] # careful\n`
  const once = addApproved(text, 'A')
  assert.equal(parseConfig(once, '').config?.governor.policy.approved, ['A'])
  assert.match(once, /# ours[\s\S]*# careful/)
  assert.is(addApproved(once, 'A'), once)
  assert.equal(parseConfig(addApproved(once, 'b.md:1.10'), '').config?.governor.policy.approved, ['A', 'b.md:1.10'])
  assert.equal(parseConfig(addApproved(least, '1.10'), '').config?.governor.policy.approved, ['1.10'])
})

test.run()
