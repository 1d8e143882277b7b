/** Pages that must follow the program: error codes, commands, the chart. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { drawChart, measure, readRecordedDay, spokenTime } from '../../scripts/readme-chart.mjs'
import { commandTexts } from '../../scripts/readme-commands.mjs'
import { drawScreen } from '../../scripts/readme-screen.mjs'
import { exitOfError } from '../../src/cli/exit.ts'
import type { ErrorCode } from '../../src/model/index.ts'

const ROOT = new URL('../../', import.meta.url)
const text = (path: string) => readFile(new URL(path, ROOT), 'utf8')
const CORPUS = fileURLToPath(new URL('../shared/corpus/', ROOT))

interface Row {
  readonly code: string
  readonly exit: number
  readonly means: string
  readonly next: string
}

async function troubles(): Promise<Row[]> {
  const page = await text('docs/troubleshooting.md')
  const rows = page.matchAll(/^\| `([a-z-]+(?:\/[a-z-]+)?)` \| (\d+) \| (.+?) \| (.*?) ?\|$/gm)
  return [...rows].map(([, code = '', exit = '', means = '', next = '']) => ({ code, exit: Number(exit), means, next }))
}

async function errorCodes(): Promise<string[]> {
  const source = await text('src/model/errors.ts')
  const union = /export type ErrorCode =\n((?: {2}\| '[^']+'\n)+)/.exec(source)?.[1] ?? ''
  return [...union.matchAll(/'([^']+)'/g)].map(([, code = '']) => code)
}

/** Codes that some file names beside the two that list them all. */
async function codesInUse(): Promise<ReadonlySet<string>> {
  const files = (await readdir(new URL('src/', ROOT), { recursive: true }))
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && path !== 'model/errors.ts' && path !== 'cli/exit.ts')
  const sources = (await Promise.all(files.map((path) => text(`src/${path}`)))).join('\n')
  return new Set((await errorCodes()).filter((code) => sources.includes(`'${code}'`)))
}

test('troubleshooting lists every error code once, with its exit status', async () => {
  const rows = await troubles()
  const codes = await errorCodes()
  assert.ok(codes.length > 30)
  assert.equal(rows.map(({ code }) => code).sort(), [...codes].sort())
  for (const { code, exit } of rows) assert.is(exit, exitOfError(code as ErrorCode), code)
})

test('troubleshooting has a next step for every code that is given, and says which are not given yet', async () => {
  const used = await codesInUse()
  for (const { code, means, next } of await troubles()) {
    assert.is(/^Not given yet/.test(means), !used.has(code), `${code}: ${means}`)
    if (used.has(code) && code !== 'interrupted') assert.ok(next.length > 5, `${code} has no next step`)
  }
})

test('the commands in README.md and docs/commands.md are those of --help (node scripts/readme-commands.mjs)', async () => {
  const { readme, page } = await commandTexts()
  assert.is(await text('README.md'), readme)
  assert.is(await text('docs/commands.md'), page)
  assert.match(page, '### next\n\n```text\nif-board next [options]')
})

test('the chart is drawn from its figures (node scripts/readme-chart.mjs), and its alternative text names them', async () => {
  const day = readRecordedDay()
  assert.is(await text('docs/recorded-day.svg'), drawChart(day))
  const { recorded, replayed } = day
  const readme = (await text('README.md')).replace(/\s+/g, ' ')
  const pairs = [
    `${recorded.duplicates} against ${replayed.duplicates} duplicates`,
    `${spokenTime(recorded.readyToClaimedSeconds.median)} against ${spokenTime(replayed.readyToClaimedSeconds.median)} from ready to claimed`,
    `${spokenTime(recorded.makespanSeconds)} against ${spokenTime(replayed.makespanSeconds)} from start`,
    `${recorded.completedTasks} tasks were completed ${recorded.completions} times`,
  ]
  for (const pair of pairs) assert.ok(readme.includes(pair), `README.md lacks \`${pair}\``)
})

test('a captured screen is drawn from its last command on, in its colours, as text that is no markup', () => {
  const screen =
    '/home/user/demo\n$ if-board next … done\n\u001b[33m ● one <b>\n ● two\u001b[39m\n\u001b[32m█\u001b[90m░\u001b[39m 1/2\n\n'
  const svg = drawScreen(screen)
  assert.not.match(svg, /home/)
  assert.match(svg, /<text x="20.0"[^>]*>\$ if-board next … done<\/text>/)
  assert.match(svg, /<text class="yellow"[^>]*> ● one &lt;b&gt;<\/text>/)
  assert.match(svg, /<text class="yellow"[^>]*> ● two<\/text>/)
  assert.match(svg, /<rect class="green"[^>]*\/><rect class="grey"[^>]*\/><text x="36.8"[^>]*> 1\/2<\/text>/)
})

if (existsSync(CORPUS)) {
  test('the figures of the recorded day are what replay says today', async () => {
    const day = readRecordedDay()
    assert.equal(await measure(`${CORPUS}s2-history.json`, `${CORPUS}${day.board}`), day)
  })
} else console.log('skip: the recorded day is not beside this repository')

test.run()
