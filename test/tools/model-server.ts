/**
 * A model on loopback that speaks the three APIs, for coding tools that must not reach any network.
 *
 * What a tool says in its conversation is answered by the rule of `model.ts`; what it asks beside it (a title, a count
 * of tokens, telemetry that was not switched off) gets an empty answer and is counted.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { anthropic } from './anthropic.ts'
import { google } from './google.ts'
import { type Reply, replyTo, type Turn } from './model.ts'
import { openai } from './openai.ts'
import type { Exchange } from './protocol.ts'

const PROTOCOLS = [anthropic, openai, google]
/** A model thinks; at once it would stop before a hook in the background has noted what it did. */
const THINKS_MS = 300
/** A conversation of these tests is far below this. */
const MAX_BODY_BYTES = 16 << 20

export interface Exchanged {
  readonly atMs: number
  /** What came new with this request. */
  readonly told: readonly Turn[]
  readonly reply: Reply
}

export interface ModelServer {
  /** Without a slash at its end. */
  readonly url: string
  /** Of the conversation, in order. */
  readonly exchanged: readonly Exchanged[]
  /** Method and path of what was asked beside the conversation; `CONNECT` and a host for what wanted to go elsewhere. */
  readonly others: readonly string[]
  close(): Promise<void>
}

export interface ModelServerRequest {
  /** Milliseconds since the tool was started. */
  readonly now: () => number
  /** Waited for before the first reply. */
  readonly begin?: (() => Promise<void>) | undefined
  readonly onReply?: ((exchanged: readonly Exchanged[]) => void) | undefined
}

export async function startModelServer({ now, begin, onReply }: ModelServerRequest): Promise<ModelServer> {
  const exchanged: Exchanged[] = []
  const others: string[] = []
  let number = 0
  let known = 0

  const converse = (exchange: Exchange): Reply => {
    const { turns } = exchange
    const reply = replyTo(turns)
    // A tool that shortened its context begins to count anew.
    const told = turns.slice(Math.min(known, turns.length)).filter(({ from }) => from !== 'model')
    known = turns.length
    exchanged.push({ atMs: now(), told, reply })
    onReply?.(exchanged)
    return reply
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').replace(/\?.*$/, '')
    const protocol = request.method === 'POST' ? PROTOCOLS.find((one) => one.isFor(path)) : undefined
    const body = await bodyOf(request)
    if (protocol === undefined) {
      others.push(`${request.method} ${path}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      return
    }
    const exchange = protocol.read(JSON.parse(body), path)
    if (exchange.shell === undefined) others.push(`${request.method} ${path}`)
    else await (exchanged.length === 0 ? begin?.() : sleep(THINKS_MS))
    const reply: Reply = exchange.shell === undefined ? { kind: 'say', text: '{}' } : converse(exchange)
    number += 1
    const answer = protocol.answer(reply, exchange, number)
    response.writeHead(200, { 'content-type': answer.type }).end(answer.body)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => response.writeHead(400).end(String(error)))
  })
  server.on('connect', (request, socket) => {
    others.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    exchanged,
    others,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) throw new Error('too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
