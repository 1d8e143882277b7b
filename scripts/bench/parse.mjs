// @ts-check
/**
 * Section `parse`: our parser beside remark (unified, remark-parse, remark-gfm) on the same text.
 *
 * remark gives a syntax tree and no tasks, so it does less; it is what a board would be read with otherwise.
 * Every parse runs in a fresh process, as a command does; the two take turns.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { makeBoard } from './boards.mjs'
import { bundleFor } from './bundle.mjs'
import { judge } from './report.mjs'
import { median } from './statistics.mjs'
import { withWorld } from './world.mjs'

/** @typedef {{ ms: number, peakMiB: number, tasks?: number }} Parsed */

const LARGE = { rows: 10_000, files: 1, goalMs: 1000 }
const HUGE = { rows: 100_000, files: 20, goalMs: 8000 }

/** @param {{ quick: boolean }} options */
export async function parse({ quick }) {
  return withWorld(async (world) => {
    const script = await bundleFor('scripts/bench/parse-one.ts', world.path('parse.mjs'))
    const figures = []
    for (const { rows, files, rounds } of sizes(quick)) {
      const paths = Array.from({ length: files }, (_, at) => world.path(`board-${rows}-${at}.md`))
      for (const path of paths) writeFileSync(path, makeBoard(rows / files))
      /** @type {Record<'ours' | 'remark', Parsed[]>} */
      const runs = { ours: [], remark: [] }
      for (let round = 0; round < rounds; round += 1)
        for (const parser of parsersFor(rows, quick)) runs[parser].push(runOnce(script, parser, paths))
      figures.push(...figuresOf({ rows, files }, runs))
    }
    figures.push(editOfOneRow(world, script, quick ? 1 : 5))
    return { about: 'a fresh process each, in turn', figures, notes: ['remark gives a syntax tree, ours the tasks'] }
  })
}

/** What was understood of the board before is read from a file, as the hub keeps it. */
/** @param {import('./world.mjs').World} world @param {string} script @param {number} rounds */
function editOfOneRow(world, script, rounds) {
  const [before, kept, after] = [world.path('before.md'), world.path('kept.json'), world.path('after.md')]
  // A board in use: its word for finished work stands there already.
  const text = makeBoard(LARGE.rows).replace('AVAILABLE', 'DONE')
  writeFileSync(before, text)
  writeFileSync(
    after,
    text.replace('| P200.5 | Write step 5 of part 200 | AVAILABLE', '| P200.5 | Another title | DONE'),
  )
  runOnce(script, 'keep', [before, kept])
  const times = { edit: /** @type {number[]} */ ([]), whole: /** @type {number[]} */ ([]) }
  for (let round = 0; round < rounds; round += 1) {
    const { ms, tasks } = runOnce(script, 'edit', [before, kept, after])
    if (tasks !== LARGE.rows) throw new Error(`after an edit of one row ${tasks} tasks were understood`)
    times.edit.push(ms)
    times.whole.push(runOnce(script, 'ours', [after]).ms)
  }
  return judge({
    what: `one row of ${LARGE.rows} edited`,
    unit: 'ms',
    ours: median(times.edit),
    baseline: { what: 'the whole board, cold', value: median(times.whole) },
    compare: 'itself',
    goal: { is: 'at most', value: 150 },
  })
}

/** remark takes many seconds for a large board, too long for a look, and minutes for a huge one. */
/** @param {number} rows @param {boolean} quick */
function parsersFor(rows, quick) {
  const most = quick ? LARGE.rows : HUGE.rows
  return /** @type {const} */ (['ours', 'remark']).filter((parser) => parser === 'ours' || rows < most)
}

/** @param {boolean} quick */
function sizes(quick) {
  return [
    { rows: 48, files: 1, rounds: quick ? 3 : 7 },
    { rows: 1000, files: 1, rounds: quick ? 1 : 5 },
    { ...LARGE, rounds: quick ? 1 : 3 },
    { ...HUGE, rounds: quick ? 1 : 3 },
  ]
}

/** @param {{ rows: number, files: number }} size @param {Record<'ours' | 'remark', Parsed[]>} runs */
function figuresOf({ rows, files }, { ours, remark }) {
  for (const { tasks } of ours) if (tasks !== rows) throw new Error(`${rows} rows were parsed as ${tasks} tasks`)
  const cold = (/** @type {Parsed[]} */ runs) => median(runs.map(({ ms }) => ms))
  const memory = (/** @type {Parsed[]} */ runs) => median(runs.map(({ peakMiB }) => peakMiB))
  const time = { unit: 'ms', ours: cold(ours) }
  const size = files === 1 ? `${rows} rows` : `${rows} rows in ${files} files`
  const beside = [
    judge({ what: `${size}, cold`, ...time, ...baseline(remark, cold), compare: 'times' }),
    judge({
      what: `${size}, memory at the peak`,
      unit: 'MiB',
      ours: memory(ours),
      ...baseline(remark, memory),
      compare: 'times',
    }),
  ]
  const goalMs = [LARGE, HUGE].find((known) => known.rows === rows)?.goalMs
  if (goalMs === undefined) return beside
  const goal = { is: /** @type {const} */ ('at most'), value: goalMs }
  return [...beside, judge({ what: `${size}, cold, by itself`, ...time, compare: 'itself', goal })]
}

/** @param {Parsed[]} runs  none: no baseline @param {(runs: Parsed[]) => number} of */
function baseline(runs, of) {
  return runs.length === 0 ? {} : { baseline: { what: 'remark', value: of(runs) } }
}

/** @param {string} script @param {string} parser @param {string[]} files @returns {Parsed} */
function runOnce(script, parser, files) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, parser, ...files], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`parsing with ${parser} ended with status ${status}: ${stderr}`)
  return JSON.parse(stdout)
}
