/** SSH public keys as numbers, and the cryptography that the shell gives for them. */

/**
 * A public key that an operator may sign with. All numbers are big-endian; those of `p256` are 32 bytes each, those
 * of `rsa` have no leading zero.
 */
export type SshPublicKey =
  | { readonly kind: 'ed25519'; readonly point: Uint8Array }
  /** Held by a FIDO token: what it signs names the application, which is `ssh:` or begins so. */
  | { readonly kind: 'sk-ed25519'; readonly point: Uint8Array; readonly application: Uint8Array }
  | { readonly kind: 'p256'; readonly x: Uint8Array; readonly y: Uint8Array }
  | { readonly kind: 'rsa'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }

export type SshHash = 'sha256' | 'sha512'

/** One check of one signature, without any format around it. */
export interface SshCheck {
  readonly key: Exclude<SshPublicKey, { readonly kind: 'sk-ed25519' }>
  /** What the scheme hashes with: of no meaning for `ed25519`, SHA-256 for `p256`. */
  readonly hash: SshHash
  readonly bytes: Uint8Array
  /** Ed25519: 64 bytes (RFC 8032). ECDSA: r and s, 32 bytes each. RSA: PKCS #1 v1.5, as long as the modulus. */
  readonly signature: Uint8Array
}

export interface SshCrypto {
  hash(algorithm: SshHash, bytes: Uint8Array): Uint8Array
  /** `false` also for a key that is none. */
  verify(check: SshCheck): boolean
}
