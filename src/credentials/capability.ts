/**
 * Capabilities: a text, and a chain of HMACs over it, so that its holder can narrow it and nobody can widen it.
 *
 * Source: A. Birgisson, J. G. Politz, Ú. Erlingsson, A. Taly, M. Vrable, M. Lentczner, "Macaroons: Cookies with
 * Contextual Caveats for Decentralized Authorization in the Cloud", NDSS 2014, sections III and IV; first-party caveats
 * alone. The format is ours: docs/proxy.md has it byte for byte.
 */
import { fromBase64Url, toBase64Url } from '../model/base64.ts'
import { type Caveat, caveatLine, MAX_CAVEAT_BYTES, parseCaveat } from './caveats.ts'

/** HMAC with SHA-256 (RFC 2104): 32 bytes. */
export type Hmac = (key: Uint8Array, bytes: Uint8Array) => Uint8Array

const PREFIX = 'ifb1.'
const DOMAIN = 'if-board capability 1\n'
const ID = /^[0-9a-f]{32}$/
/** 32 bytes in base64url leave 2 bits of the last digit unused; they must be zero (RFC 4648, section 3.5). */
const SIGNATURE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
const TEXT = /^[A-Za-z0-9_-]+$/
const SIGNATURE_BYTES = 32
const MAX_CAVEATS = 32
const MAX_TEXT_BYTES = 3000
const MAX_LENGTH = PREFIX.length + Math.ceil((MAX_TEXT_BYTES * 4) / 3) + 1 + 43

/** What a capability is before its signature is looked at. */
interface Parts {
  readonly id: string
  /** As they were written, without the id. */
  readonly lines: readonly string[]
  readonly signature: Uint8Array
}

export interface Capability {
  readonly id: string
  /** In the order in which they were added. */
  readonly caveats: readonly Caveat[]
}

export type Verdict =
  | { readonly kind: 'genuine'; readonly capability: Capability }
  | { readonly kind: 'refused'; readonly reason: string }

/** @param id  32 hexadecimal digits by chance: what tells two capabilities with the same bounds apart */
export function mintCapability(hmac: Hmac, key: Uint8Array, id: string, caveats: readonly Caveat[]): string {
  const start = hmac(key, bytesOf(DOMAIN + id))
  const lines = caveats.map(caveatLine)
  return written({ id, lines, signature: lines.reduce((above, line) => hmac(above, bytesOf(line)), start) })
}

/** The same with more bounds; needs no key. `undefined`: not a capability, or too long with them. */
export function narrowCapability(hmac: Hmac, text: string, caveats: readonly Caveat[]): string | undefined {
  const parts = parseParts(text)
  if (parts === undefined) return undefined
  const added = caveats.map(caveatLine)
  const signature = added.reduce((above, line) => hmac(above, bytesOf(line)), parts.signature)
  const narrower = written({ id: parts.id, lines: [...parts.lines, ...added], signature })
  return parseParts(narrower) === undefined ? undefined : narrower
}

/**
 * Was it made with this key, and narrowed by nothing but caveats that are understood?
 *
 * Whether the caveats hold is another question (`boundsOf`). The signature is compared in a time that does not depend on
 * where it differs, and before anything of the text counts.
 */
export function verifyCapability(hmac: Hmac, key: Uint8Array, text: string): Verdict {
  const parts = parseParts(text)
  if (parts === undefined) return { kind: 'refused', reason: 'it is no capability' }
  const { id, lines, signature } = parts
  const expected = lines.reduce((above, line) => hmac(above, bytesOf(line)), hmac(key, bytesOf(DOMAIN + id)))
  if (!isSame(expected, signature)) return { kind: 'refused', reason: 'it was not made by this proxy, or was changed' }
  const caveats = lines.map(parseCaveat)
  const known = caveats.filter((caveat) => caveat !== undefined)
  if (known.length < caveats.length) return { kind: 'refused', reason: 'it has a caveat that is not understood' }
  return { kind: 'genuine', capability: { id, caveats: known } }
}

function written({ id, lines, signature }: Parts): string {
  return `${PREFIX}${toBase64Url(bytesOf([id, ...lines].join('\n')))}.${toBase64Url(signature)}`
}

function parseParts(text: string): Parts | undefined {
  if (text.length > MAX_LENGTH || !text.startsWith(PREFIX)) return undefined
  const [encoded = '', signature = '', ...more] = text.slice(PREFIX.length).split('.')
  if (more.length > 0 || !SIGNATURE.test(signature)) return undefined
  const decoded = decodeText(encoded)
  const [id = '', ...lines] = decoded?.split('\n') ?? []
  if (!ID.test(id) || lines.length > MAX_CAVEATS || !lines.every(isLine)) return undefined
  return { id, lines, signature: fromBase64Url(signature) }
}

function isLine(line: string): boolean {
  return line !== '' && !/[\u0000-\u001f\u007f]/.test(line) && bytesOf(line).length <= MAX_CAVEAT_BYTES
}

/** One text, one spelling: what does not encode to the same again is none. */
function decodeText(encoded: string): string | undefined {
  if (!TEXT.test(encoded) || encoded.length % 4 === 1) return undefined
  try {
    const bytes = fromBase64Url(encoded)
    if (bytes.length > MAX_TEXT_BYTES) return undefined
    // A mark of byte order at its beginning would vanish unless it is kept.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return toBase64Url(bytesOf(text)) === encoded ? text : undefined
  } catch {
    return undefined
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== SIGNATURE_BYTES || b.length !== SIGNATURE_BYTES) return false
  let difference = 0
  for (let at = 0; at < SIGNATURE_BYTES; at += 1) difference |= (a[at] as number) ^ (b[at] as number)
  return difference === 0
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
