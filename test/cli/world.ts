/** A project with boards, and the command line in processes of its own. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, bundle } from '../../scripts/build.mjs'
import {
  createHub,
  discoverRepository,
  gitObjectStore,
  localRefStore,
  remoteRefStore,
} from '../../src/adapters/git/index.ts'
import { refLayout } from '../../src/claim/index.ts'
import { encodeCommit } from '../../src/model/index.ts'
import { changeTree } from '../../src/workflows/branch-tree.ts'
import { firstConfig } from '../../src/workflows/init-config.ts'
import { keptCode } from '../support/git-servers.ts'
import { copyOf } from '../support/models.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/if-board.cjs', import.meta.url))

const BOARD_ID = '0123456789abcdef0123456789abcdef'

let modules: Promise<ReadonlyMap<string, readonly string[]>> | undefined

/** What NODE_V8_COVERAGE writes for each process: every script that was loaded. */
interface Coverage {
  readonly result: readonly { readonly url: string }[]
}

export interface Answer {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface World {
  readonly root: string
  /** The bin under test. */
  readonly program: string
  /** What it is started with, by whoever starts it otherwise. */
  readonly environment: Readonly<Record<string, string>>
  /** A clone of the project, or of nothing where the authority is local. */
  clone(name: string): Promise<string>
  /** Run `if-board` in a folder; the variables of coding tools are not handed on. */
  run(folder: string, args: readonly string[], environment?: Record<string, string>): Promise<Answer>
  /** The same, with this on its standard input. */
  feed(folder: string, args: readonly string[], input: string | Buffer, more?: Record<string, string>): Promise<Answer>
  /** The same in a terminal of script(1), into which `typed` is typed; both channels come as one. */
  inTerminal(
    folder: string,
    args: readonly string[],
    typed: string,
    environment: Record<string, string>,
  ): Promise<Answer>
  /** The same, with SIGINT as soon as it has said something; the exit status. */
  interrupt(folder: string, args: readonly string[]): Promise<number>
  git(folder: string, ...args: string[]): Promise<string>
  /** Source files of which some part is loaded when the command runs. */
  sourcesLoadedBy(folder: string, args: readonly string[]): Promise<string[]>
  remove(): Promise<void>
}

export async function makeWorld(): Promise<World> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'if-board-cli-')))
  const environment = cleanEnvironment(root)
  // One for all, of the sources as they stand.
  await build({ ifNeeded: true })
  const program = PROGRAM
  const world: World = {
    root,
    program,
    environment,
    async clone(name) {
      const folder = join(root, name)
      copyOf(['clone of Ann'], folder, (model) => {
        const git = (...args: string[]) => execFileSync('git', args, { cwd: model, env: environment, stdio: 'ignore' })
        git('init', '--quiet', '--initial-branch=main')
        git('commit', '--quiet', '--allow-empty', '--message=first')
      })
      return folder
    },
    run: (folder, args, more = {}) => start(process.execPath, [program, ...args], folder, { ...environment, ...more }),
    feed: (folder, args, input, more = {}) =>
      start(process.execPath, [program, ...args], folder, { ...environment, ...more }, { input }),
    inTerminal(folder, args, typed, more) {
      const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ')
      const env = { ...environment, TERM: 'xterm', NO_COLOR: '1', ...more }
      return start('script', ['--quiet', '--return', '--command', command, '/dev/null'], folder, env, { typed })
    },
    async interrupt(folder, args) {
      return (await start(process.execPath, [program, ...args], folder, environment, 'interrupt')).status
    },
    async git(folder, ...args) {
      const { status, stdout, stderr } = await start('git', args, folder, environment)
      if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
      return stdout.trim()
    },
    async sourcesLoadedBy(folder, args) {
      const covered = await mkdtemp(join(root, 'coverage-'))
      await world.run(folder, args, { NODE_V8_COVERAGE: covered, NODE_DISABLE_COMPILE_CACHE: '1' })
      const reports = await Promise.all((await readdir(covered)).map((name) => readFile(join(covered, name), 'utf8')))
      const urls = reports.flatMap((text) => (JSON.parse(text) as Coverage).result.map(({ url }) => url))
      const chunks = urls.filter((url) => url.startsWith('file:')).map((url) => basename(fileURLToPath(url)))
      return sourcesOf(chunks)
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  }
  return world
}

/** What is in these files of `dist/`. Made once more, because what is built says nothing of its sources. */
async function sourcesOf(chunks: readonly string[]): Promise<string[]> {
  modules ??= bundle().then((made) => made.modules)
  const known = await modules
  return chunks.flatMap((chunk) => {
    const sources = known.get(chunk)
    if (sources === undefined) throw new Error(`\`${chunk}\` was not built from the sources as they stand`)
    return sources
  })
}

/** The coordination branch with these boards, by a hub of the folder: local, or pushed to its `origin`. */
export async function putBoards(
  folder: string,
  boards: Readonly<Record<string, string>>,
  remote?: string,
): Promise<void> {
  const repository = await discoverRepository(folder, cleanEnvironment(folder))
  const authority = remote === undefined ? 'local' : 'remote'
  const place = remote === undefined ? {} : { remote: { name: 'origin', url: remote } }
  const hub = await createHub(repository, { boardId: BOARD_ID, authority, refs: 'custom', ...place })
  const objects = gitObjectStore(hub)
  const config = await firstConfig(Object.keys(boards), { boardId: BOARD_ID, authority, refs: 'custom' })
  const changes = new Map([...Object.entries(boards), ['.if-board/config.yml', config]])
  const { tree, objects: written } = await changeTree(objects, undefined, changes)
  const who = { name: 'Ann', email: 'ann@example.invalid', seconds: 1_762_900_000 }
  const commit = encodeCommit({ tree, parents: [], ...who, message: 'Boards [skip ci]\n' })
  const oids = await objects.write([...written, { type: 'tree', body: new Uint8Array() }, commit])
  const refs = remote === undefined ? localRefStore(hub) : remoteRefStore(hub)
  await refs.moveAll([{ ref: refLayout('custom').board, expected: undefined, next: oids.at(-1) }])
  await objects.close()
}

/** What a person's shell has, without a coding tool around it and without their git settings. */
function cleanEnvironment(home: string): Record<string, string> {
  const { PATH = '' } = process.env
  return {
    PATH,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ann',
    GIT_AUTHOR_EMAIL: 'ann@example.invalid',
    GIT_COMMITTER_NAME: 'Ann',
    GIT_COMMITTER_EMAIL: 'ann@example.invalid',
    ...keptCode(),
  }
}

function start(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
  mode?: 'interrupt' | { readonly typed: string } | { readonly input: string | Buffer },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: [typeof mode === 'object' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    })
    // A program may end without having read all of it.
    child.stdin?.on('error', () => undefined)
    // Left open where somebody types: an end of input ends the terminal.
    if (typeof mode === 'object' && 'typed' in mode) child.stdin?.write(mode.typed)
    if (typeof mode === 'object' && 'input' in mode) child.stdin?.end(mode.input)
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
        texts[name] += chunk
        if (mode === 'interrupt') child.kill('SIGINT')
      })
    child.on('error', reject)
    child.on('exit', () => child.stdin?.end())
    child.on('close', (status) => resolve({ status: status ?? -1, ...texts }))
  })
}

export const BOARD = `# Board

| ID | Task | Status | Dependencies |
|----|------|--------|--------------|
| A1 | Write the parser | 🔵 AVAILABLE | None |
| A2 | Write the printer | 🔵 AVAILABLE | A1 |
| A3 | Write the manual | 🔵 AVAILABLE | None |
`

/** What becomes of a text that is there. */
type Edit = (before: string) => string

/** Files of the coordination branch as a person pushes them; settings get these lines behind them, or are edited. */
export async function push(world: World, folder: string, files: Record<string, string | Edit>): Promise<void> {
  const checkout = `${folder}-board`
  const hub = join(folder, '.git', 'if-board', 'hub.git')
  if (existsSync(checkout)) await world.git(checkout, 'pull', '--quiet')
  else await world.git(world.root, 'clone', '--quiet', '--branch', 'if-board/main', hub, checkout)
  for (const [name, text] of Object.entries(files)) {
    const path = join(checkout, name)
    await mkdir(dirname(path), { recursive: true })
    const edit: Edit = typeof text === 'function' ? text : (before) => (name === CONFIG ? before + text : text)
    await writeFile(path, edit(existsSync(path) ? await readFile(path, 'utf8') : ''))
  }
  await world.git(checkout, 'add', '--all')
  await world.git(checkout, 'commit', '--quiet', '--message=Rules')
  await world.git(checkout, 'push', '--quiet')
}

export const CONFIG = '.if-board/config.yml'
