import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { LINT_CODES } from '../../../src/board/lint/codes.ts'
import { sarif } from '../../../src/cli/print/sarif.ts'
import type { Diagnostic } from '../../../src/model/index.ts'

const finding = (more: Partial<Diagnostic> = {}): Diagnostic => ({
  code: 'board/cycle',
  severity: 'error',
  message: 'A waits for B',
  file: 'boards/my board.md',
  line: 3,
  column: 7,
  ...more,
})
const runOf = (...diagnostics: Diagnostic[]) =>
  sarif(diagnostics, '1.2.3').runs[0] as ReturnType<typeof sarif>['runs'][number]
const uriOf = (file: string) => runOf(finding({ file })).results[0]?.locations[0]?.physicalLocation.artifactLocation.uri

test('a log names its version, its columns and a description of every rule that it uses', () => {
  const log = sarif(
    Object.keys(LINT_CODES).map((code) => finding({ code })),
    '1.2.3',
  )
  assert.is(log.version, '2.1.0')
  const run = log.runs[0]
  assert.is(run?.columnKind, 'utf16CodeUnits')
  assert.equal([run?.tool.driver.name, run?.tool.driver.version], ['if-board', '1.2.3'])
  for (const rule of run?.tool.driver.rules ?? []) {
    const { shortDescription, help } = rule as { shortDescription?: { text: string }; help?: { text: string } }
    assert.ok((shortDescription?.text.length ?? 0) > 5 && (help?.text.length ?? 0) > 20, rule.id)
  }
})

test('a result points to its rule, its place and its level', () => {
  const { results, tool } = runOf(
    finding(),
    finding({ code: 'board/stale-status', severity: 'info', hint: 'Mend it' }),
    finding({ severity: 'warning' }),
  )
  assert.equal(
    results.map(({ level }) => level),
    ['error', 'note', 'warning'],
  )
  for (const { ruleId, ruleIndex } of results) assert.is(tool.driver.rules[ruleIndex ?? -1]?.id, ruleId)
  assert.equal(results[0]?.locations[0]?.physicalLocation.region, { startLine: 3, startColumn: 7 })
  assert.is(results[1]?.message.text, 'A waits for B. Mend it')
})

test('a path is a valid address: relative where it was typed so', () => {
  assert.is(uriOf('boards/my board.md'), 'boards/my%20board.md')
  assert.is(uriOf('./a.md'), 'a.md')
  assert.is(uriOf('../x/ä#1.md'), '../x/%C3%A4%231.md')
  assert.is(uriOf('/home/user/a.md'), 'file:///home/user/a.md')
  assert.is(uriOf('C:\\boards\\a b.md'), 'file:///C:/boards/a%20b.md')
  assert.is(uriOf('boards\\a.md'), 'boards/a.md')
})

test('what a board says becomes no link', () => {
  assert.is(
    runOf(finding({ message: '`[click](http://x.invalid)`' })).results[0]?.message.text,
    '`[click] (http://x.invalid)`',
  )
})

test('no finding is a log without results and rules', () => {
  assert.equal([runOf().results, runOf().tool.driver.rules], [[], []])
})

test.run()
