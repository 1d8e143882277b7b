/**
 * One HTTP/2 connection to one endpoint of etcd, and calls over gRPC on it.
 *
 * States: *connecting* → *open* → *over*, for good: a channel of the library would connect again, to a server that may
 * have been restored meanwhile, so the channel is closed in the same turn in which it tells of the loss. A call is
 * *answered*, *refused* by etcd itself, *unknown* (sent, no answer: it may have happened) or *broken* (not sent).
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
import type { Broken, Unknown } from '../../ports/fast-path.ts'
import { METHODS, type StreamMethod, type UnaryMethod } from './messages.ts'
import type { AnyMessage, Read, Written } from './wire.ts'

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
  /** How long a call may take. Default 3,000. */
  readonly callMs?: number
  /** How long connecting to one endpoint may take. Default 2,000. */
  readonly connectMs?: number
}

export interface Refused {
  readonly kind: 'refused'
  readonly status: status
  /** In etcd's words. Nothing was changed. */
  readonly reason: string
}

export type Outcome<T> = { readonly kind: 'answered'; readonly answer: T } | Refused | Unknown | Broken
export type Duplex<Q extends AnyMessage, A extends AnyMessage> = ClientDuplexStream<Written<Q>, Read<A>>

const DEFAULT_CALL_MS = 3000
const DEFAULT_CONNECT_MS = 2000
/** One page of the longest values, and more than etcd sends in one message of a watch (`fragment`). */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** What etcd takes by default (`--max-request-bytes`) is 1.5 MiB, its frame included. */
const MAX_REQUEST_BYTES = 1_500_000
/** What the library puts around the reason of a failure. */
const AROUND_REASON = /^No connection established\. Last error: (?:Error: )?|\.? Resolution note: *$/g

const CHANNEL: ChannelOptions = {
  // etcd ends connections that ping more often than every 5 s, or without a call (`--grpc-keepalive-min-time`).
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3000,
  'grpc.client_idle_timeout_ms': 24 * 3_600_000,
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
  'grpc.max_send_message_length': MAX_REQUEST_BYTES,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // Two links of one process are two connections.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
}

/**
 * Connects, and signs in where a user is given and etcd asks for one.
 *
 * @returns `broken` when there is no connection in time; `refused` when etcd does not know the user
 */
export async function connectTo(endpoint: Endpoint, settings: EtcdSettings): Promise<Outcome<Connection>> {
  const client = clientOf(endpoint, settings)
  const deadline = Date.now() + (settings.connectMs ?? DEFAULT_CONNECT_MS)
  const reason = await whyNotConnected(client, deadline)
  if (reason !== undefined) {
    client.close()
    return { kind: 'broken', reason }
  }
  const connection = new Connection(client, endpoint, settings)
  const signedIn = await connection.signIn()
  if (signedIn.kind === 'answered') return { kind: 'answered', answer: connection }
  connection.end('not signed in')
  return signedIn
}

export class Connection {
  readonly endpoint: Endpoint
  readonly #client: Client
  readonly #settings: EtcdSettings
  readonly #streams = new Set<{ cancel(): void }>()
  #metadata = new Metadata()
  #over: string | undefined

  constructor(client: Client, endpoint: Endpoint, settings: EtcdSettings) {
    this.#client = client
    this.endpoint = endpoint
    this.#settings = settings
    client.getChannel().watchConnectivityState(connectivityState.READY, Number.POSITIVE_INFINITY, () => {
      this.end('the connection was lost')
    })
  }

  /** Why it is over, or `undefined`. */
  get over(): Broken | undefined {
    return this.#over === undefined ? undefined : { kind: 'broken', reason: `${this.endpoint.address}: ${this.#over}` }
  }

  end(reason: string): void {
    if (this.#over !== undefined) return
    this.#over = reason
    for (const stream of this.#streams) stream.cancel()
    // Not within the library's own change of state, and before anything could connect.
    process.nextTick(() => this.#client.close())
  }

  get callMs(): number {
    return this.#settings.callMs ?? DEFAULT_CALL_MS
  }

  async call<Q extends AnyMessage, A extends AnyMessage>(
    method: UnaryMethod<Q, A>,
    request: Written<Q>,
  ): Promise<Outcome<Read<A>>> {
    const first = await this.#callOnce(method, request)
    if (this.#settings.user === undefined || !isAboutToken(first)) return first
    // A token that ran out is refused before anything is proposed: the same words, but no second try of a call.
    const signedIn = await this.signIn()
    return signedIn.kind === 'answered' ? this.#callOnce(method, request) : signedIn
  }

  /** No deadline: whoever opened it hears its `error` or `end`; the end of the connection cancels it. */
  open<Q extends AnyMessage, A extends AnyMessage>(method: StreamMethod<Q, A>): Duplex<Q, A> | Broken {
    if (this.over !== undefined) return this.over
    const { path, request, answer } = method
    const stream = this.#client.makeBidiStreamRequest(
      path,
      request.encode as (value: Written<Q>) => Buffer,
      answer.decode as (bytes: Buffer) => Read<A>,
      this.#metadata,
    )
    this.#streams.add(stream)
    stream.on('close', () => this.#streams.delete(stream))
    return stream
  }

  /** A token of etcd's for all calls to come; without a user nothing. */
  async signIn(): Promise<Outcome<undefined>> {
    const { user } = this.#settings
    if (user === undefined) return { kind: 'answered', answer: undefined }
    this.#metadata = new Metadata()
    const outcome = await this.#callOnce(METHODS.authenticate, user)
    if (outcome.kind === 'answered') this.#metadata.set('token', outcome.answer.token)
    else if (outcome.reason !== 'etcdserver: authentication is not enabled')
      // No call of a caller's was on its way.
      return outcome.kind === 'unknown' ? { kind: 'broken', reason: outcome.reason } : outcome
    return { kind: 'answered', answer: undefined }
  }

  #callOnce<Q extends AnyMessage, A extends AnyMessage>(
    { path, request: type, answer }: UnaryMethod<Q, A>,
    request: Written<Q>,
  ): Promise<Outcome<Read<A>>> {
    if (this.over !== undefined) return Promise.resolve(this.over)
    return new Promise((resolve) => {
      withoutStack(() =>
        this.#client.makeUnaryRequest(
          path,
          type.encode as (value: Written<Q>) => Buffer,
          answer.decode as (bytes: Buffer) => Read<A>,
          request,
          this.#metadata,
          { deadline: Date.now() + this.callMs },
          (error, value) => {
            if (error === null && value !== undefined) resolve({ kind: 'answered', answer: value })
            else resolve(failureOf(error as ServiceError))
          },
        ),
      )
    })
  }
}

/**
 * The library keeps the stack of each call for an error that may come, which costs a fifth of the call's processor time
 * and tells nothing here: failures are values (V8's stack trace API, https://v8.dev/docs/stack-trace-api).
 */
function withoutStack(act: () => unknown): void {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    act()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Statuses that etcd gives instead of doing anything (its api/v3rpc/rpctypes/error.go). */
const REFUSALS: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.DATA_LOSS,
  status.UNAUTHENTICATED,
])

/** The same statuses come from proxies, and from this side, after who knows what: only etcd's own words count. */
export function failureOf({ code, details }: Pick<ServiceError, 'code' | 'details'>): Refused | Unknown {
  if (REFUSALS.has(code) && details.startsWith('etcdserver: '))
    return { kind: 'refused', status: code, reason: details }
  return { kind: 'unknown', reason: details }
}

function isAboutToken(outcome: Outcome<unknown>): boolean {
  if (outcome.kind !== 'refused') return false
  return outcome.status === status.UNAUTHENTICATED || outcome.reason === 'etcdserver: revision of auth store is old'
}

function clientOf({ address, isSecure }: Endpoint, { tls = {} }: EtcdSettings): Client {
  const buffer = (pem: Uint8Array | undefined) => (pem === undefined ? null : Buffer.from(pem))
  const secure = () => credentials.createSsl(buffer(tls.ca), buffer(tls.key), buffer(tls.certificate))
  return new Client(address, isSecure ? secure() : credentials.createInsecure(), CHANNEL)
}

/** Waits while it connects, and no longer than until its first failure. */
async function whyNotConnected(client: Client, deadline: number): Promise<string | undefined> {
  const channel = client.getChannel()
  for (;;) {
    const state = channel.getConnectivityState(true)
    if (state === connectivityState.READY) return undefined
    if (state === connectivityState.TRANSIENT_FAILURE) return lastFailure(client)
    const isLate = await new Promise<boolean>((resolve) => {
      channel.watchConnectivityState(state, deadline, (error) => resolve(error instanceof Error))
    })
    if (isLate) return 'no connection in time'
  }
}

/** A channel that failed ends a call with the reason of its failure; this one would change nothing. */
function lastFailure(client: Client): Promise<string> {
  return new Promise((resolve) => {
    const { path, request, answer } = METHODS.status
    const options = { deadline: Date.now() + 200 }
    client.makeUnaryRequest(path, request.encode, answer.decode, {}, new Metadata(), options, (error) => {
      resolve(error?.details.replace(AROUND_REASON, '') ?? 'it connected too late')
    })
  })
}
