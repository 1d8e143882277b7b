// @ts-check
/**
 * Section `startup`: what one `if-board next` costs above a bare `node -e 0`.
 *
 * Built program, 48 tasks, local authority, warm cache. The variants take turns in every round, so that
 * whatever else the machine does falls on all of them alike.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { makeBoard } from './boards.mjs'
import { installProgram } from './program.mjs'
import { judge } from './report.mjs'
import { median, quantile } from './statistics.mjs'
import { makeRepository, withWorld } from './world.mjs'

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./program.mjs').Program} Program */

const TASKS = 48
const MANY_TASKS = 10_000
const HUGE = { tasks: 100_000, boards: 20 }
const QUICK_ROUNDS = 8
const NODE_ALONE = ['-e', '0']

/** @param {{ quick: boolean }} options */
export async function startup({ quick }) {
  return withWorld(async (world) => {
    const rounds = quick ? QUICK_ROUNDS : 30
    const program = await installProgram(world)
    prepare(world, program, 'small', [makeBoard(TASKS)])
    prepare(world, program, 'taken', [makeBoard(TASKS).replaceAll('AVAILABLE | None', 'CLAIMED | None')])
    prepare(world, program, 'large', [makeBoard(MANY_TASKS)])
    const { tasks, boards } = HUGE
    if (!quick)
      prepare(
        world,
        program,
        'huge',
        Array.from({ length: boards }, () => makeBoard(tasks / boards)),
      )
    const times = takeTurns(world, program, rounds)
    const watched = await withWatcher(world, program, ['small', 'taken'], () =>
      takeWatchedTurns(world, program, rounds),
    )
    const about = `${TASKS} tasks, local authority, warm cache, ${rounds} rounds in turn`
    return { about, ...report(times, watched, countCommands(program)) }
  })
}

/** @param {World} world @param {Program} program @param {string} name @param {string[]} boards */
function prepare(world, { ask }, name, boards) {
  makeRepository(world, name)
  const files = boards.map((_, at) => `BOARD-${at}.md`)
  for (const [at, file] of files.entries()) writeFileSync(world.path(name, file), boards[at] ?? '')
  ask(name, 'init', '--from', ...files, '--local')
  ask(name, 'join', 'holder')
  ask(name, 'next')
  ask(name, 'sync')
  ask(name, 'next')
}

/** @typedef {Record<'node' | 'held' | 'granted' | 'none' | 'stop' | 'large' | 'huge', number[]>} Times  milliseconds */
/** The same questions while a watcher answers them. @typedef {Record<'held' | 'granted' | 'stop', number[]>} Watched */

/** @param {World} world @param {Program} program @param {number} rounds @returns {Times} */
function takeTurns(world, { path, ask }, rounds) {
  /** @type {Times} */
  const times = { node: [], held: [], granted: [], none: [], stop: [], large: [], huge: [] }
  for (let round = 0; round < rounds; round += 1) {
    times.node.push(timed(world, 'small', NODE_ALONE, 0))
    times.held.push(timed(world, 'small', [path, 'next'], 0))
    times.node.push(timed(world, 'small', NODE_ALONE, 0))
    ask('small', 'release', '--reason', 'the next round')
    times.granted.push(timed(world, 'small', [path, 'next'], 0))
    times.none.push(timed(world, 'taken', [path, 'next'], 3))
    times.stop.push(timed(world, 'taken', [path, 'hook', 'stop', '--tool', 'claude-code'], 0, stopInput(round)))
    if (round % 3 > 0) continue
    times.large.push(timed(world, 'large', [path, 'next'], 0))
    if (rounds > QUICK_ROUNDS) times.huge.push(timed(world, 'huge', [path, 'next'], 0))
  }
  return times
}

/**
 * What a watcher answers beside what the command does itself, in turn.
 *
 * @param {World} world @param {Program} program @param {number} rounds @returns {Watched}
 */
function takeWatchedTurns(world, { path, ask }, rounds) {
  /** @type {Watched} */
  const times = { held: [], granted: [], stop: [] }
  for (let round = 0; round < rounds; round += 1) {
    times.held.push(timed(world, 'small', [path, 'next'], 0))
    ask('small', 'release', '--reason', 'the next round')
    times.granted.push(timed(world, 'small', [path, 'next'], 0))
    const input = stopInput(rounds + round)
    times.stop.push(timed(world, 'taken', [path, 'hook', 'stop', '--tool', 'claude-code'], 0, input))
  }
  return times
}

/**
 * Watchers of these projects are at work while `work` runs, as processes that end with it.
 *
 * @template Result
 * @param {World} world @param {Program} program @param {string[]} folders @param {() => Result} work
 * @returns {Promise<Result>}
 */
async function withWatcher(world, { path }, folders, work) {
  const children = folders.map((folder) =>
    spawn(process.execPath, [path, 'watch', '--json'], {
      cwd: world.path(folder),
      env: world.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  try {
    // The first line says that it is there.
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')))
    return work()
  } finally {
    await Promise.all(
      children.map((child) => {
        const ended = once(child, 'exit')
        child.kill('SIGINT')
        return ended
      }),
    )
  }
}

/** What a tool sends when its session stops; no two are alike, so that none is taken for a repetition. @param {number} round */
function stopInput(round) {
  return JSON.stringify({ session_id: 'bench', hook_event_name: 'Stop', last_assistant_message: `Turn ${round}` })
}

/** @param {Times} times @param {Watched} watched @param {import('./report.mjs').JudgedFigure[]} commands */
function report(times, watched, commands) {
  const node = median(times.node)
  const baseline = { what: 'node -e 0', value: node }
  const figures = []
  for (const [variant, sample] of /** @type {const} */ ([
    ['granted', times.granted],
    ['held', times.held],
    ['none', times.none],
  ])) {
    const ms = { unit: 'ms', baseline, compare: /** @type {const} */ ('minus') }
    const goal = { is: /** @type {const} */ ('at most'), value: 80 }
    figures.push(judge({ what: `next, ${variant}, median`, ours: median(sample), goal, ...ms }))
    const tail = { ...ms, baseline: { what: 'node -e 0, p95', value: quantile(times.node, 0.95) } }
    figures.push(judge({ what: `next, ${variant}, p95`, ours: quantile(sample, 0.95), ...tail }))
  }
  const core = { is: /** @type {const} */ ('at most'), value: 60 }
  figures.push(
    judge({
      what: 'next, held: goal of the core alone',
      unit: 'ms',
      ours: median(times.held),
      baseline,
      compare: 'minus',
      goal: core,
    }),
    judge({
      what: 'hook stop, nothing ready, median',
      unit: 'ms',
      ours: median(times.stop),
      baseline,
      compare: 'itself',
      goal: { is: 'at most', value: 150 },
    }),
    ...besideWatcher(times, watched),
    warmNext(times.large, MANY_TASKS, 1.5, times.held),
    ...(times.huge.length === 0 ? [] : [warmNext(times.huge, HUGE.tasks, 3, times.held)]),
    ...commands,
  )
  return { figures, notes: ['the witness is in: its goal is ≤ +80 ms; ≤ +60 ms is the goal of a core without it'] }
}

/** @param {Times} times @param {Watched} watched */
function besideWatcher(times, watched) {
  return /** @type {const} */ ([
    ['next, held', 'held'],
    ['next, granted', 'granted'],
    ['hook stop, nothing ready', 'stop'],
  ]).map(([what, variant]) =>
    judge({
      what: `${what}, answered by a watcher, median`,
      unit: 'ms',
      ours: median(watched[variant]),
      baseline: { what: 'by itself', value: median(times[variant]) },
      compare: 'times',
    }),
  )
}

/** @param {number[]} sample @param {number} tasks @param {number} most @param {number[]} held  with few tasks */
function warmNext(sample, tasks, most, held) {
  return judge({
    what: `next, held, ${tasks} tasks, median`,
    unit: 'ms',
    ours: median(sample),
    baseline: { what: `${TASKS} tasks`, value: median(held) },
    compare: 'times',
    goal: { is: 'at most', value: most },
  })
}

/** @param {Program} program */
function countCommands({ ask }) {
  const held = gitCommands(ask('small', 'next', '--debug').stderr)
  ask('small', 'release', '--reason', 'to be counted')
  const granted = gitCommands(ask('small', 'next', '--debug').stderr)
  const goal = { is: /** @type {const} */ ('at most'), value: 4 }
  return [
    judge({ what: 'git commands, granted', unit: '', ours: granted, compare: 'itself', goal }),
    judge({ what: 'git commands, held', unit: '', ours: held, compare: 'itself', goal }),
  ]
}

/** `--debug` prints how many git commands the program started. @param {string} talk */
function gitCommands(talk) {
  return Number(/(\d+) git commands/.exec(talk)?.[1] ?? Number.NaN)
}

/** @param {World} world @param {string} folder @param {string[]} args @param {number} expected  exit status @param {string} [input] */
function timed(world, folder, args, expected, input = '') {
  const options = { cwd: world.path(folder), env: world.environment, encoding: /** @type {const} */ ('utf8'), input }
  const before = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, options)
  const ms = performance.now() - before
  if (status !== expected) throw new Error(`${args.join(' ')} ended with status ${status}: ${stderr}`)
  return ms
}
