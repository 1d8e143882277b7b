/**
 * Any repository that git can push to as authority: one atomic push with a lease on every ref.
 *
 * Leases name the exact old value, so a push that was overtaken changes nothing; `--force` and `+`
 * would drop that comparison and are never used. Refs that must be unchanged cannot be guarded by
 * a push (`guards: false`): the caller reads again.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { IfBoardError, type ObjectId, type RefName } from '../../model/index.ts'
import type { MoveOutcome, RefMove, RefStore } from '../../ports/index.ts'
import { fetchView, unreachable, VIEW, whyNot } from './fetch.ts'
import { type GitAnswer, REMOTE_TIMEOUT_MS, runGit } from './git.ts'
import type { Hub } from './hub.ts'
import { judgePush } from './push-answer.ts'
import { parseRefs, remotePatterns } from './refs.ts'
import { type RemoteAccess, remoteAccess } from './remote-access.ts'
import { readRemotely } from './remote-read.ts'

/**
 * Finding out what the remote's name means costs two git commands: once, again when the clone's config file is another
 * one, and after this time, because other files may say it too.
 */
const ACCESS_KEPT_MS = 15_000

export interface RemoteOptions {
  /** Time that one command may take which talks to the remote; default 60 s. */
  readonly timeoutMs?: number
}

export function remoteRefStore(hub: Hub, { timeoutMs = REMOTE_TIMEOUT_MS }: RemoteOptions = {}): RefStore {
  const config = join(hub.repository.commonDir, 'config')
  let latest: (Age & { readonly access: RemoteAccess }) | undefined
  const lookUp = async () => {
    const age: Age = { config: await versionOf(config), at: performance.now() }
    latest = { ...age, access: await remoteAccess(hub) }
    return latest.access
  }
  const access = async () => latest?.access ?? (await lookUp())
  return {
    guards: false,

    async list() {
      // A change of the remote's URL must be noticed by processes that live long.
      const isYoung = latest !== undefined && performance.now() - latest.at < ACCESS_KEPT_MS
      const holds = isYoung && latest?.config === (await versionOf(config))
      const view = await fetchView(hub, holds ? await access() : await lookUp(), timeoutMs)
      return parseRefs(view, hub.binding, VIEW)
    },

    async peek() {
      return readRemote(await access(), timeoutMs)
    },

    async moveAll(moves) {
      const idle = moves.filter(({ expected, next }) => expected === next).map(({ ref }) => ref)
      if (idle.length > 0) return { kind: 'stale', refs: idle }
      if (moves.length === 0) return { kind: 'moved' }
      const remote = await access()
      return decide(remote, moves, await pushMoves(remote, moves, timeoutMs), timeoutMs)
    },
  }
}

interface Age {
  readonly config: string
  /** On the clock of `performance`, milliseconds. */
  readonly at: number
}

/** Another text for every file that git has put in this place since; empty where there is none. */
async function versionOf(path: string): Promise<string> {
  const file = await stat(path).catch(() => undefined)
  return file === undefined ? '' : `${file.ino} ${file.size} ${file.mtimeMs}`
}

/** One push that moves all or none. Refs are named in the order given: a server applies them so. */
export function pushMoves(access: RemoteAccess, moves: readonly RefMove[], timeoutMs: number): Promise<GitAnswer> {
  // An empty value in a lease means: must not exist (git-push(1)).
  const leases = moves.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`)
  const refspecs = moves.map(({ ref, next }) => `${next ?? ''}:${ref}`)
  const args = ['push', '--porcelain', '--atomic', '--no-verify', ...leases, access.name, ...refspecs]
  return runGit(access.place, { args, timeoutMs })
}

/** `git ls-remote`, whose failure prints nothing, like a remote without refs: its status is checked. */
export async function readRemote(
  access: RemoteAccess,
  timeoutMs: number,
  patterns: readonly string[] = remotePatterns(access),
): Promise<ReadonlyMap<RefName, ObjectId>> {
  const args = ['ls-remote', '--quiet', access.name, ...patterns]
  const answer = await readRemotely(access.place, { args, timeoutMs })
  if (answer.exitCode !== 0) throw unreachable(access.name, whyNot(answer))
  return parseRefs(answer.stdout, access)
}

async function decide(
  access: RemoteAccess,
  moves: readonly RefMove[],
  pushed: GitAnswer,
  timeoutMs: number,
): Promise<MoveOutcome> {
  const judged = judgePush(
    pushed,
    moves.map(({ ref }) => ref),
  )
  switch (judged.kind) {
    case 'moved':
    case 'stale':
    case 'busy':
    case 'refused':
      return judged
    case 'unclear':
      return readAgain(access, moves, judged.reason, timeoutMs)
    case 'unsupported':
      throw new IfBoardError('authority/unsupported', `the remote \`${access.name}\` cannot push atomically`, {
        hint: 'On a server of your own set `receive.advertiseAtomic` to true, or choose another remote',
      })
    case 'torn':
      throw new IfBoardError('authority/busy', `the push was not carried out as one: ${judged.reason}`)
    case 'silent':
      if (pushed.timedOut) throw unreachable(access.name, judged.reason)
      return readAgain(access, moves, judged.reason, timeoutMs)
  }
}

/**
 * An answer that does not say what holds now: a rejection without a reason, a connection that broke
 * off. Where a ref is elsewhere, it is stale; that includes
 * our own value, which the caller finds when it reads: an unclear answer is never called `moved`.
 */
async function readAgain(
  access: RemoteAccess,
  moves: readonly RefMove[],
  reason: string,
  timeoutMs: number,
): Promise<MoveOutcome> {
  const now = await readRemote(access, timeoutMs)
  const elsewhere = moves.filter(({ ref, expected }) => now.get(ref) !== expected).map(({ ref }) => ref)
  return elsewhere.length === 0 ? { kind: 'busy', reason } : { kind: 'stale', refs: elsewhere }
}
