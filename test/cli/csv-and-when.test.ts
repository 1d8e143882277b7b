import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { csvText } from '../../src/cli/csv.ts'
import { spokenDuration } from '../../src/cli/print/time.ts'
import { parseWhen } from '../../src/cli/when.ts'
import { printable } from '../../src/model/index.ts'

const seeded: fc.Parameters<unknown> =
  process.env.IF_BOARD_SEED === undefined ? {} : { seed: Number(process.env.IF_BOARD_SEED) }
const NOW = Date.UTC(2025, 10, 12, 12)

/** A reader of RFC 4180, for this test alone. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/y
  while (field.lastIndex < text.length) {
    const match = field.exec(text)
    if (match === null) throw new Error(`not RFC 4180: ${JSON.stringify(text)}`)
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

test('what is written as csv is read back as it was, without what a terminal or a spreadsheet would run', () => {
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('=1+1', '+a', '-2', '@x', '\t=1', '\r=1', 'a,b', '"', 'a\nb', ' a '),
  )
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1 }), (rows) => {
      const read = readCsv(csvText(rows))
      assert.is(read.length, rows.length)
      for (const [at, row] of rows.entries())
        for (const [column, text] of row.entries()) {
          const shown = read[at]?.[column] ?? ''
          assert.not.match(shown, /^[=+\-@\t\r]/)
          const clean = text
            .split('\n')
            .map((line) => printable(line))
            .join('\n')
          assert.is(shown, /^[=+\-@\t\r]/.test(text) ? `'${clean}` : clean)
        }
    }),
    seeded,
  )
})

test('numbers are no formulas', () => {
  assert.is(
    csvText([
      ['a', 'b'],
      [-1.5, undefined],
    ]),
    'a,b\r\n-1.5,\r\n',
  )
})

test('times are typed as RFC 3339, as a day, or as how long ago', () => {
  const cases: [string, number][] = [
    ['2025-11-12T02:37:14.023Z', Date.UTC(2025, 10, 12, 2, 37, 14, 23)],
    ['2025-11-12t02:37:14z', Date.UTC(2025, 10, 12, 2, 37, 14)],
    ['2025-11-12 02:37Z', Date.UTC(2025, 10, 12, 2, 37)],
    ['2025-11-12T02:37:14+02:00', Date.UTC(2025, 10, 12, 0, 37, 14)],
    ['2025-11-12', Date.UTC(2025, 10, 12)],
    ['90s', NOW - 90_000],
    ['45min', NOW - 45 * 60_000],
    ['45m', NOW - 45 * 60_000],
    ['2h', NOW - 7_200_000],
    ['3d', NOW - 3 * 86_400_000],
    ['1w', NOW - 7 * 86_400_000],
  ]
  for (const [typed, at] of cases) assert.is(parseWhen(typed, NOW, 'since'), at, typed)
  assert.is(parseWhen('2025-11-12', NOW, 'until'), Date.UTC(2025, 10, 13), 'a day is meant whole')
})

test('what is no time is refused with examples', () => {
  for (const typed of [
    '',
    'yesterday',
    '2025-02-30',
    '2025-13-01',
    '2025-11-12T25:00:00Z',
    '2025-11-12T02:37',
    '-2h',
    '2 h',
    '1e3h',
  ]) {
    assert.throws(
      () => parseWhen(typed, NOW, 'since'),
      (error: { code?: string; hint?: string }) => {
        assert.match(error.hint ?? '', '2025-11-12')
        return error.code === 'usage/invalid'
      },
      typed,
    )
  }
})

test('durations are said in at most two units', () => {
  const cases: [number, string][] = [
    [0.3, 'less than a second'],
    [1, '1 second'],
    [46.997, '47 seconds'],
    [59.7, '1 minute'],
    [90, '1 minute 30 seconds'],
    [3599.9, '1 hour'],
    [4320, '1 hour 12 minutes'],
    [86_399, '1 day'],
    [90_000, '1 day 1 hour'],
  ]
  for (const [seconds, words] of cases) assert.is(spokenDuration(seconds), words, String(seconds))
})

test.run()
