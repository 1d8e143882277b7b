/**
 * Operators whose grants a clone believes: their public keys, pinned by a person.
 *
 * The file has the syntax of allowed signers (ssh-keygen(1), "ALLOWED SIGNERS"), so that `ssh-keygen -Y verify -f` takes
 * it as it is. Of that syntax only this much is read, because all else would widen whom a pin means:
 *
 *     <name> [namespaces="…,if-grant,…"] <key type> <base64> [comment]
 *
 * A line of a `.pub` file, which has no name in front, is named by its comment.
 */

import { fromBase64, toBase64 } from '../model/base64.ts'
import type { SshCrypto } from '../model/index.ts'
import { parseSshKey } from './ssh-key.ts'

/** What operators sign under: a signature for git or for a file is none for a grant (PROTOCOL.sshsig, section 2). */
export const GRANT_NAMESPACE = 'if-grant'

export interface Operator {
  /** Letters, digits, `@`, `.`, `_`, `+`, `-`: no character stands for others in a pattern of ssh_config(5). */
  readonly name: string
  readonly type: string
  /** The public key as SSH writes it, in base64: what tells operators apart. */
  readonly key: string
}

export interface OperatorProblem {
  /** Counted from 1. */
  readonly line: number
  readonly why: string
}

export interface ParsedOperators {
  readonly operators: readonly Operator[]
  readonly problems: readonly OperatorProblem[]
}

/** More than a few people; a longer file is no list of pins. */
const MAX_OPERATORS = 1_000
const NAME = /^[A-Za-z0-9][A-Za-z0-9@._+-]{0,99}$/
const NAMELESS = 'operator'

/** Every key once, under the name that it has first. */
export function parseOperators(text: string): ParsedOperators {
  const operators = new Map<string, Operator>()
  const problems: OperatorProblem[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^[ \t]*(?:#|$)/.test(line)) continue
    const found = parseLine(line)
    if (typeof found === 'string') problems.push({ line: index + 1, why: found })
    else if (!operators.has(found.key)) operators.set(found.key, found)
    if (operators.size + problems.length > MAX_OPERATORS) break
  }
  return { operators: [...operators.values()], problems }
}

export function renderOperators(operators: readonly Operator[]): string {
  const lines = operators.map(({ name, type, key }) => `${name} namespaces="${GRANT_NAMESPACE}" ${type} ${key}\n`)
  return [`# Operators whose grants this clone believes (if-board init --operator).\n`, ...lines].join('')
}

/** `SHA256:…`, as `ssh-keygen -l` shows it, of a key in base64. */
export function fingerprintOf(key: string, crypto: SshCrypto): string {
  const hash = crypto.hash('sha256', fromBase64(key) ?? new Uint8Array())
  return `SHA256:${toBase64(hash).replace(/=+$/, '')}`
}

/** The operator of a line, or why there is none in it. */
function parseLine(line: string): Operator | string {
  const words = line.trim().split(/[ \t]+/)
  const at = words.findIndex((word, index) => isKey(word, words[index + 1]))
  const [type = '', key = '', ...comment] = words.slice(Math.max(at, 0))
  if (at < 0)
    return 'has no public key of a type that is understood (ed25519, ecdsa nistp256, rsa of 2048 bits, ed25519-sk)'
  if (at > 2) return 'has more before the key than a name and one option'
  const options = at === 2 ? (words[1] ?? '') : undefined
  if (options !== undefined && !isForGrants(options))
    return `has options that are not understood; only namespaces="${GRANT_NAMESPACE}" is`
  const name = at === 0 ? nameFrom(comment) : (words[0] ?? '')
  if (!NAME.test(name)) return 'has a name with characters other than letters, digits and `@._+-`'
  return { name, type, key }
}

function isKey(type: string, base64: string | undefined): boolean {
  const blob = base64 === undefined ? undefined : fromBase64(base64)
  return blob !== undefined && parseSshKey(blob)?.type === type
}

function isForGrants(options: string): boolean {
  const list = /^namespaces="([^"]*)"$/i.exec(options)?.[1]
  return list?.split(',').includes(GRANT_NAMESPACE) === true
}

/** Comments are free text: what cannot be a name gives none. */
function nameFrom([first]: readonly string[]): string {
  return first !== undefined && NAME.test(first) ? first : NAMELESS
}
