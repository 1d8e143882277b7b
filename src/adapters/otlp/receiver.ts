/**
 * Takes logs by OTLP/HTTP on this machine's own address.
 *
 * Source: OpenTelemetry Protocol 1.9, "OTLP/HTTP": POST to `/v1/logs`, JSON or protocol buffers, answered in kind.
 * Whoever may run a program here may send; a page in a browser may not (it says its `Origin`, or another `Host`).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ToldRequest } from '../../ports/told.ts'
import { logsOfJson } from './logs-json.ts'
import { logsOfProtobuf } from './logs-protobuf.ts'
import { requestsOf } from './requests.ts'

export interface OtlpReceiver {
  readonly port: number
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const HOSTS = /^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/
const MAX_BODY_BYTES = 4 * 1024 * 1024
const MOST_CONNECTIONS = 64
const PATIENCE_MS = 10_000

const DECODERS = new Map([
  ['application/json', logsOfJson],
  ['application/x-protobuf', logsOfProtobuf],
])

/** @throws what `listen` throws: EADDRINUSE, EACCES */
export async function receiveOtlp(
  port: number,
  take: (requests: readonly ToldRequest[]) => Promise<void>,
): Promise<OtlpReceiver> {
  const server = createServer((request, response) => {
    serve(request, take).then(
      (answer) => send(response, answer),
      () => send(response, { status: 503 }),
    )
  })
  server.maxConnections = MOST_CONNECTIONS
  server.requestTimeout = PATIENCE_MS
  server.headersTimeout = PATIENCE_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: LOOPBACK }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  /** Of an answer with success, which is an empty message in the encoding of the request. */
  readonly type?: string
}

async function serve(
  request: IncomingMessage,
  take: (requests: readonly ToldRequest[]) => Promise<void>,
): Promise<Answer> {
  const { headers, method, url } = request
  if (headers.origin !== undefined || !HOSTS.test(headers.host ?? '')) return { status: 403 }
  if (url !== '/v1/logs') return { status: 404 }
  if (method !== 'POST') return { status: 405 }
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const decode = DECODERS.get(type)
  if (decode === undefined || (headers['content-encoding'] ?? 'identity') !== 'identity') return { status: 415 }
  const body = await bodyOf(request)
  if (body === undefined) return { status: 413 }
  const records = decode(body)
  if (records === undefined) return { status: 400 }
  const requests = requestsOf(records)
  if (requests.length > 0) await take(requests)
  return { status: 200, type }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, { status, type }: Answer): void {
  if (response.destroyed) return
  // What was not read to its end is not waited for.
  const headers = status === 200 ? { 'content-type': type } : { connection: 'close' }
  response.writeHead(status, headers).end(type === 'application/json' ? '{}' : '')
}
