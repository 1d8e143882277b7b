// @ts-check
/**
 * Everything that can be known without running a test: types, lint, rooms, dead code, the package, and guards.
 * `node scripts/check.mjs [name …]` runs those checks alone. Exit status 0: all passed.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPurity, checkSizes, checkTests, checkWords } from './check/guards.mjs'
import { checkPackage } from './check/package.mjs'
import { checkRooms } from './check/rooms.mjs'
import { atOnce, pool, runNode, seconds } from './child.mjs'
import { ensureInstalled, root } from './ensure.mjs'

/**
 * @typedef {object} Outcome
 * @property {boolean} ok
 * @property {string} text    what is wrong, whole; warnings when `ok`
 * @property {string} [note]  a few words for the line of the check
 */

/** The long ones first, so that both cores end at about the same time. @type {Record<string, () => Outcome | Promise<Outcome>>} */
const checks = {
  package: () => checkPackage(),
  'dead code': () => tool(['knip', 'bin/knip.js'], ['--no-progress']),
  rooms: () => checkRooms(),
  types: () => tool(['typescript', 'bin/tsc'], ['--project', '.', '--pretty', 'false']),
  'lint and format': () => lint(),
  tests: () => checkTests(),
  sizes: () => checkSizes(),
  purity: () => checkPurity(),
  words: () => checkWords(),
}

/** @param {[string, string]} bin  package and file in it @param {string[]} args @returns {Promise<Outcome>} */
async function tool([name, file], args) {
  const path = join(root, 'node_modules', name, file)
  if (!existsSync(path)) return { ok: false, text: `${name} has no ${file}` }
  const { status, output } = await runNode([path, ...args], { cwd: root, env: { ...process.env, NO_COLOR: '1' } })
  return { ok: status === 0, text: output.trim() }
}

/** Warnings in one line each; errors as Biome explains them. @returns {Promise<Outcome>} */
async function lint() {
  /** @type {[string, string]} */
  const bin = ['@biomejs/biome', 'bin/biome']
  const { ok, text } = await tool(bin, ['check', '--max-diagnostics=none', '--reporter=github', '.'])
  if (!ok) return tool(bin, ['check', '--max-diagnostics=none', '--diagnostic-level=error', '.'])
  const found = text.matchAll(/^::warning title=([^,]+),file=([^,]+),line=(\d+).*?::(.+)$/gm)
  const warnings = [...found].map(([, rule, file, line, message]) => `${file}:${line}: ${message} [${rule}]`)
  return { ok, text: warnings.join('\n'), note: `${warnings.length} warnings` }
}

/** @param {string[]} names  none = all */
async function main(names) {
  const startedAt = performance.now()
  await ensureInstalled()
  const chosen = Object.entries(checks).filter(([name]) => names.length === 0 || names.includes(name))
  const results = await pool(chosen, atOnce, runOne)
  const failed = results.filter((ok) => !ok).length
  const time = seconds(performance.now() - startedAt)
  console.log(`check: ${results.length - failed} passed, ${failed} failed in ${time}`)
  process.exitCode = failed === 0 && results.length > 0 ? 0 : 1
}

/** @param {[string, () => Outcome | Promise<Outcome>]} check */
async function runOne([name, work]) {
  const startedAt = performance.now()
  const { ok, text, note } = await Promise.resolve()
    .then(work)
    .catch((error) => ({ ok: false, text: String(error?.stack ?? error), note: undefined }))
  const time = seconds(performance.now() - startedAt)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(16)} ${time}${note === undefined ? '' : `  ${note}`}`)
  if (text !== '') console.log(text.replace(/^/gm, '     '))
  return ok
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
