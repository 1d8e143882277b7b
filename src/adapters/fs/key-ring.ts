/**
 * Session keys as files: `<folder>/<session ref key>.pem`, Ed25519 in PKCS #8 (RFC 8410), mode 0600.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { IfBoardError, refKey, type SessionName } from '../../model/index.ts'
import type { KeyRing } from '../../ports/index.ts'
import { othersMayUse, readOwnFile } from '../process/own-file.ts'
import { createPrivateFile } from './replace-file.ts'

const MAX_BYTES = 64 * 1024
/** How often a file that is no key is read again: another process may be in the middle of writing it. */
const READS = 10
const READ_AGAIN_MS = 20

interface Key {
  readonly secret: KeyObject
  readonly publicKey: string
}

export function fileKeyRing(folder: string): KeyRing {
  const known = new Map<SessionName, Promise<Key>>()
  const keyOf = (session: SessionName): Promise<Key> => {
    const found = known.get(session)
    if (found !== undefined) return found
    const opened = openKey(join(folder, `${refKey(session, sha256)}.pem`))
    known.set(session, opened)
    // What a person mends (a mode, a file put back) counts at the next call.
    opened.catch(() => known.delete(session))
    return opened
  }
  return {
    publicKey: async (session) => (await keyOf(session)).publicKey,
    sign: async (session, text) =>
      sign(null, Buffer.from(text, 'utf8'), (await keyOf(session)).secret).toString('base64url'),
  }
}

async function openKey(path: string): Promise<Key> {
  const found = await readKey(path)
  if (found !== undefined) return found
  const { privateKey } = generateKeyPairSync('ed25519')
  await createPrivateFile(path, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())
  // Read back instead of used: another process may have been first.
  const written = await readKey(path)
  if (written === undefined) throw unreadable(path, 'vanished right after it was made')
  return written
}

/** The key in that file, or `undefined` when there is no file. */
async function readKey(path: string): Promise<Key | undefined> {
  for (let reads = 1; ; reads += 1) {
    const text = await readPrivate(path)
    if (text === undefined) return undefined
    const key = parseKey(text)
    if (key !== undefined) return key
    if (reads === READS) throw unreadable(path, 'is not an Ed25519 private key in PEM form')
    await delay(READ_AGAIN_MS)
  }
}

async function readPrivate(path: string): Promise<string | undefined> {
  const file = await readOwnFile(path, MAX_BYTES)
  if (file.kind === 'absent') return undefined
  if (file.kind === 'too-large') throw unreadable(path, `has ${file.bytes} bytes`)
  if (file.kind === 'unreadable')
    throw unreadable(path, 'cannot be read', `Make \`${path}\` readable for yourself`, file.cause)
  if (!othersMayUse(file)) return file.text
  const octal = file.mode.toString(8).padStart(3, '0')
  throw unreadable(path, `can be used by others (mode ${octal})`, `Type \`chmod 600 ${path}\``)
}

function parseKey(pem: string): Key | undefined {
  try {
    const secret = createPrivateKey(pem)
    const publicKey =
      secret.asymmetricKeyType === 'ed25519' ? createPublicKey(secret).export({ format: 'jwk' }).x : undefined
    return publicKey === undefined ? undefined : { secret, publicKey }
  } catch {
    // Half a file and no key at all look alike; the caller reads again before it gives up.
    return undefined
  }
}

function unreadable(path: string, why: string, hint?: string, cause?: unknown): IfBoardError {
  return new IfBoardError('session/key-unreadable', `the session key \`${path}\` ${why}`, {
    hint: hint ?? 'Put the key back from a copy, or type `if-board join NAME` with a new name',
    cause,
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
