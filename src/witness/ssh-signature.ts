/**
 * Signatures of `ssh-keygen -Y sign`, read and checked without OpenSSH.
 *
 * Source: PROTOCOL.sshsig of OpenSSH, sections 2 and 3, for the blob and for what is signed; the signature in it is
 * that of RFC 8709 (Ed25519), RFC 5656 section 3.1.2 (ECDSA), RFC 8332 (RSA), or PROTOCOL.u2f of OpenSSH (tokens).
 * Stricter than it must be: the reserved field is empty, numbers have their shortest form, nothing comes behind.
 */

import { fromBase64 } from '../model/base64.ts'
import type { SshCrypto, SshHash, SshPublicKey } from '../model/index.ts'
import { concatBytes } from '../model/index.ts'
import { parseSshKey } from './ssh-key.ts'
import { padded, WireReader, wireString } from './ssh-wire.ts'

export interface SshSignature {
  /** The signer’s key as SSH writes it: what a pinned key is compared with. */
  readonly publicKey: Uint8Array
  /** Name of the key's type, as it stands before it in a `.pub` file. */
  readonly type: string
  readonly key: SshPublicKey
  readonly namespace: string
  /** What the message was hashed with. */
  readonly hash: SshHash
  readonly algorithm: string
  /** Without the name of the algorithm. */
  readonly signature: Uint8Array
}

const MAGIC = 'SSHSIG'
const VERSION = 1
/** An RSA key of 16,384 bits and its signature have half of that. */
const MAX_BLOB = 16 * 1024

/** The parts of a signature blob; `undefined` for anything that ssh-keygen would not have written, or with a key of another type. */
export function parseSshSignature(blob: Uint8Array): SshSignature | undefined {
  if (blob.length > MAX_BLOB) return undefined
  const reader = new WireReader(blob)
  const magic = reader.take(MAGIC.length)
  if (magic === undefined || String.fromCharCode(...magic) !== MAGIC || reader.uint32() !== VERSION) return undefined
  const publicKey = reader.bytes()
  const namespace = reader.name()
  const reserved = reader.bytes()
  const hash = reader.name()
  const signed = reader.bytes()
  if (publicKey === undefined || namespace === undefined || namespace === '' || reserved?.length !== 0) return undefined
  if (!isHash(hash) || signed === undefined || !reader.atEnd) return undefined
  const parsed = parseSshKey(publicKey)
  const inner = parsed === undefined ? undefined : parseInner(signed, parsed.key)
  return parsed === undefined || inner === undefined ? undefined : { publicKey, ...parsed, namespace, hash, ...inner }
}

/** The blob between the lines `-----BEGIN SSH SIGNATURE-----` and `-----END SSH SIGNATURE-----` (section 1). */
export function dearmorSshSignature(text: string): Uint8Array | undefined {
  const lines = text.trim().split(/\r?\n/)
  if (lines.shift() !== '-----BEGIN SSH SIGNATURE-----' || lines.pop() !== '-----END SSH SIGNATURE-----')
    return undefined
  return fromBase64(lines.join(''))
}

/** The bytes that the signer’s key signed (section 3), for a message under the signature’s own namespace and hash. */
function signedBytes(
  { namespace, hash }: Pick<SshSignature, 'namespace' | 'hash'>,
  message: Uint8Array,
  crypto: SshCrypto,
): Uint8Array {
  const fields = [namespace, '', hash].map(wireString)
  return concatBytes([new TextEncoder().encode(MAGIC), ...fields, wireString(crypto.hash(hash, message))])
}

/** Did the owner of the key sign this message? Whether the key is anybody’s, and the namespace right, the caller asks. */
export function verifySshSignature(signature: SshSignature, message: Uint8Array, crypto: SshCrypto): boolean {
  const bytes = signedBytes(signature, message, crypto)
  const { key } = signature
  switch (key.kind) {
    case 'ed25519':
      return crypto.verify({ key, hash: signature.hash, bytes, signature: signature.signature })
    case 'rsa':
      return crypto.verify({
        key,
        hash: RSA_HASHES.get(signature.algorithm) ?? 'sha512',
        bytes,
        signature: signature.signature,
      })
    case 'p256': {
      const pair = fixedPair(signature.signature)
      return pair !== undefined && crypto.verify({ key, hash: 'sha256', bytes, signature: pair })
    }
    case 'sk-ed25519':
      return verifyToken(key, signature.signature, bytes, crypto)
  }
}

const RSA_HASHES: ReadonlyMap<string, SshHash> = new Map([
  ['rsa-sha2-256', 'sha256'],
  ['rsa-sha2-512', 'sha512'],
])

function isHash(name: string | undefined): name is SshHash {
  return name === 'sha256' || name === 'sha512'
}

function parseInner(signed: Uint8Array, key: SshPublicKey): Pick<SshSignature, 'algorithm' | 'signature'> | undefined {
  const reader = new WireReader(signed)
  const algorithm = reader.name()
  const signature = reader.bytes()
  if (algorithm === undefined || signature === undefined || !isAlgorithmOf(key, algorithm)) return undefined
  if (key.kind === 'sk-ed25519') {
    // Flags and counter of the token stand behind the signature: kept with it, because they are signed too.
    const token = reader.take(TOKEN_BYTES)
    if (token === undefined || !reader.atEnd || signature.length !== SIGNATURE_BYTES) return undefined
    return { algorithm, signature: concatBytes([signature, token]) }
  }
  return reader.atEnd && hasLengthOf(key, signature) ? { algorithm, signature } : undefined
}

const SIGNATURE_BYTES = 64
const TOKEN_BYTES = 1 + 4
/** Set by the token when a person touched it (PROTOCOL.u2f, "SSH U2F Signatures"). */
const TOUCHED = 0x01

const ALGORITHMS: Readonly<Record<SshPublicKey['kind'], readonly string[]>> = {
  ed25519: ['ssh-ed25519'],
  'sk-ed25519': ['sk-ssh-ed25519@openssh.com'],
  p256: ['ecdsa-sha2-nistp256'],
  rsa: [...RSA_HASHES.keys()],
}

function isAlgorithmOf({ kind }: SshPublicKey, algorithm: string): boolean {
  return ALGORITHMS[kind].includes(algorithm)
}

function hasLengthOf(key: Exclude<SshPublicKey, { kind: 'sk-ed25519' }>, signature: Uint8Array): boolean {
  if (key.kind === 'p256') return fixedPair(signature) !== undefined
  return signature.length === (key.kind === 'rsa' ? key.modulus.length : SIGNATURE_BYTES)
}

/** r and s of ECDSA, each in 32 bytes. */
function fixedPair(signature: Uint8Array): Uint8Array | undefined {
  const reader = new WireReader(signature)
  const [r, s] = [reader.positive(), reader.positive()].map((number) => number && padded(number, 32))
  return r === undefined || s === undefined || !reader.atEnd ? undefined : concatBytes([r, s])
}

/** A token signs the hashes of application and data, and between them its flags and its counter. */
function verifyToken(
  { point, application }: SshPublicKey & { readonly kind: 'sk-ed25519' },
  signed: Uint8Array,
  data: Uint8Array,
  crypto: SshCrypto,
): boolean {
  const token = signed.subarray(SIGNATURE_BYTES)
  if (((token[0] ?? 0) & TOUCHED) === 0) return false
  const bytes = concatBytes([crypto.hash('sha256', application), token, crypto.hash('sha256', data)])
  return crypto.verify({
    key: { kind: 'ed25519', point },
    hash: 'sha256',
    bytes,
    signature: signed.subarray(0, SIGNATURE_BYTES),
  })
}
