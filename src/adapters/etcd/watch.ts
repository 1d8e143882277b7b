/**
 * Everything that changes in a space after a revision, as etcd tells it on one stream.
 *
 * etcd splits a long answer (`fragment`), and may put several revisions into one; here each revision is told once and
 * whole. A watch from a revision that lies ahead, because the server was wiped or restored, would wait in silence for
 * it: the first answer tells where the server is. Progress is etcd's own notice (every 10 minutes unless
 * `--experimental-watch-progress-notify-interval` says otherwise); the answer to a request for progress may overtake
 * changes in releases before 3.4.25 and 3.5.8, so none is made.
 */
import type { FastNews } from '../../ports/fast-path.ts'
import type { Connection } from './connection.ts'
import type { SpaceKeys } from './keys.ts'
import { readChange } from './listing.ts'
import { isDelete, STREAMS, type WatchEvent, type WatchResponse } from './messages.ts'
import type { Read } from './wire.ts'

/** Parts of one answer that are kept until its last. */
const MAX_EVENTS = 1_000_000

export async function* watchSpace(connection: Connection, keys: SpaceKeys, revision: number): AsyncGenerator<FastNews> {
  const stream = connection.open(STREAMS.watch)
  if ('kind' in stream) return void (yield stream)
  const { first: key, end: rangeEnd } = keys
  stream.write({ create: { key, rangeEnd, startRevision: revision + 1, progressNotify: true, fragment: true } })
  try {
    yield* newsOf(stream, keys, revision)
  } catch (error) {
    const { details } = error as { readonly details?: string }
    if (details === undefined) throw error
    yield connection.over ?? { kind: 'broken', reason: details }
  } finally {
    stream.cancel()
  }
}

type Answer = Read<typeof WatchResponse>

/** Its last is `compacted` or `broken`. */
async function* newsOf(answers: AsyncIterable<Answer>, keys: SpaceKeys, revision: number): AsyncGenerator<FastNews> {
  let parts: WatchEvent[] = []
  for await (const answer of answers) {
    const end = endOf(answer, revision)
    if (end !== undefined) return void (yield end)
    for (const event of answer.events) parts.push(event)
    if (parts.length > MAX_EVENTS) return void (yield { kind: 'broken', reason: 'one answer has too many changes' })
    if (answer.fragment || answer.created) continue
    if (parts.length === 0) yield { kind: 'progress', revision: answer.header?.revision ?? revision }
    yield* byRevision(keys, parts)
    parts = []
  }
  yield { kind: 'broken', reason: 'etcd ended the watch' }
}

function endOf(answer: Answer, revision: number): FastNews | undefined {
  const { created, canceled, cancelReason, compactRevision, header } = answer
  if (canceled && compactRevision > 0) return { kind: 'compacted' }
  if (canceled) return { kind: 'broken', reason: `etcd ended the watch: ${cancelReason}` }
  const now = header?.revision ?? 0
  if (!created || now >= revision) return undefined
  return {
    kind: 'broken',
    reason: `the server is at revision ${now}, below ${revision} which was seen: wiped, restored, or behind`,
  }
}

function* byRevision(keys: SpaceKeys, events: readonly WatchEvent[]): Generator<FastNews> {
  const revisions = new Map<number, WatchEvent[]>()
  for (const event of events) {
    const revision = event.kv?.modRevision ?? 0
    const together = revisions.get(revision)
    if (together === undefined) revisions.set(revision, [event])
    else together.push(event)
  }
  for (const [revision, together] of revisions) {
    const changes = together.flatMap((event) => {
      const change = event.kv && readChange(keys, event.kv, isDelete(event))
      return change === undefined ? [] : [change]
    })
    if (changes.length > 0) yield { kind: 'changed', revision, changes }
  }
}
