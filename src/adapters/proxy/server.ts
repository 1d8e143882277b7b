/** Where the proxy listens: a socket of this user, loopback, or both. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, ListenOptions, Socket } from 'node:net'
import { GRANT_PATH, MAX_GRANT_BYTES } from '../../proxy/index.ts'
import { exchange } from './exchange.ts'
import { refusalBytes, refuse, statusOf } from './refusal.ts'
import type { ProxyTools } from './tools.ts'
import { tunnel } from './tunnel.ts'

export interface Listening {
  /** Of loopback, where one was asked for. */
  readonly port: number | undefined
  close(): Promise<void>
}

export interface ListenAt {
  /** Path of a unix socket or a named pipe. */
  readonly socket?: string | undefined
  /** Of 127.0.0.1; 0: any that is free. */
  readonly port?: number | undefined
}

const MAX_HEADER_BYTES = 16 * 1024
const MOST_CONNECTIONS = 256

/** @throws what `listen` throws: EADDRINUSE, EACCES */
export async function listenProxy(tools: ProxyTools, { socket, port }: ListenAt): Promise<Listening> {
  const servers: Server[] = []
  const close = async () => {
    await Promise.all(servers.map(closed))
    await tools.connections.close()
  }
  try {
    if (socket !== undefined) servers.push(await listenOn(tools, { path: socket }))
    const loopback = port === undefined ? undefined : await listenOn(tools, { host: '127.0.0.1', port })
    if (loopback !== undefined) servers.push(loopback)
    return { port: (loopback?.address() as AddressInfo | undefined)?.port, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function listenOn(tools: ProxyTools, where: ListenOptions): Promise<Server> {
  const server = createServer({
    // Said here, so that no option of Node turns it off.
    insecureHTTPParser: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: tools.headMs,
    // A whole exchange has a time of its own, which its alias says.
    requestTimeout: 0,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: Math.min(1_000, tools.headMs),
  })
  server.maxConnections = MOST_CONNECTIONS
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    answer(tools, request, response).catch(() => response.destroy())
  }
  server.on('request', serve)
  server.on('checkContinue', serve)
  server.on('checkExpectation', (_, response) =>
    refuse(response, { rule: 'request', reason: 'it expects too much' }, 417),
  )
  server.on('connect', (request, client, first) => {
    tunnel(tools, request, client, first).catch(() => client.destroy())
  })
  server.on('clientError', (error: NodeJS.ErrnoException, client) => unreadable(tools, error, client as Socket))
  server.listen(where)
  await once(server, 'listening')
  server.on('error', () => undefined)
  return server
}

async function answer(tools: ProxyTools, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.on('error', () => undefined)
  response.on('error', () => undefined)
  if (request.url !== GRANT_PATH) return exchange(tools, request, response)
  const body = request.method === 'POST' ? await bodyOf(request) : undefined
  if (body === undefined) return refuse(response, { rule: 'request', reason: 'no request for a capability' })
  const granted = await tools.gate.grant(body)
  if (granted.kind === 'refused') return refuse(response, granted, statusOf(granted))
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify({ schema: 'if-board/v1', ...granted })}\n`)
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_GRANT_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What is no request, or did not become one in time. */
function unreadable({ gate }: ProxyTools, { code }: NodeJS.ErrnoException, client: Socket): void {
  // It went away, and refused itself.
  if (code === 'ECONNRESET' || code === 'HPE_INVALID_EOF_STATE' || !client.writable) return void client.destroy()
  const late = code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const rule = late ? 'time' : 'request'
  gate.refused({ alias: '', method: '', rule })
  const reason = late ? 'the request did not come in time' : 'it is no request of HTTP/1.1 that has one meaning'
  client.end(refusalBytes({ rule, reason }, late ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400))
}

async function closed(server: Server): Promise<void> {
  const closing = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closing
}
