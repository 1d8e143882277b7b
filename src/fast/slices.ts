/**
 * Which free task a session asks for, so that a thousand sessions mostly ask for a thousand tasks without talking.
 *
 * Tasks fall into slices by a hash of their key; each slice belongs to the session with the highest hash of slice and
 * name (rendezvous hashing, Thaler and Ravishankar 1998: who comes or goes moves no slice but its own). A session takes
 * one of the first free tasks of its slices by chance, and where they are empty, of the session that has most.
 */
import type { SessionName, TaskKey } from '../model/index.ts'

/** Enough that a thousand sessions have one each, few enough that dividing them costs a millisecond or so. */
const SLICES = 1024
/** Tasks among which chance decides: views differ by some milliseconds, and the first one is everybody's first. */
const DRAWN_AMONG = 8

export interface SliceRequest<T> {
  /** Free tasks, best first. */
  readonly free: readonly T[]
  readonly keyOf: (task: T) => TaskKey
  readonly session: SessionName
  /** Sessions that work here, with or without the one that asks. */
  readonly sessions: Iterable<SessionName>
  /** A random number in [0, 1). */
  readonly fraction: number
}

/** The task to ask for; `undefined` where none is free. */
export function pickFromSlices<T>({ free, keyOf, session, sessions, fraction }: SliceRequest<T>): T | undefined {
  const bySession = new Map<SessionName, T[]>()
  const owners = sliceOwners([...new Set([...sessions, session])])
  for (const task of free) {
    const owner = owners[sliceOf(keyOf(task))] as SessionName
    const slice = bySession.get(owner)
    if (slice === undefined) bySession.set(owner, [task])
    else slice.push(task)
  }
  const from = bySession.get(session) ?? busiest(bySession)
  return from?.[Math.floor(fraction * Math.min(from.length, DRAWN_AMONG))]
}

function busiest<T>(bySession: ReadonlyMap<SessionName, readonly T[]>): readonly T[] | undefined {
  let most: readonly T[] | undefined
  for (const slice of bySession.values()) if (most === undefined || slice.length > most.length) most = slice
  return most
}

/** Owner of each slice; the same for whoever knows the same sessions, in whatever order. */
export function sliceOwners(sessions: readonly SessionName[]): readonly SessionName[] {
  const hashed = [...sessions].sort().map((name) => ({ name, hash: hashOf(name) }))
  return Array.from({ length: SLICES }, (_, slice) => {
    let owner = hashed[0]
    let best = -1
    for (const one of hashed) {
      const weight = mixed(one.hash ^ mixed(slice))
      if (weight > best) [owner, best] = [one, weight]
    }
    return owner?.name as SessionName
  })
}

export function sliceOf(key: TaskKey): number {
  return mixed(hashOf(key)) % SLICES
}

/** FNV-1a, 32 bits, over UTF-16 code units (draft-eastlake-fnv): spreads, and protects nothing. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** The finalizer of MurmurHash3: names that differ in their last letter alone come out far apart. */
function mixed(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
