/** Whom the watcher hands events to: a program of the person's, and a server. */
import { createHmac } from 'node:crypto'
import { printable } from '../model/index.ts'
import type { HttpPost } from '../ports/index.ts'
import type { Delivered } from '../workflows/watch/deliver.ts'
import type { WatchEvent } from '../workflows/watch/events.ts'

/** `sha256=` and the HMAC-SHA-256 (RFC 2104) of the body under the shared secret, hexadecimal. */
const SIGNATURE_HEADER = 'x-if-board-signature-256'

export interface Webhook {
  /** `https:`, or `http:` on this machine. */
  readonly url: string
  /** `undefined`: unsigned. */
  readonly secret: string | undefined
}

const TIMEOUT_MS = 10_000
/** Everything else that is no success will not become one by asking again. */
const MAY_PASS: readonly number[] = [408, 425, 429, 500, 502, 503, 504]

function bodyOf(event: WatchEvent): string {
  return JSON.stringify({ schema: 'if-board/v1', kind: 'watch', ...event })
}

function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`
}

export async function postTo(post: HttpPost, { url, secret }: Webhook, event: WatchEvent): Promise<Delivered> {
  const body = bodyOf(event)
  const signed = secret === undefined ? [] : [[SIGNATURE_HEADER, signatureOf(body, secret)] as const]
  const headers = new Map([['content-type', 'application/json'], ...signed])
  const answer = await post({ url, headers, body, timeoutMs: TIMEOUT_MS })
  if (answer.kind === 'unreachable') return { kind: 'again', reason: `the webhook: ${printable(answer.reason, 200)}` }
  if (answer.status >= 200 && answer.status < 300) return { kind: 'taken' }
  const reason = `the webhook answered with status ${answer.status}`
  return { kind: MAY_PASS.includes(answer.status) ? 'again' : 'refused', reason }
}

/** One line of JSON on its standard input. A program that fails is told, and not asked again for the same event. */
export async function handTo(
  run: (input: string, timeoutMs: number) => Promise<number | string>,
  event: WatchEvent,
): Promise<Delivered> {
  const ended = await run(`${bodyOf(event)}\n`, TIMEOUT_MS)
  if (ended === 0) return { kind: 'taken' }
  const how = typeof ended === 'number' ? `ended with status ${ended}` : printable(ended, 200)
  return { kind: 'refused', reason: `the program of --notify: ${how}` }
}
