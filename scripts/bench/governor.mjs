// @ts-check
/**
 * Section `governor`: the recorded board with needs added, worked through by seven sessions of different skills and prices
 * in virtual time (`fleet-at-work.ts`), with and without a governor; and how long one decision takes.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bundleFor } from './bundle.mjs'
import { installProgram } from './program.mjs'
import { corpusFolder } from './replay.mjs'
import { judge } from './report.mjs'
import { median } from './statistics.mjs'
import { withWorld } from './world.mjs'

/** @typedef {{ grants: number, misassigned: number, usd: number, wasted: number, spiral: { grants: number, usd: number }, unfinished: number }} Day */

const SEEDS = ['1', '2', '3']
/** @typedef {{ completions: number, duplicates: number, fillers: { completions: number, duplicates: number } }} Recorded */
/** @typedef {{ p50: number, p99: number, most: number, anew: number }} Decisions */

/** @param {{ quick: boolean, progress: (line: string) => void }} options */
export async function governor({ quick, progress }) {
  const files = ['s2-PHASE-0-TASK-BOARD.md', 's2-history.json'].map((file) => join(corpusFolder(), file))
  if (!files.every((file) => existsSync(file)))
    return { about: 'skipped', figures: [], notes: ['the recorded day is not here; IF_BOARD_CORPUS names its folder'] }
  return withWorld(async (world) => {
    const ask = (/** @type {string[]} */ ...args) =>
      JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
    const script = await bundleFor('scripts/bench/fleet-at-work.ts', world.path('fleet-at-work.mjs'))
    const run = (/** @type {string[]} */ ...more) => {
      progress(`governor: a day with ${more.join(' ')}`)
      return /** @type {Day} */ (ask(script, ...files, ...more))
    }
    const seeds = quick ? SEEDS.slice(0, 1) : SEEDS
    const days = seeds.map((seed) => run('--seed', seed))
    const ungoverned = seeds.map((seed) => run('--seed', seed, '--ungoverned'))
    progress('governor: decisions')
    const decisions = await bundleFor('scripts/bench/decisions.ts', world.path('decisions.mjs'))
    const { path } = await installProgram(world)
    const [board = '', history = ''] = files
    const { recorded } = ask(path, 'replay', history, '--board', board, '--json')
    return {
      about: `seven sessions on the recorded board, needs added; the worst of ${seeds.length} seeds`,
      figures: [...figuresOf(days, ungoverned, recorded), ...decisionFigures(ask(decisions))],
      notes: [
        'prices and skills are made up (scripts/bench/fleet-roles.ts); what hands out the work is the real thing',
      ],
    }
  })
}

/** @param {Day[]} days @param {Day[]} ungoverned @param {Recorded} recorded */
function figuresOf(days, ungoverned, recorded) {
  const beside = (/** @type {(day: Day) => number} */ of) => ({
    ours: Math.max(...days.map(of)),
    baseline: { what: 'nobody governs', value: median(ungoverned.map(of)) },
  })
  const itself = { unit: '', compare: /** @type {const} */ ('itself') }
  const most = (/** @type {number} */ value) => ({ is: /** @type {const} */ ('at most'), value })
  const percent = (/** @type {(day: Day) => number} */ of) => (/** @type {Day} */ day) => 100 * of(day)
  const wasted = beside(percent((day) => day.wasted))
  const inPercent = { unit: '%', compare: /** @type {const} */ ('itself') }
  return [
    judge({ what: 'tasks left for a person', ...itself, ...beside((day) => day.unfinished) }),
    judge({
      what: 'given to a wrong session',
      ...inPercent,
      ...beside(percent((day) => day.misassigned)),
      goal: most(0),
    }),
    judge({ what: 'cost wasted, the spiral apart', ...inPercent, ...wasted, goal: most(10) }),
    judge({
      what: 'cost wasted, beside completions of what was done',
      ...inPercent,
      ours: wasted.ours,
      baseline: { what: 'record', value: 100 * redundancy(recorded) },
    }),
    judge({ what: 'cost of the spiral', unit: 'USD', compare: 'itself', ...beside((day) => day.spiral.usd) }),
    judge({ what: 'tasks of the spiral', ...itself, ...beside((day) => day.spiral.grants), goal: most(1) }),
  ]
}

/** Part of all completions that were not the first of their task. @param {Recorded} recorded */
function redundancy({ completions, duplicates, fillers }) {
  return (duplicates + fillers.duplicates) / (completions + fillers.completions)
}

/** @param {Decisions} decisions */
function decisionFigures({ p50, p99, anew }) {
  const beside = { unit: 'ms', baseline: { what: 'sorted anew', value: anew } }
  const most = { is: /** @type {const} */ ('at most'), value: 1 }
  return [
    judge({ what: '100,000 tasks, 1,000 sessions: a decision, median', ...beside, compare: 'times', ours: p50 }),
    judge({ what: 'the same, 99th percentile', ...beside, compare: 'itself', ours: p99, goal: most }),
  ]
}
