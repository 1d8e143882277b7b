/**
 * Which key may sign for which session: the registry of the branch, as far as the operators who are pinned in this clone
 * vouch for it. The rules are in `docs/grants.md`, "The life of a key".
 */

import { toBase64 } from '../model/base64.ts'
import {
  type EpochMs,
  type GrantStatement,
  invariant,
  type RevokeStatement,
  type SessionName,
  type SshCrypto,
} from '../model/index.ts'
import { GRANT_NAMESPACE, type Operator } from './operators.ts'
import { memoryOf, type Registry, type RegistryEntry, type RegistryFinding, type RegistryMemory } from './registry.ts'
import { verifySshSignature } from './ssh-signature.ts'
import { parseTime } from './time.ts'

/** A statement that counts. */
export interface Believed<S> {
  readonly statement: S
  readonly hash: string
  /** Name of the operator, as it is pinned here. */
  readonly operator: string
}

export interface KeyLife {
  /** Whose key it is: the session that it was first granted to. */
  readonly session: SessionName
  /** Oldest first; none for a key that was only revoked. */
  readonly grants: readonly Believed<GrantStatement>[]
  /** The strictest one. */
  readonly revocation: Believed<RevokeStatement> | undefined
}

export interface RegistryKeys {
  /** False: no operator is pinned in this clone, and nothing is believed. */
  readonly pinned: boolean
  /** By the raw public key of the session, base64url. */
  readonly keys: ReadonlyMap<string, KeyLife>
  /** The newest statement that counts and follows all before it. */
  readonly newest: RegistryMemory | undefined
  /** Of the registry and its signatures, by line. */
  readonly findings: readonly RegistryFinding[]
}

/** O(statements), one check of a signature each. */
export function keysAt(registry: Registry, operators: readonly Operator[], crypto: SshCrypto): RegistryKeys {
  const names = new Map(operators.map(({ key, name }) => [key, name]))
  const keys = new Map<string, Draft>()
  const findings: RegistryFinding[] = []
  let newest: RegistryKeys['newest']
  for (const entry of registry.entries) {
    const counted = entry.statement === undefined ? undefined : signerOf(entry, names, crypto)
    if (counted === undefined) continue
    const problem = typeof counted === 'string' ? count(entry, counted, keys) : counted
    if (problem !== undefined) findings.push(problem)
    if (problem === undefined && entry.chained) newest = memoryOf(entry)
  }
  const all = [...registry.findings, ...findings].sort((a, b) => a.line - b.line)
  return { pinned: names.size > 0, keys, newest, findings: names.size > 0 ? all : all.filter(isNotOfPins) }
}

/** Where nobody is pinned, that a signer is not pinned says nothing. */
function isNotOfPins({ code }: RegistryFinding): boolean {
  return code !== 'registry/unpinned-signer'
}

interface Draft extends KeyLife {
  readonly grants: Believed<GrantStatement>[]
  revocation: Believed<RevokeStatement> | undefined
}

/** The pinned operator who signed, or why the statement does not count. */
function signerOf(
  { line, json, signature }: RegistryEntry,
  names: ReadonlyMap<string, string>,
  crypto: SshCrypto,
): string | RegistryFinding {
  const told = (code: RegistryFinding['code'], what: string) => ({
    code,
    message: `the statement in line ${line} ${what}`,
    line,
  })
  if (signature === undefined) return told('registry/bad-signature', 'has no signature that is understood')
  if (signature.namespace !== GRANT_NAMESPACE)
    return told('registry/wrong-namespace', `was signed for another purpose than \`${GRANT_NAMESPACE}\``)
  if (!verifySshSignature(signature, new TextEncoder().encode(json), crypto))
    return told('registry/bad-signature', 'was not signed by the key that its signature names')
  const name = names.get(toBase64(signature.publicKey))
  return name ?? told('registry/unpinned-signer', 'was signed by a key that is not pinned in this clone')
}

/** Take a statement of a pinned operator in, or say why it changes nothing. */
function count(entry: RegistryEntry, operator: string, keys: Map<string, Draft>): RegistryFinding | undefined {
  const { statement, hash, line, chained } = entry
  invariant(statement !== undefined, 'only statements are counted')
  const { session, key, version } = statement
  const known = keys.get(key)
  if (statement.kind === 'revoke') {
    const life = known ?? { session, grants: [], revocation: undefined }
    life.revocation = stricter(life.revocation, { statement, hash, operator })
    keys.set(key, life)
    return undefined
  }
  // The break itself is a finding already.
  if (!chained) return undefined
  const refused = (code: RegistryFinding['code'], why: string) => ({
    code,
    message: `grant ${version} does not count: ${why}`,
    line,
  })
  if (known?.revocation !== undefined) return refused('registry/key-revoked', 'its key was revoked before')
  if (known !== undefined && known.session !== session)
    return refused('registry/key-taken', `its key is that of ${known.session}`)
  const life = known ?? { session, grants: [], revocation: undefined }
  life.grants.push({ statement, hash, operator })
  keys.set(key, life)
  return undefined
}

function stricter(
  known: Believed<RevokeStatement> | undefined,
  other: Believed<RevokeStatement>,
): Believed<RevokeStatement> {
  return known !== undefined && lastGood(known) <= lastGood(other) ? known : other
}

/** Sequence of the last event that counts; 0 = none does. */
function lastGood({ statement }: Believed<RevokeStatement>): number {
  return statement.lastGood?.sequence ?? 0
}

/** An event, as far as its key is judged. */
export interface KeyUse {
  readonly session: SessionName
  /** Raw Ed25519 public key, base64url: the event's `sessionkey`. */
  readonly key: string
  readonly sequence: number
  readonly time: EpochMs
}

export type KeyVerdict =
  | { readonly kind: 'granted'; readonly by: Believed<GrantStatement> }
  /** No operator is pinned in this clone: a key counts as it was first seen. */
  | { readonly kind: 'first-seen' }
  | { readonly kind: 'unregistered' }
  | { readonly kind: 'other-session'; readonly session: SessionName }
  /** The key's first grant begins later: until then it counts as first seen. */
  | { readonly kind: 'not-yet'; readonly by: Believed<GrantStatement> }
  | { readonly kind: 'expired'; readonly by: Believed<GrantStatement> }
  /**
   * The event comes after the last good one. That the event at `lastGood.sequence` is the one with `lastGood.hash`,
   * whoever has the chain must see.
   */
  | { readonly kind: 'revoked'; readonly by: Believed<RevokeStatement> }

export function judgeKey({ pinned, keys }: RegistryKeys, { session, key, sequence, time }: KeyUse): KeyVerdict {
  if (!pinned) return { kind: 'first-seen' }
  const life = keys.get(key)
  if (life === undefined) return { kind: 'unregistered' }
  if (life.session !== session) return { kind: 'other-session', session: life.session }
  const { revocation, grants } = life
  if (revocation !== undefined && sequence > lastGood(revocation)) return { kind: 'revoked', by: revocation }
  const [first] = grants
  if (first === undefined) return { kind: 'unregistered' }
  const by = grants.findLast(({ statement }) => toMs(statement.notBefore) <= time)
  if (by === undefined) return { kind: 'not-yet', by: first }
  return { kind: time <= toMs(by.statement.notAfter) ? 'granted' : 'expired', by }
}

/**
 * What the session's grants that hold now let it do; `undefined` where one of them does not limit it, none where no
 * grant holds. `at` is RFC 3339 UTC with milliseconds, as the statements' own times.
 */
export function capabilitiesGranted(
  { keys }: RegistryKeys,
  session: SessionName,
  at: string,
): readonly string[] | undefined {
  const held = [...keys.values()].flatMap(({ session: owner, grants, revocation }) => {
    const newest = grants.findLast(({ statement }) => statement.notBefore <= at)?.statement
    return owner !== session || revocation !== undefined || newest === undefined || newest.notAfter < at ? [] : [newest]
  })
  if (held.some(({ capabilities }) => capabilities.length === 0)) return undefined
  return held.flatMap(({ capabilities }) => capabilities)
}

function toMs(time: string): EpochMs {
  const at = parseTime(time)
  invariant(at !== undefined, 'the times of a statement were checked')
  return at
}
