/**
 * `/healthz` and `/metrics` for programs of this machine.
 *
 * It listens on loopback alone and answers what a board is about to whoever can connect there, so a page that a browser
 * shows must not: the Host header has to name loopback, which a name that an attacker points there does not (DNS
 * rebinding).
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { IfBoardError } from '../model/index.ts'
import type { Tally } from '../workflows/watch/tally.ts'
import { PROMETHEUS_TYPE } from './prometheus.ts'

export interface ListenAt {
  /** `127.0.0.1` or `::1`. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

export interface Shown {
  readonly health: () => Pick<Tally, 'state' | 'reason'>
  /** In the text format of Prometheus. */
  readonly metrics: () => string
}

export interface Monitor {
  /** Such as `http://127.0.0.1:9464`. */
  readonly url: string
  close(): Promise<void>
}

const PATIENCE_MS = 5_000
const MAX_HEADER_BYTES = 8_192
const MOST_CONNECTIONS = 32

/** @throws IfBoardError `watch/cannot-listen` */
export async function startMonitor({ host, port }: ListenAt, shown: Shown): Promise<Monitor> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: PATIENCE_MS,
      requestTimeout: PATIENCE_MS,
      keepAliveTimeout: PATIENCE_MS,
      connectionsCheckingInterval: 1_000,
      // Without it is no request of HTTP/1.1 (RFC 9112 section 3.2); refused below in our words.
      requireHostHeader: false,
    },
    (request, response) => answer(request, response, shown),
  )
  server.maxConnections = MOST_CONNECTIONS
  server.listen(port, host)
  await once(server, 'listening').catch((cause) => {
    throw cannotListen(host, port, cause)
  })
  // Such as no descriptor for one more connection: whoever asks asks again.
  server.on('error', () => undefined)
  const shownHost = host.includes(':') ? `[${host}]` : host
  return { url: `http://${shownHost}:${(server.address() as AddressInfo).port}`, close: () => closed(server) }
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): IfBoardError {
  const why = cause.code === 'EADDRINUSE' ? 'another program listens there' : (cause.code ?? cause.message)
  return new IfBoardError('watch/cannot-listen', `cannot listen on ${host}, port ${port}: ${why}`, {
    hint: 'Choose another port: if-board watch --listen PORT',
    cause,
  })
}

async function closed(server: Server): Promise<void> {
  const closing = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closing
}

function answer(request: IncomingMessage, response: ServerResponse, shown: Shown): void {
  const { status, type, body } = answerTo(request, shown)
  const bytes = Buffer.from(body, 'utf8')
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    // What stands behind a request that is refused is not read.
    ...(status >= 400 && status !== 404 ? { connection: 'close' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

function answerTo({ method, url = '', headers }: IncomingMessage, shown: Shown): Answer {
  if (!namesLoopback(headers.host)) return text(403, 'this answers to 127.0.0.1, [::1] and localhost alone')
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'GET or HEAD')
  if (Number(headers['content-length'] ?? 0) !== 0 || headers['transfer-encoding'] !== undefined)
    return text(413, 'a request without a body')
  const path = url.split('?', 1)[0]
  if (path === '/metrics') return { status: 200, type: PROMETHEUS_TYPE, body: shown.metrics() }
  if (path === '/healthz') return healthOf(shown.health())
  return text(404, '/healthz or /metrics')
}

/** With any port: it may be forwarded. */
function namesLoopback(host: string | undefined): boolean {
  return /^(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?$/i.test(host ?? '')
}

function healthOf({ state, reason }: Pick<Tally, 'state' | 'reason'>): Answer {
  const body = JSON.stringify({ schema: 'if-board/v1', kind: 'health', state, reason: reason ?? null })
  return { status: state === 'seeing' ? 200 : 503, type: 'application/json', body: `${body}\n` }
}

function text(status: number, words: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${words}\n` }
}
