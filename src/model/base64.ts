/** Base64 of RFC 4648: §4 with padding for notes, §5 (base64url) without padding for keys and signatures. */
import { invariant } from './errors.ts'

/** Arguments of one call; engines take tens of thousands. */
const AT_ONCE = 4096

export function toBase64(bytes: Uint8Array): string {
  let characters = ''
  for (let at = 0; at < bytes.length; at += AT_ONCE)
    characters += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE))
  return btoa(characters)
}

/** The bytes of a text that `toBase64` could have written, else `undefined`. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || !isOneSpelling(text)) return undefined
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = characters.charCodeAt(at)
  return bytes
}

/** Unused bits of the last digit must be zero, else one value had several spellings (RFC 4648, section 3.5). */
function isOneSpelling(text: string): boolean {
  if (text.endsWith('==')) return 'AQgw'.includes(text.at(-3) ?? '-')
  return !text.endsWith('=') || 'AEIMQUYcgkosw048'.includes(text.at(-2) ?? '-')
}

export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Bytes of a key or signature whose spelling was checked before. */
export function fromBase64Url(text: string): Uint8Array {
  const padding = '='.repeat((4 - (text.length % 4)) % 4)
  const bytes = fromBase64(text.replaceAll('-', '+').replaceAll('_', '/') + padding)
  invariant(bytes !== undefined, 'keys and signatures are base64url without padding')
  return bytes
}
