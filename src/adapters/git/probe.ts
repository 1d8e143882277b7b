/**
 * What a remote lets us do, found out by doing it on refs of our own that are removed again.
 *
 * One atomic push creates a ref, moves one to a commit that is no child of the old one, writes a
 * notes ref and deletes a ref; then the remote must show exactly that. Where the names below
 * `refs/if-board/` are refused, the same is tried below `refs/heads/if-board/` with a child.
 */
import { randomBytes } from 'node:crypto'
import {
  BOARD_BRANCH,
  type BranchName,
  encodeCommit,
  IfBoardError,
  type ObjectId,
  printable,
  type RefName,
  toRefName,
} from '../../model/index.ts'
import type { RefMove } from '../../ports/index.ts'
import { unreachable, whyNot } from './fetch.ts'
import { REMOTE_TIMEOUT_MS, runGit } from './git.ts'
import type { Hub } from './hub.ts'
import { gitObjectStore } from './object-store.ts'
import { judgePush } from './push-answer.ts'
import { rivalIn, rivalPatterns } from './refs.ts'
import { type RemoteAccess, remoteAccess } from './remote-access.ts'
import { pushMoves, readRemote } from './remote-ref-store.ts'

export interface ProbeResult {
  /** Refs below `refs/if-board/` and `refs/notes/` can be used in full. */
  readonly custom: boolean
  /** Branches below `if-board/` can; asked only where `custom` does not hold, which includes it. */
  readonly heads: boolean
  /** The server takes a set of refs as one. */
  readonly atomic: boolean
  /** What the server said where something is missing; printable. */
  readonly reason: string | undefined
}

interface Probe {
  readonly access: RemoteAccess
  readonly timeoutMs: number
}

/** `authority/unreachable` without an answer; `authority/branch-conflict` where a branch such as `if-board` is in the way. */
export async function probeRemote(hub: Hub, timeoutMs = REMOTE_TIMEOUT_MS): Promise<ProbeResult> {
  const probe = { access: await remoteAccess(hub), timeoutMs }
  await checkBranchName(probe, hub.binding.branch ?? BOARD_BRANCH)
  const [old, child, unrelated] = await probeCommits(hub)
  const id = randomBytes(6).toString('hex')
  const notes = toRefName(`refs/notes/if-witness-probe-${id}`)
  const custom = await attempt(probe, `refs/if-board/probe-${id}`, { old, next: unrelated, notes })
  if (custom.ok) return { custom: true, heads: true, atomic: true, reason: undefined }
  if (!custom.atomic) return { custom: false, heads: false, atomic: false, reason: custom.reason }
  await checkBranchName(probe, BOARD_BRANCH)
  const heads = await attempt(probe, `refs/heads/if-board/probe-${id}`, { old, next: child })
  return { custom: false, heads: heads.ok, atomic: heads.atomic, reason: custom.reason }
}

interface Attempt {
  readonly ok: boolean
  readonly atomic: boolean
  readonly reason: string | undefined
}

interface ProbeObjects {
  readonly old: ObjectId
  readonly next: ObjectId
  readonly notes?: RefName
}

async function attempt(probe: Probe, base: string, { old, next, notes }: ProbeObjects): Promise<Attempt> {
  const [made, moved, dropped] = ['made', 'moved', 'dropped'].map((name) => toRefName(`${base}-${name}`)) as [
    RefName,
    RefName,
    RefName,
  ]
  const first = await push(probe, [
    { ref: moved, expected: undefined, next: old },
    { ref: dropped, expected: undefined, next: old },
  ])
  if (!first.ok) return first
  const note = notes === undefined ? [] : [{ ref: notes, expected: undefined, next: old }]
  const second = await push(probe, [
    { ref: made, expected: undefined, next },
    { ref: moved, expected: old, next },
    ...note,
    { ref: dropped, expected: old, next: undefined },
  ])
  const seen = await readRemote(probe.access, probe.timeoutMs, [`${base}-*`])
  await cleanUp(probe, seen, second.ok ? note : [])
  if (!second.ok) return second
  if (seen.get(made) === next && seen.get(moved) === next && !seen.has(dropped)) return second
  return { ok: false, atomic: true, reason: 'the remote accepted refs that it does not show' }
}

async function push({ access, timeoutMs }: Probe, moves: readonly RefMove[]): Promise<Attempt> {
  const judged = judgePush(
    await pushMoves(access, moves, timeoutMs),
    moves.map(({ ref }) => ref),
  )
  if (judged.kind === 'silent') throw unreachable(access.name, judged.reason)
  const reason = 'reason' in judged ? judged.reason : undefined
  return { ok: judged.kind === 'moved', atomic: judged.kind !== 'unsupported', reason }
}

/** One push each: a ref that cannot be deleted must not keep the others. */
async function cleanUp(
  probe: Probe,
  seen: ReadonlyMap<RefName, ObjectId>,
  notes: readonly { readonly ref: RefName; readonly next: ObjectId }[],
): Promise<void> {
  const left = [...seen, ...notes.map(({ ref, next }) => [ref, next] as const)]
  const all = left.map(([ref, expected]) => ({ ref, expected, next: undefined }))
  const together = all.length === 0 || (await push(probe, all)).ok
  if (!together) for (const one of all) await push(probe, [one])
}

/** A branch named `if-board` makes every `if-board/…` branch impossible: a file where a folder is needed. */
async function checkBranchName({ access, timeoutMs }: Probe, branch: BranchName): Promise<void> {
  const args = ['ls-remote', '--quiet', access.name, ...rivalPatterns(branch)]
  const answer = await runGit(access.place, { args, timeoutMs })
  if (answer.exitCode !== 0) throw unreachable(access.name, whyNot(answer))
  const rival = rivalIn(
    answer.stdout.split('\n').map((line) => line.split('\t')[1] ?? ''),
    branch,
  )
  if (rival === undefined) return
  throw new IfBoardError(
    'authority/branch-conflict',
    `the remote \`${access.name}\` has a branch named \`${printable(rival)}\``,
    {
      hint: `Give that branch another name; git cannot keep it and \`${branch}\` side by side`,
    },
  )
}

async function probeCommits(hub: Hub): Promise<[ObjectId, ObjectId, ObjectId]> {
  const objects = gitObjectStore(hub)
  const [tree] = await objects.write([{ type: 'tree', body: new Uint8Array() }])
  const who = { name: 'if-board', email: 'if-board@if-board.invalid', seconds: 0, tree: tree as ObjectId }
  const commit = (text: string, parents: ObjectId[]) =>
    encodeCommit({ ...who, parents, message: `${text} of a probe that is removed at once [skip ci]\n` })
  const [old, unrelated] = await objects.write([commit('first commit', []), commit('unrelated commit', [])])
  const [child] = await objects.write([commit('child', [old as ObjectId])])
  await objects.close()
  return [old, child, unrelated] as [ObjectId, ObjectId, ObjectId]
}
