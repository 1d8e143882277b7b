// @ts-check
/**
 * Test files and the sources that they import as plain JavaScript, made once for a whole run; and the programs that
 * tests start as processes of their own, files whose names end with `process.ts` (test/support/program.ts).
 *
 * Every test file is a process of its own. Left to tsx, each would look up and compile the same two hundred sources
 * again, which took more processor time than most files' tests. Packages stay where they are, tests still run on the
 * sources as they stand, and with `--enable-source-maps` a stack trace names their lines.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { removeAtEnd } from './child.mjs'
import { root } from './ensure.mjs'
import { settingsValidator } from './settings-validator.mjs'

/** Below `node_modules`, so that packages are found from here too. */
const folders = join(root, 'node_modules', '.cache', 'if-board', 'tests')
/** Longer than any run may take: what a killed run left behind. */
const OUTLIVED_MS = 2 * 3_600_000

/**
 * Compiles test files; where that fails, and to measure coverage, each is left to tsx, so that one file with a mistake
 * in its syntax fails alone.
 *
 * @param {readonly string[]} files  paths below the root, with forward slashes
 * @param {readonly string[]} programs
 * @returns {Promise<{ argsFor: (file: string) => string[], variables: Record<string, string> }>}  what Node is started
 *   with to run a file, and what tells tests where the programs are
 */
export async function bundleTests(files, programs) {
  const oneByOne = { argsFor: (/** @type {string} */ file) => ['--import', 'tsx', file], variables: {} }
  if (process.env.NODE_V8_COVERAGE !== undefined) return oneByOne
  const folder = makeFolder()
  try {
    await write([...files, ...programs], folder)
  } catch (error) {
    console.log(`each file is compiled on its own, because: ${/** @type {Error} */ (error).message}`)
    return oneByOne
  }
  return {
    argsFor: (file) => ['--enable-source-maps', join(folder, `${nameOf(file)}.mjs`)],
    variables: { IF_BOARD_TEST_PROGRAMS: folder },
  }
}

/** @param {readonly string[]} files @param {string} folder */
async function write(files, folder) {
  const { rolldown } = await import('rolldown')
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(files.map((file) => [nameOf(file), join(root, file)])),
    platform: 'node',
    external: (id) => /^[\w@]/.test(id) && !/^[a-z]:[\\/]/i.test(id),
    plugins: [ownUrls, settingsValidator],
    transform: { target: 'node20.19' },
    // Its warnings are about how well chunks are cut, which matters to nobody here.
    onLog: () => undefined,
  })
  await bundle.write({
    dir: folder,
    format: 'esm',
    sourcemap: true,
    keepNames: true,
    entryFileNames: '[name].mjs',
    chunkFileNames: 'chunks/[name]-[hash].mjs',
  })
  await bundle.close()
}

/** A fixture or a template is looked for beside the source, wherever the compiled code lies. */
/** @type {import('rolldown').Plugin} */
const ownUrls = {
  name: 'own-urls',
  transform: {
    filter: { code: 'import.meta.url' },
    // On the same line, so that the lines of stack traces hold.
    handler: (code, id) => ({
      code: code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
      map: null,
    }),
  },
}

/** A folder of this run alone, since runs may overlap; it goes with this process. */
function makeFolder() {
  mkdirSync(folders, { recursive: true })
  for (const old of readdirSync(folders).map((name) => join(folders, name))) {
    if (Date.now() - statSync(old).mtimeMs > OUTLIVED_MS) rmSync(old, { recursive: true, force: true })
  }
  const folder = mkdtempSync(join(folders, 'run-'))
  removeAtEnd(folder)
  return folder
}

/** @param {string} file */
const nameOf = (file) => file.replace(/\.ts$/, '')
