// @ts-check
/**
 * Installs the official MCP inspector for `test/mcp/inspector.test.ts`: `node scripts/inspector.mjs`, again and again
 * at no cost.
 *
 * It is no devDependency, because it brings 150 packages. Version 0.16.8 is the newest that runs on Node 20. It is
 * installed beside its place and renamed: where it is, it is whole. `IF_BOARD_TOOLS` names another cache,
 * `IF_BOARD_INSPECTOR` the folder of an inspector that is there already.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seconds } from './child.mjs'
import { npm } from './ensure.mjs'

const NAME = '@modelcontextprotocol/inspector'
const VERSION = '0.16.8'

/** Folder of the installed package, or `undefined`. @returns {string | undefined} */
export function installedInspector() {
  const folder = process.env.IF_BOARD_INSPECTOR || packageIn(place())
  return existsSync(join(folder, 'package.json')) ? folder : undefined
}

/** @param {string} folder */
function packageIn(folder) {
  return join(folder, 'node_modules', ...NAME.split('/'))
}

function place() {
  return join(cacheFolder(), `mcp-inspector-${VERSION}`)
}

/** What may be deleted at any time, as each system has a place for it. */
function cacheFolder() {
  const { IF_BOARD_TOOLS, XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (IF_BOARD_TOOLS) return IF_BOARD_TOOLS
  if (process.platform === 'win32' && LOCALAPPDATA) return join(LOCALAPPDATA, 'if-board-tools')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'if-board-tools')
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'if-board-tools')
}

/** @returns {Promise<string>} what to say about it @throws {Error} with what npm said */
async function install() {
  if (installedInspector() !== undefined) return 'there'
  await mkdir(cacheFolder(), { recursive: true })
  const beside = await mkdtemp(`${place()}.`)
  try {
    await writeFile(join(beside, 'package.json'), '{ "private": true }\n')
    const quiet = [
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--ignore-scripts',
      '--fetch-timeout=60000',
      '--fetch-retries=1',
    ]
    const { status, output, ms } = await npm(['install', '--prefix', beside, ...quiet, `${NAME}@${VERSION}`])
    if (status !== 0) throw new Error(`npm install ${NAME}@${VERSION}: ${output.trim().slice(-500)}`)
    await rename(beside, place()).catch((error) => {
      if (!existsSync(packageIn(place()))) throw error
    })
    return `installed in ${seconds(ms)}`
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const said = await install().catch((error) => error)
  if (said instanceof Error) process.exitCode = 1
  console.log(`${NAME} ${VERSION}: ${said instanceof Error ? said.message : said}`)
}
