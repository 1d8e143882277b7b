// @ts-check
/** Temporary repositories for the bench: nothing of this machine's git settings, nothing left behind. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * @typedef {object} World
 * @property {string} root                     absolute path of the folder
 * @property {Record<string, string>} environment  what every process of the bench gets
 * @property {(...parts: string[]) => string} path
 * @property {(folder: string, ...args: string[]) => string} git  output, trimmed; throws when git fails
 */

/**
 * Runs `work` in a new folder and removes it, whatever happens. Interrupted: the folder goes too.
 *
 * @template Result
 * @param {(world: World) => Result | Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withWorld(work) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'if-board-bench-')))
  const remove = () => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  process.once('exit', remove)
  try {
    return await work(worldAt(root))
  } finally {
    process.removeListener('exit', remove)
    remove()
  }
}

/** @param {string} root @returns {World} */
function worldAt(root) {
  const home = join(root, 'home')
  mkdirSync(home)
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Bench',
    GIT_AUTHOR_EMAIL: 'bench@example.invalid',
    GIT_COMMITTER_NAME: 'Bench',
    GIT_COMMITTER_EMAIL: 'bench@example.invalid',
    GIT_TERMINAL_PROMPT: '0',
  }
  const path = (/** @type {string[]} */ ...parts) => join(root, ...parts)
  const git = (/** @type {string} */ folder, /** @type {string[]} */ ...args) =>
    execFileSync('git', args, {
      cwd: path(folder),
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 26,
    }).trim()
  return { root, environment, path, git }
}

/** A repository with one commit. @param {World} world @param {string} name @param {string} [remote] */
export function makeRepository(world, name, remote) {
  mkdirSync(world.path(name), { recursive: true })
  world.git(name, 'init', '--quiet', '--initial-branch=main')
  world.git(name, 'commit', '--quiet', '--allow-empty', '--message=Begin')
  if (remote !== undefined) world.git(name, 'remote', 'add', 'origin', remote)
  return world.path(name)
}

/** A bare repository and its `file://` URL. @param {World} world @param {string} name */
export function makeBare(world, name) {
  world.git('.', 'init', '--quiet', '--bare', '--initial-branch=main', name)
  return `file://${world.path(name)}`
}
