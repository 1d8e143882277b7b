import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig, renderConfig, setSessionPause } from '../../src/board/config.ts'
import { type Config, GOVERNOR_DEFAULTS, toSessionName } from '../../src/model/index.ts'
import { runs } from './support.ts'

const ID = '0123456789abcdef0123456789abcdef'
const least = `boards: [TASK-BOARD.md]\nboardId: "${ID}"\n`

function findings(text: string): (string | number)[][] {
  return parseConfig(text, 'config.yml').diagnostics.map(({ code, line, column }) => [code, line, column])
}

test('the least configuration gets every default', () => {
  assert.equal(parseConfig(least, 'config.yml'), {
    config: {
      boards: ['TASK-BOARD.md'],
      boardId: ID,
      authority: 'remote',
      refs: 'custom',
      leaseMinutes: 30,
      foldEverySeconds: 30,
      doneWhen: 'reported',
      baseBranch: undefined,
      maxTasks: 1,
      maxClaims: undefined,
      pausedSessions: new Map(),
      governor: GOVERNOR_DEFAULTS,
      doNotTouch: [],
    },
    diagnostics: [],
  })
  assert.is(parseConfig(`${least}authority: local\n`, '').config?.foldEverySeconds, 5)
  assert.is(parseConfig(`${least}fold: {every: 7}\n`, '').config?.foldEverySeconds, 7)
})

test('phases are an order only where the configuration says so, and it is written back', () => {
  const { config } = parseConfig(`${least}implicit: phase\n`, 'config.yml')
  assert.is(config?.implicit, 'phase')
  assert.equal(config === undefined ? undefined : parseConfig(renderConfig(config), '').config, config)
})

test('an unknown key is a warning and the configuration stands', () => {
  const { config, diagnostics } = parseConfig(`${least}leaseMinuets: 5\n`, 'config.yml')
  assert.ok(config)
  assert.equal(
    diagnostics.map(({ code, severity, line, column }) => [code, severity, line, column]),
    [['config/unknown-key', 'warning', 3, 1]],
  )
})

const WRONG: readonly (readonly [string, string, number, number])[] = [
  ['a key twice', `${least}boards: [x.md]\n`, 3, 1],
  ['a tab', `${least}fold:\n\tevery: 3\n`, 4, 1],
  ['a word for a number', `${least}leaseMinutes: soon\n`, 3, 15],
  ['a number out of range', `${least}maxTasks: 0\n`, 3, 11],
  ['a text for a list', `boards: a.md\nboardId: "${ID}"\n`, 1, 9],
  ['a board above the root', `boards: [../a.md]\nboardId: "${ID}"\n`, 1, 10],
  ['a star too many', `boards:\n  - a**b.md\nboardId: "${ID}"\n`, 2, 5],
  ['a short board id', 'boards: [a.md]\nboardId: abc\n', 2, 10],
  ['no board id', 'boards: [a.md]\n', 1, 1],
  ['an authority that does not exist', `${least}authority: both\n`, 3, 12],
  ['an order that does not exist', `${least}implicit: section\n`, 3, 11],
  ['an alias', `${least}doNotTouch: &a [x]\nauthority: *a\n`, 4, 12],
  ['merged without a base branch', `${least}doneWhen: merged\n`, 1, 1],
  ['a session that is no name', `${least}pausedSessions: {"../x": y}\n`, 3, 18],
  ['a list', '- a\n', 1, 1],
  ['brackets without end', '['.repeat(20_000), 1, 1],
  ['levels without end', Array.from({ length: 300 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'), 1, 1],
]
for (const [name, text, line, column] of WRONG)
  test(`${name} is an error at its place`, () => {
    const { config, diagnostics } = parseConfig(text, 'config.yml')
    assert.is(config, undefined)
    assert.equal(findings(text)[0], ['config/invalid', line, column], JSON.stringify(diagnostics[0]))
  })

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/)
const configs: fc.Arbitrary<Config> = fc.record(
  {
    boards: fc.array(
      name.map((word) => `${word}/**/*.md`),
      { minLength: 1, maxLength: 3 },
    ),
    boardId: fc.stringMatching(/^[0-9a-f]{32}$/),
    authority: fc.constantFrom('remote' as const, 'local' as const),
    refs: fc.constantFrom('custom' as const, 'heads' as const),
    leaseMinutes: fc.integer({ min: 1, max: 1000 }),
    foldEverySeconds: fc.integer({ min: 1, max: 1000 }),
    doneWhen: fc.constantFrom('reported' as const, 'merged' as const),
    baseBranch: name,
    maxTasks: fc.integer({ min: 1, max: 9 }),
    maxClaims: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
    pausedSessions: fc
      .array(fc.tuple(name.map(toSessionName), fc.stringMatching(/^[ -~]{0,20}$/)), { maxLength: 3 })
      .map((pairs) => new Map(pairs)),
    governor: fc.constant(GOVERNOR_DEFAULTS),
    doNotTouch: fc.array(fc.stringMatching(/^[!-~]{1,12}$/), { maxLength: 3 }),
  },
  { noNullPrototype: true },
)

test('what init writes is read back as it was, and pausing a session changes nothing else', () => {
  fc.assert(
    fc.property(configs, (config) => {
      const text = renderConfig(config)
      assert.equal(parseConfig(text, ''), { config, diagnostics: [] })
      const session = toSessionName('builder-9')
      const paused = setSessionPause(text, session, 'why: # not?')
      const wanted = new Map([...config.pausedSessions, [session, 'why: # not?'] as const])
      assert.equal(parseConfig(paused, '').config, { ...config, pausedSessions: wanted })
      assert.equal(parseConfig(setSessionPause(paused, session, undefined), '').config, config)
    }),
    runs,
  )
})

test('pausing a session keeps the comments of people', () => {
  const text = `# ours\n${least}# why\nleaseMinutes: 40 # long\n`
  const paused = setSessionPause(text, toSessionName('s-1'), 'tired')
  assert.is(paused, `${text}pausedSessions:\n  s-1: tired\n`)
  assert.is(setSessionPause(paused, toSessionName('s-1'), undefined), text)
})

test.run()
