/** What can be wrong in a hub and on the directories of this machine that it works with. */
import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { branchRef } from '../../model/index.ts'
import type { HubHealth } from '../../ports/index.ts'
import { discoverRepository } from './discover.ts'
import type { Environment } from './environment.ts'
import { countLooseObjects, findOldLocks, type Hub, openHub, packHub, removeOldLocks, tryFetchLock } from './hub.ts'

const OTHERS_MAY = 0o077
const LOCK_LEFT_BEHIND_MS = 600_000

/** Every answer is "nothing" while there is no hub. */
export function gitHubHealth(cwd: string, environment: Environment): HubHealth {
  const hub = async () => openHub(await discoverRepository(cwd, environment))
  return {
    async oldLocks() {
      const found = await hub()
      return found === undefined ? [] : [...(await findOldLocks(found)), ...(await remoteLocks(found))]
    },
    async removeOldLocks() {
      const found = await hub()
      return found === undefined ? [] : [...(await removeOldLocks(found)), ...(await removeRemoteLocks(found))]
    },
    async looseObjects() {
      const found = await hub()
      return found === undefined ? 0 : countLooseObjects(found)
    },
    async pack() {
      const found = await hub()
      return found !== undefined && packHub(found)
    },
    async openKeys() {
      const found = await hub()
      return found === undefined ? [] : openKeysIn(join(dirname(found.path), 'keys'))
    },
  }
}

/**
 * A push into a directory of this machine runs there as our own process; one that was killed leaves
 * its lock files in that repository. Only those that a coordination ref needs are ours to judge.
 */
async function remoteLocks(hub: Hub): Promise<string[]> {
  const folder = await remoteFolder(hub)
  if (folder === undefined) return []
  const places = ['refs/heads/if-board', 'refs/if-board', 'refs/notes'].map((name) => join(folder, name))
  const board = `${branchRef(hub.binding.branch)}.lock`
  const found = [join(folder, 'packed-refs.lock'), join(folder, board)]
  for (const place of places) found.push(...(await lockFiles(place)))
  const old: string[] = []
  for (const path of new Set(found)) if ((await ageMs(path)) > LOCK_LEFT_BEHIND_MS) old.push(path)
  return old
}

async function removeRemoteLocks(hub: Hub): Promise<string[]> {
  const mutex = await tryFetchLock(hub)
  if (mutex === undefined) return []
  try {
    const old = await remoteLocks(hub)
    for (const path of old) await rm(path, { force: true })
    return old
  } finally {
    await mutex.release()
  }
}

/** Git directory of a remote that is a path or a `file://` URL; `undefined` for any other. */
async function remoteFolder({ binding, repository }: Hub): Promise<string | undefined> {
  const url = binding.remote?.url
  if (url === undefined || (/^[^/\\]*:/.test(url) && !url.startsWith('file:'))) return undefined
  const path = url.startsWith('file:') ? pathOfUrl(url) : resolve(repository.mainWorkTree, url)
  for (const candidate of path === undefined ? [] : [join(path, '.git'), path, `${path}.git`])
    if (await isFolder(join(candidate, 'objects'))) return candidate
  return undefined
}

function pathOfUrl(url: string): string | undefined {
  try {
    return fileURLToPath(url)
  } catch {
    return undefined // a host in it, or broken escapes: git will say so
  }
}

async function lockFiles(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await lockFiles(path)))
    else if (entry.name.endsWith('.lock') && /if-board|if-witness/.test(path)) found.push(path)
  }
  return found
}

/** Private keys that others can read; modes mean nothing on Windows. */
async function openKeysIn(folder: string): Promise<string[]> {
  if (process.platform === 'win32') return []
  const open: string[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const mode = (await stat(path).catch(() => undefined))?.mode ?? 0
    if (name.endsWith('.pem') && (mode & OTHERS_MAY) !== 0) open.push(path)
  }
  return open
}

/** Age of a file; 0 when it is not there. */
async function ageMs(path: string): Promise<number> {
  const entry = await stat(path).catch(() => undefined)
  return entry === undefined ? 0 : Date.now() - entry.mtimeMs
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  )
}
