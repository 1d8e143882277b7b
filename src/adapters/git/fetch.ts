/**
 * One fetch at a time, shared by everybody who waited for it.
 *
 * Two fetches into one repository fail each other on ref locks, and sessions of one clone all want
 * the same answer. So fetches are numbered in a file: who asks remembers the last number that had
 * begun, then either gets the lock and fetches, or sees a higher number end. That fetch began
 * after the question and answers it, good or bad. No clock is compared.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { IfBoardError, printable } from '../../model/index.ts'
import { readJson, writeFileAtomic } from './atomic-file.ts'
import { type GitAnswer, lockIn, REMOTE_TIMEOUT_MS, reasonOf, runGit } from './git.ts'
import { findOldLocks, type Hub, tryFetchLock } from './hub.ts'
import type { RemoteAccess } from './remote-access.ts'

interface FetchState {
  /** Number of the last fetch that began. */
  readonly begun: number
  /** Number of the last fetch that ended. */
  readonly ended: number
  /** Why that one failed. */
  readonly failure?: string
}

/** Values of the remote live below this, under names that the hub itself never moves. */
export const VIEW = 'refs/view'
/** Below `refs/view` only a fetch under our lock writes; a lock file this old has no owner. */
const VIEW_LOCK_LEFT_BEHIND_MS = 10_000

const FETCH = [
  'fetch',
  '--quiet',
  '--prune',
  '--no-tags',
  // Only the refspecs named here: the clone's own fetch settings are included in the hub's.
  '--refmap=',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
  '--no-show-forced-updates',
  '--no-write-commit-graph',
  '--no-filter',
]

/** Globs, so that a ref that is absent at the remote is no failure. */
const REFSPECS = ['heads/if-board/*', 'if-board/*', 'notes/if-witness*'].map((name) => `+refs/${name}:${VIEW}/${name}`)

/**
 * Bring `refs/view` to what the remote has, by a fetch that began after this call;
 * `authority/unreachable` when the remote did not answer, `authority/busy` when the hub was locked.
 */
export async function fetchView(hub: Hub, access: RemoteAccess, timeoutMs = REMOTE_TIMEOUT_MS): Promise<void> {
  const { begun } = await readState(hub)
  const giveUpAt = performance.now() + 2 * timeoutMs
  for (;;) {
    const lock = await tryFetchLock(hub)
    // Read under the lock where there is one: a fetch may have ended in between.
    const state = await readState(hub)
    try {
      if (state.ended > begun) return report(state)
      if (lock !== undefined) return report(await fetchNow(hub, access, state.begun + 1, timeoutMs))
    } finally {
      await lock?.release()
    }
    if (performance.now() > giveUpAt)
      throw new IfBoardError('authority/busy', 'another process of this clone has been fetching for too long')
    await sleep(5 + Math.random() * 15)
  }
}

async function fetchNow(hub: Hub, access: RemoteAccess, number: number, timeoutMs: number): Promise<FetchState> {
  await writeState(hub, { begun: number, ended: number - 1 })
  const call = { args: [...FETCH, access.name, ...REFSPECS], timeoutMs }
  let answer = await runGit(access.place, call)
  if (answer.exitCode !== 0 && (await removeLeftLocks(hub, answer))) answer = await runGit(access.place, call)
  const failure = answer.exitCode === 0 ? {} : { failure: whyNot(answer) }
  const state: FetchState = { begun: number, ended: number, ...failure }
  await writeState(hub, state)
  return state
}

/** A fetch that was killed may leave lock files below `refs/view`; true when some were removed. */
async function removeLeftLocks(hub: Hub, { stderr }: GitAnswer): Promise<boolean> {
  if (lockIn(stderr) === undefined) return false
  const left = await findOldLocks(hub, VIEW, VIEW_LOCK_LEFT_BEHIND_MS)
  for (const path of left) await rm(path, { force: true })
  return left.length > 0
}

export function whyNot({ stderr, timedOut, exitCode }: GitAnswer): string {
  return timedOut ? 'no answer in time' : reasonOf(stderr) || `git ended with status ${exitCode}`
}

export function unreachable(name: string, reason: string): IfBoardError {
  return new IfBoardError('authority/unreachable', `the remote \`${name}\` did not answer: ${reason}`, {
    hint: `See whether \`git ls-remote ${name}\` works here, then ask again`,
  })
}

function report({ failure }: FetchState): void {
  if (failure === undefined) return
  throw new IfBoardError('authority/unreachable', `the remote did not answer: ${printable(failure)}`, {
    hint: 'See whether `git ls-remote` works here, then ask again',
  })
}

const statePath = (hub: Hub): string => join(hub.path, 'if-board-fetch.json')

async function readState(hub: Hub): Promise<FetchState> {
  const { begun, ended, failure } = ((await readJson(statePath(hub))) ?? {}) as Record<string, unknown>
  if (!Number.isSafeInteger(begun) || !Number.isSafeInteger(ended)) return { begun: 0, ended: 0 }
  const known = { begun: begun as number, ended: ended as number }
  return typeof failure === 'string' ? { ...known, failure } : known
}

function writeState(hub: Hub, state: FetchState): Promise<void> {
  return writeFileAtomic(statePath(hub), JSON.stringify(state))
}
