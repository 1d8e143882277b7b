/**
 * The values of a space ↔ what the port calls them.
 *
 * Each begins with a line of JSON with its fields in one order and no white space; another spelling of the same is not
 * readable. Claims and completions go on with their events, as they are. What others put there is hostile until it was
 * read here.
 *
 * So the first line of a claim is its token: every question whether a claim still stands compares that line alone
 * within a transaction, as bytes that lie between two bounds (`tokenBounds`), not the events behind it.
 */
import { invariant, isObjectId, isSessionName, type SessionName } from '../../model/index.ts'
import type { FastArmed, FastClaim, FastDone, FastProjector } from '../../ports/fast-path.ts'
import { utf8 } from './keys.ts'

/** Bytes of a value: 60 KiB for its events, and 4 KiB for the rest. */
const MAX_VALUE_BYTES = 64 * 1024
const MAX_NONCE = 128
type Fields = Readonly<Record<string, unknown>>
export type DoneValue = Pick<FastDone, 'session' | 'token' | 'event'>

const NEW_LINE = 0x0a

export function claimValue(claim: FastClaim): string {
  return textValue(`${claimHead(claim)}\n${claim.event}`)
}

/** Exactly the values of claims with this session and this nonce lie between the two, whatever their events. */
export function tokenBounds(claim: Pick<FastClaim, 'session' | 'nonce'>): {
  readonly above: string
  readonly below: string
} {
  const head = claimHead(claim)
  return { above: textValue(head), below: textValue(`${head}${String.fromCharCode(NEW_LINE + 1)}`) }
}

/** The same question, of a value that was read. */
export function isUnderToken(claim: Pick<FastClaim, 'session' | 'nonce'>, value: Uint8Array): boolean {
  const { above, below } = tokenBounds(claim)
  return Buffer.compare(Buffer.from(above), value) < 0 && Buffer.compare(Buffer.from(below), value) > 0
}

function claimHead({ session, nonce }: Pick<FastClaim, 'session' | 'nonce'>): string {
  return JSON.stringify({ session, nonce })
}

export function readClaim(bytes: Uint8Array): FastClaim | undefined {
  return readWithEvents(bytes, claimValue, ({ session, nonce }, event) =>
    isSession(session) && isNonce(nonce) ? { session, nonce, event } : undefined,
  )
}

export function doneValue({ session, token: { epoch, revision, nonce }, event }: DoneValue): string {
  return textValue(`${JSON.stringify({ session, token: { epoch, revision, nonce } })}\n${event}`)
}

export function readDone(bytes: Uint8Array): DoneValue | undefined {
  return readWithEvents(bytes, doneValue, ({ session, token }, event) => {
    if (!isSession(session) || !isRecord(token)) return undefined
    const { epoch, revision, nonce } = token
    if (!isCount(epoch) || !isCount(revision) || !isNonce(nonce)) return undefined
    return { session, token: { epoch, revision, nonce }, event }
  })
}

export function projectorValue({ name, nonce }: FastProjector): string {
  return write({ name, nonce })
}

export function readProjector(bytes: Uint8Array): FastProjector | undefined {
  return read(bytes, projectorValue, ({ name, nonce }) =>
    isSession(name) && isNonce(nonce) ? { name, nonce } : undefined,
  )
}

export function armedValue({ tick, board, folded }: FastArmed): string {
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
export function textValue(text: string): string {
  invariant(Buffer.byteLength(text) <= MAX_VALUE_BYTES, 'a value is at most 64 KiB')
  return text
}

export function readText(bytes: Uint8Array): string | undefined {
  return bytes.length > MAX_VALUE_BYTES ? undefined : utf8(bytes)
}

function write(value: object): string {
  return textValue(JSON.stringify(value))
}

function read<T>(
  bytes: Uint8Array,
  spell: (value: T) => string,
  parse: (fields: Fields) => T | undefined,
): T | undefined {
  const text = readText(bytes)
  return text === undefined ? undefined : spelledAlike(text, spell, parseFields(text, parse))
}

function readWithEvents<T>(
  bytes: Uint8Array,
  spell: (value: T) => string,
  parse: (fields: Fields, event: string) => T | undefined,
): T | undefined {
  const text = readText(bytes)
  const end = text?.indexOf('\n') ?? -1
  if (text === undefined || end < 0) return undefined
  const event = text.slice(end + 1)
  return spelledAlike(
    text,
    spell,
    parseFields(text.slice(0, end), (fields) => parse(fields, event)),
  )
}

function parseFields<T>(json: string, parse: (fields: Fields) => T | undefined): T | undefined {
  const fields = parseJson(json)
  return isRecord(fields) ? parse(fields) : undefined
}

function spelledAlike<T>(text: string, spell: (value: T) => string, value: T | undefined): T | undefined {
  return value !== undefined && spell(value) === text ? value : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Fields {
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
