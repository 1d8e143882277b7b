/**
 * Caveats: the bounds of a capability, each one line `name value` (docs/proxy.md).
 *
 * A caveat has exactly one spelling. What is not known, or not written exactly so, has no meaning and denies: a holder may
 * add what a newer version understands, and an older one must not take it for nothing.
 */
import { isObjectId, isSessionName, isTaskKey, type ObjectId, type SessionName, type TaskKey } from '../model/index.ts'

export type Caveat =
  | { readonly name: 'session'; readonly session: SessionName }
  | { readonly name: 'task'; readonly task: TaskKey }
  /** The claim ref's value; the capability is dead once it is another. */
  | { readonly name: 'claim'; readonly claim: ObjectId }
  | { readonly name: 'alias'; readonly alias: string }
  | { readonly name: 'methods'; readonly methods: readonly string[] }
  /** Decoded and absolute; it and what is below it. */
  | { readonly name: 'path'; readonly path: string }
  /** Whole seconds since 1970; at that moment it is over. */
  | { readonly name: 'expires'; readonly seconds: number }
  /** Requests, counted from this caveat on. */
  | { readonly name: 'calls'; readonly calls: number }
  /** Bytes of bodies, both ways. */
  | { readonly name: 'bytes'; readonly bytes: number }
  /** SHA-256 of a module, 64 hexadecimal digits. */
  | { readonly name: 'module'; readonly sha256: string }

/** UTF-8 bytes of one caveat. */
export const MAX_CAVEAT_BYTES = 500

/** Names of services: one label of a host name (RFC 1123, section 2.1), so that a request can name it as a host. */
export const ALIAS = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** A token of RFC 9110, section 9.1, in capitals. */
export const METHOD = /^[A-Z][A-Z-]{0,31}$/
const MODULE = /^[0-9a-f]{64}$/
const NUMBER = /^(?:0|[1-9]\d{0,15})$/

export function caveatLine(caveat: Caveat): string {
  switch (caveat.name) {
    case 'session':
      return `session ${caveat.session}`
    case 'task':
      return `task ${caveat.task}`
    case 'claim':
      return `claim ${caveat.claim}`
    case 'alias':
      return `alias ${caveat.alias}`
    case 'methods':
      return `methods ${caveat.methods.join(' ')}`
    case 'path':
      return `path ${caveat.path}`
    case 'expires':
      return `expires ${caveat.seconds}`
    case 'calls':
      return `calls ${caveat.calls}`
    case 'bytes':
      return `bytes ${caveat.bytes}`
    case 'module':
      return `module ${caveat.sha256}`
  }
}

/** `undefined`: not a caveat that this version understands. */
export function parseCaveat(line: string): Caveat | undefined {
  const space = line.indexOf(' ')
  const [name, value] = [line.slice(0, space), line.slice(space + 1)]
  return space > 0 ? READERS.get(name)?.(value) : undefined
}

type Reader = (value: string) => Caveat | undefined

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['session', (session) => (isSessionName(session) ? { name: 'session', session } : undefined)],
  ['task', (task) => (isTaskKey(task) ? { name: 'task', task } : undefined)],
  ['claim', (claim) => (isObjectId(claim) ? { name: 'claim', claim } : undefined)],
  ['alias', (alias) => (ALIAS.test(alias) ? { name: 'alias', alias } : undefined)],
  ['methods', methodsOf],
  ['path', (path) => (isPath(path) ? { name: 'path', path } : undefined)],
  ['expires', (value) => numbered(value, (seconds) => ({ name: 'expires', seconds }))],
  ['calls', (value) => numbered(value, (calls) => ({ name: 'calls', calls }))],
  ['bytes', (value) => numbered(value, (bytes) => ({ name: 'bytes', bytes }))],
  ['module', (sha256) => (MODULE.test(sha256) ? { name: 'module', sha256 } : undefined)],
])

function methodsOf(value: string): Caveat | undefined {
  const methods = value.split(' ')
  return methods.every((method) => METHOD.test(method)) ? { name: 'methods', methods } : undefined
}

function numbered(value: string, make: (number: number) => Caveat): Caveat | undefined {
  const number = Number(value)
  return NUMBER.test(value) && Number.isSafeInteger(number) ? make(number) : undefined
}

/** As a decoded path is compared: absolute, no part that means another one, no slash at its end. */
export function isPath(path: string): boolean {
  if (path === '/') return true
  return path.startsWith('/') && path.slice(1).split('/').every(isPlainPart)
}

function isPlainPart(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && !/[\u0000-\u001f\u007f\\]/.test(part)
}
