/**
 * Header fields between client and service: what must not be there, what stays behind, what is passed on.
 *
 * Sources: RFC 9110 section 7.6 (hop-by-hop fields, Via), RFC 9112 sections 6 and 11.2 (framing, request smuggling). The
 * reader of HTTP below has refused line folding, spaces before colons and bare line feeds already.
 */
import type { ProxyRule } from '../model/index.ts'

/** Names in small letters, values as they came. */
export type Fields = readonly (readonly [name: string, value: string])[]

export interface RequestFields {
  readonly fields: Fields
  /** The capability that was presented. */
  readonly capability: string | undefined
  /** For which module a supervisor calls; a word of the holder, never of the guest. */
  readonly module: string | undefined
  /** Bytes of the body, at least one; `chunked`; or none. */
  readonly body: number | 'chunked' | undefined
  /** Does the client wait to be told that its body is wanted? */
  readonly expects: boolean
}

export type FieldsOutcome =
  | ({ readonly kind: 'fields' } & RequestFields)
  | { readonly kind: 'refused'; readonly rule: ProxyRule; readonly reason: string }

/** Who we are in `Via`. */
export const PSEUDONYM = 'if-board'

const MAX_FIELDS = 100
const HOP_BY_HOP = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'proxy-connection']
/** What a client could pretend, or log in with by itself: the credential of the alias is the only one. */
const NOT_SENT = [
  ...HOP_BY_HOP,
  ...['host', 'content-length', 'expect', 'authorization', 'cookie', 'forwarded', 'x-real-ip'],
]
const NOT_SENT_PREFIXES = ['proxy-', 'x-forwarded-', 'if-board-']
/** A cookie is a credential, and the others would lead past the proxy. */
const NOT_RETURNED = [...HOP_BY_HOP, 'set-cookie', 'set-cookie2', 'alt-svc', 'refresh', 'location']
const ONCE = ['host', 'content-length', 'transfer-encoding', 'content-type', 'proxy-authorization', 'expect']
/** `Connection` that names one of these wants another reader to see another request. */
const NEVER_HOP_BY_HOP = ['host', 'content-length', 'content-type', 'proxy-authorization', 'via', 'if-board-module']

/** @param raw  name, value, name, value …, as they came */
export function readFields(raw: readonly string[]): FieldsOutcome {
  const all = pairs(raw)
  const problem = problemOf(all)
  if (problem !== undefined) return { kind: 'refused', rule: 'request', reason: problem }
  const named = connectionNames(all)
  const first = (name: string) => all.find(([one]) => one === name)?.[1]
  const length = first('content-length')
  const fields = all.filter(([name]) => !NOT_SENT.includes(name) && !startsWithAny(name) && !named.includes(name))
  return {
    kind: 'fields',
    fields,
    capability: capabilityOf(first('proxy-authorization')),
    module: first('if-board-module'),
    expects: first('expect') !== undefined,
    body: first('transfer-encoding') === undefined ? Number(length ?? 0) || undefined : 'chunked',
  }
}

function problemOf(all: Fields): string | undefined {
  if (all.length > MAX_FIELDS) return 'it has too many header fields'
  const count = (name: string) => all.filter(([one]) => one === name).length
  const twice = ONCE.find((name) => count(name) > 1)
  if (twice !== undefined) return `it has \`${twice}\` twice`
  if (count('content-length') + count('transfer-encoding') > 1) return 'it has two lengths'
  const renamed = connectionNames(all).some((name) => NEVER_HOP_BY_HOP.includes(name))
  if (renamed) return 'it calls a field hop-by-hop that is none'
  return all.map(([name, value]) => fieldProblem(name, value)).find((problem) => problem !== undefined)
}

function fieldProblem(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return 'the name of a header field is none'
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) return 'a header field has characters that none has'
  if (name === 'content-length' && !/^\d{1,15}$/.test(value)) return 'its length is no number'
  if (name === 'transfer-encoding' && value.toLowerCase() !== 'chunked') return 'its transfer coding is not chunked'
  return name === 'via' && value.toLowerCase().includes(PSEUDONYM) ? 'it has been here before' : undefined
}

/** Of the answer, what the client gets. */
export function returnedFields(all: Fields): Fields {
  const named = connectionNames(all)
  return all.filter(([name]) => !NOT_RETURNED.includes(name) && !name.startsWith('proxy-') && !named.includes(name))
}

export function pairs(raw: readonly string[]): Fields {
  return Array.from({ length: raw.length >> 1 }, (_, at) => [
    (raw[at * 2] as string).toLowerCase(),
    raw[at * 2 + 1] as string,
  ])
}

function connectionNames(all: Fields): string[] {
  return all.flatMap(([name, value]) =>
    name === 'connection' ? value.split(',').map((word) => word.trim().toLowerCase()) : [],
  )
}

function startsWithAny(name: string): boolean {
  return NOT_SENT_PREFIXES.some((prefix) => name.startsWith(prefix))
}

/** `Bearer CAPABILITY` (RFC 6750), or `Basic` with it as the password (RFC 7617), as programs send what `HTTP_PROXY` says. */
function capabilityOf(value: string | undefined): string | undefined {
  const [scheme = '', credentials = '', ...more] = value?.split(' ') ?? []
  if (more.length > 0) return undefined
  if (scheme.toLowerCase() === 'bearer') return credentials
  if (scheme.toLowerCase() !== 'basic' || !/^[A-Za-z0-9+/]{0,16384}={0,2}$/.test(credentials)) return undefined
  try {
    const pair = atob(credentials)
    return pair.slice(pair.indexOf(':') + 1)
  } catch {
    return undefined
  }
}
