/**
 * What a request asks for: an alias, a path below its base, a query.
 *
 * Two forms (RFC 9112, section 3.2): `http://ALIAS.if-board/path` as a proxy is asked, and `/ALIAS/path`. Nothing is
 * repaired: a target that two programs may read differently is refused, because what was judged must be what is served.
 */
import { ALIAS } from '../credentials/index.ts'
import type { ProxyRule } from '../model/index.ts'
import { isAddressLike } from './address.ts'

export interface Target {
  readonly form: 'proxy' | 'direct'
  readonly alias: string
  /** As it came, `/` at least: what is sent behind the path of the base. */
  readonly path: string
  /** Of the path, decoded; a slash at the end adds none. */
  readonly parts: readonly string[]
  /** As it came, with its `?`; empty where there is none. Never logged. */
  readonly query: string
}

export type TargetOutcome =
  | ({ readonly kind: 'target' } & Target)
  | { readonly kind: 'refused'; readonly rule: ProxyRule; readonly reason: string }

/** Aliases are hosts below this name, which nobody can register: it has no dot. */
export const DOMAIN = 'if-board'

const MAX_TARGET = 8 * 1024
const MAX_PARTS = 100
const refused = (rule: ProxyRule, reason: string): TargetOutcome => ({ kind: 'refused', rule, reason })

export function readTarget(text: string): TargetOutcome {
  if (text.length > MAX_TARGET) return refused('request', 'the target is too long')
  if (!/^[\x21-\x7e]+$/.test(text)) return refused('request', 'the target has characters that no target has')
  if (text.includes('#')) return refused('request', 'the target has a fragment')
  const questionAt = text.indexOf('?')
  const [before, query] = questionAt < 0 ? [text, ''] : [text.slice(0, questionAt), text.slice(questionAt)]
  return before.startsWith('/') ? readDirect(before, query) : readAbsolute(before, query)
}

function readDirect(text: string, query: string): TargetOutcome {
  const slashAt = text.indexOf('/', 1)
  const alias = slashAt < 0 ? text.slice(1) : text.slice(1, slashAt)
  if (!ALIAS.test(alias)) return refused('alias', 'the path does not begin with an alias')
  return readPath({ form: 'direct', alias, query }, slashAt < 0 ? '/' : text.slice(slashAt))
}

function readAbsolute(text: string, query: string): TargetOutcome {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return refused('request', 'the target is no URL and no path')
  if (scheme !== 'http') return refused('request', 'aliases are asked by http: the proxy makes the TLS connection')
  const rest = text.slice('http://'.length)
  const slashAt = rest.indexOf('/')
  const [authority, path] = slashAt < 0 ? [rest, '/'] : [rest.slice(0, slashAt), rest.slice(slashAt)]
  if (authority.includes('@')) return refused('request', 'the target names a user')
  const host = authority.toLowerCase().replace(/:80$/, '')
  const alias = host.endsWith(`.${DOMAIN}`) ? host.slice(0, -DOMAIN.length - 1) : undefined
  if (alias !== undefined && ALIAS.test(alias)) return readPath({ form: 'proxy', alias, query }, path)
  if (isAddressLike(decoded(host.replace(/:\d*$/, '')) ?? host) || /:.*:/.test(host))
    return refused('address', 'an address is no alias')
  return refused('alias', `the host is no alias: http://ALIAS.${DOMAIN}/`)
}

function readPath(named: Pick<Target, 'form' | 'alias' | 'query'>, path: string): TargetOutcome {
  const written = path.slice(1).split('/')
  if (written.length > MAX_PARTS) return refused('path', 'the path has too many parts')
  if (written.at(-1) === '') written.pop()
  const parts = written.map(decoded)
  const plain = parts.filter((part) => part !== undefined && isPlain(part))
  if (plain.length < parts.length) return refused('path', 'the path can be read in two ways')
  return { kind: 'target', ...named, path, parts: plain as string[] }
}

/** Percent-encoding of UTF-8 (RFC 3986, section 2.1) taken away; `undefined`: it is something else. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/**
 * One part of a path, and nothing that any server would take for several or for another one: not empty, no dot segment
 * (with parameters behind it either), no separator and no per cent sign after decoding; also in the compatibility
 * forms of Unicode, which some servers fold.
 */
function isPlain(part: string): boolean {
  return [part, part.normalize('NFKC')].every(
    (form) => !/^\.{0,2}(?:;|$)/.test(form) && !/[\u0000-\u001f\u007f-\u009f/\\%\ufffd]/.test(form),
  )
}

/** `host:port` of CONNECT (RFC 9110, section 9.3.6), in small letters; `undefined`: none that could be listed. */
export function readAuthority(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, name = '', digits = ''] = /^([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?):([1-9]\d{0,4})$/i.exec(text) ?? []
  const host = name.toLowerCase()
  const port = Number(digits)
  return host === '' || port > 65_535 || host.includes('..') || isAddressLike(host) ? undefined : { host, port }
}
