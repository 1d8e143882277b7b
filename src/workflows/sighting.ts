/** What a session sees of the others when it speaks, and what it remembers of that. */
import { type ObjectId, refKey, type SessionName } from '../model/index.ts'
import {
  type CarriedEvent,
  chainTip,
  eventHash,
  lookAround,
  parseSightings,
  renderSaw,
  renderSightings,
} from '../witness/index.ts'
import type { Reading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

export interface Look {
  /** `data.saw` of the event that is about to be said; absent when no chain has moved. */
  readonly data: { readonly saw?: readonly string[] }
  /** To be called once it was said. What is forgotten costs entries that were named before, nothing else. */
  remember(): Promise<void>
}

/** By the same reading that the event rests on: asks the authority for nothing. */
export async function look(box: Toolbox, reading: Reading, session: SessionName): Promise<Look> {
  const name = `saw/${refKey(session, box.sha256)}`
  const before = (await box.memory.read(name)) ?? ''
  // What others said in etcd may never come to git, and would be missed there.
  const newest: ReturnType<typeof newestOfOthers> =
    box.fast === undefined ? newestOfOthers(reading, session) : new Map()
  const commits = new Map<SessionName, ObjectId>([...newest].map(([other, { oid }]) => [other, oid]))
  const { named, after } = lookAround(commits, parseSightings(before))
  const saw = named.flatMap((other) => entryOf(newest.get(other), box))
  return {
    data: saw.length === 0 ? {} : { saw },
    async remember() {
      const text = renderSightings(after)
      if (text !== before) await box.memory.write(name, text)
    },
  }
}

function entryOf(newest: CarriedEvent | undefined, { sha256 }: Toolbox): string[] {
  if (newest === undefined) return []
  const { session, sequence } = newest.event
  return [renderSaw({ session, sequence, hash: eventHash(newest.event, sha256) })]
}

/** The newest event of every other chain: on its session's ref, or on a claim ref where that ref lags behind. */
function newestOfOthers({ snapshot, claims }: Reading, self: SessionName): Map<SessionName, CarriedEvent> {
  const newest = new Map<SessionName, CarriedEvent>()
  for (const [name, { record }] of snapshot.sessions)
    if (name !== self && record.last !== undefined) newest.set(name, record.last)
  for (const claim of claims) {
    const { session, sessionkey } = claim.event
    const known = newest.get(session)
    // Under another key than the chain's, somebody else speaks.
    if (known?.event.sessionkey !== sessionkey) continue
    newest.set(session, chainTip(session, [known, claim]) ?? known)
  }
  return newest
}
