/**
 * One request and its answer: judged, resolved, sent, looked through, passed on.
 *
 * Nothing is kept: a body goes through in pieces, each taken from what is left before it is passed on, so that the last
 * byte of a budget is the last one that goes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { invariant, type ProxyRule } from '../../model/index.ts'
import {
  type Asked,
  type Fields,
  type Pass,
  PSEUDONYM,
  pairs,
  type RequestFields,
  readFields,
  readTarget,
  returnedFields,
  rewriteLocation,
  servicePath,
  type Target,
} from '../../proxy/index.ts'
import { until, written } from './flow.ts'
import { type Refusal, refuse } from './refusal.ts'
import { resolveHost } from './resolve.ts'
import { holdsSecret, scrubber } from './scrub.ts'
import type { SecretOutcome } from './secrets.ts'
import type { ProxyTools } from './tools.ts'

type Secret = Extract<SecretOutcome, { kind: 'secret' }>

/** Ends an exchange for a reason that the client is told, if nothing was said yet. */
class Cut extends Error {
  readonly refusal: Refusal
  readonly status: number | undefined

  constructor(rule: ProxyRule, reason: string, status?: number) {
    super(reason)
    this.refusal = { rule, reason }
    this.status = status
  }
}

/** The client did not wait for its answer: nobody refused anything. */
class Gone extends Error {}

export async function exchange(tools: ProxyTools, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const head = readHead(request)
  if (head.kind === 'refused') return refuseEarly(tools, request, response, head, head)
  const { target, fields } = head
  const asked: Asked = {
    ...{ kind: 'request', alias: target.alias, method: request.method ?? '', parts: target.parts },
    module: fields.module,
  }
  if (fields.capability === undefined) {
    const missing = { rule: 'capability', reason: 'a capability is missing: if-board proxy grant ALIAS' } as const
    return refuseEarly(tools, request, response, missing, { alias: target.alias, status: 407 })
  }
  const pass = await tools.gate.judge({ capability: fields.capability, asked })
  if (pass.kind === 'refused') return refuse(response, pass)
  await new Exchange(tools, { request, response, target, fields, pass }).run()
}

type Head =
  | { readonly kind: 'head'; readonly target: Target; readonly fields: RequestFields }
  | ({ readonly kind: 'refused'; readonly capability?: string | undefined } & Refusal)

function readHead(request: IncomingMessage): Head {
  const fields = readFields(request.rawHeaders)
  if (fields.kind === 'refused') return fields
  const target = readTarget(request.url ?? '')
  if (target.kind === 'refused') return { ...target, capability: fields.capability }
  return { kind: 'head', target, fields }
}

interface EarlyFacts {
  readonly alias?: string
  readonly status?: number
  readonly capability?: string | undefined
}

function refuseEarly(
  { gate }: ProxyTools,
  { method = '' }: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  { alias = '', status, capability }: EarlyFacts,
): void {
  gate.refused({ alias, method, rule: refusal.rule, capability })
  refuse(response, refusal, status)
}

interface Parts {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly target: Target
  readonly fields: RequestFields
  readonly pass: Pass
}

class Exchange {
  readonly #tools: ProxyTools
  readonly #parts: Parts
  readonly #base: URL
  readonly #over = new AbortController()
  #sent = 0
  #received = 0

  constructor(tools: ProxyTools, parts: Parts) {
    this.#tools = tools
    this.#parts = parts
    const { url } = parts.pass.alias
    invariant(url !== undefined, 'an alias for tunnels alone lets no request pass')
    this.#base = new URL(url)
  }

  async run(): Promise<void> {
    const { response, pass } = this.#parts
    const late = new Cut('time', `it took longer than ${pass.alias.timeoutSeconds} s`)
    const timer = setTimeout(() => this.#over.abort(late), pass.alias.timeoutSeconds * 1000)
    const gone = () => this.#over.abort(new Gone())
    response.once('close', gone)
    let rule: ProxyRule | undefined
    try {
      await this.#pass()
    } catch (error) {
      const why: unknown = this.#over.signal.reason ?? error
      this.#over.abort(why)
      if (why instanceof Gone) return
      const cut = cutOf(why)
      rule = cut.refusal.rule
      refuse(response, cut.refusal, cut.status)
    } finally {
      clearTimeout(timer)
      response.off('close', gone)
      pass.end({ sent: this.#sent, received: this.#received, rule })
    }
  }

  async #pass(): Promise<void> {
    const { fields, pass } = this.#parts
    if (typeof fields.body === 'number' && fields.body > pass.bytesLeft())
      throw new Cut('budget', 'the body is larger than what is left', 413)
    const over = this.#over.signal
    const secret = await until(over, this.#secret())
    const listed = this.#tools.private.get(this.#base.origin) ?? []
    const resolved = await until(over, resolveHost(this.#base.hostname, listed, this.#tools.resolve))
    if (resolved.kind === 'refused') throw new Cut(resolved.rule, resolved.reason)
    const pool = this.#tools.connections.pool({ origin: this.#base.origin, addresses: resolved.addresses })
    const answer = await this.#ask(pool, secret)
    await this.#giveBack(answer, secret)
  }

  async #secret(): Promise<Secret | undefined> {
    const { secret } = this.#parts.pass.alias
    if (secret === undefined) return undefined
    const found = await this.#tools.secrets.for(secret, this.#base.origin)
    if (found.kind === 'refused') throw new Cut('secret', found.reason)
    return found
  }

  async #ask(pool: Dispatcher, secret: Secret | undefined): Promise<Dispatcher.ResponseData> {
    const { request, target, fields, pass } = this.#parts
    const timeoutMs = pass.alias.timeoutSeconds * 1000
    const body = fields.body === undefined ? undefined : new PassThrough()
    // Its reader may end it; what is to become of the exchange is said by the answer.
    body?.on('error', () => undefined)
    const sending = body === undefined ? undefined : this.#send(request, body)
    const asked = pool.request({
      path: servicePath(this.#base, target),
      method: request.method as Dispatcher.HttpMethod,
      headers: this.#sentFields(secret).flat(),
      body: body ?? null,
      signal: this.#over.signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    })
    asked.catch(() => undefined)
    // A body that must not go on ends the exchange, whatever the service answers meanwhile.
    sending?.catch((error: unknown) => this.#over.abort(error instanceof Cut ? error : new Gone()))
    return asked
  }

  async #send(from: Readable, to: PassThrough): Promise<void> {
    const { pass, fields, response } = this.#parts
    // Who waits to be asked for the body (RFC 9110, section 10.1.1) is asked now: its head was judged.
    if (fields.expects) response.writeContinue()
    for await (const chunk of from as AsyncIterable<Buffer>) {
      const granted = pass.take(chunk.length)
      this.#sent += granted
      await written(to, chunk.subarray(0, granted), this.#over.signal)
      if (granted < chunk.length) throw new Cut('budget', 'the body is larger than what is left', 413)
    }
    to.end()
  }

  #sentFields(secret: Secret | undefined): Fields {
    const { fields } = this.#parts
    const length = typeof fields.body === 'number' ? [['content-length', String(fields.body)] as const] : []
    const own = [...length, ['via', `1.1 ${PSEUDONYM}`] as const]
    if (secret === undefined) return [...fields.fields, ...own]
    const kept = fields.fields.filter(([name]) => name !== secret.header && name !== 'accept-encoding')
    return [...kept, ...own, ['accept-encoding', 'identity'], [secret.header, secret.value]]
  }

  async #giveBack(answer: Dispatcher.ResponseData, secret: Secret | undefined): Promise<void> {
    const { request, response, pass } = this.#parts
    // Its end is told by reading it, or not at all where it is refused before.
    answer.body.on('error', () => undefined)
    const all = answeredFields(answer.headers)
    const fields = [
      ...returnedFields(all),
      ...this.#location(answer.statusCode, all),
      ['via', `1.1 ${PSEUDONYM}`] as const,
    ]
    if (secret !== undefined) refuseTelling(all, secret)
    const length = Number(all.find(([name]) => name === 'content-length')?.[1] ?? 0)
    if (request.method !== 'HEAD' && length > pass.bytesLeft())
      throw new Cut('budget', 'the answer is larger than what is left')
    const lookThrough = secret === undefined ? undefined : scrubber(secret.secret)
    // Said with the first byte that may pass: until then a refusal can still be told as one.
    const begin = () => response.headersSent || response.writeHead(answer.statusCode, fields.flat() as string[])
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      const clean = lookThrough === undefined ? chunk : lookThrough.push(chunk)
      if (clean === undefined) throw new Cut('credential', 'the answer holds the credential')
      if (clean.length > 0) begin()
      await this.#receive(clean)
    }
    begin()
    if (lookThrough !== undefined) await this.#receive(lookThrough.rest())
    response.end()
  }

  async #receive(chunk: Buffer): Promise<void> {
    const { response, pass } = this.#parts
    const granted = pass.take(chunk.length)
    this.#received += granted
    await written(response, chunk.subarray(0, granted), this.#over.signal)
    if (granted < chunk.length) throw new Cut('budget', 'the answer is larger than what is left')
  }

  /** Of a redirect that leads out nothing is told; elsewhere the field is no more than a hint. */
  #location(status: number, all: Fields): Fields {
    const { target } = this.#parts
    const location = all.find(([name]) => name === 'location')?.[1]
    if (location === undefined) return []
    const asked = new URL(servicePath(this.#base, target), this.#base)
    const rewritten = rewriteLocation(location, { asked, base: this.#base, form: target.form, alias: target.alias })
    if (rewritten !== undefined) return [['location', rewritten]]
    if (status >= 300 && status < 400) throw new Cut('redirect', 'the service points to a place outside of the alias')
    return []
  }
}

/** Of the head of an answer: the credential itself, or a body that could not be looked through. */
function refuseTelling(fields: Fields, { secret }: Secret): void {
  if (fields.some(([, value]) => holdsSecret(value, secret)))
    throw new Cut('credential', 'the answer holds the credential')
  if (fields.some(([name, value]) => name === 'content-encoding' && value !== 'identity'))
    throw new Cut('credential', 'the answer is compressed, so it cannot be looked through')
}

function answeredFields(headers: Dispatcher.ResponseData['headers']): Fields {
  const raw = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).flatMap((one) => [name, one]),
  )
  return pairs(raw)
}

/** Codes say more than messages of the system, and hold nothing of a request. */
function cutOf(error: unknown): Cut {
  if (error instanceof Cut) return error
  const { code = '', name } = error as NodeJS.ErrnoException
  if (name === 'HeadersTimeoutError' || name === 'BodyTimeoutError')
    return new Cut('time', 'the service did not answer in time')
  const known = /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'no answer'
  return new Cut('unreachable', `the service cannot be asked: ${known}`)
}
