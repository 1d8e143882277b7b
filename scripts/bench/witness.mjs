// @ts-check
/**
 * Section `witness`: what the log costs, to write and to verify.
 *
 * A log of each size is made by the functions that sessions and folds use (`witness-log.ts`: every event names seven other
 * chains, a fold seals ten), in a real repository. Its steps are timed beside plain node:crypto on the same bytes, and
 * `witness verify`, a fresh process, beside what git does with the same repository.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../ensure.mjs'
import { bundleFor } from './bundle.mjs'
import { installProgram } from './program.mjs'
import { judge } from './report.mjs'
import { withWorld } from './world.mjs'

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./report.mjs').JudgedFigure} JudgedFigure */
/** @typedef {Record<'events' | 'lineBytes' | 'sign' | 'plainSign' | 'plainVerify' | 'append' | 'plainAppend' | 'seal' | 'plainHash', number>} Steps */

const SIZES = [1000, 100_000]
const QUICK_SIZES = [200]
/** More events than this tell no more about one. */
const MOST_TIMED = 10_000
const LEVELS = /** @type {const} */ (['quick', 'chain', 'full'])
const GOAL_MIB = 1024

/** @param {{ quick: boolean, progress: (line: string) => void }} options */
export async function witness({ quick, progress }) {
  return withWorld(async (world) => {
    const { path } = await installProgram(world)
    const script = await bundleFor('scripts/bench/witness-steps.ts', world.path('witness-steps.mjs'))
    const figures = []
    for (const events of quick ? QUICK_SIZES : SIZES) {
      progress(`witness: a log of ${events} events`)
      const log = makeLog(world, events)
      const steps = timeSteps(world, script, { ...log, events })
      figures.push(...writing(events, steps, log.seconds), ...verifying(world, path, { ...log, events, steps }))
    }
    const notes = [
      `steps are timed on at most ${MOST_TIMED} events`,
      'full checks one signature per event and per fold',
    ]
    return { about: 'each event names 7 other chains, a fold seals 10', figures, notes }
  })
}

/**
 * Making a large log takes longer than all that is measured on it, so one that was made before may be given:
 * IF_BOARD_BENCH_LOGS names the folder that holds `log-100000`, as `witness-log.ts` leaves it.
 *
 * @param {World} world @param {number} events
 */
function makeLog(world, events) {
  const folder = `log-${events}`
  const made = join(process.env.IF_BOARD_BENCH_LOGS ?? world.path('none'), folder)
  if (existsSync(made)) cpSync(made, world.path(folder), { recursive: true })
  const seconds = existsSync(made) ? undefined : runMaker(world, folder, events)
  const hub = world.path(folder, '.git', 'if-board', 'hub.git')
  world.git('.', `--git-dir=${hub}`, 'gc', '--quiet', '--prune=now')
  return { folder, hub, seconds }
}

/** Seconds. @param {World} world @param {string} folder @param {number} events */
function runMaker(world, folder, events) {
  const script = join(root, 'scripts', 'bench', 'witness-log.ts')
  const startedAt = performance.now()
  execFileSync(process.execPath, ['--import', 'tsx', script, world.path(folder), '--events', String(events)], {
    cwd: root,
    env: world.environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return (performance.now() - startedAt) / 1000
}

/** @param {World} world @param {string} script @param {{ hub: string, events: number }} log @returns {Steps} */
function timeSteps(world, script, { hub, events }) {
  const args = [script, hub, String(Math.min(events, MOST_TIMED)), world.path(`lines-${events}.jsonl`)]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env: world.environment }))
}

/** @param {number} events @param {Steps} steps @param {number | undefined} seconds @returns {JudgedFigure[]} */
function writing(events, steps, seconds) {
  const faster = /** @type {const} */ ({ unit: '/s', compare: 'faster' })
  const row = (
    /** @type {string} */ what,
    /** @type {number} */ ours,
    /** @type {string} */ by,
    /** @type {number} */ value,
  ) => judge({ what: `${events} events, ${what}`, ours, baseline: { what: by, value }, ...faster })
  return [
    row('signed', steps.sign, 'node:crypto on the same bytes', steps.plainSign),
    row('put on a chain, as a commit', steps.append, 'an unsigned line appended to a file', steps.plainAppend),
    row('sealed', steps.seal, 'SHA-256 of the same bytes', steps.plainHash),
    ...(seconds === undefined
      ? []
      : [
          judge({
            what: `${events} events, all of it, into a repository`,
            ours: seconds,
            unit: 's',
            compare: 'itself',
          }),
        ]),
  ]
}

/**
 * @param {World} world @param {string} program
 * @param {{ folder: string, hub: string, events: number, steps: Steps }} log
 * @returns {JudgedFigure[]}
 */
function verifying(world, program, { folder, hub, events, steps }) {
  const packed = Number(/^size-pack: (\d+)$/m.exec(world.git('.', `--git-dir=${hub}`, 'count-objects', '-v'))?.[1])
  const git = (/** @type {string[]} */ ...args) => timed(() => void world.git('.', `--git-dir=${hub}`, ...args))
  const baselines = {
    quick: { what: '`git notes list`', value: git('notes', '--ref=if-witness', 'list') },
    chain: { what: '`git fsck` of the same repository', value: git('fsck', '--no-progress') },
    full: { what: 'node:crypto, the signatures alone', value: (events * 1000) / steps.plainVerify },
  }
  const runs = LEVELS.map((level) => ({ level, ...verifyOnce(world, program, { folder, events, level }) }))
  const times = runs.map(({ level, ms }) =>
    judge({
      what: `${events} events, verified, ${level}`,
      unit: 'ms',
      ours: ms,
      baseline: baselines[level],
      compare: 'times',
    }),
  )
  const perSecond = runs.map(({ level, ms }) =>
    judge({ what: `… events per second, ${level}`, unit: '/s', ours: (events * 1000) / ms, compare: 'itself' }),
  )
  const peak = Math.max(...runs.map(({ peakMiB }) => peakMiB))
  const goal = { is: /** @type {const} */ ('at most'), value: GOAL_MIB }
  return [
    ...times.flatMap((figure, at) => [figure, ...perSecond.slice(at, at + 1)]),
    judge({ what: '… memory at the peak', unit: 'MiB', ours: peak, compare: 'itself', goal }),
    judge({
      what: '… bytes per event in the packed repository',
      unit: 'B',
      ours: (packed * 1024) / events,
      baseline: { what: 'the same as unsigned JSON lines', value: steps.lineBytes },
      compare: 'times',
    }),
  ]
}

/** @param {World} world @param {string} program @param {{ folder: string, events: number, level: string }} what */
function verifyOnce(world, program, { folder, events, level }) {
  const [hook, peak] = [world.path('peak.cjs'), world.path('peak.txt')]
  writeFileSync(
    hook,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)))`,
  )
  const args = ['--require', hook, program, 'witness', 'verify', '--level', level, '--json']
  const options = { cwd: world.path(folder), env: world.environment, maxBuffer: 1 << 26 }
  let answer = ''
  const ms = timed(() => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { ...options, encoding: 'utf8' })
    if (status !== 0)
      throw new Error(`verify at ${level} ended with status ${status}: ${stdout.slice(0, 500)}${stderr}`)
    answer = stdout
  })
  const { ok, assurance } = JSON.parse(answer)
  if (ok !== true || assurance.sealed !== events)
    throw new Error(`${assurance.sealed} of ${events} events were verified`)
  // In KiB, on every platform (libuv, uv_getrusage).
  return { ms, peakMiB: Number(readFileSync(peak, 'utf8')) / 1024 }
}

/** Milliseconds. @param {() => void} work */
function timed(work) {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
