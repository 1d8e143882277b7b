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

/** @typedef {{ ms: number, grownMiB: number, tasks?: number }} Parsed */

const LARGE = { rows: 10_000, goalMs: 1000 }

/** @param {{ quick: boolean }} options */
export async function parse({ quick }) {
  return withWorld(async (world) => {
    const script = await bundleFor('scripts/bench/parse-one.ts', world.path('parse.mjs'))
    const figures = []
    for (const { rows, rounds } of sizes(quick)) {
      const file = world.path(`board-${rows}.md`)
      writeFileSync(file, makeBoard(rows))
      /** @type {Record<'ours' | 'remark', Parsed[]>} */
      const runs = { ours: [], remark: [] }
      for (let round = 0; round < rounds; round += 1)
        for (const parser of parsersFor(rows, quick)) runs[parser].push(runOnce(script, parser, file))
      figures.push(...figuresOf(rows, runs))
    }
    return { about: 'a fresh process each, in turn', figures, notes: ['remark gives a syntax tree, ours the tasks'] }
  })
}

/** remark takes many seconds for a large board: too long for a look. @param {number} rows @param {boolean} quick */
function parsersFor(rows, quick) {
  return /** @type {const} */ (['ours', 'remark']).filter((parser) => parser === 'ours' || !quick || rows < LARGE.rows)
}

/** @param {boolean} quick */
function sizes(quick) {
  return [
    { rows: 48, rounds: quick ? 3 : 7 },
    { rows: 1000, rounds: quick ? 1 : 5 },
    { rows: LARGE.rows, rounds: quick ? 1 : 2 },
  ]
}

/** @param {number} rows @param {Record<'ours' | 'remark', Parsed[]>} runs */
function figuresOf(rows, { ours, remark }) {
  for (const { tasks } of ours) if (tasks !== rows) throw new Error(`${rows} rows were parsed as ${tasks} tasks`)
  const cold = (/** @type {Parsed[]} */ runs) => median(runs.map(({ ms }) => ms))
  const memory = (/** @type {Parsed[]} */ runs) => median(runs.map(({ grownMiB }) => grownMiB))
  const time = { unit: 'ms', ours: cold(ours) }
  const beside = [
    judge({ what: `${rows} rows, cold`, ...time, ...baseline(remark, cold), compare: 'times' }),
    judge({
      what: `${rows} rows, memory`,
      unit: 'MiB',
      ours: memory(ours),
      ...baseline(remark, memory),
      compare: 'times',
    }),
  ]
  if (rows !== LARGE.rows) return beside
  const goal = { is: /** @type {const} */ ('at most'), value: LARGE.goalMs }
  return [...beside, judge({ what: `${rows} rows, cold, by itself`, ...time, compare: 'itself', goal })]
}

/** @param {Parsed[]} runs  none: no baseline @param {(runs: Parsed[]) => number} of */
function baseline(runs, of) {
  return runs.length === 0 ? {} : { baseline: { what: 'remark', value: of(runs) } }
}

/** @param {string} script @param {string} parser @param {string} file @returns {Parsed} */
function runOnce(script, parser, file) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, parser, file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`parsing with ${parser} ended with status ${status}: ${stderr}`)
  return JSON.parse(stdout)
}
