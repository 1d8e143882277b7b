/**
 * JSON with exactly one spelling per value, so that it can be hashed and signed.
 *
 * Source: RFC 8785 (JSON Canonicalization Scheme): no white space, object keys in order of
 * their UTF-16 code units, numbers and strings as ECMAScript's `JSON.stringify` writes them
 * (RFC 8785 §3.2.2 defines them by that algorithm), text without lone surrogates.
 */
import { IfBoardError, invariant, printable } from '../model/index.ts'

/** Nothing of ours nests deeper than 5; the limit keeps hostile input from filling the stack. */
const MAX_DEPTH = 32
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * The canonical text of a value made of strings, finite numbers, booleans, null, arrays and
 * plain objects. Fields that are `undefined` are left out.
 *
 * @throws IfBoardError `usage/invalid` for text with half a surrogate pair: it has no UTF-8 form
 */
export function canonicalJson(value: unknown): string {
  return encode(value, 0)
}

/** The value of a text that is canonical JSON; `undefined` when it is no JSON or has another spelling. */
export function parseCanonicalJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return canonicalJson(value) === text ? value : undefined
  } catch {
    // Neither syntax errors nor values that have no canonical form are ours: the text is refused whole.
    return undefined
  }
}

function encode(value: unknown, depth: number): string {
  invariant(depth <= MAX_DEPTH, `canonical JSON nests at most ${MAX_DEPTH} deep`)
  if (typeof value === 'string') return encodeText(value)
  if (typeof value === 'number') {
    invariant(Number.isFinite(value), 'canonical JSON has finite numbers only')
    return JSON.stringify(value)
  }
  if (value === null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${value.map((item) => encode(item, depth + 1)).join(',')}]`
  invariant(typeof value === 'object', `canonical JSON has no ${typeof value}`)
  return encodeObject(value, depth)
}

function encodeObject(value: object, depth: number): string {
  let members = ''
  // Without a comparator, `sort` orders by UTF-16 code units (ECMAScript, Array.prototype.sort).
  for (const key of Object.keys(value).sort()) {
    const item: unknown = value[key as keyof typeof value]
    if (item === undefined) continue
    members += `${members === '' ? '' : ','}${encodeText(key)}:${encode(item, depth + 1)}`
  }
  return `{${members}}`
}

function encodeText(text: string): string {
  const json = JSON.stringify(text)
  // Half a pair is written as an escape, such as `\ud800` (ECMAScript, QuoteJSONString); asking all texts takes long.
  if (json.includes('\\ud') && LONE_SURROGATE.test(text)) {
    throw new IfBoardError('usage/invalid', `\`${printable(text, 40)}\` contains half a surrogate pair`, {
      hint: 'Type the text again in UTF-8',
    })
  }
  return json
}
