/** CONNECT: a connection that is passed on unseen, to a host that its ClientHello must name too. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ProxyRule } from '../../model/index.ts'
import { MAX_HELLO_BYTES, type Pass, readAuthority, readClientHello, readFields } from '../../proxy/index.ts'
import { connectAddress } from './connect.ts'
import { until, written } from './flow.ts'
import { type Refusal, refusalBytes } from './refusal.ts'
import { resolveHost } from './resolve.ts'
import type { ProxyTools } from './tools.ts'

export async function tunnel(
  tools: ProxyTools,
  request: IncomingMessage,
  client: Duplex,
  first: Buffer,
): Promise<void> {
  client.on('error', () => undefined)
  const fields = readFields(request.rawHeaders)
  const place = readAuthority(request.url ?? '')
  const early = (refusal: Refusal, status?: number) => {
    const capability = fields.kind === 'fields' ? fields.capability : undefined
    tools.gate.refused({ alias: '', method: 'CONNECT', rule: refusal.rule, capability })
    client.end(refusalBytes(refusal, status))
  }
  if (fields.kind === 'refused') return early(fields)
  if (place === undefined) return early({ rule: 'address', reason: 'tunnels lead to a host by its name, with a port' })
  if (fields.capability === undefined) return early({ rule: 'capability', reason: 'a capability is missing' }, 407)
  const pass = await tools.gate.judge({ capability: fields.capability, asked: { kind: 'tunnel', ...place } })
  if (pass.kind === 'refused') {
    client.end(refusalBytes(pass))
    return
  }
  const counted = { sent: 0, received: 0 }
  const rule = await passOn(tools, { client, first, place, pass, counted }).catch((): ProxyRule => 'unreachable')
  pass.end({ ...counted, rule })
}

interface Tunnel {
  readonly client: Duplex
  /** What came behind the head of the request already. */
  readonly first: Buffer
  readonly place: { readonly host: string; readonly port: number }
  readonly pass: Pass
  readonly counted: { sent: number; received: number }
}

/** Answers the rule by which it was cut, if it did not end by itself. */
async function passOn(
  tools: ProxyTools,
  { client, first, place, pass, counted }: Tunnel,
): Promise<ProxyRule | undefined> {
  const { host, port } = place
  const over = AbortSignal.timeout(pass.alias.timeoutSeconds * 1000)
  const listed = tools.private.get(new URL(`https://${host}:${port}`).origin) ?? []
  const resolved = await until(over, resolveHost(host, listed, tools.resolve)).catch(() => LATE)
  if (resolved.kind === 'refused') {
    client.end(refusalBytes(resolved))
    return resolved.rule
  }
  client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
  const hello = await helloOf(client, first, AbortSignal.any([over, AbortSignal.timeout(tools.headMs)]))
  if (hello.kind === 'late') return cut('time', client)
  if (hello.serverName !== host) return cut('sni', client)
  const service = await connectFirst(resolved.addresses, port).catch(() => undefined)
  if (service === undefined) return cut('unreachable', client)
  service.on('error', () => undefined)
  const stop = () => cut('time', client, service)
  if (over.aborted) return stop()
  over.addEventListener('abort', stop)
  client.once('close', () => service.destroy())
  const count = (way: 'sent' | 'received') => (wanted: number) => {
    const granted = pass.take(wanted)
    counted[way] += granted
    return granted
  }
  const ended = await Promise.all([
    pump(prefixed(hello.bytes, client), [client, service], count('sent')),
    pump(service, [service, client], count('received')),
  ])
  over.removeEventListener('abort', stop)
  if (ended.includes('cut')) return 'budget'
  return over.aborted ? 'time' : undefined
}

const LATE = { kind: 'refused', rule: 'time', reason: 'the name was not resolved in time' } as const

function cut(rule: ProxyRule, ...sockets: readonly Duplex[]): ProxyRule {
  for (const socket of sockets) socket.destroy()
  return rule
}

async function connectFirst(addresses: readonly string[], port: number): Promise<Socket> {
  let last: unknown
  for (const address of addresses) {
    try {
      return await connectAddress(address, port)
    } catch (error) {
      last = error
    }
  }
  throw last
}

type Hello =
  | { readonly kind: 'late' }
  | { readonly kind: 'read'; readonly serverName: string | undefined; readonly bytes: Buffer }

/** A name that cannot be read, or is not the one meant, is none. */
async function helloOf(client: Duplex, first: Buffer, over: AbortSignal): Promise<Hello> {
  let bytes = first
  for (;;) {
    const hello = readClientHello(bytes)
    if (hello.kind === 'hello')
      return { kind: 'read', serverName: hello.isEncrypted ? undefined : hello.serverName, bytes }
    if (hello.kind === 'strange' || bytes.length > MAX_HELLO_BYTES)
      return { kind: 'read', serverName: undefined, bytes }
    const more = await nextOf(client, over)
    if (more === undefined) return { kind: 'late' }
    bytes = Buffer.concat([bytes, more])
  }
}

async function nextOf(client: Duplex, over: AbortSignal): Promise<Buffer | undefined> {
  for (;;) {
    const chunk: Buffer | null = client.read()
    if (chunk !== null) return chunk
    if (client.readableEnded || client.destroyed) return undefined
    // One of the two is enough, and then nobody listens any more.
    const heard = new AbortController()
    const signal = AbortSignal.any([over, heard.signal])
    await Promise.race([once(client, 'readable', { signal }), once(client, 'end', { signal })]).catch(() => undefined)
    heard.abort()
    if (over.aborted) return undefined
  }
}

async function* prefixed(first: Buffer, rest: Duplex): AsyncGenerator<Buffer> {
  yield first
  yield* rest as AsyncIterable<Buffer>
}

/** @param take  answers how many of these bytes may pass */
async function pump(
  bytes: AsyncIterable<Buffer>,
  [from, to]: readonly [Duplex, Duplex],
  take: (wanted: number) => number,
): Promise<'ended' | 'cut'> {
  try {
    for await (const chunk of bytes) {
      const granted = take(chunk.length)
      await written(to, chunk.subarray(0, granted))
      if (granted === chunk.length) continue
      // What may pass arrives, and then both ends hear that it is over.
      to.end(() => cut('budget', from, to))
      return 'cut'
    }
    to.end()
    return 'ended'
  } catch {
    // The other side went away.
    to.destroy()
    return 'ended'
  }
}
