/** Lock files of git: of one that lives and is slow, or of one that was killed; no lock says which. */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, utimesSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sandbox } from './git-servers.ts'

/** Git moves its refs faster than this, also on a busy machine. */
const LIVES_MS = 2_000
/** `if-board doctor --fix` takes away what is ten minutes old. */
const OLD_MS = 11 * 60_000
/** A command leaves a fold that takes longer than two seconds to git, which finishes it or gives up. */
const PATIENCE_MS = 10_000

/** Lock files below the repositories, relative to the sandbox; objects hold none of ours. */
export function locksIn({ root }: Pick<Sandbox, 'root'>, ...repositories: readonly string[]): string[] {
  return repositories
    .flatMap((repository) => filesBelow(repository))
    .filter((path) => path.endsWith('.lock'))
    .map((path) => path.slice(root.length + 1))
}

/** The same when all commands have ended and what they left to git has had its time: nothing may be left then. */
export async function locksLeftIn(box: Pick<Sandbox, 'root'>, ...repositories: readonly string[]): Promise<string[]> {
  for (const giveUpAt = performance.now() + PATIENCE_MS; ; await sleep(100)) {
    const locks = locksIn(box, ...repositories)
    if (locks.length === 0 || performance.now() > giveUpAt) return locks
  }
}

/**
 * As if ten minutes had passed over those that stay although no git works there any more, or stay for two seconds.
 * Others are of a git that lives: taken from it, it would move refs beside somebody else.
 */
export async function ageLeft(paths: Iterable<string>): Promise<void> {
  const before = [...paths].map((path) => ({ path, mark: markOf(path) }))
  const stay = () => before.filter(({ path, mark }) => mark !== undefined && markOf(path) === mark)
  const giveUpAt = performance.now() + LIVES_MS
  while (performance.now() < giveUpAt && stay().some(({ path }) => isWorkedAt(path))) await sleep(50)
  const then = new Date(Date.now() - OLD_MS)
  for (const { path } of stay()) setTime(path, then)
}

/** Is there a git that works in a folder above this path? Only proc(5) says; elsewhere there may always be one. */
function isWorkedAt(path: string): boolean {
  if (!existsSync('/proc/self/cwd')) return true
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        if (!basename(program).startsWith('git')) return false
        const folders = [readlinkSync(`/proc/${pid}/cwd`), ...args.map((arg) => arg.replace(/^--git-dir=/, ''))]
        return folders.some((folder) => folder.startsWith('/') && path.startsWith(`${folder}/`))
      } catch {
        // It has just ended.
        return false
      }
    })
}

/** Tells one lock of that path from the next. */
function markOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? undefined : `${found.ino} ${found.mtimeMs}`
}

function setTime(path: string, time: Date): void {
  try {
    utimesSync(path, time, time)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** Git makes and removes folders meanwhile; the first one must be there. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) return [path]
    try {
      return filesBelow(path)
    } catch (error) {
      if (isGone(error)) return []
      throw error
    }
  })
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
