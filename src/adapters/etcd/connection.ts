/**
 * Calls of etcd over gRPC: which endpoint, who is asking, by when, and what is known when no answer came.
 *
 * States of a call: *connecting* (nothing was sent: the next endpoint is tried) → *sent* → *answered*, *refused* by etcd
 * itself, or *unknown*: it may have happened. What is unknown is never sent again here; the caller reads.
 */
import {
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { METHODS, type Unary } from './messages.ts'
import type { MessageType, Read, Written } from './wire.ts'

export interface Endpoint {
  /** `host:port`; IPv6 in brackets. */
  readonly address: string
  readonly isSecure: boolean
}

export interface EtcdSettings {
  /** At least one; all of the same cluster. */
  readonly endpoints: readonly Endpoint[]
  /** PEM; without `ca` the authorities that Node knows. Key and certificate come together. */
  readonly tls?: { readonly ca?: Uint8Array; readonly key?: Uint8Array; readonly certificate?: Uint8Array }
  readonly user?: { readonly name: string; readonly password: string }
  /** From the call to the answer, connecting included. Default 5,000. */
  readonly callMs?: number
  /** For each endpoint. Default 2,000. */
  readonly connectMs?: number
}

export type Outcome<T> =
  | { readonly kind: 'answered'; readonly answer: T }
  /** etcd says no, and has changed nothing; `reason` in its words. */
  | { readonly kind: 'refused'; readonly status: status; readonly reason: string }
  /** Sent, but no answer: it may or may not have happened. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** No endpoint took the call: nothing was sent. */
  | { readonly kind: 'unreachable'; readonly reason: string }

// biome-ignore lint/suspicious/noExplicitAny: a bound that every table meets
type AnyMessage = MessageType<any>
interface StreamMethod<Q, A> {
  readonly path: string
  readonly request: Q
  readonly answer: A
}
export type Duplex<Q, A> = ClientDuplexStream<Written<Q>, Read<A>>

export interface EtcdConnection {
  call<Q extends AnyMessage, A extends AnyMessage>(
    method: Unary<Q, A>,
    request: Written<Q>,
    options?: { readonly callMs?: number },
  ): Promise<Outcome<Read<A>>>
  /** A stream without a deadline of its own; whoever opened it hears `error` or `end`, and cancels it. */
  open<Q extends AnyMessage, A extends AnyMessage>(method: StreamMethod<Q, A>): Promise<Outcome<Duplex<Q, A>>>
  close(): void
}

const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** What etcd takes by default (`--max-request-bytes`), with room for its own frame. */
const MAX_REQUEST_BYTES = 1_500_000

const CHANNEL: ChannelOptions = {
  // etcd closes connections that ping more often than every 5 s, or without a call (`--grpc-keepalive-min-time`).
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3000,
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
  'grpc.max_send_message_length': MAX_REQUEST_BYTES,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2000,
  // What may have happened is never sent again by a library.
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // Two connections of one process are two connections.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
}

/** Connects on the first call. */
export function connectEtcd(settings: EtcdSettings): EtcdConnection {
  return new Connection(settings)
}

class Connection implements EtcdConnection {
  readonly #settings: EtcdSettings
  readonly #clients: Client[]
  #current = 0
  #token: string | undefined

  constructor(settings: EtcdSettings) {
    this.#settings = settings
    this.#clients = settings.endpoints.map((endpoint) => clientOf(endpoint, settings))
  }

  async call<Q extends AnyMessage, A extends AnyMessage>(
    method: Unary<Q, A>,
    request: Written<Q>,
    { callMs = this.#settings.callMs ?? 5000 }: { readonly callMs?: number } = {},
  ): Promise<Outcome<Read<A>>> {
    const deadline = Date.now() + callMs
    const first = await this.#callOnce(method, request, deadline)
    if (!isAboutToken(first) || this.#settings.user === undefined) return first
    // A token that timed out is refused before anything is done, so this is no second try of the same call.
    this.#token = undefined
    return this.#callOnce(method, request, deadline)
  }

  async open<Q extends AnyMessage, A extends AnyMessage>(method: StreamMethod<Q, A>): Promise<Outcome<Duplex<Q, A>>> {
    const deadline = Date.now() + (this.#settings.callMs ?? 5000)
    const ready = await this.#ready(deadline)
    if (ready.kind !== 'answered') return ready
    const metadata = await this.#metadata(ready.answer, deadline)
    if (metadata.kind !== 'answered') return metadata
    const { path, request, answer } = method
    const stream = ready.answer.makeBidiStreamRequest(path, request.encode, answer.decode, metadata.answer)
    return { kind: 'answered', answer: stream as unknown as Duplex<Q, A> }
  }

  close(): void {
    for (const client of this.#clients) client.close()
  }

  async #callOnce<Q extends AnyMessage, A extends AnyMessage>(
    method: Unary<Q, A>,
    request: Written<Q>,
    deadline: number,
  ): Promise<Outcome<Read<A>>> {
    const ready = await this.#ready(deadline)
    if (ready.kind !== 'answered') return ready
    const metadata = await this.#metadata(ready.answer, deadline)
    if (metadata.kind !== 'answered') return metadata
    const outcome = await send(ready.answer, method, { request, metadata: metadata.answer, deadline })
    if (outcome.kind === 'unknown') this.#leave(ready.answer)
    return outcome
  }

  /** The endpoint in use if it is connected, else the first that connects. */
  async #ready(deadline: number): Promise<Outcome<Client>> {
    const reasons: string[] = []
    for (let tried = 0; tried < this.#clients.length; tried += 1) {
      const client = this.#clients[this.#current] as Client
      const until = Math.min(deadline, Date.now() + (this.#settings.connectMs ?? 2000))
      if (await isConnected(client, until)) return { kind: 'answered', answer: client }
      reasons.push(`${this.#settings.endpoints[this.#current]?.address}: ${await whyNot(client)}`)
      this.#leave(client)
    }
    return { kind: 'unreachable', reason: reasons.join('; ') }
  }

  #leave(client: Client): void {
    if (this.#clients[this.#current] === client) this.#current = (this.#current + 1) % this.#clients.length
  }

  async #metadata(client: Client, deadline: number): Promise<Outcome<Metadata>> {
    const metadata = new Metadata()
    const { user } = this.#settings
    if (user === undefined) return { kind: 'answered', answer: metadata }
    if (this.#token === undefined) {
      const outcome = await send(client, METHODS.authenticate, { request: user, metadata, deadline })
      // Nothing of the caller's was sent.
      if (outcome.kind === 'unknown') return { kind: 'unreachable', reason: outcome.reason }
      if (outcome.kind !== 'answered') return outcome
      this.#token = outcome.answer.token
    }
    metadata.set('token', this.#token)
    return { kind: 'answered', answer: metadata }
  }
}

function clientOf({ address, isSecure }: Endpoint, { tls = {} }: EtcdSettings): Client {
  const buffer = (pem: Uint8Array | undefined) => (pem === undefined ? null : Buffer.from(pem))
  const secure = () => credentials.createSsl(buffer(tls.ca), buffer(tls.key), buffer(tls.certificate))
  return new Client(address, isSecure ? secure() : credentials.createInsecure(), CHANNEL)
}

interface Sent<Q> {
  readonly request: Written<Q>
  readonly metadata: Metadata
  readonly deadline: number
}

function send<Q extends AnyMessage, A extends AnyMessage>(
  client: Client,
  { path, request: type, answer }: Unary<Q, A>,
  { request, metadata, deadline }: Sent<Q>,
): Promise<Outcome<Read<A>>> {
  return new Promise((resolve) => {
    client.makeUnaryRequest<Written<Q>, Read<A>>(
      path,
      type.encode,
      answer.decode as (bytes: Buffer) => Read<A>,
      request,
      metadata,
      { deadline },
      (error, value) => {
        if (error === null && value !== undefined) resolve({ kind: 'answered', answer: value })
        else resolve(failureOf(error as ServiceError))
      },
    )
  })
}

/** Statuses that etcd gives before it proposes anything (api/v3rpc/rpctypes/error.go). */
const REFUSALS: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNAUTHENTICATED,
])

/** The same statuses come from proxies and from this side, after who knows what: only etcd's own words count. */
export function failureOf({ code, details }: Pick<ServiceError, 'code' | 'details'>): Exclude<
  Outcome<never>,
  { kind: 'answered' }
> {
  if (REFUSALS.has(code) && details.startsWith('etcdserver: ')) return { kind: 'refused', status: code, reason: details }
  return { kind: 'unknown', reason: details }
}

function isAboutToken(outcome: Outcome<unknown>): boolean {
  if (outcome.kind !== 'refused') return false
  return outcome.status === status.UNAUTHENTICATED || outcome.reason === 'etcdserver: revision of auth store is old'
}

/** Waits while it connects; a connection that was refused is no reason to wait. */
async function isConnected(client: Client, deadline: number): Promise<boolean> {
  const channel = client.getChannel()
  let failures = 0
  for (;;) {
    const state = channel.getConnectivityState(true)
    if (state === connectivityState.READY) return true
    // A channel that has failed before tells of that failure first.
    if (state === connectivityState.TRANSIENT_FAILURE && ++failures > 1) return false
    if (state === connectivityState.SHUTDOWN) return false
    const error = await new Promise<Error | undefined>((resolve) => {
      channel.watchConnectivityState(state, deadline, (changed) => resolve(changed ?? undefined))
    })
    if (error !== undefined) return false
  }
}

/** In the library's words: a call on a channel that failed is ended with the reason of the failure. */
async function whyNot(client: Client): Promise<string> {
  const deadline = Date.now() + 200
  const outcome = await send(client, METHODS.status, { request: {}, metadata: new Metadata(), deadline })
  return outcome.kind === 'unknown' ? outcome.reason.replace('No connection established. Last error: ', '') : 'no answer'
}
