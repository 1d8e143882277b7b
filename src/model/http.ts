/**
 * HTTP as a module asks for it and hears of it: one call, one answer (docs/chassis.md, "HTTP").
 *
 * Whether a call may go out is decided by the proxy. Here is only what a call has to look like before anybody passes it on.
 */

/** Names in small letters, values as they came. */
export type HttpFields = readonly (readonly [name: string, value: string])[]

export interface HttpCall {
  readonly method: string
  /** Name of a service in the settings; never a host. */
  readonly alias: string
  /** Below the base of the service, as it is sent: `/` at its beginning, with its query. */
  readonly path: string
  readonly headers: HttpFields
  readonly body: Uint8Array
}

export type CallAnswer =
  /** Of the service, whatever its status. */
  | { readonly kind: 'answered'; readonly status: number; readonly headers: HttpFields; readonly body: Uint8Array }
  /** Nothing was passed on, or nothing back: the rule is one of docs/proxy.md. */
  | { readonly kind: 'denied'; readonly rule: string; readonly reason: string }
  /** No proxy answers. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The answer began and did not come whole, or has more than `MOST_ANSWER_BYTES`. */
  | { readonly kind: 'cut'; readonly reason: string }

/** What the settings grant to a check or a body: these services, so many calls in one run. */
export interface HttpGrant {
  readonly aliases: readonly string[]
  readonly calls: number
}

/** Calls of one run to one service: a row of a `ran` event. `-` stands for services that were not granted. */
export interface HttpUse {
  readonly alias: string
  /** All of them, however they ended. */
  readonly calls: number
  readonly denied?: number
  readonly unreachable?: number
  readonly cut?: number
  /** Bytes of bodies: of calls that were passed on, and of answers that came whole. */
  readonly sent: number
  readonly received: number
}

export const MOST_CALL_BYTES = 2 ** 20
export const MOST_ANSWER_BYTES = 4 * 2 ** 20
const MOST_PATH = 4_000
const MOST_ALIAS = 63
const MOST_HEADERS = 64
const MOST_HEADER_BYTES = 8 * 1024
/** RFC 9110, sections 5.6.2 and 9.1; methods in capitals, as the proxy compares them. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const METHOD = /^[A-Z][A-Z-]{0,31}$/
/** The supervisor's own words: framing, whom it asks, and that it may. */
const NOT_SET = new Set(['connection', 'content-length', 'expect', 'host', 'keep-alive', 'te', 'trailer', 'upgrade'])
const NOT_SET_PREFIXES = ['proxy-', 'if-board-', 'transfer-']

/** What is wrong with a call before it is passed on to anybody; `undefined`: nothing. */
export function callProblem({ method, alias, path, headers, body }: HttpCall): string | undefined {
  if (!METHOD.test(method)) return 'its method is none'
  if (alias === '' || alias.length > MOST_ALIAS) return 'it names no service'
  if (!/^\/[\x21-\x7e]*$/.test(path) || path.length > MOST_PATH) return 'its path is none'
  if (body.length > MOST_CALL_BYTES) return `its body has more than ${MOST_CALL_BYTES} bytes`
  return headersProblem(headers)
}

function headersProblem(headers: HttpFields): string | undefined {
  if (headers.length > MOST_HEADERS) return `it has more than ${MOST_HEADERS} header fields`
  if (headers.reduce((sum, field) => sum + field.join(': ').length, 0) > MOST_HEADER_BYTES)
    return `its header fields have more than ${MOST_HEADER_BYTES} bytes`
  return headers.map(fieldProblem).find((problem) => problem !== undefined)
}

function fieldProblem([name, value]: HttpFields[number]): string | undefined {
  if (!TOKEN.test(name)) return 'the name of a header field is none'
  if (!/^[\t\x20-\x7e]*$/.test(value)) return 'a header field has characters that none has'
  const isOurs = NOT_SET.has(name) || NOT_SET_PREFIXES.some((prefix) => name.startsWith(prefix))
  return isOurs ? `the header field \`${name}\` is not for a module to set` : undefined
}
