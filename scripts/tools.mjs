// @ts-check
/**
 * Installs the coding tools that `test/tools` runs, and the MCP inspector of `test/mcp`: `node scripts/tools.mjs`, again
 * and again at no cost.
 *
 * Each tool has a pinned version and a folder of its own, `<cache>/<tool>-<version>`, which is made beside its place
 * and renamed: where it is, it is whole. `IF_BOARD_TOOLS` names another cache. They are no devDependencies, because
 * they weigh 900 MB. Exit status 0: all are there. A tool that cannot be installed is named, and its tests are skipped.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNode, seconds } from './child.mjs'
import { npm } from './ensure.mjs'

const LIMIT_MS = 240_000

/**
 * @typedef {object} PinnedTool
 * @property {string} name      of a coding tool as `if-board hook --tool` names it
 * @property {string} version
 * @property {string} package
 * @property {string} program   the bin of the package
 * @property {string} [afterwards]  the install script that puts the program into its place: scripts are not run else
 */

/** @type {readonly PinnedTool[]} */
export const CODING_TOOLS = [
  {
    name: 'claude-code',
    version: '2.1.332',
    package: '@anthropic-ai/claude-code',
    program: 'claude',
    afterwards: 'install.cjs',
  },
  { name: 'codex', version: '0.169.0', package: '@openai/codex', program: 'codex' },
  { name: 'gemini-cli', version: '0.61.0', package: '@google/gemini-cli', program: 'gemini' },
]

/** Version 0.16.8 is the newest that runs on Node 20. @type {PinnedTool} */
export const INSPECTOR = {
  name: 'mcp-inspector',
  version: '0.16.8',
  package: '@modelcontextprotocol/inspector',
  program: 'mcp-inspector',
}

const TOOLS = [...CODING_TOOLS, INSPECTOR]

/** Absolute path of the installed program, or `undefined`. @param {PinnedTool} tool @returns {string | undefined} */
export function installedTool(tool) {
  const program = join(folderOf(tool), 'node_modules', '.bin', tool.program)
  return existsSync(program) ? program : undefined
}

/** @param {PinnedTool} tool */
function folderOf({ name, version }) {
  return join(cacheFolder(), `${name}-${version}`)
}

/** What may be deleted at any time, as each system has a place for it. */
function cacheFolder() {
  const { IF_BOARD_TOOLS, XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (IF_BOARD_TOOLS) return IF_BOARD_TOOLS
  if (process.platform === 'win32' && LOCALAPPDATA) return join(LOCALAPPDATA, 'if-board-tools')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'if-board-tools')
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'if-board-tools')
}

/** @param {PinnedTool} tool @returns {Promise<string>} what to say about it */
async function install(tool) {
  const place = folderOf(tool)
  await mkdir(cacheFolder(), { recursive: true })
  const beside = await mkdtemp(`${place}.`)
  try {
    await writeFile(join(beside, 'package.json'), '{ "private": true }\n')
    const wanted = `${tool.package}@${tool.version}`
    // Their engines are newer than ours where a package only starts a program of its own.
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--engine-strict=false', '--ignore-scripts']
    const patience = ['--fetch-timeout=60000', '--fetch-retries=1']
    const made = await npm(['install', ...quiet, ...patience, '--save-exact', wanted], {
      cwd: beside,
      timeoutMs: LIMIT_MS,
    })
    if (made.status !== 0) throw new Error(`npm install ${wanted}: ${made.output.trim().slice(-500)}`)
    if (tool.afterwards !== undefined) await finish(join(beside, 'node_modules', tool.package, tool.afterwards))
    await rename(beside, place).catch((error) => {
      if (!existsSync(place)) throw error
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

async function main() {
  for (const tool of TOOLS) {
    const there = installedTool(tool) !== undefined
    const said = there ? 'there' : await install(tool).catch((error) => error)
    if (said instanceof Error) process.exitCode = 1
    console.log(`${tool.name} ${tool.version}: ${said instanceof Error ? said.message : said}`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
