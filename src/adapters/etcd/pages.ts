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
  { first, end }: SpaceKeys,
): Promise<Found | { readonly kind: 'compacted' }> {
  const pairs: KeyAndValue[] = []
  let bytes = 0
  let revision = 0
  for (let key: Buffer | undefined = first; key !== undefined; ) {
    const page: Page = await onePage(connection, { key, rangeEnd: end, revision }, PAGE)
    if (page.kind !== 'page') return page
    if (revision === 0) revision = page.revision
    for (const pair of page.pairs) {
      pairs.push(pair)
      bytes += pair.value.length + pair.key.length
    }
    if (bytes > MAX_BYTES) return { kind: 'unknown', reason: `etcd holds over ${MAX_BYTES} bytes of this board` }
    key = page.next
  }
  return { kind: 'found', revision, pairs }
}

type Page =
  | {
      readonly kind: 'page'
      readonly revision: number
      readonly pairs: readonly KeyAndValue[]
      readonly next: Buffer | undefined
    }
  | { readonly kind: 'compacted' }
  | Unknown
  | Broken

interface PageRequest {
  readonly key: Buffer
  readonly rangeEnd: Buffer
  readonly revision: number
}

async function onePage(connection: Connection, request: PageRequest, limit: number): Promise<Page> {
  const outcome = await connection.call(METHODS.range, { ...request, limit })
  if (outcome.kind === 'refused')
    return outcome.reason.includes('revision has been compacted') ? { kind: 'compacted' } : unlessForPerson(outcome)
  if (outcome.kind === 'unknown' && limit > 1 && isTooLarge(outcome.reason))
    return onePage(connection, request, Math.ceil(limit / 8))
  if (outcome.kind !== 'answered') return outcome
  const { header, kvs, more } = outcome.answer
  const last = kvs.at(-1)
  const next = more && last !== undefined ? keyAfter(last.key) : undefined
  return { kind: 'page', revision: header?.revision ?? 0, pairs: kvs, next }
}

/** In the words of the library: the answer to a read is longer than a message may be here. */
function isTooLarge(reason: string): boolean {
  return reason.startsWith('Received message larger than max')
}
