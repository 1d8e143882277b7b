// @ts-check
/**
 * Section `governor`: the recorded board with needs added, worked through by seven sessions of different skills and prices
 * in virtual time (`fleet-at-work.ts`), with and without a governor; and how long one decision takes.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bundleFor } from './bundle.mjs'
import { corpusFolder } from './replay.mjs'
import { judge } from './report.mjs'
import { median } from './statistics.mjs'
import { withWorld } from './world.mjs'

/** @typedef {{ grants: number, misassigned: number, usd: number, wasted: number, spiral: { grants: number, usd: number }, unfinished: number }} Day */

const SEEDS = ['1', '2', '3']
/** Completions beyond the first of a task, of all completions that the record has: `npm run bench -- replay`. */
const RECORDED_REDUNDANCY = 0.52

/** @param {{ quick: boolean, progress: (line: string) => void }} options */
export async function governor({ quick, progress }) {
  const files = ['s2-PHASE-0-TASK-BOARD.md', 's2-history.json'].map((file) => join(corpusFolder(), file))
  if (!files.every((file) => existsSync(file)))
    return { about: 'skipped', figures: [], notes: ['the recorded day is not here; IF_BOARD_CORPUS names its folder'] }
  return withWorld(async (world) => {
    const script = await bundleFor('scripts/bench/fleet-at-work.ts', world.path('fleet-at-work.mjs'))
    const run = (/** @type {string[]} */ ...more) => {
      progress(`governor: a day with ${more.join(' ')}`)
      const text = execFileSync(process.execPath, [script, ...files, ...more], { encoding: 'utf8' })
      return /** @type {Day} */ (JSON.parse(text))
    }
    const seeds = quick ? SEEDS.slice(0, 1) : SEEDS
    const days = seeds.map((seed) => run('--seed', seed))
    const ungoverned = seeds.map((seed) => run('--seed', seed, '--ungoverned'))
    return {
      about: `seven sessions on the recorded board, needs added; the worst of ${seeds.length} seeds`,
      figures: figuresOf(days, ungoverned),
      notes: [
        'prices and skills are made up (scripts/bench/fleet-roles.ts); what hands out the work is the real thing',
      ],
    }
  })
}

/** @param {Day[]} days @param {Day[]} ungoverned */
function figuresOf(days, ungoverned) {
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
    judge({ what: 'tasks never done', ...itself, ...beside((day) => day.unfinished), goal: most(0) }),
    judge({
      what: 'given to a wrong session',
      ...inPercent,
      ...beside(percent((day) => day.misassigned)),
      goal: most(0),
    }),
    judge({ what: 'cost wasted', ...inPercent, ...wasted, goal: most(10) }),
    judge({
      what: 'cost wasted, beside work done twice',
      ...inPercent,
      ours: wasted.ours,
      baseline: { what: 'record', value: 100 * RECORDED_REDUNDANCY },
    }),
    judge({ what: 'tasks of the spiral', ...itself, ...beside((day) => day.spiral.grants), goal: most(1) }),
  ]
}
