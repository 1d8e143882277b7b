/** The hash functions and the signature check that the core takes as parameters, by `node:crypto`. */
import { createHash, createHmac, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { ObjectHash, Sha256 } from '../../model/index.ts'

export const sha256OfText: Sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex')

export const sha256OfBytes = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

/** HMAC with SHA-256 (RFC 2104). */
export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(bytes).digest()

/** Object hashes of git's two object formats. */
export const sha1ObjectHash: ObjectHash = (bytes) => createHash('sha1').update(bytes).digest('hex')
export const sha256ObjectHash: ObjectHash = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** Making a key from its text costs as much as the check itself, and a log names few keys often. */
const keys = new Map<string, KeyObject>()
const MOST_KEYS = 1_000

function ed25519Key(publicKey: string): KeyObject {
  const known = keys.get(publicKey)
  if (known !== undefined) return known
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: publicKey } })
  if (keys.size >= MOST_KEYS) keys.clear()
  keys.set(publicKey, key)
  return key
}

/** Is this the Ed25519 signature (RFC 8032) of the text's UTF-8? Key and signature are base64url; nonsense is `false`. */
export function verifyEd25519(publicKey: string, text: string, signature: string): boolean {
  try {
    return verify(null, Buffer.from(text, 'utf8'), ed25519Key(publicKey), Buffer.from(signature, 'base64url'))
  } catch {
    // A text that is no key at all cannot have signed anything.
    return false
  }
}
