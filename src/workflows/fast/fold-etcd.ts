/**
 * What etcd holds, folded into git by the fold of git: {board, notes, sweeps} in one push, on the board that was read.
 *
 *     git's refs → all of etcd at one revision → judge → fold over both → what landed → what etcd is to be told
 *
 * The order matters: what is accepted was in etcd after the base was read, and lands only on that base. Completions of
 * whose chain something is missing wait in etcd; whatever else was judged may be taken away there, once git has its events:
 * a server that is killed between board and note leaves them in etcd alone.
 */
import { type FastFold, fastEpoch, type GitTask, judgeFold } from '../../fast/index.ts'
import type { ObjectId, RefName, SessionName, TaskKey } from '../../model/index.ts'
import type { FastDone, FastListing, FastSettle } from '../../ports/index.ts'
import { readClaim } from '../evidence.ts'
import { type FoldOutcome, foldReading } from '../fold.ts'
import { isNoted } from '../noted.ts'
import { listWhole, read, type WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import { aboutTask } from './about.ts'
import { isRegistered } from './carry.ts'
import { chainEnd, Tails } from './chains.ts'
import type { GitSight } from './engine-tools.ts'
import { keepingSights, withEvents, withoutLastFold, withoutSights } from './etcd-box.ts'
import { fixedRefs } from './fixed-refs.ts'
import { gitTasks } from './git-tasks.ts'
import { keepOrphans } from './keep-orphans.ts'
import { type Followed, followChains, layOver, withoutLiveClaims } from './laid-over.ts'

export interface EtcdFoldRequest {
  /** Its list holds the last fold (`listWhole`): it is not asked again, since others fold on meanwhile. */
  readonly sight: Pick<GitSight, 'refs' | 'record'>
  /** Listed after `sight` was asked for. */
  readonly listing: FastListing
  readonly folder: SessionName
  /** The closing fold: nothing of this epoch is accepted after it. */
  readonly closes?: true
}

export interface FoldedEtcd {
  readonly kind: 'folded'
  readonly outcome: FoldOutcome
  readonly judged: FastFold
  /** To be told to etcd; nothing where the fold did not land. */
  readonly settle: readonly FastSettle[]
  /** Completions whose chain cannot be joined yet. */
  readonly waiting: readonly FastDone[]
  /** False: the board landed without its note, and what only etcd has of it is sealed by the next fold. */
  readonly isNoted: boolean
}

export type EtcdFold = FoldedEtcd | { readonly kind: 'closed' } | { readonly kind: 'wiped' | 'restored' }

/** @throws IfBoardError what `read` and `foldReading` throw */
export async function foldEtcd(box: Toolbox, request: EtcdFoldRequest): Promise<EtcdFold> {
  const { listing, folder, closes } = request
  const { record: mode, refs } = request.sight
  const tails = new Tails(box)
  const followed = await followChains(box, { refs, holdings: listing, tails })
  const places = placesOf(listing, followed, tails)
  const joined = { ...listing, done: withPlaces(listing, places, ['new', 'folded']) }
  const base = await readGitAlone(box, refs)
  const isFolded = (task: TaskKey) => places.get(task) === 'folded'
  const judged = judgeFold({ mode, listing: joined, state: base.branch.fast, tasks: tasksOf(base, joined, isFolded) })
  if (judged.kind !== 'fold') return judged
  const orphans = judged.refuse.flatMap(({ done, why }) => (why === 'unknown-task' ? [done] : []))
  const left = await keepOrphans(box, { refs, orphans, followed, tails })
  const accepted = new Map(judged.accept.map((done) => [done.task, done]))
  const holdings = { claims: listing.claims, done: accepted }
  const shown = await layOver(box, { refs, holdings, tails, followed, unjoined: 'left-out' })
  const over = fixedBox(box, { shown, real: refs, followed })
  const fast = closes ? { ...judged.state, closed: fastEpoch(mode) } : judged.state
  const registered = await registeredIn(box, request.sight)
  const outcome = await foldReading(over, await read(over), { folder, sealed: [], sweeps: true, fast, registered })
  const waiting = [...withPlaces(listing, places, ['unjoined']).values()]
  if (outcome.kind === 'overtaken') return { kind: 'folded', outcome, judged, settle: [], waiting, isNoted: true }
  // What is ready now follows from what has landed; all that was judged is behind us.
  const after = await readGitAlone(box, (await listWhole(box)).refs)
  const told = judgeFold({ mode, listing: joined, state: base.branch.fast, tasks: tasksOf(after, joined, () => true) })
  const unsealed = await unsealedIn(box, after.refs, { listing, followed, tails })
  const settle = told.kind === 'fold' ? told.settle.filter(({ task }) => !left.has(task) && !unsealed.has(task)) : []
  return { kind: 'folded', outcome, judged, settle, waiting, isNoted: await isNoted(box, after) }
}

interface Folded {
  readonly listing: FastListing
  /** As it was before the fold. */
  readonly followed: Followed
  readonly tails: Tails
}

/** Tasks whose completion this fold was to seal, and git does not have: in etcd it is still to be had. */
async function unsealedIn(
  box: Toolbox,
  refs: ReadonlyMap<RefName, ObjectId>,
  { listing, followed, tails }: Folded,
): Promise<ReadonlySet<TaskKey>> {
  const unsealed = new Set<TaskKey>()
  const ends = new Map<SessionName, number>()
  for (const { task, session, event } of listing.done.values()) {
    const told = tails.of(event, session)
    const last = told?.kind === 'events' ? told.last : undefined
    if (!followed.chains.get(session)?.beyond.some(({ oid }) => oid === last?.oid)) continue
    const end = ends.get(session) ?? (await chainEnd(box, refs, session)).sequence
    ends.set(session, end)
    if (last !== undefined && last.event.sequence > end) unsealed.add(task)
  }
  return unsealed
}

/** While draining a claim ref holds what its session registered, and etcd what that goes on from. */
async function registeredIn(box: Toolbox, { refs, record }: EtcdFoldRequest['sight']): Promise<ObjectId[]> {
  if (record.mode !== 'draining') return []
  const listed = [...refs].filter(([ref]) => ref.startsWith(box.layout.claims))
  const claims = await Promise.all(listed.map(([, oid]) => readClaim(box, oid)))
  return claims.flatMap((claim) => (claim !== undefined && isRegistered(record, claim) ? [claim.oid] : []))
}

/** `folded`: the branch calls its event sealed, so a fold has judged it, be its note written or lost. */
type Place = 'new' | 'folded' | 'unjoined'

function placesOf({ done }: FastListing, { chains, joined }: Followed, tails: Tails): ReadonlyMap<TaskKey, Place> {
  return new Map(
    [...done.values()].map(({ task, session, event }) => {
      const told = tails.of(event, session)
      // What nobody can read will never be joined: it is refused with its task.
      if (told?.kind !== 'events') return [task, 'folded']
      const sealed = chains.get(session)?.end.sealed ?? 0
      if (told.last.event.sequence <= sealed) return [task, 'folded']
      return [task, joined.has(told.last.oid) ? 'new' : 'unjoined']
    }),
  )
}

function withPlaces(
  { done }: FastListing,
  places: ReadonlyMap<TaskKey, Place>,
  wanted: readonly Place[],
): ReadonlyMap<TaskKey, FastDone> {
  return new Map([...done].filter(([task]) => wanted.includes(places.get(task) ?? 'unjoined')))
}

/** Tasks as git alone has them. */
function tasksOf(
  reading: WholeReading,
  { done }: Pick<FastListing, 'done'>,
  isFolded: (task: TaskKey) => boolean,
): ReadonlyMap<TaskKey, GitTask> {
  const tasks = new Map(gitTasks(reading, aboutTask))
  for (const [key, { token }] of done) {
    const task = tasks.get(key)
    if (task !== undefined && isFolded(key)) tasks.set(key, { ...task, completedBy: token })
  }
  return tasks
}

async function readGitAlone(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>): Promise<WholeReading> {
  const shown = await withoutLiveClaims(box, refs)
  const memory = keepingSights(withoutLastFold(box.memory))
  return read({ ...box, memory, refs: fixedRefs(box.refs, { shown, real: refs }) })
}

export interface Shown {
  readonly shown: ReadonlyMap<RefName, ObjectId>
  readonly real: ReadonlyMap<RefName, ObjectId>
  readonly followed: Followed
}

/** git with what etcd holds laid over it, as it was listed once. */
export function fixedBox(box: Toolbox, { shown, real, followed }: Shown): Toolbox {
  return {
    ...box,
    objects: withEvents(box, followed.events),
    memory: withoutSights(withoutLastFold(box.memory)),
    refs: fixedRefs(box.refs, { shown, real }),
  }
}
