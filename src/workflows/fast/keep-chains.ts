/**
 * Chains that git has to keep although no fold of etcd will seal them any more: the closing fold's board has landed, and its
 * note was lost. They go onto their sessions' refs, as these would have pushed them, and the next fold of git seals them.
 */
import { sessionRef } from '../../claim/index.ts'
import type { ObjectId, RefName } from '../../model/index.ts'
import type { FastListing } from '../../ports/index.ts'
import { encodeEventCommit } from '../../witness/index.ts'
import { writeSealedParents } from '../sealed-parents.ts'
import type { Toolbox } from '../toolbox.ts'
import { Tails } from './chains.ts'
import { followChains } from './laid-over.ts'

/** `stale`: a session has spoken meanwhile. What a server will not move holds up nothing. */
export async function keepChains(
  box: Toolbox,
  refs: ReadonlyMap<RefName, ObjectId>,
  listing: FastListing,
): Promise<'kept' | 'stale'> {
  const { chains } = await followChains(box, { refs, holdings: listing, tails: new Tails(box) })
  let isStale = false
  for (const [session, { end, beyond }] of chains) {
    // What came later was judged by no fold.
    const judged = beyond.filter(({ event }) => event.sequence <= end.sealed)
    const next = judged.at(-1)?.oid
    if (next === undefined) continue
    await box.objects.write(judged.map(({ event }) => encodeEventCommit(event, box.emptyTree)))
    await writeSealedParents(
      box,
      refs,
      judged.map(({ event }) => event),
    )
    const ref = sessionRef(box.layout, session, box.sha256)
    const outcome = await box.refs.moveAll([{ ref, expected: refs.get(ref), next }])
    isStale ||= outcome.kind === 'stale'
  }
  return isStale ? 'stale' : 'kept'
}
