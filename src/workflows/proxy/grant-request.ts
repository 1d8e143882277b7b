/** A request for a capability: one line of canonical JSON, signed with the key that the claim was signed with. */
import { ALIAS, isPath, METHOD } from '../../credentials/index.ts'
import { isObjectId, isSessionName, isTaskKey } from '../../model/index.ts'
import { canonicalJson, parseCanonicalJson } from '../../witness/canonical-json.ts'
import type { Claimed } from './world.ts'

export interface GrantRequest extends Claimed {
  readonly purpose: typeof PURPOSE
  readonly board: string
  readonly alias: string
  readonly minutes: number
  readonly methods?: readonly string[]
  readonly path?: string
  readonly calls?: number
  readonly bytes?: number
  /** Milliseconds since 1970, by the one clock of this machine. */
  readonly at: number
  /** 32 hexadecimal digits by chance: a request is taken once. */
  readonly nonce: string
}

/** What is signed is never anything else that a session signs. */
export const PURPOSE = 'if-board proxy grant 1'
/** A day. */
export const MAX_MINUTES = 24 * 60

export function grantText(request: GrantRequest): string {
  return canonicalJson(request)
}

/** `undefined`: not exactly such a request. */
export function parseGrantRequest(text: string): GrantRequest | undefined {
  const value = parseCanonicalJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const isShaped = [...CHECKS].every(([name, check]) => check(fields.get(name)))
  return isShaped && [...fields.keys()].every((name) => CHECKS.has(name))
    ? (value as unknown as GrantRequest)
    : undefined
}

type Check = (value: unknown) => boolean

const texts = (fits: (text: string) => boolean) => (value: unknown) => typeof value === 'string' && fits(value)
const whole = (from: number, to: number) => (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to
const optional = (check: Check) => (value: unknown) => value === undefined || check(value)

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['purpose', (value) => value === PURPOSE],
  ['board', texts((text) => /^[0-9A-Za-z._-]{1,64}$/.test(text))],
  ['session', texts(isSessionName)],
  ['task', texts(isTaskKey)],
  ['claim', texts(isObjectId)],
  ['alias', texts((text) => ALIAS.test(text))],
  ['minutes', whole(1, MAX_MINUTES)],
  ['methods', optional(isMethods)],
  ['path', optional(texts((text) => text.length <= 400 && isPath(text)))],
  ['calls', optional(whole(1, Number.MAX_SAFE_INTEGER))],
  ['bytes', optional(whole(1, Number.MAX_SAFE_INTEGER))],
  ['at', whole(0, Number.MAX_SAFE_INTEGER)],
  ['nonce', texts((text) => /^[0-9a-f]{32}$/.test(text))],
])

function isMethods(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.length <= 20 && value.every(texts((text) => METHOD.test(text)))
  )
}
