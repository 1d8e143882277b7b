// @ts-check
/** The built program, as a copy of its own: a build that runs meanwhile changes nothing of what is measured. */
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { build } from '../build.mjs'
import { root } from '../ensure.mjs'

/** @typedef {import('./world.mjs').World} World */

/**
 * @typedef {object} Program
 * @property {string} path  of the bin
 * @property {(folder: string, ...args: string[]) => { stdout: string, stderr: string }} ask
 *   runs it below the world's root; throws unless it ends with 0 or 3 (nothing ready)
 */

/** @param {World} world @returns {Promise<Program>} */
export async function installProgram(world) {
  await build({ ifNeeded: true })
  // Without the `type` of package.json, Node would find out at every start that the files are modules.
  for (const folder of ['dist', 'templates', 'package.json'])
    cpSync(join(root, folder), world.path('program', folder), { recursive: true })
  const path = world.path('program', 'dist', 'if-board.cjs')
  return {
    path,
    ask(folder, ...args) {
      const options = { cwd: world.path(folder), env: world.environment, maxBuffer: 1 << 28 }
      const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { ...options, encoding: 'utf8' })
      if (status === 0 || status === 3) return { stdout, stderr }
      throw new Error(`if-board ${args.join(' ')} ended with status ${status}: ${stderr}`)
    },
  }
}
