// @ts-check
/** The rooms and arrows of `.dependency-cruiser.mjs`, with proof that every file was looked at. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runNode } from '../child.mjs'
import { root } from '../ensure.mjs'

const config = join(root, '.dependency-cruiser.mjs')

/**
 * @typedef {object} Cruised
 * @property {{ source: string, dependencies: { module: string }[] }[]} modules
 * @property {{ violations: { from: string, to: string, rule: { name: string }, cycle?: { name: string }[] }[] }} summary
 */

/**
 * @param {string} [folder]  holds the `src/` to look at
 * @returns {Promise<import('../check.mjs').Outcome>}
 */
export async function checkRooms(folder = root) {
  const bin = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const args = [bin, '--config', config, '--output-type', 'json', 'src']
  const { output } = await runNode(args, { cwd: folder })
  const cruised = parse(output)
  if (cruised === undefined) return { ok: false, text: output }
  const comments = await ruleComments()
  const problems = [
    ...cruised.summary.violations.map((violation) => describe(violation, comments)),
    ...(await strangeRooms(folder)),
    ...overlooked(folder, cruised),
  ]
  const files = sourceFiles(folder).length
  return { ok: problems.length === 0, text: problems.join('\n'), note: `${files} files` }
}

/** @param {string} output @returns {Cruised | undefined} */
function parse(output) {
  try {
    return JSON.parse(output.slice(output.indexOf('{')))
  } catch {
    return undefined
  }
}

/** @returns {Promise<Map<string, string>>} what each rule is for, by its name */
async function ruleComments() {
  const { default: rules } = await import(pathToFileURL(config).href)
  return new Map(
    rules.forbidden.map((/** @type {{ name: string, comment: string }} */ { name, comment }) => [name, comment]),
  )
}

/** @param {Cruised['summary']['violations'][number]} violation @param {ReadonlyMap<string, string>} comments */
function describe({ from, to, rule, cycle }, comments) {
  const path = cycle === undefined ? to : cycle.map(({ name }) => name).join(' → ')
  const comment = comments.get(rule.name)
  return `${from} → ${path} [${rule.name}]${comment === undefined ? '' : ` ${comment}`}`
}

/** @param {string} folder */
async function strangeRooms(folder) {
  const { rooms } = await import(pathToFileURL(config).href)
  return readdirSync(join(folder, 'src'))
    .filter((name) => !rooms.includes(name))
    .map((name) => `src/${name} is none of the rooms ${rooms.join(', ')}`)
}

/**
 * dependency-cruiser reports no violation for what its parser could not read: an import that a plain search finds
 * must be among what it found.
 *
 * @param {string} folder
 * @param {Cruised} cruised
 */
function overlooked(folder, { modules }) {
  const seen = new Map(modules.map(({ source, dependencies }) => [source, new Set(dependencies.map((d) => d.module))]))
  const files = sourceFiles(folder)
  // Data beside sources imports nothing.
  const cruisedFiles = modules.filter(({ source }) => /^src\/.*\.ts$/.test(source)).length
  const problems =
    files.length === 0 || files.length !== cruisedFiles
      ? [`${cruisedFiles} of ${files.length} files below src/ were looked at`]
      : []
  for (const file of files) {
    for (const wanted of plainImports(readFileSync(join(folder, file), 'utf8'))) {
      if (!seen.get(file)?.has(wanted.replace(/^node:/, '')))
        problems.push(`${file}: import of ${wanted} was overlooked`)
    }
  }
  return problems
}

/** @param {string} folder */
function sourceFiles(folder) {
  return readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'))
}

/** @param {string} source */
function plainImports(source) {
  const found = source.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'/gm)
  return [...found].map(([, from, bare]) => from ?? bare ?? '')
}
