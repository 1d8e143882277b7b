// @ts-check
/**
 * Installs the locked packages when they are missing, so that `npm test` and `npm run demo` are the first
 * command on a fresh clone. Asks the network for nothing when the packages on disk are the locked ones.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, seconds } from './child.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * `npm ci` if a locked package is absent or has another version. Prints one line when it had to.
 *
 * @param {{ quiet?: boolean }} [options]
 * @throws {Error} with the output of npm, when the installation fails or Node is too old
 */
export async function ensureInstalled({ quiet = false } = {}) {
  refuseOldNode()
  const missing = missingPackages(root)
  if (missing.length === 0) return
  if (!quiet) process.stderr.write(`installing ${missing.length} packages (npm ci) …`)
  const { status, output, ms } = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  if (!quiet) process.stderr.write(status === 0 ? ` ${seconds(ms)}\n` : ' failed\n')
  if (status !== 0) throw new Error(`npm ci ended with status ${status}:\n${output}`)
  const still = missingPackages(root)
  if (still.length > 0) throw new Error(`npm ci left out ${still.slice(0, 5).join(', ')}; it said:\n${output}`)
}

/**
 * Locked packages that are not installed in their locked version.
 *
 * Compares versions instead of file times: a checkout touches the lock file without changing it. npm keeps
 * what it installed in `node_modules/.package-lock.json`; optional packages are for other platforms.
 *
 * @param {string} folder
 * @returns {string[]} paths such as `node_modules/yargs`
 */
export function missingPackages(folder) {
  const locked = lockedPackages(join(folder, 'package-lock.json'))
  const installed = lockedPackages(join(folder, 'node_modules', '.package-lock.json'))
  return Object.entries(locked)
    .filter(([path, { version, optional }]) => {
      if (path === '') return false
      const found = installed[path]
      return found === undefined ? !optional : found.version !== version
    })
    .map(([path]) => path)
}

/**
 * Runs npm, on every platform the npm that runs us when there is one.
 *
 * @param {readonly string[]} args
 * @param {{ cwd?: string, timeoutMs?: number }} [options]
 */
export function npm(args, { cwd = root, ...options } = {}) {
  const npmCli = process.env.npm_execpath
  if (npmCli?.endsWith('.js') && existsSync(npmCli))
    return run(process.execPath, [npmCli, ...args], { cwd, ...options })
  // On Windows npm is a .cmd file, which Node starts through a shell only; no argument here needs quoting.
  return run('npm', args, { cwd, ...options, shell: process.platform === 'win32' })
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

/** npm only warns about `engines` unless told otherwise, and says so in words that hide the reason. */
function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Error(`if-board needs Node 20.19 or newer; this is Node ${process.versions.node}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled().catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
