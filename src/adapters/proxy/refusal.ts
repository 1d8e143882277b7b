/** What a client is told that gets nothing. */
import type { ServerResponse } from 'node:http'
import type { ProxyRule } from '../../model/index.ts'

export interface Refusal {
  readonly rule: ProxyRule
  readonly reason: string
}

/** Status codes of RFC 9110, section 15; what is not here is 403. */
const STATUS: Readonly<Partial<Record<ProxyRule, number>>> = {
  request: 400,
  time: 504,
  unreachable: 502,
  redirect: 502,
  credential: 502,
}
const CHALLENGE = 'Bearer, Basic realm="if-board"'

export function statusOf({ rule }: Refusal, status = STATUS[rule] ?? 403): number {
  return status
}

function refusalJson({ rule, reason }: Refusal): string {
  return `${JSON.stringify({ schema: 'if-board/v1', kind: 'denied', rule, reason })}\n`
}

/** Whatever else the client sends on this connection is not read. */
export function refuse(response: ServerResponse, refusal: Refusal, status?: number): void {
  if (response.headersSent || response.destroyed) {
    breakOff(response)
    return
  }
  const body = refusalJson(refusal)
  const code = statusOf(refusal, status)
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
    ...(code === 407 ? { 'proxy-authenticate': CHALLENGE } : {}),
  })
  response.end(body)
}

/** For a client that does not read what it was sent. */
const FLUSH_MS = 1_000

/** What passed arrives; that it is not the whole, the client sees by the end of the connection. */
function breakOff({ socket }: ServerResponse): void {
  // Written bytes are handed to the socket in the next turn.
  setImmediate(() => socket?.destroySoon())
  setTimeout(() => socket?.destroy(), FLUSH_MS).unref()
}

/** The same on a connection that no response was made for. */
export function refusalBytes(refusal: Refusal, status?: number): string {
  const body = refusalJson(refusal)
  const code = statusOf(refusal, status)
  const challenge = code === 407 ? `Proxy-Authenticate: ${CHALLENGE}\r\n` : ''
  return (
    `HTTP/1.1 ${code} Denied\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
    `${challenge}Connection: close\r\n\r\n${body}`
  )
}
