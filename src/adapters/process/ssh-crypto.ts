/** What the core needs to check an SSH signature, by `node:crypto`. Imports nothing else, so that any verifier can use it. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { SshCheck, SshCrypto } from '../../model/index.ts'

export const nodeSshCrypto: SshCrypto = {
  hash: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
  verify(check) {
    try {
      return verifyWith(check, publicKeyOf(check.key))
    } catch {
      // Numbers that are no key (a point off the curve) cannot have signed anything.
      return false
    }
  },
}

function verifyWith({ key, hash, bytes, signature }: SshCheck, publicKey: KeyObject): boolean {
  switch (key.kind) {
    case 'ed25519':
      return verify(null, bytes, publicKey, signature)
    case 'p256':
      return verify('sha256', bytes, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
    case 'rsa':
      return verify(hash, bytes, publicKey, signature)
  }
}

/** JSON Web Keys: RFC 7518, sections 6.2.1 and 6.3.1; RFC 8037, section 2. */
function publicKeyOf(key: SshCheck['key']): KeyObject {
  switch (key.kind) {
    case 'ed25519':
      return fromJwk({ kty: 'OKP', crv: 'Ed25519', x: base64Url(key.point) })
    case 'p256':
      return fromJwk({ kty: 'EC', crv: 'P-256', x: base64Url(key.x), y: base64Url(key.y) })
    case 'rsa':
      return fromJwk({ kty: 'RSA', n: base64Url(key.modulus), e: base64Url(key.exponent) })
  }
}

/** Making a key costs more than a check with it, and a registry names few operators often. */
const made = new Map<string, KeyObject>()
const MOST_KEYS = 1_000

function fromJwk(key: Record<string, string>): KeyObject {
  const name = Object.values(key).join(' ')
  const known = made.get(name)
  if (known !== undefined) return known
  const fresh = createPublicKey({ format: 'jwk', key })
  if (made.size >= MOST_KEYS) made.clear()
  made.set(name, fresh)
  return fresh
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
