/**
 * The hub: a bare repository inside the clone's common git directory that holds coordination
 * refs and objects only, so that nothing of ours is ever in the user's own refs, index or reflog.
 *
 * It is made beside its place and renamed, so it is there whole or not at all; of two processes
 * that make it at once, one wins the rename and the other uses what is there.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BranchName, IfBoardError, invariant, isBranchName, printable } from '../../model/index.ts'
import { type FileLock, tryFileLock } from '../process/file-lock.ts'
import { readJson, writeFileAtomic } from './atomic-file.ts'
import type { Repository } from './discover.ts'
import type { Setting } from './environment.ts'
import { type GitPlace, gitFailed, runGit } from './git.ts'

/** What a hub stands for; kept in `if-board.json` inside it. */
export interface HubBinding {
  /** Random id of the project's boards; `undefined` until `init` has seen or made the branch. */
  readonly boardId: string | undefined
  readonly authority: 'remote' | 'local'
  readonly refs: 'custom' | 'heads'
  /** The coordination branch; absent = `if-board/main`. */
  readonly branch?: BranchName
  /** Name and first URL of the remote, where that is the authority. */
  readonly remote?: { readonly name: string; readonly url: string }
}

export interface Hub {
  /** Absolute path of the bare repository. */
  readonly path: string
  readonly repository: Repository
  readonly binding: HubBinding
  /** How git is called about the hub: by `--git-dir`, from the root of the main work tree. */
  readonly place: GitPlace
}

const BINDING = 'if-board.json'
/** Loose objects above which reading gets slow enough to pay for packing. */
const PACK_ABOVE = 5_000
/** A git command holds a lock file for milliseconds; after this time its owner was killed. */
const LOCK_LEFT_BEHIND_MS = 600_000

/** Path of the hub of a clone, whether it is there or not. */
export function hubPath({ commonDir }: Repository): string {
  return join(commonDir, 'if-board', 'hub.git')
}

/** The hub of this clone, or `undefined` before `init`. Starts no process. */
export async function openHub(repository: Repository): Promise<Hub | undefined> {
  const path = hubPath(repository)
  const binding = await readJson(join(path, BINDING))
  if (binding !== undefined) return hubAt(path, repository, toBinding(binding))
  if ((await stat(path).catch(() => undefined)) === undefined) return undefined
  throw new IfBoardError('config/invalid', `\`${printable(path)}\` has no readable ${BINDING}`, {
    hint: 'Type `if-board doctor` to see what is wrong with this clone',
  })
}

/** Make the hub, or open the one that is there: then `binding` of the result may differ from what was asked. */
export async function createHub(repository: Repository, binding: HubBinding): Promise<Hub> {
  const existing = await openHub(repository)
  if (existing !== undefined) return existing
  const path = hubPath(repository)
  await mkdir(join(path, '..'), { recursive: true })
  await removeUnfinished(join(path, '..'))
  const beside = `${path}.new-${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    await build(beside, repository, binding)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    const winner = await openHub(repository)
    if (winner === undefined) throw error
    return winner
  }
  return hubAt(path, repository, binding)
}

/** Bind a hub anew, such as to a remote whose URL changed. */
export async function rebindHub(hub: Hub, binding: HubBinding): Promise<Hub> {
  await writeFileAtomic(join(hub.path, BINDING), encodeBinding(binding))
  return hubAt(hub.path, hub.repository, binding)
}

/** The lock under which refs are fetched and objects packed; `undefined` while another process has it. */
export function tryFetchLock(hub: Hub): Promise<FileLock | undefined> {
  return tryFileLock(join(hub.path, 'if-board-fetch.lock'))
}

/** Pack objects and refs when there are many; false when there was no need or another process is fetching. */
export async function packHub(hub: Hub, above = PACK_ABOVE): Promise<boolean> {
  if ((await countLooseObjects(hub)) <= above) return false
  const lock = await tryFetchLock(hub)
  if (lock === undefined) return false
  try {
    const answer = await runGit(hub.place, { args: ['gc', '--quiet', '--prune=2.weeks.ago'] })
    if (answer.exitCode !== 0) throw gitFailed('pack the hub', answer)
    return true
  } finally {
    await lock.release()
  }
}

export async function countLooseObjects({ path }: Hub): Promise<number> {
  const folders = await readdir(join(path, 'objects')).catch(() => [])
  let count = 0
  for (const folder of folders)
    if (/^[0-9a-f]{2}$/.test(folder)) count += (await readdir(join(path, 'objects', folder)).catch(() => [])).length
  return count
}

/**
 * Lock files of git in the hub (or below one folder of it, such as `refs/view`) that are older
 * than `olderThanMs`: what a killed process left. Paths are absolute.
 */
export async function findOldLocks(hub: Hub, below = '', olderThanMs = LOCK_LEFT_BEHIND_MS): Promise<string[]> {
  const old: string[] = []
  for (const path of await lockFiles(join(hub.path, below))) {
    const entry = await stat(path).catch(() => undefined)
    if (entry?.isFile() === true && Date.now() - entry.mtimeMs > olderThanMs) old.push(path)
  }
  return old
}

/** Files named `*.lock`, without our own and without a walk through the objects. */
async function lockFiles(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(entry.name === 'objects' ? [] : await lockFiles(path)))
    else if (entry.name.endsWith('.lock') && !entry.name.startsWith('if-board-')) found.push(path)
  }
  return found
}

/** Remove what `findOldLocks` finds, under the hub's own mutex; the removed paths. */
export async function removeOldLocks(hub: Hub, olderThanMs = LOCK_LEFT_BEHIND_MS): Promise<string[]> {
  const lock = await tryFetchLock(hub)
  if (lock === undefined) return []
  try {
    const old = await findOldLocks(hub, '', olderThanMs)
    for (const path of old) await rm(path, { force: true })
    return old
  } finally {
    await lock.release()
  }
}

function hubAt(path: string, repository: Repository, binding: HubBinding): Hub {
  const { environment, mainWorkTree: cwd } = repository
  return { path, repository, binding, place: { cwd, gitDir: path, environment, settings: namedRefsOnly(binding) } }
}

/** A clone may mirror its remote; the hub pushes named refs only. */
function namedRefsOnly({ remote }: HubBinding): Setting[] {
  return remote === undefined ? [] : [{ key: `remote.${remote.name}.mirror`, value: 'false' }]
}

async function build(path: string, repository: Repository, binding: HubBinding): Promise<void> {
  const { environment, objectFormat, mainWorkTree } = repository
  // An environment that asks for another ref format would change where locks and refs lie.
  const place = {
    cwd: mainWorkTree,
    gitDir: undefined,
    environment: { ...environment, GIT_DEFAULT_REF_FORMAT: 'files' },
  }
  const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${objectFormat}`, path]
  const answer = await runGit(place, { args })
  if (answer.exitCode !== 0) throw gitFailed('make the hub', answer)
  const config = join(path, 'config')
  await writeFile(config, hubConfig(await readFile(config, 'utf8')))
  await writeFile(join(path, BINDING), encodeBinding(binding))
}

/** The clone's settings first, so that remotes and credentials work as they do there; no reflogs. */
function hubConfig(written: string): string {
  return `[include]\n\tpath = ../../config\n${written}[core]\n\tlogAllRefUpdates = false\n`
}

/** Hubs that were being made when their process was killed, after a while. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('hub.git.new-')) continue
    const path = join(folder, name)
    const entry = await stat(path).catch(() => undefined)
    if (entry !== undefined && Date.now() - entry.mtimeMs > LOCK_LEFT_BEHIND_MS)
      await rm(path, { recursive: true, force: true })
  }
}

function encodeBinding(binding: HubBinding): string {
  const { remote } = binding
  invariant(remote === undefined || isRemoteName(remote.name), 'a remote name has no space and no leading `-`')
  return `${JSON.stringify(binding, null, 2)}\n`
}

function toBinding(value: unknown): HubBinding {
  const { boardId, authority, refs, branch, remote } = (value ?? {}) as Record<string, unknown>
  const place = remote as { name?: unknown; url?: unknown } | undefined
  if (
    (boardId !== undefined && typeof boardId !== 'string') ||
    (authority !== 'remote' && authority !== 'local') ||
    (refs !== 'custom' && refs !== 'heads') ||
    (branch !== undefined && (typeof branch !== 'string' || !isBranchName(branch)))
  )
    throw new IfBoardError('config/invalid', `the hub's ${BINDING} is damaged`, { hint: 'Type `if-board doctor`' })
  const binding: HubBinding = { boardId, authority, refs, ...(branch === undefined ? {} : { branch }) }
  if (typeof place?.name !== 'string' || typeof place.url !== 'string' || !isRemoteName(place.name)) return binding
  return { ...binding, remote: { name: place.name, url: place.url } }
}

function isRemoteName(name: string): boolean {
  return /^[^-\s\u0000-\u001f][^\s\u0000-\u001f]*$/.test(name)
}
