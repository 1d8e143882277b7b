/** `init --operator`: whose grants this clone is to believe, from what a person typed. */
import { IfBoardError, printable, type SshCrypto } from '../model/index.ts'
import type { OperatorPins, WorkFiles } from '../ports/index.ts'
import { fingerprintOf, type Operator, parseOperators, renderOperators } from '../witness/keys.ts'
import { pinnedOperators } from './registry.ts'

export interface PinnedOperator {
  readonly name: string
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string
  readonly kind: 'pinned' | 'already'
}

/**
 * Public keys from files and lines, in the order typed.
 *
 * @throws IfBoardError `usage/invalid`, `file/unreadable`
 */
export async function operatorsFrom(files: WorkFiles, given: readonly string[]): Promise<readonly Operator[]> {
  const found: Operator[] = []
  for (const text of given) found.push(...(lineAsTyped(text) ?? (await fileOf(files, text))))
  return found
}

/** Add them to those that are pinned; in a `dry-run` nothing is written. */
export async function pinOperators(
  { pins, crypto }: { readonly pins: OperatorPins; readonly crypto: SshCrypto },
  operators: readonly Operator[],
  mode: 'apply' | 'dry-run',
): Promise<readonly PinnedOperator[]> {
  if (operators.length === 0) return []
  const known = await pinnedOperators(pins)
  const keys = new Set(known.map(({ key }) => key))
  const fresh = new Map(operators.filter(({ key }) => !keys.has(key)).map((operator) => [operator.key, operator]))
  if (fresh.size > 0 && mode === 'apply') await pins.write(renderOperators([...known, ...fresh.values()]))
  const shown = new Map([...known, ...fresh.values()].map((operator) => [operator.key, operator]))
  return [...new Set(operators.map(({ key }) => key))].map((key) => ({
    name: shown.get(key)?.name ?? '',
    fingerprint: fingerprintOf(key, crypto),
    kind: fresh.has(key) ? 'pinned' : 'already',
  }))
}

/** A key that was typed as a line; `undefined`: it must be a file then. */
function lineAsTyped(text: string): readonly Operator[] | undefined {
  const { operators, problems } = parseOperators(text)
  if (problems.length === 0) return operators.length > 0 ? operators : undefined
  if (!LOOKS_LIKE_KEY.test(text)) return undefined
  throw new IfBoardError('usage/invalid', `\`${printable(text, 60)}\` ${problems[0]?.why}`, {
    hint: 'Type it as one line in quotes: --operator "NAME ssh-ed25519 AAAA…"',
  })
}

/** Every key blob begins with a length below 2^24, so its base64 begins with `AAAA`. */
const LOOKS_LIKE_KEY = /(?:ssh|ecdsa|sk)-\S* AAAA/

async function fileOf(files: WorkFiles, path: string): Promise<readonly Operator[]> {
  const file = await files.read(path)
  const shown = printable(path, 200)
  if (file === undefined)
    throw new IfBoardError('file/unreadable', `\`${shown}\` is neither a file nor a public key`, {
      hint: 'Name a .pub file, or type the key as one line in quotes: --operator "NAME ssh-ed25519 AAAA…"',
    })
  const text = new TextDecoder().decode(file.bytes)
  if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw new IfBoardError('usage/invalid', `\`${shown}\` is a private key`, {
      hint: `Name the public one beside it: --operator ${shown}.pub`,
    })
  const { operators, problems } = parseOperators(text)
  const [first] = problems
  if (first === undefined && operators.length > 0) return operators
  const why = first === undefined ? 'has no public key' : `line ${first.line} ${first.why}`
  throw new IfBoardError('usage/invalid', `\`${shown}\`: ${why}`, {
    hint: 'Each line is NAME KEY-TYPE KEY, or one of a .pub file',
  })
}
