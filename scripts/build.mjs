// @ts-check
/**
 * Bundles `src/cli/` with all its packages into `dist/`.
 *
 * `if-board next` is asked often, so its start counts (docs/decisions/0007): one file instead of hundreds, heavy
 * commands in chunks of their own that are loaded on use. Chunks lie beside the entry, so that `import.meta.url` has
 * the same folder in each. With `--if-needed`, does nothing when no input changed since the last build.
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
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seconds } from './child.mjs'
import { ensureInstalled, root } from './ensure.mjs'
import { licenceText } from './licences.mjs'
import { settingsValidator, validatorInputs } from './settings-validator.mjs'

/** Entries by the name of their file in `dist/`. */
const entries = {
  main: join(root, 'src', 'cli', 'main.ts'),
  'if-board': join(root, 'src', 'cli', 'start.ts'),
  // Read by a start only where a watcher left its note.
  'ask-watcher': join(root, 'src', 'cli', 'socket', 'client.ts'),
}
const bin = 'if-board.cjs'
/** Handed out beside exported logs: one file that needs nothing but Node. */
const verifier = 'verify.mjs'
/** The engine of policies: its loader reads this file from the folder that it lies in itself. */
const cedarWasm = 'node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm_bg.wasm'
/** The program of the process in which a module runs: one file, since it may read no other. */
const guest = 'chassis-guest.cjs'
/** QuickJS, for checks in JavaScript. */
const engine = 'chassis-quickjs.wasm'
const engineSource = 'node_modules/quickjs-wasi/quickjs.wasm'
const dist = join(root, 'dist')
/** Outside `dist`, which is published; on the same file system, so that a rename is one step. */
const cache = join(root, 'node_modules', '.cache', 'if-board')
/** What the last build read, and when it began. */
const stampFile = join(cache, 'build.json')

/**
 * @param {{ ifNeeded?: boolean }} [options]
 * @returns {Promise<{ kind: 'fresh' } | { kind: 'built', files: number, bytes: number, ms: number }>}
 * @throws {Error} with the messages of the bundler
 */
export async function build({ ifNeeded = false } = {}) {
  await ensureInstalled()
  if (ifNeeded && isFresh()) return { kind: 'fresh' }
  const startedAtMs = Date.now()
  const { files, modules } = await bundle()
  const guestBundle = await bundleGuest()
  const inputs = [...new Set([...[...modules.values()].flat(), ...guestBundle.modules])]
  files.set(verifier, await bundleVerifier())
  inputs.push(cedarWasm)
  files.set(guest, guestBundle.code)
  files.set(engine, readFileSync(join(root, engineSource)))
  files.set('THIRD-PARTY-LICENSES.txt', licenceText(root, inputs))
  writeDist(files)
  saveStamp({ startedAtMs, inputs: [...inputs, ...ownInputs], outputs: [...files.keys()] })
  const bytes = [...files.values()].reduce((sum, file) => sum + Buffer.byteLength(file), 0)
  return { kind: 'built', files: files.size, bytes, ms: Date.now() - startedAtMs }
}

const ownScripts = ['build', 'licences', 'settings-validator'].map((name) => `scripts/${name}.mjs`)
const ownInputs = ['package.json', 'package-lock.json', ...ownScripts, ...validatorInputs]

/**
 * One bundle of CommonJS files: `if-board.cjs` that a start reads first, `main.cjs` with all that a command loads in any
 * case (opening a file costs more than reading it), and chunks that are loaded on use.
 *
 * @returns {Promise<{ files: Map<string, string | Buffer>, modules: Map<string, string[]> }>}  texts by their name in `dist/`,
 *   and of each chunk the paths of its sources below the root, with forward slashes
 */
export async function bundle() {
  const { rolldown } = await import('rolldown')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  /** @type {Set<string>} */
  const always = new Set()
  const bundle = await rolldown({
    cwd: root,
    input: entries,
    platform: 'node',
    plugins: [ownStringWidth, noProtoLoader, settingsValidator, loadedAlways(always)],
    transform: {
      target: 'node20.19',
      define: { 'process.env.IF_BOARD_VERSION': JSON.stringify(version), 'import.meta.resolve': 'undefined' },
    },
    // Its other form loads its parts by a `require` of its own, which no bundler sees.
    resolve: { alias: { 'jsonc-parser': join(root, 'node_modules', 'jsonc-parser', 'lib', 'esm', 'main.js') } },
    onLog(level, { message }) {
      if (level === 'warn') throw new Error(message)
    },
  })
  const { output } = await bundle.generate({
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    // A group that has the name of an entry becomes part of it.
    codeSplitting: { groups: [{ name: 'main', test: (/** @type {string} */ id) => always.has(id) }] },
    // Names stay, so that a stack trace in a bug report can be read.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    comments: { legal: false },
  })
  await bundle.close()
  const chunks = output.filter((file) => file.type === 'chunk')
  /** @type {Map<string, string | Buffer>} */
  const files = new Map(chunks.map(({ fileName, code }) => [fileName, code]))
  files.set(basename(cedarWasm), readFileSync(join(root, cedarWasm)))
  files.set(bin, `#!/usr/bin/env node\n${files.get(bin)}`)
  // Compiled code that was kept has no loader of modules for these.
  if (/\bimport\(/.test(String(files.get('main.cjs')))) throw new Error('main.cjs has an import() left')
  return { files, modules: new Map(chunks.map(({ fileName, moduleIds }) => [fileName, ownPaths(moduleIds)])) }
}

/** Not minified: whoever is to trust it may want to read it. */
async function bundleVerifier() {
  const { code } = await bundleOneFile(join(root, 'src', 'verifier', 'main.ts'), 'esm')
  return code
}

async function bundleGuest() {
  const { code, moduleIds } = await bundleOneFile(join(root, 'src', 'adapters', 'wasm', 'guest', 'main.ts'), 'cjs')
  return { code, modules: ownPaths(moduleIds) }
}

/** @param {string} input  absolute @param {'esm' | 'cjs'} format */
async function bundleOneFile(input, format) {
  const { rolldown } = await import('rolldown')
  const bundle = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    transform: { target: 'node20.19' },
    onLog(level, { message }) {
      if (level === 'warn') throw new Error(message)
    },
  })
  const { output } = await bundle.generate({ format, codeSplitting: false, comments: { legal: false } })
  await bundle.close()
  const [file, ...more] = output
  if (more.length > 0) throw new Error(`${input} is not one file`)
  return file
}

/** Without what the bundler adds. @param {readonly string[]} modules */
function ownPaths(modules) {
  return modules.filter((path) => existsSync(path)).map((path) => relative(root, path).replaceAll('\\', '/'))
}

/** Collects every module that the program imports without asking, and what the bundler adds to them. */
/** @param {Set<string>} always @returns {import('rolldown').Plugin} */
function loadedAlways(always) {
  return {
    name: 'loaded-always',
    buildEnd() {
      const walk = (/** @type {string} */ id) => {
        if (always.has(id)) return
        always.add(id)
        for (const next of this.getModuleInfo(id)?.importedIds ?? []) walk(next)
      }
      walk(entries.main)
      always.add('\0rolldown/runtime.js')
    },
  }
}

/** yargs measures its help with `string-width`, whose tables are a third of the start-up time; ours is one file. */
/** @type {import('rolldown').Plugin} */
const ownStringWidth = {
  name: 'own-string-width',
  resolveId(source) {
    return source === 'string-width' ? '\0own-string-width' : null
  },
  load(id) {
    if (id !== '\0own-string-width') return null
    const ours = join(root, 'src', 'cli', 'terminal', 'string-width.ts')
    return `export { stringWidth as default } from ${JSON.stringify(ours)}`
  },
}

/** gRPC loads protobufjs for its own statistics alone, which nobody asks for; our messages have a codec of their own. */
/** @type {import('rolldown').Plugin} */
const noProtoLoader = {
  name: 'no-proto-loader',
  resolveId: (source) => (source === '@grpc/proto-loader' ? '\0no-proto-loader' : null),
  load: (id) => (id === '\0no-proto-loader' ? "export const loadSync = () => { throw new Error('left out') }" : null),
}

/**
 * Every file is replaced in one step, and old chunks go last: an `if-board` that runs meanwhile sees whole files.
 *
 * @param {ReadonlyMap<string, string | Buffer>} files  by their name in `dist`
 */
function writeDist(files) {
  mkdirSync(dist, { recursive: true })
  mkdirSync(cache, { recursive: true })
  for (const [name, content] of files) {
    const temporary = join(cache, `${name}.${process.pid}`)
    writeFileSync(temporary, content)
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
