/**
 * Which repository a directory belongs to, told from the files where they are ordinary, and by
 * git itself wherever anything is odd. The usual case starts no process.
 *
 * Layouts: gitrepository-layout(5), git-worktree(1) "DETAILS", gitsubmodules(7).
 */
import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { IfBoardError, printable } from '../../model/index.ts'
import type { Environment } from './environment.ts'
import { type GitPlace, gitFailed, reasonOf, runGit } from './git.ts'

export interface Repository {
  /** Git directory of this work tree: a linked work tree has its own. */
  readonly gitDir: string
  /** Git directory that all work trees of the clone share; the hub lies in it. */
  readonly commonDir: string
  /** Root of this work tree; `undefined` in a bare repository or inside a git directory. */
  readonly workTree: string | undefined
  /** Root of the main work tree: where relative remote URLs are resolved from. Bare: the git directory. */
  readonly mainWorkTree: string
  readonly objectFormat: 'sha1' | 'sha256'
  /** What git commands about this repository inherit. */
  readonly environment: Environment
}

/** Variables by which a person tells git where to look; then git is asked. */
const STEERING = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_CEILING_DIRECTORIES', 'GIT_OBJECT_DIRECTORY']

/** The repository around `cwd`; `repo/not-found` when there is none that git would use. */
export async function discoverRepository(cwd: string, environment: Environment): Promise<Repository> {
  const steered = STEERING.some((name) => environment[name] !== undefined)
  const found = steered ? undefined : await findByFiles(cwd)
  const { gitDir, commonDir, workTree } = found ?? (await askGit(cwd, environment))
  const config = await readRepositoryConfig(commonDir)
  return {
    gitDir,
    commonDir,
    workTree,
    mainWorkTree: mainWorkTree({ gitDir, commonDir, workTree }, config),
    objectFormat: config.get('extensions.objectformat') === 'sha256' ? 'sha256' : 'sha1',
    environment,
  }
}

/** Version of the installed git; `repo/git-too-old` below 2.30. Not for the hot path. */
export async function gitVersion(cwd: string, environment: Environment): Promise<{ major: number; minor: number }> {
  const answer = await runGit({ cwd, gitDir: undefined, environment }, { args: ['version'] })
  const match = /(\d+)\.(\d+)/.exec(answer.stdout)
  const major = Number(match?.[1] ?? 0)
  const minor = Number(match?.[2] ?? 0)
  if (major > 2 || (major === 2 && minor >= 30)) return { major, minor }
  throw new IfBoardError(
    'repo/git-too-old',
    `found ${printable(answer.stdout.trim(), 60)}, expected git 2.30 or newer`,
    {
      hint: 'Install git 2.30 or newer',
    },
  )
}

/** A git command about the user's own repository. */
export function workPlace({ gitDir, workTree, environment }: Repository): GitPlace {
  return { cwd: workTree ?? gitDir, gitDir, environment }
}

interface Layout {
  readonly gitDir: string
  readonly commonDir: string
  readonly workTree: string | undefined
}

async function findByFiles(cwd: string): Promise<Layout | undefined> {
  const start = await realpath(cwd).catch(() => undefined)
  if (start === undefined) return undefined
  for (let folder = start; ; folder = dirname(folder)) {
    const entry = await stat(join(folder, '.git')).catch(() => undefined)
    if (entry !== undefined) return layoutAt(folder, entry.isDirectory())
    // A folder that looks like a git directory (bare, or we stand inside `.git`) is git's to judge.
    if (await isFile(join(folder, 'HEAD'))) return undefined
    if (dirname(folder) === folder) return undefined
  }
}

async function layoutAt(folder: string, isDirectory: boolean): Promise<Layout | undefined> {
  const gitDir = isDirectory ? join(folder, '.git') : await followGitFile(folder)
  if (gitDir === undefined || !(await isFile(join(gitDir, 'HEAD'))) || !(await isOurs(gitDir))) return undefined
  const pointer = await readText(join(gitDir, 'commondir'))
  const commonDir = pointer === undefined ? gitDir : resolve(gitDir, pointer.trim())
  const config = await readRepositoryConfig(commonDir)
  const moved = config.has('core.worktree') && resolve(commonDir, config.get('core.worktree') ?? '') !== folder
  if (config.get('core.bare') === 'true' || (moved && pointer === undefined)) return undefined
  return { gitDir, commonDir, workTree: folder }
}

/** gitrepository-layout(5): a `.git` file holds `gitdir: <path>`, relative to its own folder. */
async function followGitFile(folder: string): Promise<string | undefined> {
  const path = /^gitdir: (.+)$/m.exec((await readText(join(folder, '.git'))) ?? '')?.[1]?.trimEnd()
  return path === undefined ? undefined : resolve(folder, path)
}

/** Git refuses repositories of other users (`safe.directory`); where that may apply, git decides. */
async function isOurs(gitDir: string): Promise<boolean> {
  const owner = (await stat(gitDir).catch(() => undefined))?.uid
  return process.getuid === undefined || owner === process.getuid()
}

async function askGit(cwd: string, environment: Environment): Promise<Layout> {
  const place: GitPlace = { cwd, gitDir: undefined, environment, keepLocalVariables: true }
  const args = ['rev-parse', '--is-inside-work-tree', '--git-dir', '--git-common-dir', '--show-cdup']
  const answer = await runGit(place, { args }).catch((cause) => {
    throw new IfBoardError('repo/not-found', `no git repository at \`${printable(cwd)}\``, { cause })
  })
  if (answer.exitCode !== 0) throw notFound(cwd, answer.stderr)
  const [inside, gitDir, commonDir, up] = answer.stdout.split('\n')
  if (gitDir === undefined || commonDir === undefined) throw gitFailed('tell where the repository is', answer)
  // `--path-format=absolute` is git 2.31, so paths are resolved by hand.
  return {
    gitDir: resolve(cwd, gitDir),
    commonDir: resolve(cwd, commonDir),
    workTree: inside === 'true' ? resolve(cwd, up ?? '') : undefined,
  }
}

function notFound(cwd: string, stderr: string): IfBoardError {
  if (/dubious ownership|safe\.directory|unsafe repository/.test(stderr))
    return new IfBoardError('repo/not-found', `git does not trust the repository at \`${printable(cwd)}\``, {
      hint: 'It belongs to another user; if you trust it, add it with `git config --global --add safe.directory <path>`',
    })
  const known = /not a git repository|must be run in a work tree/.test(stderr)
  return new IfBoardError(
    'repo/not-found',
    `no git repository at \`${printable(cwd)}\`${known ? '' : ` (${reasonOf(stderr)})`}`,
    { hint: 'Change into your project, or type `git init` there first' },
  )
}

function mainWorkTree({ gitDir, commonDir, workTree }: Layout, config: ReadonlyMap<string, string>): string {
  if (gitDir === commonDir && workTree !== undefined) return workTree
  const configured = config.get('core.worktree')
  if (configured !== undefined) return isAbsolute(configured) ? configured : resolve(commonDir, configured)
  return basename(commonDir) === '.git' && config.get('core.bare') !== 'true' ? dirname(commonDir) : commonDir
}

/**
 * The few settings that git itself reads from this one file, without includes: keys in lower
 * case, values without quotes. git-config(1) "CONFIGURATION FILE"; a value with escapes is left as it is.
 */
async function readRepositoryConfig(commonDir: string): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>()
  let section = ''
  for (const line of ((await readText(join(commonDir, 'config'))) ?? '').split('\n')) {
    section = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1]?.toLowerCase() ?? section
    const pair = /^\s*(?:\[[^\]]*\]\s*)?([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*?))?\s*$/.exec(line)
    if (pair?.[1] !== undefined)
      values.set(`${section}.${pair[1].toLowerCase()}`, (pair[2] ?? 'true').replace(/^"(.*)"$/, '$1'))
  }
  return values
}

function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  )
}
