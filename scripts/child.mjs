// @ts-check
/** Child processes of the scripts: output captured whole, a time limit, and no grandchild left behind. */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const windows = process.platform === 'win32'
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/**
 * @typedef {object} Finished
 * @property {number} status  Exit status; 1 when a signal or the time limit ended it, 127 when it could not start.
 * @property {string} output  Standard output and error, in the order in which they came.
 * @property {number} ms      Wall time.
 * @property {boolean} timedOut
 */

/** What a process may take to go after it said that it ends. */
const GOING_MS = 10_000

/**
 * Runs a program to its end. One that says its end itself (`endingStatus` finds the status in a piece of its output) and
 * is still there after ten seconds is killed, and counts as ended with that status.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, shell?: boolean,
 *   endingStatus?: (text: string) => number | undefined }} [options]
 * @returns {Promise<Finished>}
 */
export function run(program, args, { cwd, env = process.env, timeoutMs = 600_000, shell = false, endingStatus } = {}) {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    // A group of its own on POSIX, so that the time limit reaches what the child started.
    const child = spawn(program, args, { cwd, env, shell, detached: !windows, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    /** @type {Buffer[]} */
    const chunks = []
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      killTree(child)
    }, timeoutMs)
    const finish = (/** @type {number} */ status) => {
      clearTimeout(timer)
      running.delete(child)
      const output = Buffer.concat(chunks).toString('utf8')
      resolve({ status, output, ms: performance.now() - startedAt, timedOut })
    }
    /** @type {number | undefined} */
    let said
    /** @type {NodeJS.Timeout | undefined} */
    let going
    const take = (/** @type {Buffer} */ chunk) => {
      chunks.push(chunk)
      if (said !== undefined) return
      said = endingStatus?.(chunk.toString('utf8'))
      if (said !== undefined) going = setTimeout(killTree, GOING_MS, child)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${program}: ${error.message}\n`))
      finish(127)
    })
    // A grandchild that keeps the pipe open would delay `close` for ever: it ends with its parent.
    child.on('exit', (code) => {
      clearTimeout(going)
      if (!windows) killTree(child)
      const status = code ?? said ?? 1
      const patience = setTimeout(() => finish(status), 2000)
      child.on('close', () => {
        clearTimeout(patience)
        finish(status)
      })
    })
  })
}

/** Runs a JavaScript file with this Node. @param {readonly string[]} args @param {Parameters<typeof run>[2]} [options] */
export const runNode = (args, options) => run(process.execPath, args, options)

/**
 * Does all jobs, at most `limit` at a time, and keeps their order in the result.
 *
 * @template Job, Result
 * @param {readonly Job[]} jobs
 * @param {number} limit
 * @param {(job: Job) => Promise<Result>} work
 * @returns {Promise<Result[]>}
 */
export async function pool(jobs, limit, work) {
  /** @type {Result[]} */
  const results = []
  let next = 0
  const worker = async () => {
    while (next < jobs.length) {
      const index = next++
      results[index] = await work(/** @type {Job} */ (jobs[index]))
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, jobs.length) }, worker))
  return results
}

/** Jobs at once: tests and checks are measured for two cores, and more would only make timings worse. */
export const atOnce = Math.min(2, availableParallelism())

/** Removes a folder when this process ends, whatever ends it but SIGKILL. @param {string} folder */
export function removeAtEnd(folder) {
  process.once('exit', () => {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    } catch {
      // Something in it is still in use; that is no reason for another exit status.
    }
  })
}

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

/** @param {import('node:child_process').ChildProcess} child */
function killTree(child) {
  if (child.pid === undefined) return
  if (windows) {
    spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' }).on('error', () => child.kill())
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The whole group has ended already.
  }
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    for (const child of running) killTree(child)
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })
}
