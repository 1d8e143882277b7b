/**
 * What the library has no rule for, by published formats and not by vendors:
 *
 * - private keys in all encodings of RFC 7468 and RFC 9580 (section 6.2), encrypted ones, PGP's, and those without
 *   an end, of which the library knows two and only whole ones;
 * - the password in the user part of an URL of any scheme (RFC 3986, section 3.2.1), of which it knows seven schemes;
 * - credentials of an `Authorization` header (RFC 9110, section 11.6.2; RFC 6750, section 2.1; RFC 7617);
 * - JSON Web Tokens in compact form (RFC 7519, section 3; RFC 7515, section 7.1).
 *
 * Repetitions are bounded or cannot overlap what follows them, so that each rule takes linear time.
 */
import type { Finding } from './finding.ts'

export const OWN_KINDS: readonly string[] = [
  'private key',
  'url password',
  'authorization header',
  'bearer token',
  'json web token',
]

export function findOwn(text: string): Finding[] {
  return [...findPrivateKeys(text), ...PATTERNS.flatMap((pattern) => findPattern(text, pattern))]
}

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
/** A key has lines of base64 (RFC 7468, section 2); a text that only speaks of such a header has not. */
const BODY = /[A-Za-z0-9+/]{16}/

/** From its first line to its last, or to the end of a text that breaks off. */
function findPrivateKeys(text: string): Finding[] {
  const found: Finding[] = []
  BEGIN.lastIndex = 0
  for (let begin = BEGIN.exec(text); begin !== null; begin = BEGIN.exec(text)) {
    END.lastIndex = BEGIN.lastIndex
    const last = END.exec(text)
    const end = last === null ? text.length : END.lastIndex
    if (BODY.test(text.slice(BEGIN.lastIndex, last?.index)))
      found.push({ start: begin.index, end, kind: 'private key' })
    BEGIN.lastIndex = end
  }
  return found
}

interface Pattern {
  readonly kind: string
  /** Its group `secret` is the secret. */
  readonly expression: RegExp
  readonly isSecret?: (found: string) => boolean
}

const PATTERNS: readonly Pattern[] = [
  {
    kind: 'url password',
    expression: /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/?#@:]{0,256}:(?<secret>[^\s/?#@]{1,256})@/dgi,
    isSecret: (found) => !PLACEHOLDER.test(found),
  },
  {
    kind: 'authorization header',
    expression:
      /\bauthorization["']?\s{0,8}[:=]\s{0,8}["']?(?:bearer|basic|token)\s{1,8}(?<secret>[\w.~+/-]{8,2048}={0,2})/dgi,
  },
  {
    kind: 'bearer token',
    expression: /\bbearer\s{1,8}(?<secret>[\w.~+/-]{20,2048}={0,2})/dgi,
    // The word is also used in sentences.
    isSecret: (found) => /[0-9]/.test(found),
  },
  {
    kind: 'json web token',
    expression: /(?<![\w-])eyJ[\w-]{10,2048}\.eyJ[\w-]{10,4096}\.[\w-]{10,1024}/dg,
  },
]

/** A variable, a template, or signs in place of a password. */
const PLACEHOLDER = /^(?:\$\w+|\$?\{.*\}|<.*>|%\w+%|\*+|x+|\.+|password|secret)$/i

function findPattern(text: string, { kind, expression, isSecret }: Pattern): Finding[] {
  return [...text.matchAll(expression)].flatMap((match) => {
    const [start, end] = match.indices?.groups?.secret ?? [match.index, match.index + match[0].length]
    return isSecret?.(text.slice(start, end)) === false ? [] : [{ start, end, kind }]
  })
}
