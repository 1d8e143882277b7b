/**
 * A lock file with owner and age, for what only one process of a clone may do at a time.
 *
 * It is held while the file exists, and at the end of its process at most: a command ends while what it does not
 * wait for, such as a fold, is still under way. The owner touches it every few seconds; it counts as left
 * behind when its owner is a process of this machine that is gone, or when nobody touched it for
 * a minute. Only who holds the file beside it (`.take`) may remove a lock that is not its own, so
 * that of two who find it left behind one does not remove the other's fresh lock.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface FileLock {
  release(): Promise<void>
  /** Is it still ours? After a long sleep of the machine another process may have it, or its folder may be gone. */
  holds(): Promise<boolean>
}

const TOUCH_EVERY_MS = 5_000
const LEFT_BEHIND_AFTER_MS = 60_000
/** An owner writes its name right after it made the file; without a name it was killed in between. */
const NAMELESS_LEFT_BEHIND_AFTER_MS = 2_000
/** Taking over is a matter of milliseconds. */
const TAKING_LEFT_BEHIND_AFTER_MS = 10_000
/** Most locks are held for a millisecond, some for as long as a push takes. */
const FIRST_PAUSE_MS = 2
const LONGEST_PAUSE_MS = 25

interface Owner {
  readonly pid: number
  /** Machine and, where the system has them, namespace of process ids: a container may have the name of its host. */
  readonly host: string
  /** Tells two locks of one process apart. */
  readonly nonce: string
}

/** Text of each lock of this process by its path. */
const held = new Map<string, string>()

/** The lock, or `undefined` while another process holds it. */
export async function tryFileLock(path: string): Promise<FileLock | undefined> {
  return (await create(path)) ?? ((await takeOver(path)) ? await create(path) : undefined)
}

/** The lock, waited for at most so long; `undefined`: another process holds it still. Its folder is made. */
export async function waitForFileLock(path: string, patienceMs: number): Promise<FileLock | undefined> {
  await mkdir(dirname(path), { recursive: true })
  const giveUpAt = performance.now() + patienceMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    const lock = await tryFileLock(path)
    if (lock !== undefined || performance.now() > giveUpAt) return lock
    await sleep(pauseMs * (0.5 + Math.random()))
  }
}

async function create(path: string): Promise<FileLock | undefined> {
  const owner: Owner = { pid: process.pid, host: here(), nonce: randomBytes(8).toString('hex') }
  const text = JSON.stringify(owner)
  try {
    // At once, so that the process cannot end between the file and the note of it.
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    if (isCode(error, 'EEXIST')) return undefined
    throw error
  }
  if (held.size === 0) process.on('exit', releaseHeld)
  held.set(path, text)
  const touching = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, TOUCH_EVERY_MS)
  touching.unref()
  return {
    holds: async () => [text, UNREADABLE].includes(await readText(path)),
    release: async () => {
      clearInterval(touching)
      if ((await readText(path)) === text) await rm(path, { force: true })
      if (held.get(path) === text) held.delete(path)
      if (held.size === 0) process.off('exit', releaseHeld)
    },
  }
}

function releaseHeld(): void {
  for (const [path, text] of held) {
    try {
      if (readFileSync(path, 'utf8') === text) rmSync(path, { force: true })
    } catch {
      // It is gone, or cannot be removed now: whoever comes next sees that its owner is.
    }
  }
}

/** Remove a lock that was left behind; false when it is held, or somebody else is removing it. */
async function takeOver(path: string): Promise<boolean> {
  if (!(await isLeftBehind(path))) return false
  const taking = `${path}.take`
  const mutex = await open(taking, 'wx').catch(() => undefined)
  if (mutex === undefined) {
    if ((await ageMs(taking)) > TAKING_LEFT_BEHIND_AFTER_MS) await rm(taking, { force: true })
    return false
  }
  try {
    if (!(await isLeftBehind(path))) return false
    await rm(path, { force: true })
    return true
  } finally {
    await mutex.close()
    await rm(taking, { force: true })
  }
}

async function isLeftBehind(path: string): Promise<boolean> {
  if ((await ageMs(path)) > LEFT_BEHIND_AFTER_MS) return true
  const text = await readText(path)
  // Such as one of another user: it may well be touched.
  if (text === UNREADABLE) return false
  const owner = parseOwner(text)
  // Asked only now: the age of the file that was read, or of a younger one in its place.
  if (owner === undefined) return (await ageMs(path)) > NAMELESS_LEFT_BEHIND_AFTER_MS
  return owner.host === here() && !isAlive(owner.pid)
}

function parseOwner(text: string): Owner | undefined {
  try {
    const value = JSON.parse(text)
    return Number.isSafeInteger(value?.pid) && value.pid > 0 && typeof value.host === 'string' ? value : undefined
  } catch {
    // Its owner has created it and not written it yet: only its age counts.
    return undefined
  }
}

function here(): string {
  try {
    // pid_namespaces(7): who shares it reads the same.
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

/** Ended, and never waited for, as where the first process of a container is none that waits (proc(5), `stat`). */
function isZombie(pid: number): boolean {
  try {
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** Age of a file; 0 when it is gone. */
async function ageMs(path: string): Promise<number> {
  const entry = await stat(path).catch(() => undefined)
  return entry === undefined ? 0 : Date.now() - entry.mtimeMs
}

/** No text of a lock. */
const UNREADABLE = '\0'

/** Empty where there is no file. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    return isCode(error, 'ENOENT') ? '' : UNREADABLE
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
