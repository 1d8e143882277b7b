/** Base64 of RFC 4648: §4 with padding for notes, §5 (base64url) without padding for keys and signatures. */
import { invariant } from '../model/index.ts'

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
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined
  const bytes = Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0))
  // Unused bits of the last digit must be zero, else one value had several spellings.
  return toBase64(bytes) === text ? bytes : undefined
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
