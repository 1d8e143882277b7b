// @ts-check
/**
 * Writes the generated part of this project's own AUTONOMOUS-NEXT-TASKS.md: a board is made of `docs/TASK-BOARD.md` in
 * a temporary repository, folded, and the page that the fold wrote is read back.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { run } from './child.mjs'
import { root } from './ensure.mjs'

const page = 'AUTONOMOUS-NEXT-TASKS.md'
const generated = /<!-- if-board:generated:start -->[\s\S]*<!-- if-board:generated:end -->/

/** @returns {Promise<string>} AUTONOMOUS-NEXT-TASKS.md as it should be */
export async function nextTasksPage() {
  await build({ ifNeeded: true })
  const folder = mkdtempSync(join(tmpdir(), 'if-board-next-'))
  const bin = join(root, 'dist', 'if-board.cjs')
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:GIT|IF_BOARD)_/.test(name))
  const env = { ...Object.fromEntries(inherited), HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  const git = (/** @type {string[]} */ ...args) => orThrow('git', args, { cwd: folder, env })
  const ifBoard = (/** @type {string[]} */ ...args) => orThrow(process.execPath, [bin, ...args], { cwd: folder, env })
  try {
    await git('init', '--quiet')
    await ifBoard('init', '--local', '--from', join(root, 'docs', 'TASK-BOARD.md'))
    await ifBoard('sync')
    const folded = await git(`--git-dir=${join('.git', 'if-board', 'hub.git')}`, 'show', `if-board/main:${page}`)
    const [part] = generated.exec(folded) ?? []
    if (part === undefined) throw new Error(`the fold wrote no generated part:\n${folded}`)
    return readFileSync(join(root, page), 'utf8').replace(generated, () => part)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

/** @param {string} program @param {string[]} args @param {Parameters<typeof run>[2]} options */
async function orThrow(program, args, options) {
  const { status, output } = await run(program, args, options)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with status ${status}:\n${output}`)
  return output
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(root, page), await nextTasksPage())
