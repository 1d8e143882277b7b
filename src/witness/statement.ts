/** The gate for statements of the registry: one line of canonical JSON, every field checked before it counts. */
import { type GrantStatement, isSessionName, printable, type RevokeStatement, type Statement } from '../model/index.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import { parseTime } from './time.ts'

/** UTF-16 code units, which are at most as many as bytes. */
export const MAX_REGISTRY_LENGTH = 1024 * 1024
/** A line of the registry that carries a statement begins so. */
export const STATEMENT = '# statement '
/** More than this in one registry is refused, not read. */
export const MAX_STATEMENTS = 10_000
const MAX_LENGTH = 8 * 1024
const MAX_CAPABILITIES = 64
const MAX_WORD = 64
const MAX_NAME = 100
const MAX_REASON = 1_000

export function statementJson(statement: Statement): string {
  return canonicalJson(statement)
}

/** `undefined` for anything that is not exactly one statement: another spelling, a field too many, a value out of range. */
export function parseStatement(json: string): Statement | undefined {
  const value = json.length > MAX_LENGTH ? undefined : parseCanonicalJson(json)
  if (isShaped<GrantStatement>(value, GRANT)) return value.notBefore <= value.notAfter ? value : undefined
  return isShaped<RevokeStatement>(value, REVOKE) ? value : undefined
}

type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, Check>>

/** Every field passes its check, absent ones as `undefined`, and there is no other. */
function isShaped<T>(value: unknown, fields: Fields): value is T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const found = new Map<string, unknown>(Object.entries(value))
  return (
    Object.entries(fields).every(([name, check]) => check(found.get(name))) &&
    [...found.keys()].every((name) => Object.hasOwn(fields, name))
  )
}

const isText = (max: number) => (value: unknown) =>
  typeof value === 'string' && value !== '' && value.length <= max && printable(value, max) === value
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value)
const optional = (check: Check) => (value: unknown) => value === undefined || check(value)
const isTime: Check = (value) => typeof value === 'string' && parseTime(value) !== undefined
const isHash = matches(/^[0-9a-f]{64}$/)
const isCount = (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 2 ** 31

const FRAME: Fields = {
  board: matches(/^[0-9A-Za-z._-]{1,64}$/),
  version: isCount,
  previous: optional(isHash),
  session: (value) => typeof value === 'string' && isSessionName(value),
  // As the key of an event: 32 bytes leave two bits of the last digit unused, which must be zero (RFC 4648, section 3.5).
  key: matches(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/),
  by: isText(MAX_NAME),
  at: isTime,
}

const GRANT: Fields = {
  ...FRAME,
  kind: (value) => value === 'grant',
  capabilities: (value) => Array.isArray(value) && value.length <= MAX_CAPABILITIES && value.every(isText(MAX_WORD)),
  budgetUsd: optional((value) => typeof value === 'number' && value >= 0),
  notBefore: isTime,
  notAfter: isTime,
}

const REVOKE: Fields = {
  ...FRAME,
  kind: (value) => value === 'revoke',
  lastGood: optional((value) => isShaped(value, { sequence: isCount, hash: isHash })),
  reason: isText(MAX_REASON),
}
