/** All keys of a space at one revision, page by page. */
import type { Broken, Unknown } from '../../ports/fast-path.ts'
import type { Connection } from './connection.ts'
import { keyAfter, type SpaceKeys } from './keys.ts'
import type { KeyAndValue } from './listing.ts'
import { METHODS } from './messages.ts'
import { unlessForPerson } from './trouble.ts'

export type Found =
  | { readonly kind: 'found'; readonly revision: number; readonly pairs: readonly KeyAndValue[] }
  | Unknown
  | Broken

const PAGE = 1000
/** Of all pages together. */
const MAX_BYTES = 512 * 1024 * 1024
/** A list begins again when its revision was compacted on the way. */
const MAX_TRIES = 3

/**
 * The first page is linearizable and gives the revision that the others are asked at.
 *
 * @throws IfBoardError `fast/alarm`, `fast/refused`
 */
export async function listPages(connection: Connection, keys: SpaceKeys): Promise<Found> {
  for (let tried = 1; ; tried += 1) {
    const found = await listOnce(connection, keys)
    if (found.kind !== 'compacted') return found
    if (tried === MAX_TRIES) return { kind: 'unknown', reason: 'etcd compacts faster than it can be listed' }
  }
}

async function listOnce(
  connection: Connection,
  { first, end: rangeEnd }: SpaceKeys,
): Promise<Found | { readonly kind: 'compacted' }> {
  const pairs: KeyAndValue[] = []
  let bytes = 0
  let limit = PAGE
  let revision = 0
  for (let key = first; ; ) {
    const outcome = await connection.call(METHODS.range, { key, rangeEnd, limit, revision })
    if (outcome.kind === 'refused' && outcome.reason.includes('revision has been compacted')) return { kind: 'compacted' }
    if (outcome.kind === 'refused') return unlessForPerson(outcome)
    if (outcome.kind === 'unknown' && limit > 1 && isTooLarge(outcome.reason)) {
      limit = Math.ceil(limit / 8)
      continue
    }
    if (outcome.kind !== 'answered') return outcome
    const { header, kvs, more } = outcome.answer
    if (revision === 0) revision = header?.revision ?? 0
    for (const pair of kvs) {
      pairs.push(pair)
      bytes += pair.value.length + pair.key.length
    }
    const last = kvs.at(-1)
    if (!more || last === undefined) return { kind: 'found', revision, pairs }
    if (bytes > MAX_BYTES) return { kind: 'unknown', reason: `below its keys etcd holds over ${MAX_BYTES} bytes` }
    key = keyAfter(last.key)
  }
}

/** In the words of the library: the answer to a read is longer than a message may be here. */
function isTooLarge(reason: string): boolean {
  return reason.startsWith('Received message larger than max')
}
