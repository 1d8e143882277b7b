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
import { type GitAnswer, type GitCall, gitFailed, lockIn, pipeGit, REMOTE_TIMEOUT_MS, reasonOf } from './git.ts'
import { findOldLocks, type Hub, tryFetchLock } from './hub.ts'
import { fetchRefspecs, refPatterns } from './refs.ts'
import type { RemoteAccess } from './remote-access.ts'
import { readRemotely } from './remote-read.ts'

interface FetchState {
  /** Number of the last fetch that began. */
  readonly begun: number
  /** Number of the last fetch that ended. */
  readonly ended: number
  /** Why that one failed. */
  readonly failure?: string
  /** Lines of for-each-ref below `VIEW` as the last good one left it, listed before anybody else could fetch. */
  readonly refs?: string
}

/** Values of the remote live below this, under names that the hub itself never moves. */
export const VIEW = 'refs/view'
/** Only a fetch under our lock writes below `refs/view`; a lock file this old has no owner. */
const LOCK_LEFT_BEHIND_MS = 10_000

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

/**
 * Bring `refs/view` to what the remote has, by a fetch that began after this call, and list it;
 * `authority/unreachable` when the remote did not answer, `authority/busy` when the hub was locked.
 *
 * The list comes from who fetched: a fetch prunes before it updates, so who lists while the next one runs
 * could see a finished task's claim gone beside a board that does not say yet that it is finished.
 */
export async function fetchView(hub: Hub, access: RemoteAccess, timeoutMs = REMOTE_TIMEOUT_MS): Promise<string> {
  const { begun } = await readState(hub)
  const giveUpAt = performance.now() + 2 * timeoutMs
  for (;;) {
    const lock = await tryFetchLock(hub)
    // Read under the lock where there is one: a fetch may have ended in between.
    const state = await readState(hub)
    try {
      const answer = state.ended > begun ? report(state) : undefined
      if (answer !== undefined) return answer
      if (lock !== undefined) return report(await fetchNow(hub, access, state, timeoutMs)) ?? ''
    } finally {
      await lock?.release()
    }
    if (performance.now() > giveUpAt)
      throw new IfBoardError('authority/busy', 'another process of this clone has been fetching for too long')
    await sleep(5 + Math.random() * 15)
  }
}

/** What the last good fetch listed, without asking anybody; `undefined` where there was none, or it failed. */
export async function lastView(hub: Hub): Promise<string | undefined> {
  return (await readState(hub)).refs
}

async function fetchNow(hub: Hub, access: RemoteAccess, before: FetchState, timeoutMs: number): Promise<FetchState> {
  const number = before.begun + 1
  // A fetch that was killed has begun and never ended: whoever waited for it still waits for this one.
  await writeState(hub, { ...before, begun: number })
  const args = [...FETCH, access.name, ...fetchRefspecs(VIEW, hub.binding)]
  const answer = await fetchPastLocks(hub, access, { args, timeoutMs })
  const outcome = answer.exitCode === 0 ? { refs: await listView(hub) } : { failure: whyNot(answer) }
  const state: FetchState = { begun: number, ended: number, ...outcome }
  await writeState(hub, state)
  return state
}

async function listView(hub: Hub): Promise<string> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', ...refPatterns(VIEW, hub.binding)]
  const answer = await pipeGit(hub.place, args, new Uint8Array())
  if (answer.exitCode !== 0) throw gitFailed('list what was fetched', answer)
  return answer.stdout
}

/**
 * A fetch that was killed may leave lock files, or may still end by itself when only its owner was
 * killed. Nobody else writes there, so locks are waited for until they are old enough to have no owner.
 */
async function fetchPastLocks(hub: Hub, access: RemoteAccess, call: GitCall): Promise<GitAnswer> {
  const giveUpAt = performance.now() + 2 * LOCK_LEFT_BEHIND_MS
  for (;;) {
    const answer = await readRemotely(access.place, call)
    if (answer.exitCode === 0 || lockIn(answer.stderr) === undefined || performance.now() > giveUpAt) return answer
    for (const path of await oldLocksOfFetches(hub)) await rm(path, { force: true })
    await sleep(50 + Math.random() * 450)
  }
}

/** Pruning rewrites `packed-refs`, which only fetches and packing do in the hub of a remote, both under our lock. */
async function oldLocksOfFetches(hub: Hub): Promise<string[]> {
  const packed = join(hub.path, 'packed-refs.lock')
  const found = await findOldLocks(hub, '', LOCK_LEFT_BEHIND_MS)
  return found.filter((path) => path === packed || path.startsWith(join(hub.path, VIEW)))
}

export function whyNot({ stderr, timedOut, exitCode }: GitAnswer): string {
  return timedOut ? 'no answer in time' : reasonOf(stderr) || `git ended with status ${exitCode}`
}

export function unreachable(name: string, reason: string): IfBoardError {
  return new IfBoardError('authority/unreachable', `the remote \`${name}\` did not answer: ${reason}`, {
    hint: `See whether \`git ls-remote ${name}\` works here, then ask again`,
  })
}

/** What it brought; `undefined` when that is not known, because another version of the program fetched. */
function report({ failure, refs }: FetchState): string | undefined {
  if (failure === undefined) return refs
  throw new IfBoardError('authority/unreachable', `the remote did not answer: ${printable(failure)}`, {
    hint: 'See whether `git ls-remote` works here, then ask again',
  })
}

const statePath = (hub: Hub): string => join(hub.path, 'if-board-fetch.json')

async function readState(hub: Hub): Promise<FetchState> {
  const { begun, ended, failure, refs } = ((await readJson(statePath(hub))) ?? {}) as Record<string, unknown>
  if (!Number.isSafeInteger(begun) || !Number.isSafeInteger(ended)) return { begun: 0, ended: 0 }
  return {
    begun: begun as number,
    ended: ended as number,
    ...(typeof failure === 'string' ? { failure } : {}),
    ...(typeof refs === 'string' ? { refs } : {}),
  }
}

function writeState(hub: Hub, state: FetchState): Promise<void> {
  return writeFileAtomic(statePath(hub), JSON.stringify(state))
}
