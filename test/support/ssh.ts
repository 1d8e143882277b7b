/**
 * Operators for tests: keys in this process, which sign as PROTOCOL.sshsig and PROTOCOL.u2f of OpenSSH say, written from
 * these texts with nothing of `src/`; and the real ssh-keygen, which must agree.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OperatorKey, OperatorPins } from '../../src/ports/index.ts'

export interface SoftOperator extends OperatorKey {
  /** As it stands in a `.pub` file, without a comment. */
  readonly publicKey: string
  /** A line of allowed signers. */
  readonly line: string
  /** Base64 of a signature blob over a text. */
  signature(text: string, change?: Partial<SignatureFields>): string
}

/** What a signature says of itself; a test changes some of it. */
export interface SignatureFields {
  readonly magic: string
  readonly version: number
  readonly namespace: string
  readonly reserved: string
  readonly hash: 'sha256' | 'sha512'
  readonly algorithm: string
  readonly tail: Buffer
}

const FIELDS: SignatureFields = {
  magic: 'SSHSIG',
  version: 1,
  namespace: 'if-grant',
  reserved: '',
  hash: 'sha512',
  algorithm: 'ssh-ed25519',
  tail: Buffer.alloc(0),
}

/** An Ed25519 key. */
export function softOperator(name = 'ada@example.org'): SoftOperator {
  const { privateKey, point } = edKey()
  const blob = Buffer.concat([field('ssh-ed25519'), field(point)])
  return operatorOf(name, { type: 'ssh-ed25519', blob, algorithm: 'ssh-ed25519' }, (data) =>
    field(sign(null, data, privateKey)),
  )
}

/** A key that a FIDO token would hold, touched or not when it signs. */
export function softToken(name = 'ada@example.org', flags = 1): SoftOperator {
  const type = 'sk-ssh-ed25519@openssh.com'
  const { privateKey, point } = edKey()
  const blob = Buffer.concat([field(type), field(point), field('ssh:')])
  return operatorOf(name, { type, blob, algorithm: type }, (data) => {
    const token = Buffer.from([flags, 0, 0, 0, 7])
    const told = Buffer.concat([digest('sha256', 'ssh:'), token, digest('sha256', data)])
    return Buffer.concat([field(sign(null, told, privateKey)), token])
  })
}

interface Shape {
  readonly type: string
  readonly blob: Buffer
  readonly algorithm: string
}

function operatorOf(name: string, { type, blob, algorithm }: Shape, signed: (data: Buffer) => Buffer): SoftOperator {
  const publicKey = `${type} ${blob.toString('base64')}`
  const signature = (text: string, change: Partial<SignatureFields> = {}) => {
    const of = { ...FIELDS, algorithm, ...change }
    const data = Buffer.concat([
      Buffer.from('SSHSIG'),
      ...[of.namespace, of.reserved, of.hash, digest(of.hash, text)].map(field),
    ])
    const version = Buffer.alloc(4)
    version.writeUInt32BE(of.version)
    const inner = Buffer.concat([field(of.algorithm), signed(data)])
    const fields = [blob, of.namespace, of.reserved, of.hash, inner].map(field)
    return Buffer.concat([Buffer.from(of.magic), version, ...fields, of.tail]).toString('base64')
  }
  return {
    name,
    publicKey,
    line: `${name} namespaces="if-grant" ${publicKey}`,
    signature,
    sign: async (namespace, text) => armored(signature(text, { namespace })),
  }
}

function edKey(): { readonly privateKey: KeyObject; readonly point: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey, point: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url') }
}

export function armored(base64: string): string {
  const lines = base64.match(/.{1,70}/g) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
}

/** A `string` of RFC 4251. */
export function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function digest(hash: string, data: string | Buffer): Buffer {
  return createHash(hash).update(data).digest()
}

/** Pins in memory. */
export function pinsOf(...operators: readonly SoftOperator[]): OperatorPins {
  let text = operators.map(({ line }) => `${line}\n`).join('')
  return {
    path: 'operators',
    read: async () => text,
    write: async (next) => {
      text = next
    },
  }
}

/** Why the real ssh-keygen cannot be asked here; `undefined` = it can. */
export function whyNoKeygen(): string | undefined {
  const { error } = spawnSync('ssh-keygen', ['-l', '-f', '/dev/null'])
  if (error === undefined) return undefined
  if (process.env.IF_BOARD_TEST === 'full') throw new Error('ssh-keygen is missing; .ci/run installs openssh-client')
  return 'ssh-keygen is not installed'
}

/** Make a key pair in a folder; the path of the private key. */
export function makeKey(folder: string, name: string, type: string, comment = 'ada@example.org'): string {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', comment, '-f', path])
  return path
}

/** An Ed25519 key in PKCS #8 in the form that every ssh-keygen reads: PROTOCOL.key of OpenSSH, without a passphrase. */
export function openSshKey(pem: string): string {
  const { d = '', x = '' } = createPrivateKey(pem).export({ format: 'jwk' })
  const [seed, point] = [d, x].map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer]
  const blob = Buffer.concat([field('ssh-ed25519'), field(point)])
  const secret = Buffer.concat([Buffer.alloc(8), blob, field(Buffer.concat([seed, point])), field('')])
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1))
  const head = Buffer.concat([Buffer.from('openssh-key-v1\0'), field('none'), field('none'), field('')])
  const whole = Buffer.concat([head, Buffer.of(0, 0, 0, 1), field(blob), field(Buffer.concat([secret, padding]))])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}

export interface ToVerify {
  readonly folder: string
  /** Allowed signers, as text. */
  readonly signers: string
  readonly principal: string
  readonly namespace: string
  readonly text: string
  /** Base64 of the blob. */
  readonly signature: string
}

/** Does `ssh-keygen -Y verify` take this signature? */
export function keygenVerifies({ folder, signers, principal, namespace, text, signature }: ToVerify): boolean {
  const [signersFile, signatureFile] = [join(folder, 'signers'), join(folder, 'signature')]
  writeFileSync(signersFile, signers)
  writeFileSync(signatureFile, armored(signature))
  const args = ['-Y', 'verify', '-f', signersFile, '-I', principal, '-n', namespace, '-s', signatureFile]
  return spawnSync('ssh-keygen', args, { input: text }).status === 0
}
