// @ts-check
/** What `npm publish` would upload: the packed tarball, judged by publint and by "are the types wrong", and run once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from '../build.mjs'
import { runNode } from '../child.mjs'
import { npm, root } from '../ensure.mjs'

/** Files that the tarball holds besides `dist/`, `schemas/` and `templates/`. */
const alone = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']
const wanted = [
  'dist/if-board.cjs',
  'dist/THIRD-PARTY-LICENSES.txt',
  'schemas/config.schema.json',
  'LICENSE',
  'README.md',
  'package.json',
]
/** More than half of it are two WebAssembly modules: Cedar, and QuickJS for checks in JavaScript. */
const maxBytes = 10 * 1024 * 1024

/**
 * @typedef {object} Packed
 * @property {string} filename
 * @property {number} size          bytes of the tarball
 * @property {number} unpackedSize  bytes
 * @property {{ path: string, mode: number }[]} files
 */

/** @returns {Promise<import('../check.mjs').Outcome>} */
export async function checkPackage() {
  await build({ ifNeeded: true })
  const folder = mkdtempSync(join(tmpdir(), 'if-board-pack-'))
  try {
    const packed = await pack(folder)
    const tarball = join(folder, packed.filename)
    const problems = [...contentProblems(packed), ...(await toolProblems(tarball))]
    const note = `${packed.files.length} files, ${Math.round(packed.size / 1024)} KiB packed`
    return { ok: problems.length === 0, text: problems.join('\n'), note }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} folder @returns {Promise<Packed>} */
async function pack(folder) {
  // The build is fresh already, and its own output would stand before the JSON.
  const args = ['pack', '--ignore-scripts', '--json', '--loglevel=silent', '--pack-destination', folder]
  const { status, output } = await npm(args)
  if (status !== 0) throw new Error(`npm pack ended with status ${status}:\n${output}`)
  const answer = JSON.parse(output.slice(output.search(/^[[{]/m)))
  return Array.isArray(answer) ? answer[0] : Object.values(answer)[0]
}

/** @param {Packed} packed */
function contentProblems({ files, unpackedSize }) {
  const paths = files.map(({ path }) => path)
  const stranger = (/** @type {string} */ path) => !/^(dist|schemas|templates)\//.test(path) && !alone.includes(path)
  const bin = files.find(({ path }) => path === 'dist/if-board.cjs')
  return [
    ...wanted.filter((path) => !paths.includes(path)).map((path) => `the tarball lacks ${path}`),
    ...paths.filter(stranger).map((path) => `the tarball contains ${path}`),
    ...(bin !== undefined && (bin.mode & 0o111) === 0 ? ['dist/if-board.cjs is not executable'] : []),
    ...(unpackedSize > maxBytes ? [`unpacked it takes ${unpackedSize} bytes, more than ${maxBytes}`] : []),
  ]
}

/** @param {string} tarball */
async function toolProblems(tarball) {
  const tools = [
    ['publint', 'src/cli.js', 'run', tarball, '--strict'],
    // A package with a bin and no module has nothing to resolve; the tool says so with status 0.
    ['@arethetypeswrong/cli', 'dist/index.js', tarball, '--profile', 'esm-only', '--no-emoji'],
  ]
  const problems = []
  for (const [name = '', file = '', ...args] of tools) {
    const bin = join(root, 'node_modules', name, file)
    const { status, output } = await runNode([bin, ...args], { cwd: root, env: { ...process.env, NO_COLOR: '1' } })
    if (status !== 0) problems.push(`${name} ended with status ${status}:\n${output.trim()}`)
  }
  return problems
}
