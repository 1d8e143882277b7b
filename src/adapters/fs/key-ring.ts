/**
 * Session keys as files: `<folder>/<session ref key>.pem`, Ed25519 in PKCS #8 (RFC 8410), mode 0600.
 *
 * Modes are looked at where they mean something; on Windows the folder's own access list protects.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { IfBoardError, refKey, type SessionName } from '../../model/index.ts'
import type { KeyRing } from '../../ports/index.ts'
import { codeOf, createPrivateFile } from './replace-file.ts'

const OTHERS_MAY = 0o077
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
  try {
    const file = await open(path, 'r')
    try {
      const { mode } = await file.stat()
      if (process.platform !== 'win32' && (mode & OTHERS_MAY) !== 0) {
        const octal = (mode & 0o777).toString(8).padStart(3, '0')
        throw unreadable(path, `can be used by others (mode ${octal})`, `Type \`chmod 600 ${path}\``)
      }
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (error instanceof IfBoardError) throw error
    throw unreadable(path, 'cannot be read', `Make \`${path}\` readable for yourself`, error)
  }
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
