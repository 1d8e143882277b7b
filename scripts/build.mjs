// @ts-check
/**
 * Bundles `src/cli/main.ts` with all its packages into `dist/`.
 *
 * `if-board next` is asked often, so its start counts: one small file instead of hundreds, heavy commands in
 * chunks of their own that are loaded on use. Chunks lie beside the entry, so that `import.meta.url` has the same
 * folder in each. With `--if-needed`, does nothing when no input changed since the last build.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seconds } from './child.mjs'
import { ensureInstalled, root } from './ensure.mjs'
import { licenceText } from './licences.mjs'

export const entry = 'src/cli/main.ts'
const bin = 'if-board.js'
const dist = join(root, 'dist')
/** Outside `dist`, which is published; on the same file system, so that a rename is one step. */
const cache = join(root, 'node_modules', '.cache', 'if-board')
/** What the last build read, and when it began. */
const stampFile = join(cache, 'build.json')

/** CommonJS parts of packages call `require` for Node's own modules, which an ES module does not have. */
const requireBanner =
  "import{createRequire as __ifBoardRequire}from'node:module';const require=__ifBoardRequire(import.meta.url);\n"

/**
 * @param {{ ifNeeded?: boolean }} [options]
 * @returns {Promise<{ kind: 'fresh' } | { kind: 'built', files: number, bytes: number, ms: number }>}
 * @throws {Error} with the messages of esbuild
 */
export async function build({ ifNeeded = false } = {}) {
  await ensureInstalled()
  if (ifNeeded && isFresh()) return { kind: 'fresh' }
  const startedAtMs = Date.now()
  const { outputFiles, inputs: bundled } = await bundle()
  const files = new Map(outputFiles.map(({ path, text }) => [path.slice(dist.length + 1), finishFile(path, text)]))
  files.set('THIRD-PARTY-LICENSES.txt', licenceText(root, bundled))
  writeDist(files)
  const inputs = bundled.filter((path) => existsSync(join(root, path)))
  saveStamp({ startedAtMs, inputs: [...inputs, ...ownInputs], outputs: [...files.keys()] })
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  return { kind: 'built', files: files.size, bytes, ms: Date.now() - startedAtMs }
}

const ownInputs = ['package.json', 'package-lock.json', 'scripts/build.mjs', 'scripts/licences.mjs']

/**
 * Three bundles in one folder: the entry, which knows the command's name alone; what sessions ask all day, in as few
 * files as possible, because opening one costs more than reading it; and everything.
 */
async function bundle() {
  if (!existsSync(join(root, entry))) throw new Error(`${entry} does not exist: nothing to build`)
  const { build: esbuild } = await import('esbuild')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  /** @type {import('esbuild').BuildOptions & { write: false, metafile: true }} */
  const common = {
    absWorkingDir: root,
    outdir: dist,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    // Names stay, so that a stack trace in a bug report can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    define: { 'process.env.IF_BOARD_VERSION': JSON.stringify(version) },
    metafile: true,
    write: false,
    logLevel: 'silent',
  }
  const parts = await Promise.all([
    esbuild({ ...common, entryPoints: { all: entry }, plugins: [ownStringWidth] }),
    esbuild({ ...common, entryPoints: { tasks: entry }, plugins: [ownStringWidth, tasksAlone] }),
    esbuild({ ...common, entryPoints: { 'if-board': 'own:entry' }, plugins: [chooser] }),
  ])
  return {
    outputFiles: parts.flatMap(({ outputFiles }) => outputFiles),
    inputs: [...new Set(parts.flatMap(({ metafile }) => Object.keys(metafile.inputs)))],
  }
}

const tasksGroup = 'src/cli/commands/group-tasks.ts'

/** Loads one of the two others, by the command that was typed. */
/** @type {import('esbuild').Plugin} */
const chooser = {
  name: 'chooser',
  setup(build) {
    build.onResolve({ filter: /^own:entry$/ }, () => ({ path: 'entry', namespace: 'own' }))
    build.onResolve({ filter: /^\.\/(all|tasks)\.js$/ }, ({ path }) => ({ path, external: true }))
    build.onLoad({ filter: /^entry$/, namespace: 'own' }, () => {
      const names = [...readFileSync(join(root, tasksGroup), 'utf8').matchAll(/^export \{ (\w+) \}/gm)].map(
        (match) => match[1],
      )
      const contents = `import { readGlobals } from './src/cli/globals.ts'
const { command } = readGlobals(process.argv.slice(2))
await (${JSON.stringify(names)}.includes(command) ? import('./tasks.js') : import('./all.js'))`
      return { contents, resolveDir: root, loader: 'js' }
    })
  },
}

/** The table of commands with the tasks' group at hand, and the others left out: they are never asked for here. */
/** @type {import('esbuild').Plugin} */
const tasksAlone = {
  name: 'tasks-alone',
  setup(build) {
    build.onLoad({ filter: /src[\\/]cli[\\/]commands[\\/]index\.ts$/ }, ({ path }) => {
      const table = readFileSync(path, 'utf8')
      const alone = table
        .replace("() => import('./group-tasks.ts')", 'async () => tasksGroup')
        .replace(/async \(\) => \(await (steer|look|setup)\(\)\)\.\w+/g, '() => $1()')
        .replace(/\(\) => import\('\.\/group-\w+\.ts'\)/g, "() => { throw new Error('not in this part') }")
      if (alone.includes('import('))
        throw new Error(`${path}: the table of commands has another form than the build knows`)
      return { contents: `import * as tasksGroup from './group-tasks.ts'\n${alone}`, loader: 'ts' }
    })
  },
}

/** yargs measures its help with `string-width`, whose tables are a third of the start-up time; ours is one file. */
/** @type {import('esbuild').Plugin} */
const ownStringWidth = {
  name: 'own-string-width',
  setup(build) {
    build.onResolve({ filter: /^string-width$/ }, () => ({ path: 'string-width', namespace: 'own' }))
    build.onLoad({ filter: /.*/, namespace: 'own' }, () => ({
      contents: "export { stringWidth as default } from './src/cli/terminal/string-width.ts'",
      resolveDir: root,
    }))
  },
}

/** @param {string} path @param {string} text */
function finishFile(path, text) {
  const body = /\btypeof require\b/.test(text) ? requireBanner + text : text
  return path.endsWith(bin) ? `#!/usr/bin/env node\n${body.replace(/^#!.*\n/, '')}` : body
}

/**
 * Every file is replaced in one step, and old chunks go last: an `if-board` that runs meanwhile sees whole files.
 *
 * @param {ReadonlyMap<string, string>} files  by their name in `dist`
 */
function writeDist(files) {
  mkdirSync(dist, { recursive: true })
  mkdirSync(cache, { recursive: true })
  for (const [name, text] of files) {
    const temporary = join(cache, `${name}.${process.pid}`)
    writeFileSync(temporary, text)
    if (name === bin) chmodSync(temporary, 0o755)
    renameSync(temporary, join(dist, name))
  }
  for (const name of readdirSync(dist)) {
    if (!files.has(name)) rmSync(join(dist, name), { recursive: true, force: true })
  }
}

/** @param {{ startedAtMs: number, inputs: string[], outputs: string[] }} stamp */
function saveStamp(stamp) {
  writeFileSync(stampFile, JSON.stringify(stamp))
}

function isFresh() {
  if (!existsSync(stampFile)) return false
  /** @type {{ startedAtMs: number, inputs: string[], outputs: string[] }} */
  const { startedAtMs, inputs, outputs } = JSON.parse(readFileSync(stampFile, 'utf8'))
  const unchanged = (/** @type {string} */ path) => {
    const found = statSync(join(root, path), { throwIfNoEntry: false })
    return found !== undefined && found.mtimeMs < startedAtMs
  }
  return outputs.every((name) => existsSync(join(dist, name))) && inputs.every(unchanged)
}

async function main() {
  const { values } = parseArgs({ options: { 'if-needed': { type: 'boolean', default: false } } })
  const result = await build({ ifNeeded: values['if-needed'] })
  if (result.kind === 'fresh') return
  console.error(
    `built dist/${bin}: ${result.files} files, ${Math.round(result.bytes / 1024)} KiB in ${seconds(result.ms)}`,
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
