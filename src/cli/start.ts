/**
 * The bin of the package: starts `main.cjs`, compiled already where an earlier run left that.
 *
 * Compiling the program is the largest part of a start that is our own. Node 22 keeps compiled code by
 * itself (module.enableCompileCache); for Node 20 the same is done here for the one file that every
 * command loads, by vm.Script and its `cachedData`. What is kept lies in the user's own cache folder and
 * is believed only if it belongs to this user and is whole: V8 runs what it is given.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import * as nodeModule from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { findNote } from './socket/find.ts'

/** Bytes of the SHA-256 digest that stands before what V8 made. */
const DIGEST = 32
/** What is polled all day: code that was compiled for it is worth keeping. */
const POLLED = 'next'
const OUTLIVED_MS = 30 * 24 * 3_600_000

/** What a watcher of this clone may answer does not need the program at all. */
function begin(): void {
  const note = findNote(process.argv[2], process.cwd(), process.env)
  if (note === undefined) start()
  else void answered(note).then((isAnswered) => isAnswered || start())
}

/** Whatever goes wrong there, the program itself is here. */
async function answered(note: string): Promise<boolean> {
  try {
    const { askWatcher } = require(join(__dirname, 'ask-watcher.cjs')) as typeof import('./socket/client.ts')
    return await askWatcher(note)
  } catch {
    return false
  }
}

function start(): void {
  const program = join(__dirname, 'main.cjs')
  const folder = cacheFolder()
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder?: string) => unknown }
  if (process.env.NODE_DISABLE_COMPILE_CACHE || folder === undefined) require(program)
  else if (enableCompileCache !== undefined) {
    enableCompileCache(folder)
    require(program)
  } else startCached(program, folder)
}

/** Of the user, where this platform keeps what can be made again; `undefined` without a home. */
function cacheFolder(): string | undefined {
  try {
    const { platform, env } = process
    if (platform === 'win32') return env.LOCALAPPDATA && join(env.LOCALAPPDATA, 'if-board', 'cache')
    if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'if-board')
    return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'if-board')
  } catch {
    return undefined
  }
}

function startCached(program: string, folder: string): void {
  const kept = join(folder, nameOf(program))
  const cachedData = readKept(kept)
  const source = readFileSync(program, 'utf8')
  const script = new Script(nodeModule.Module.wrap(source), {
    filename: program,
    ...(cachedData === undefined ? {} : { cachedData }),
  })
  const used = cachedData !== undefined && script.cachedDataRejected !== true
  // At the end, because then the functions are in it that this command called.
  if (!used && process.argv[2] === POLLED) process.once('exit', () => keep(kept, script))
  const module = new nodeModule.Module(program)
  module.filename = program
  require.cache[program] = module
  const run = script.runInThisContext() as (...parts: unknown[]) => void
  run.call(module.exports, module.exports, nodeModule.createRequire(program), module, program, dirname(program))
  module.loaded = true
}

/** Another build, another Node: another name. Packages come with one date for all, so the size counts too. */
function nameOf(program: string): string {
  const { size, mtimeMs } = statSync(program)
  return `${process.version}-${process.arch}-${process.env.IF_BOARD_VERSION}-${size}-${Math.round(mtimeMs)}.v8`
}

function readKept(path: string): Buffer | undefined {
  try {
    const file = openSync(path, 'r')
    try {
      const { uid, mode } = fstatSync(file)
      if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0)) return undefined
      const bytes = readFileSync(file)
      const data = bytes.subarray(DIGEST)
      return digestOf(data).equals(bytes.subarray(0, DIGEST)) ? data : undefined
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}

/** Written beside its place and renamed; what other builds left long ago goes. That it fails costs time alone, at the next start. */
function keep(path: string, script: Script): void {
  try {
    const data = script.createCachedData()
    const folder = dirname(path)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const beside = `${path}.${process.pid}.tmp`
    writeFileSync(beside, Buffer.concat([digestOf(data), data]), { mode: 0o600, flag: 'wx' })
    renameSync(beside, path)
    for (const old of readdirSync(folder).map((name) => join(folder, name)))
      if (Date.now() - statSync(old).mtimeMs > OUTLIVED_MS) rmSync(old)
  } catch {
    // A read-only home, a full disk.
  }
}

function digestOf(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest()
}

begin()
