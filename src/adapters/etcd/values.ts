/**
 * The values of a space ↔ what the port calls them.
 *
 * Each is JSON with its fields in one order and no white space, so that a token can be compared as bytes within a
 * transaction; another spelling of the same is not readable. What others put there is hostile until it was read here.
 */
import { invariant, isObjectId, isSessionName, type SessionName } from '../../model/index.ts'
import type { FastArmed, FastClaim, FastDone, FastProjector } from '../../ports/fast-path.ts'
import { utf8 } from './keys.ts'

/** Bytes of a value: those of its events in JSON, and 4 KiB for the rest. */
const MAX_VALUE_BYTES = 64 * 1024
const MAX_NONCE = 128
export type DoneValue = Pick<FastDone, 'session' | 'token' | 'event'>

/** A claim is written when it is made, and again with every question whether it still stands. */
const claimValues = new WeakMap<FastClaim, Buffer>()

export function claimValue(claim: FastClaim): Buffer {
  const known = claimValues.get(claim)
  if (known !== undefined) return known
  const { session, nonce, event } = claim
  const value = write({ session, nonce, event })
  claimValues.set(claim, value)
  return value
}

export function readClaim(bytes: Uint8Array): FastClaim | undefined {
  return read(bytes, claimValue, ({ session, nonce, event }) =>
    isSession(session) && isNonce(nonce) && typeof event === 'string' ? { session, nonce, event } : undefined,
  )
}

export function doneValue({ session, token: { epoch, revision, nonce }, event }: DoneValue): Buffer {
  return write({ session, token: { epoch, revision, nonce }, event })
}

export function readDone(bytes: Uint8Array): DoneValue | undefined {
  return read(bytes, doneValue, ({ session, token, event }) => {
    if (!isSession(session) || typeof event !== 'string' || !isRecord(token)) return undefined
    const { epoch, revision, nonce } = token
    if (!isCount(epoch) || !isCount(revision) || !isNonce(nonce)) return undefined
    return { session, token: { epoch, revision, nonce }, event }
  })
}

export function projectorValue({ name, nonce }: FastProjector): Buffer {
  return write({ name, nonce })
}

export function readProjector(bytes: Uint8Array): FastProjector | undefined {
  return read(bytes, projectorValue, ({ name, nonce }) =>
    isSession(name) && isNonce(nonce) ? { name, nonce } : undefined,
  )
}

export function armedValue({ tick, board, folded }: FastArmed): Buffer {
  return write({ tick, board, folded })
}

export function readArmed(bytes: Uint8Array): FastArmed | undefined {
  return read(bytes, armedValue, ({ tick, board, folded }) =>
    isCount(tick) && typeof board === 'string' && isObjectId(board) && isCount(folded)
      ? { tick, board, folded }
      : undefined,
  )
}

/** What a claim needs to know of a task: any text. */
export function textValue(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  invariant(bytes.length <= MAX_VALUE_BYTES, 'a value is at most 64 KiB')
  return bytes
}

export function readText(bytes: Uint8Array): string | undefined {
  return bytes.length > MAX_VALUE_BYTES ? undefined : utf8(bytes)
}

function write(value: object): Buffer {
  return textValue(JSON.stringify(value))
}

function read<T>(
  bytes: Uint8Array,
  spell: (value: T) => Buffer,
  parse: (fields: Readonly<Record<string, unknown>>) => T | undefined,
): T | undefined {
  const fields = parseJson(readText(bytes))
  const value = isRecord(fields) ? parse(fields) : undefined
  return value !== undefined && spell(value).equals(bytes) ? value : undefined
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSession(value: unknown): value is SessionName {
  return typeof value === 'string' && isSessionName(value)
}

function isNonce(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NONCE
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
