// @ts-check
/**
 * npm packages that tests want and that are too large for devDependencies, in a cache of the user.
 *
 * Each is installed beside its place and renamed: where it is, it is whole. `IF_BOARD_TOOLS` names another cache.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runNode, seconds } from './child.mjs'
import { npm } from './ensure.mjs'

const LIMIT_MS = 240_000

/**
 * @typedef {object} Tool
 * @property {string} name          of the package
 * @property {string} version
 * @property {string} folder        its own below the cache
 * @property {string} [afterwards]  the install script that puts a program into its place: scripts are not run else
 */

/** Folder of the installed package, or `undefined`. @param {Tool} tool @returns {string | undefined} */
export function installedTool(tool) {
  const folder = packageIn(tool, placeOf(tool))
  return existsSync(join(folder, 'package.json')) ? folder : undefined
}

/**
 * Absolute path of a program of the installed package, or `undefined`.
 *
 * @param {Tool} tool @param {string} program @returns {string | undefined}
 */
export function installedProgram(tool, program) {
  const path = join(placeOf(tool), 'node_modules', '.bin', program)
  return existsSync(path) ? path : undefined
}

/** @param {Tool} tool @param {string} folder */
function packageIn({ name }, folder) {
  return join(folder, 'node_modules', ...name.split('/'))
}

/** @param {Tool} tool */
function placeOf({ folder, version }) {
  return join(cacheFolder(), `${folder}-${version}`)
}

/** What may be deleted at any time, as each system has a place for it. */
function cacheFolder() {
  const { IF_BOARD_TOOLS, XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (IF_BOARD_TOOLS) return IF_BOARD_TOOLS
  if (process.platform === 'win32' && LOCALAPPDATA) return join(LOCALAPPDATA, 'if-board-tools')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'if-board-tools')
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'if-board-tools')
}

/** @param {Tool} tool @returns {Promise<string>} what to say about it @throws {Error} with what npm said */
export async function installTool(tool) {
  if (installedTool(tool) !== undefined) return 'there'
  const place = placeOf(tool)
  await mkdir(cacheFolder(), { recursive: true })
  const beside = await mkdtemp(`${place}.`)
  try {
    await writeFile(join(beside, 'package.json'), '{ "private": true }\n')
    // Engines may be newer than ours where a package only starts a program of its own.
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--engine-strict=false', '--ignore-scripts']
    const patient = ['--fetch-timeout=60000', '--fetch-retries=1']
    const wanted = `${tool.name}@${tool.version}`
    const made = await npm(['install', ...quiet, ...patient, '--save-exact', wanted], {
      cwd: beside,
      timeoutMs: LIMIT_MS,
    })
    if (made.status !== 0) throw new Error(`npm install ${wanted}: ${made.output.trim().slice(-500)}`)
    if (tool.afterwards !== undefined) await finish(join(packageIn(tool, beside), tool.afterwards))
    await rename(beside, place).catch((error) => {
      if (!existsSync(packageIn(tool, place))) throw error
    })
    return `installed in ${seconds(made.ms)}`
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

/** @param {string} script */
async function finish(script) {
  const { status, output } = await runNode([script], { timeoutMs: LIMIT_MS })
  if (status !== 0) throw new Error(`${script}: ${output.trim().slice(-500)}`)
}

/** Installs each and says so; what cannot be installed sets the exit status. @param {readonly Tool[]} tools */
export async function installAndSay(tools) {
  for (const tool of tools) {
    const said = await installTool(tool).catch((error) => error)
    if (said instanceof Error) process.exitCode = 1
    console.log(`${tool.name} ${tool.version}: ${said instanceof Error ? said.message : said}`)
  }
}
