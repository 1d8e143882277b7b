// @ts-check
/**
 * Runs the tests: `node scripts/test.mjs [--full] [pattern …]`.
 *
 * Every `test/**\/*.test.ts` whose path contains one of the patterns, each in a process of its own, so that one that
 * crashes, hangs or leaves something open takes no other along. Prints one line per file, with its wall time and, where
 * the system tells, the processor time of its processes; then what failed, whole, then the reasons of skips, and as its
 * last line `N passed, N failed`. Exit status 0: all passed.
 *
 * What a test file finds in its environment: `IF_BOARD_TEST` is `full` for the long counts, else `quick`;
 * `IF_BOARD_SEED` is an integer for properties and random moments. A line `skip: <reason>` names what could not run.
 * Files are compiled before (test-bundle.mjs), and their repositories lie where a run wants them (test-place.mjs).
 */
import { randomInt } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { build } from './build.mjs'
import { atOnce, runNode, seconds } from './child.mjs'
import { ensureInstalled, root } from './ensure.mjs'
import { bundleTests } from './test-bundle.mjs'
import { makePlace } from './test-place.mjs'
import { endingStatus, judge, processorSeconds, summaryLine } from './test-report.mjs'

const cpuMeter = pathToFileURL(join(root, 'scripts', 'test-cpu.mjs')).href
const minute = 60_000
const limits = { quick: { fileMs: 3 * minute, allMs: 20 * minute }, full: { fileMs: 25 * minute, allMs: 56 * minute } }
/** Files that start many processes, or judge many histories; the longest first. */
const longOnes = [
  /^test\/(chaos|races\/(budget|drain|switches|killed\.))/,
  /^test\/(watcher\/endurance|model\/|fast\/simulation|workflows\/(sealing|interleavings|budget)|witness\/verify)/,
  /^test\/(bad-input|chaos|races|watcher|mcp|cli|board\/(hostile|reparse|dialects\/round)|workflows\/(init|fold|w))/,
]
/** Files that wait for clocks, leases, timers and each other's processes half of their time or more. */
const waitingOnes =
  /^test\/(races\/(budget|drain|killed\.|switches)|watcher\/(checkout|endurance|in-etcd|monitor|waiting|watch)|adapters\/(etcd\/(chaos|connection)|executor\/executor)|cli\/(watch|fast)|mcp\/sessions|workflows\/fast\/in-etcd)/
const WAITING_AT_ONCE = 2
/** What is long in one mode may be short in the other. @param {Mode} mode */
const timesFile = (mode) => join(root, 'node_modules', '.cache', 'if-board', `test-times-${mode}.json`)

async function main() {
  const { values, positionals } = parseArgs({
    options: { full: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const mode = values.full ? 'full' : 'quick'
  const seed = process.env.IF_BOARD_SEED ?? String(randomInt(2 ** 31 - 1))
  await ensureInstalled()
  await build({ ifNeeded: true })
  const files = slowestFirst(testFiles(positionals), mode)
  console.log(`${files.length} test files, mode ${mode}, seed ${seed} (IF_BOARD_SEED=${seed} repeats it)`)
  const startedAt = performance.now()
  const { argsFor, variables } = await bundleTests(files, filesBelowTest(/[/-]process\.ts$/))
  const more = { ...makePlace(mode), ...variables }
  const deadline = startedAt + limits[mode].allMs
  const reports = await runAll(files, (file) => runFile(file, { args: argsFor(file), mode, seed, more, deadline }))
  rememberTimes(reports, mode)
  printEnd(reports, performance.now() - startedAt)
}

/** @typedef {'quick' | 'full'} Mode */
/**
 * @typedef {import('./test-report.mjs').Verdict & { file: string, ms: number, cpuMs: number, output: string }} Report
 */

/**
 * @param {string} file
 * @param {{ args: readonly string[], mode: Mode, seed: string, more: Record<string, string>,
 *   deadline: number }} request  `args` start the file with Node; `deadline` is on the clock of `performance`
 * @returns {Promise<Report>}
 */
async function runFile(file, { args, mode, seed, more, deadline }) {
  const timeoutMs = Math.max(1, Math.min(limits[mode].fileMs, deadline - performance.now()))
  // Node reads the certificates that this names at each start, whether it will speak TLS or not.
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env
  const env = { ...inherited, ...more, IF_BOARD_TEST: mode, IF_BOARD_SEED: seed, NO_COLOR: '1', FORCE_COLOR: '0' }
  const finished = await runNode(['--import', cpuMeter, ...args], { cwd: root, env, timeoutMs, endingStatus })
  const output = stripVTControlCharacters(finished.output)
  const verdict = judge({ ...finished, output })
  const word = verdict.failed > 0 ? 'FAIL' : 'ok  '
  const cpuMs = (processorSeconds(output) ?? 0) * 1000
  const times = `${seconds(finished.ms)}${cpuMs > 0 ? `, cpu ${seconds(cpuMs)}` : ''}`
  console.log(`${word} ${file}  ${verdict.passed}/${verdict.passed + verdict.failed}  ${times}`)
  return { ...verdict, file, ms: finished.ms, cpuMs, output }
}

/**
 * As many files at once as there are cores, and beside them two that wait: they leave cores idle otherwise.
 *
 * @param {readonly string[]} files
 * @param {(file: string) => Promise<Report>} run
 */
async function runAll(files, run) {
  const busy = files.filter((file) => !waitingOnes.test(file))
  const waiting = files.filter((file) => waitingOnes.test(file))
  /** @type {Report[]} */
  const reports = []
  const lane = async (/** @type {() => string | undefined} */ next) => {
    for (let file = next(); file !== undefined; file = next()) reports.push(await run(file))
  }
  const lanes = Array.from({ length: atOnce }, () => lane(() => busy.shift() ?? waiting.shift()))
  const beside = Array.from({ length: WAITING_AT_ONCE }, () => lane(() => waiting.shift()))
  await Promise.all([...lanes, ...beside])
  return reports
}

/** @param {readonly string[]} patterns  parts of paths; none = all */
function testFiles(patterns) {
  return filesBelowTest(/\.test\.ts$/).filter(
    (path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)),
  )
}

/** @param {RegExp} name */
function filesBelowTest(name) {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter((path) => name.test(path))
    .sort()
}

/**
 * A long file that starts last would keep one core idle. Before anything was measured here in this mode, `longOnes` says
 * which those are; of other files that are unknown, none is worth a guess.
 *
 * @param {string[]} files
 * @param {Mode} mode
 */
function slowestFirst(files, mode) {
  const times = knownTimes(mode)
  const guess = (/** @type {string} */ file) => {
    const at = longOnes.findIndex((some) => some.test(file))
    return at < 0 ? 0 : Number.MAX_SAFE_INTEGER / 2 ** at
  }
  const time = (/** @type {string} */ file) => times[file] ?? guess(file)
  return files.sort((a, b) => time(b) - time(a))
}

/** @param {Mode} mode @returns {Record<string, number>} milliseconds by file */
function knownTimes(mode) {
  try {
    return JSON.parse(readFileSync(timesFile(mode), 'utf8'))
  } catch {
    return {}
  }
}

/** @param {readonly Report[]} reports @param {Mode} mode */
function rememberTimes(reports, mode) {
  // What failed may have ended early.
  const passed = reports.filter(({ failed }) => failed === 0)
  const times = { ...knownTimes(mode), ...Object.fromEntries(passed.map(({ file, ms }) => [file, Math.round(ms)])) }
  mkdirSync(dirname(timesFile(mode)), { recursive: true })
  writeFileSync(timesFile(mode), JSON.stringify(times))
}

/** @param {readonly Report[]} reports @param {number} ms */
function printEnd(reports, ms) {
  for (const { file, failed, reason, output } of reports) {
    if (failed > 0) console.log(`\n──── ${file}${reason === undefined ? '' : `: ${reason}`}\n${output.trim()}`)
  }
  const skips = reports.flatMap(({ file, skipReasons }) => skipReasons.map((reason) => `  ${file}: ${reason}`))
  if (skips.length > 0) console.log(`\nskipped:\n${skips.join('\n')}`)
  if (reports.length === 0) console.log('\nno test file matches')
  const cpuMs = reports.reduce((sum, report) => sum + report.cpuMs, 0)
  console.log(`\n${seconds(ms)}${cpuMs > 0 ? `, cpu ${seconds(cpuMs)}` : ''}`)
  const { line, ok } = summaryLine(reports)
  console.log(line)
  process.exitCode = ok ? 0 : 1
}

await main().catch((error) => {
  console.log(error.message)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
})
