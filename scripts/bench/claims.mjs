// @ts-check
/**
 * Section `claims`: 16 clones of one bare remote, each a process that claims and completes tasks as fast
 * as it can, beside the same number that lock the whole board by compare-and-push.
 *
 * Twice: over a distance, where every connection to the remote takes a moment as it does to any server, and
 * with none, where the clones and the remote share the processors and nothing else is measured.
 */
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeBoard } from './boards.mjs'
import { bundleFor } from './bundle.mjs'
import { installProgram } from './program.mjs'
import { judge, number } from './report.mjs'
import { median } from './statistics.mjs'
import { makeBare, makeRepository, withWorld } from './world.mjs'

/** @typedef {import('./world.mjs').World} World */
/** @typedef {{ moved: number, stale: number, busy?: number, refused?: number }} Moves */

/**
 * @typedef {object} SessionReport
 * @property {{ task: string, at: number }[]} granted
 * @property {number} completed
 * @property {Record<string, Moves>} counts  asked pushes by what they were about and how they ended
 * @property {string[]} problems
 * @property {number} commands               git commands started
 * @property {number} cpuSeconds             of the session and its git processes; 0 where it cannot be told
 */

/**
 * @typedef {object} Round
 * @property {number} claimsPerSecond
 * @property {number} claims
 * @property {number} completions
 * @property {number} pushesPerClaim   pushes that asked for a claim, over the claims granted
 * @property {number} allPushesPerClaim  every push, with completions and folds
 * @property {number} lossesPerClaim
 * @property {number} duplicates       tasks granted more than once
 * @property {number} commandsPerClaim
 * @property {number} cpuMsPerClaim
 * @property {number} waiting          sessions that had got no task when the time was over
 * @property {Record<string, Record<string, number>>} moves
 * @property {string[]} problems
 */

const TASKS = 160

/**
 * @typedef {object} Place
 * @property {string} name
 * @property {number} delayMs  what each connection waits before the server answers
 * @property {number} [goal]   claims per second, as a multiple of the lock's
 */

/** @type {Place[]} */
const PLACES = [
  { name: '250 ms away', delayMs: 250, goal: 4 },
  { name: 'on this machine', delayMs: 0 },
]

/** @param {{ quick: boolean, progress: (line: string) => void }} options */
export async function claims({ quick, progress }) {
  const plan = quick ? { clones: 16, rounds: 1, ms: 4000 } : { clones: 16, rounds: 3, ms: 8000 }
  const figures = []
  const notes = [
    'a claim is `next`, and `done` follows it at once: on the board lock both edit the row and push the branch',
  ]
  for (const place of PLACES) {
    const { ours, lock } = await compete({ ...plan, ...place }, progress)
    figures.push(...figuresOf(place, ours, lock))
    notes.push(...notesOf(place, ours, lock))
  }
  const about = `${plan.clones} clones claim and complete for ${plan.ms / 1000} s, one bare remote, median of ${plan.rounds}`
  return { about, figures, notes }
}

/** @param {Plan} plan @param {(line: string) => void} progress */
async function compete(plan, progress) {
  /** @type {Round[]} */
  const ours = []
  /** @type {Round[]} */
  const lock = []
  for (let round = 1; round <= plan.rounds; round += 1) {
    const [first, second] = [await claimsByGit(plan), await withWorld((world) => lockRound(world, plan))]
    ours.push(first)
    lock.push(second)
    const rates = `${number(first.claimsPerSecond)}/s, lock ${number(second.claimsPerSecond)}/s`
    progress(`claims, ${plan.name}, round ${round}: ${rates}`)
  }
  return { ours, lock }
}

/** @param {Place} place @param {Round[]} ours @param {Round[]} lock  the board lock: the baseline */
function figuresOf({ name, goal }, ours, lock) {
  const both = (
    /** @type {'claimsPerSecond' | 'pushesPerClaim' | 'lossesPerClaim' | 'allPushesPerClaim' | 'commandsPerClaim' | 'cpuMsPerClaim' | 'waiting'} */ key,
  ) => ({
    ours: median(ours.map((round) => round[key])),
    baseline: { what: 'board lock', value: median(lock.map((round) => round[key])) },
  })
  const most = (/** @type {number} */ value) => ({ is: /** @type {const} */ ('at most'), value })
  const times = { unit: '', compare: /** @type {const} */ ('times') }
  return [
    judge({
      what: `${name}: claims per second`,
      unit: '/s',
      ...both('claimsPerSecond'),
      compare: 'faster',
      ...(goal === undefined ? {} : { goal: { is: 'at least', value: goal } }),
    }),
    judge({ what: 'pushes per claim', unit: '', ...both('pushesPerClaim'), compare: 'itself', goal: most(2) }),
    judge({ what: 'losses per claim', ...times, ...both('lossesPerClaim') }),
    judge({ what: 'all pushes per claim', ...times, ...both('allPushesPerClaim') }),
    judge({ what: 'git commands per claim', ...times, ...both('commandsPerClaim') }),
    judge({ what: 'processor time per claim', unit: 'ms', compare: 'times', ...both('cpuMsPerClaim') }),
    judge({ what: 'sessions still without any task', unit: '', compare: 'itself', ...both('waiting') }),
    judge({ what: 'tasks granted twice', unit: '', ...total(ours, lock), compare: 'itself', goal: most(0) }),
  ]
}

/** @param {Round[]} ours @param {Round[]} lock */
function total(ours, lock) {
  const sum = (/** @type {Round[]} */ rounds) => rounds.reduce((all, { duplicates }) => all + duplicates, 0)
  return { ours: sum(ours), baseline: { what: 'board lock', value: sum(lock) } }
}

/** @param {Place} place @param {Round[]} ours @param {Round[]} lock */
function notesOf({ name }, ours, lock) {
  const rates = (/** @type {Round[]} */ rounds) =>
    rounds.map(({ claimsPerSecond }) => number(claimsPerSecond)).join(', ')
  const problems = [...new Set(ours.flatMap((round) => round.problems))].slice(0, 3)
  return [
    `${name}: claims per second by round ${rates(ours)}; board lock ${rates(lock)}`,
    ...problems.map((problem) => `a session was told: ${problem}`),
  ]
}

/** @typedef {{ clones: number, ms: number, delayMs: number }} RoundPlan */
/** @typedef {Place & RoundPlan & { rounds: number }} Plan */

/**
 * One round of ours.
 *
 * @param {RoundPlan} plan
 */
export function claimsByGit(plan) {
  return withWorld((world) => oursRound(world, plan))
}

/** @param {World} world @param {RoundPlan} plan */
async function oursRound(world, plan) {
  const script = await bundleFor('scripts/bench/claims-session.ts', world.path('session.mjs'))
  const url = makeBare(world, 'remote.git')
  makeRepository(world, 'first', url)
  world.git('first', 'push', '--quiet', 'origin', 'main')
  writeFileSync(world.path('first', 'TASK-BOARD.md'), makeBoard(TASKS, { dependencies: 'none' }))
  const { ask } = await installProgram(world)
  ask('first', 'init', '--from', 'TASK-BOARD.md')
  return runRound(world, plan, url, script)
}

/** @param {World} world @param {RoundPlan} plan */
async function lockRound(world, plan) {
  const url = makeBare(world, 'remote.git')
  makeRepository(world, 'first', url)
  writeFileSync(world.path('first', 'TASK-BOARD.md'), makeBoard(TASKS, { dependencies: 'none' }))
  world.git('first', 'add', '.')
  world.git('first', 'commit', '--quiet', '--message=Board')
  world.git('first', 'push', '--quiet', 'origin', 'main', 'main:board')
  const script = fileURLToPath(new URL('claims-lock.mjs', import.meta.url))
  return runRound(world, plan, url, script)
}

/**
 * @param {World} world @param {RoundPlan} plan @param {string} url @param {string} script
 * @returns {Promise<Round>}
 */
async function runRound(world, plan, url, script) {
  const names = Array.from({ length: plan.clones }, (_, index) => `session-${String(index + 1).padStart(2, '0')}`)
  for (const name of names) makeClone(world, name, url, plan)
  const sessions = names.map((name) => startSession(script, [name, world.path(name)], world.environment))
  try {
    await Promise.all(sessions.map(({ ready }) => ready))
    const begun = Date.now()
    for (const { child } of sessions) child.send({ kind: 'run' })
    await sleep(plan.ms)
    const ended = Date.now()
    for (const { child } of sessions) child.send({ kind: 'stop' })
    return summarise(await Promise.all(sessions.map(({ report }) => report)), begun, ended)
  } finally {
    await Promise.all(sessions.map(({ end }) => end()))
  }
}

/** Git starts the server's side of a `file://` remote by these settings, so both competitors wait alike. */
/** @param {World} world @param {string} name @param {string} url @param {Pick<RoundPlan, 'delayMs'>} place */
function makeClone(world, name, url, { delayMs }) {
  world.git('.', 'clone', '--quiet', '--no-checkout', '--single-branch', url, name)
  if (delayMs === 0) return
  for (const [setting, program] of [
    ['uploadpack', 'git-upload-pack'],
    ['receivepack', 'git-receive-pack'],
  ])
    world.git(name, 'config', `remote.origin.${setting}`, `sleep ${delayMs / 1000}; ${program}`)
}

/** @param {string} script @param {string[]} args @param {NodeJS.ProcessEnv} env */
function startSession(script, args, env) {
  const child = fork(script, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  /** @type {(kind: string) => Promise<any>} */
  const message = (kind) =>
    new Promise((resolve, reject) => {
      child.on('message', (/** @type {{ kind: string }} */ received) => received.kind === kind && resolve(received))
      child.on('error', reject)
      child.on('exit', (status) => reject(new Error(`session ${args[0]} ended early with status ${status}`)))
    })
  const report = /** @type {Promise<SessionReport>} */ (message('ran'))
  // Looked at later; an end before that is told by `ready`.
  report.catch(() => undefined)
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const end = () => {
    child.kill('SIGKILL')
    return exited
  }
  return { child, ready: message('ready'), report, end }
}

/** @param {SessionReport[]} reports @param {number} begun @param {number} ended  epoch milliseconds @returns {Round} */
export function summarise(reports, begun, ended) {
  const granted = reports.flatMap((report) => report.granted)
  const moves = addMoves(reports.map(({ counts }) => counts))
  const asked = (/** @type {string} */ kind) => Object.values(moves[kind] ?? {}).reduce((sum, count) => sum + count, 0)
  const perClaim = (/** @type {number} */ count) => count / Math.max(1, granted.length)
  return {
    claimsPerSecond: (1000 * granted.filter(({ at }) => at <= ended).length) / (ended - begun),
    claims: granted.length,
    completions: reports.reduce((sum, { completed }) => sum + completed, 0),
    pushesPerClaim: perClaim(asked('claim')),
    allPushesPerClaim: perClaim(Object.keys(moves).reduce((sum, kind) => sum + asked(kind), 0)),
    lossesPerClaim: perClaim(asked('claim') - (moves.claim?.moved ?? 0)),
    duplicates: granted.length - new Set(granted.map(({ task }) => task)).size,
    commandsPerClaim: perClaim(reports.reduce((sum, { commands }) => sum + commands, 0)),
    cpuMsPerClaim: perClaim(1000 * reports.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)),
    waiting: reports.filter((report) => !report.granted.some(({ at }) => at <= ended)).length,
    moves,
    problems: reports.flatMap(({ problems }) => problems),
  }
}

/** @param {Record<string, Moves>[]} counts @returns {Record<string, Record<string, number>>} */
function addMoves(counts) {
  /** @type {Record<string, Record<string, number>>} */
  const sums = {}
  const all = counts.flatMap((one) => Object.entries(one))
  for (const [kind, outcomes] of all) {
    const sum = sums[kind] ?? {}
    for (const [outcome, count] of Object.entries(outcomes)) sum[outcome] = (sum[outcome] ?? 0) + count
    sums[kind] = sum
  }
  return sums
}
