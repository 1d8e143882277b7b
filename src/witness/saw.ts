/**
 * What a session had seen of the others when it spoke: `data.saw`, one text per chain that moved since its last event,
 *
 *     <session> <sequence> <first 32 hexadecimal digits of that event's hash>
 *
 * sorted by name, at most 16. So chains vouch for each other: who changes his own past contradicts what others signed.
 * Where more have moved, those that were left out most often come first, and the rest rides in the next event.
 */
import { isObjectId, isSessionName, type ObjectId, type SessionName } from '../model/index.ts'

export const MAX_SAW = 16
const HASH_DIGITS = 32
const ENTRY = /^(\S{1,64}) ([1-9][0-9]{0,9}) ([0-9a-f]{32})$/

export interface Saw {
  readonly session: SessionName
  readonly sequence: number
  /** SHA-256 of the event's canonical JSON, or its first 32 digits. */
  readonly hash: string
}

export function renderSaw({ session, sequence, hash }: Saw): string {
  return `${session} ${sequence} ${hash.slice(0, HASH_DIGITS)}`
}

/** An entry of `data.saw`, its hash cut as it is there; `undefined` for anything that `renderSaw` would not write. */
export function parseSaw(text: string): Saw | undefined {
  const [, session = '', sequence, hash = ''] = ENTRY.exec(text) ?? []
  return isSessionName(session) ? { session, sequence: Number(sequence), hash } : undefined
}

/** What a session remembers of another chain: the event that it named last, and how often it left a newer one out. */
export interface Sighting {
  readonly oid: ObjectId | undefined
  readonly leftOut: number
}

export type Sightings = ReadonlyMap<SessionName, Sighting>

/**
 * Which chains the next event names, sorted, and what is remembered once it is said. `newest` is the commit of each
 * chain's newest event. O(n log n).
 */
export function lookAround(newest: ReadonlyMap<SessionName, ObjectId>, before: Sightings) {
  const waited = (session: SessionName) => before.get(session)?.leftOut ?? 0
  const moved = [...newest].filter(([session, oid]) => before.get(session)?.oid !== oid).map(([session]) => session)
  const named = moved
    .sort((a, b) => waited(b) - waited(a) || byCodeUnit(a, b))
    .slice(0, MAX_SAW)
    .sort(byCodeUnit)
  const isNamed = new Set(named)
  const isLeftOut = new Set(moved.filter((session) => !isNamed.has(session)))
  const after = new Map<SessionName, Sighting>()
  for (const [session, oid] of newest) {
    if (isLeftOut.has(session)) after.set(session, { oid: before.get(session)?.oid, leftOut: waited(session) + 1 })
    else after.set(session, { oid, leftOut: 0 })
  }
  return { named, after }
}

/** One line per chain, for the hub's memory. */
export function renderSightings(sightings: Sightings): string {
  return [...sightings].map(([session, { oid, leftOut }]) => `${session} ${oid ?? '-'} ${leftOut}\n`).join('')
}

/** Lines that are not understood are left out: their chains count as never named. */
export function parseSightings(text: string): Sightings {
  const sightings = new Map<SessionName, Sighting>()
  for (const line of text.split('\n')) {
    const [session = '', oid = '', leftOut = ''] = line.split(' ')
    if (!isSessionName(session) || !/^\d{1,9}$/.test(leftOut)) continue
    sightings.set(session, { oid: isObjectId(oid) ? oid : undefined, leftOut: Number(leftOut) })
  }
  return sightings
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
