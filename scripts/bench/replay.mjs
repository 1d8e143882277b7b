// @ts-check
/** Section `replay`: a recorded day through the real workflows in virtual time, beside what the record says. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../ensure.mjs'
import { installProgram } from './program.mjs'
import { judge } from './report.mjs'
import { withWorld } from './world.mjs'

/** @typedef {{ tasks: number, completions: number, duplicates: number, completedTasks: number, makespanSeconds: number, readyToClaimedSeconds: { median: number | null, p90: number | null, n: number } }} Day */

const HISTORY = 's2-history.json'
const BOARD = 's2-PHASE-0-TASK-BOARD.md'

/** The folder with the record: IF_BOARD_CORPUS, else beside the repository. */
export const corpusFolder = () => process.env.IF_BOARD_CORPUS ?? join(root, '..', 'shared', 'corpus')

export async function replay() {
  const folder = corpusFolder()
  const files = [join(folder, HISTORY), join(folder, BOARD)]
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined)
    return { about: 'skipped', figures: [], notes: ['the recorded day is not here; IF_BOARD_CORPUS names its folder'] }
  return withWorld(async (world) => {
    const { ask } = await installProgram(world)
    const [history = '', board = ''] = files
    const day = JSON.parse(ask('.', 'replay', history, '--board', board, '--json').stdout)
    return { about: 'a recorded day in virtual time, fillers apart', figures: figuresOf(day, day.recorded), notes: [] }
  })
}

/** @param {Day} replayed @param {Day} recorded */
function figuresOf(replayed, recorded) {
  const beside = (/** @type {(day: Day) => number} */ of) => ({
    ours: of(replayed),
    baseline: { what: 'record', value: of(recorded) },
  })
  const itself = { unit: '', compare: /** @type {const} */ ('itself') }
  const times = { unit: 'min', compare: /** @type {const} */ ('times') }
  const exactly = { is: /** @type {const} */ ('at most'), value: replayed.tasks }
  const all = { is: /** @type {const} */ ('at least'), value: replayed.tasks }
  const minutes = (/** @type {number | null} */ seconds) => (seconds ?? Number.NaN) / 60
  return [
    judge({ what: 'different tasks completed', ...itself, ...beside((day) => day.completedTasks), goal: all }),
    judge({ what: 'completions', ...itself, ...beside((day) => day.completions), goal: exactly }),
    judge({ what: 'ready → claimed, median', ...times, ...beside((day) => minutes(day.readyToClaimedSeconds.median)) }),
    judge({ what: 'ready → claimed, p90', ...times, ...beside((day) => minutes(day.readyToClaimedSeconds.p90)) }),
    judge({ what: 'start → last completion', ...times, ...beside((day) => minutes(day.makespanSeconds)) }),
  ]
}
