/**
 * SSH public keys: the blob that stands in base64 in `.pub` files, and back.
 *
 * Formats: RFC 8709 (`ssh-ed25519`), RFC 5656 section 3.1 (`ecdsa-sha2-nistp256`), RFC 4253 section 6.6 (`ssh-rsa`),
 * PROTOCOL.u2f of OpenSSH (`sk-ssh-ed25519@openssh.com`).
 */

import { fromBase64Url, toBase64 } from '../model/base64.ts'
import type { SshPublicKey } from '../model/index.ts'
import { concatBytes } from '../model/index.ts'
import { WireReader, wireString } from './ssh-wire.ts'

const ED25519 = 'ssh-ed25519'
const SK_ED25519 = 'sk-ssh-ed25519@openssh.com'
const P256 = 'ecdsa-sha2-nistp256'
const RSA = 'ssh-rsa'

const ED25519_BYTES = 32
const P256_BYTES = 32
/** What NIST SP 800-57 allows at least; and more than 16,384 bits is no key but a way to keep a verifier busy. */
const MIN_RSA_BYTES = 256
const MAX_RSA_BYTES = 2048

/** Name of the type and the numbers of a key; `undefined` for types that are not understood, and for anything else. */
export function parseSshKey(blob: Uint8Array): { readonly type: string; readonly key: SshPublicKey } | undefined {
  const reader = new WireReader(blob)
  const type = reader.name()
  const key = type === undefined ? undefined : READERS.get(type)?.(reader)
  return type === undefined || key === undefined || !reader.atEnd ? undefined : { type, key }
}

/** Type and base64 of a session's key, as they stand in a line of allowed signers. */
export function sessionKeyWords(publicKey: string): string {
  const blob = concatBytes([wireString(ED25519), wireString(fromBase64Url(publicKey))])
  return `${ED25519} ${toBase64(blob)}`
}

const READERS: ReadonlyMap<string, (reader: WireReader) => SshPublicKey | undefined> = new Map([
  [ED25519, readEd25519],
  [SK_ED25519, readSkEd25519],
  [P256, readP256],
  [RSA, readRsa],
])

function readPoint(reader: WireReader): Uint8Array | undefined {
  const point = reader.bytes()
  return point?.length === ED25519_BYTES ? point : undefined
}

function readEd25519(reader: WireReader): SshPublicKey | undefined {
  const point = readPoint(reader)
  return point === undefined ? undefined : { kind: 'ed25519', point }
}

function readSkEd25519(reader: WireReader): SshPublicKey | undefined {
  const point = readPoint(reader)
  const application = reader.bytes()
  if (point === undefined || application === undefined || !isSshApplication(application)) return undefined
  return { kind: 'sk-ed25519', point, application }
}

/** ssh-keygen(1), "FIDO AUTHENTICATOR": an application for SSH begins with `ssh:`, so that no web login can sign for it. */
function isSshApplication(application: Uint8Array): boolean {
  return application.length <= 255 && String.fromCharCode(...application).startsWith('ssh:')
}

function readP256(reader: WireReader): SshPublicKey | undefined {
  const curve = reader.name()
  const point = reader.bytes()
  // Uncompressed, as SEC 1 section 2.3.3 writes it.
  if (curve !== 'nistp256' || point?.length !== 1 + 2 * P256_BYTES || point[0] !== 4) return undefined
  return { kind: 'p256', x: point.subarray(1, 1 + P256_BYTES), y: point.subarray(1 + P256_BYTES) }
}

function readRsa(reader: WireReader): SshPublicKey | undefined {
  const exponent = reader.positive()
  const modulus = reader.positive()
  if (exponent === undefined || modulus === undefined || exponent.length > 4) return undefined
  const isLong = modulus.length > MIN_RSA_BYTES || (modulus.length === MIN_RSA_BYTES && (modulus[0] ?? 0) > 0x7f)
  return isLong && modulus.length <= MAX_RSA_BYTES ? { kind: 'rsa', modulus, exponent } : undefined
}
