/**
 * A tail: the newest events of one session as a value in etcd carries them, one line of canonical JSON each, oldest
 * first; the last is what the value is about. A claim that was carried over from git has the id of its commit instead.
 *
 * Whoever may write there may write anything, so a tail that is not understood wholly is none.
 */
import { isObjectId, type ObjectId, type SessionName, type SignedEvent } from '../../model/index.ts'
import { eventJson } from '../../witness/event-json.ts'
import { parseEvent } from '../../witness/index.ts'

/** UTF-8 bytes of a tail in JSON: the value around it has 64 KiB (`src/adapters/etcd/values.ts`). */
const MAX_BYTES = 60 * 1024

export function renderTail(events: readonly SignedEvent[]): string {
  return events.map(eventJson).join('\n')
}

/** Has a value in etcd room for this tail? */
export function fits(tail: string): boolean {
  return tail.length <= MAX_BYTES && new TextEncoder().encode(JSON.stringify(tail)).length <= MAX_BYTES
}

export type Tail =
  | { readonly kind: 'events'; readonly events: readonly SignedEvent[]; readonly last: SignedEvent }
  | { readonly kind: 'carried'; readonly claim: ObjectId }

/** `undefined`: nothing of ours, or of another session than the value says. */
export function parseTail(text: string, session: SessionName): Tail | undefined {
  if (isObjectId(text)) return { kind: 'carried', claim: text }
  if (text.length > MAX_BYTES) return undefined
  const events = text.split('\n').map(parseEvent)
  const isWhole = events.every((event) => event?.session === session)
  const last = events.at(-1)
  return isWhole && last !== undefined ? { kind: 'events', events: events as SignedEvent[], last } : undefined
}
