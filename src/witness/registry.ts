/**
 * The registry of keys: the text of `.if-board/allowed_signers`, read and written. Format and rules: `docs/grants.md`.
 *
 * What counts are statements and their signatures. The rest of the text follows from them, so a text is taken as it
 * should be only if writing its statements again gives the same bytes: a key that nobody stated is found that way.
 */

import { fromBase64 } from '../model/base64.ts'
import { type GrantStatement, printable, type Sha256, type Statement } from '../model/index.ts'
import { sessionKeyWords } from './ssh-key.ts'
import { parseSshSignature, type SshSignature } from './ssh-signature.ts'
import { MAX_REGISTRY_LENGTH, MAX_STATEMENTS, parseStatement, STATEMENT } from './statement.ts'

export type RegistryFindingCode =
  | 'registry/too-large'
  | 'registry/foreign-line'
  | 'registry/bad-statement'
  | 'registry/other-board'
  | 'registry/broken-chain'
  | 'registry/bad-signature'
  | 'registry/wrong-namespace'
  | 'registry/unpinned-signer'
  | 'registry/key-taken'
  | 'registry/key-revoked'

/** Something in the registry that counts for nothing, or hides that something is gone. */
export interface RegistryFinding {
  readonly code: RegistryFindingCode
  readonly message: string
  /** Counted from 1. */
  readonly line: number
}

export interface RegistryEntry {
  /** Of its statement, counted from 1. */
  readonly line: number
  /** The bytes that were signed, as text. */
  readonly json: string
  /** SHA-256 of them: what the next statement names as `previous`, and events as `registry.statement`. */
  readonly hash: string
  /** `undefined`: not a statement of this board. */
  readonly statement: Statement | undefined
  readonly signatureText: string
  /** `undefined`: no signature blob. */
  readonly signature: SshSignature | undefined
  /** False from the first statement on that does not follow the one before it. */
  readonly chained: boolean
}

export interface Registry {
  readonly entries: readonly RegistryEntry[]
  readonly findings: readonly RegistryFinding[]
}

export interface RegistryContext {
  readonly boardId: string
  readonly sha256: Sha256
}

/** The newest statement that a hub believed; by its hash it stands for all before it. */
export interface RegistryMemory {
  readonly version: number
  readonly hash: string
}

const SIGNATURE = '# signature '
/** Sessions sign events and nothing else; ssh tools never get to see this namespace. */
const SESSION_NAMESPACE = 'if-board'

/** Never fails: what is not understood is a finding. Whether signatures are good, `keysAt` says. */
export function parseRegistry(text: string, context: RegistryContext): Registry {
  if (text.length > MAX_REGISTRY_LENGTH) return tooLarge(`more than ${MAX_REGISTRY_LENGTH} characters`)
  const lines = text.split('\n')
  if (lines.filter((line) => line.startsWith(STATEMENT)).length > MAX_STATEMENTS)
    return tooLarge(`more than ${MAX_STATEMENTS} statements`)
  const entries: RegistryEntry[] = []
  const findings: RegistryFinding[] = []
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith(STATEMENT)) continue
    const read = readEntry(line, { index, after: lines[index + 1], previous: entries.at(-1), context })
    entries.push(read.entry)
    findings.push(...read.findings)
  }
  return { entries, findings: [...findings, ...foreignLine(lines, entries, context)] }
}

/** The text of these statements. */
export function renderRegistry(
  entries: readonly Pick<RegistryEntry, 'json' | 'statement' | 'signatureText'>[],
  { boardId }: Pick<RegistryContext, 'boardId'>,
): string {
  const ends = endsOf(entries)
  const lines = entries.flatMap(({ json, statement, signatureText }) => [
    `${STATEMENT}${json}`,
    `${SIGNATURE}${signatureText}`,
    ...(statement?.kind === 'grant' ? [keyLine(statement, ends)] : []),
  ])
  const head = `# if-board registry of ${boardId}, written by \`if-board grant\` alone; what it means: docs/grants.md of if-board`
  return [head, ...lines].map((line) => `${line}\n`).join('')
}

/** What a new statement begins with: its place behind the last one. */
export function nextStatement(entries: readonly RegistryEntry[]): Pick<Statement, 'version' | 'previous'> {
  const last = entries.at(-1)
  return last === undefined ? { version: 1 } : { version: entries.length + 1, previous: last.hash }
}

export function memoryOf({ statement, hash }: RegistryEntry): RegistryMemory | undefined {
  return statement === undefined ? undefined : { version: statement.version, hash }
}

/** Is what was remembered gone, or something else at its place, or cut off from what was before it? */
export function isRolledBack({ entries }: Registry, { version, hash }: RegistryMemory): boolean {
  const entry = entries[version - 1]
  return entry?.hash !== hash || !entry.chained
}

function tooLarge(what: string): Registry {
  return { entries: [], findings: [{ code: 'registry/too-large', message: `the registry has ${what}`, line: 1 }] }
}

interface Around {
  readonly index: number
  readonly after: string | undefined
  readonly previous: RegistryEntry | undefined
  readonly context: RegistryContext
}

function readEntry(text: string, { index, after = '', previous, context: { boardId, sha256 } }: Around) {
  const line = index + 1
  const findings: RegistryFinding[] = []
  const json = text.slice(STATEMENT.length)
  const read = parseStatement(json)
  if (read === undefined)
    findings.push({
      code: 'registry/bad-statement',
      message: `line ${line} is not a statement in canonical JSON`,
      line,
    })
  else if (read.board !== boardId)
    findings.push({
      code: 'registry/other-board',
      message: `the statement in line ${line} is about the board ${printable(read.board, 8)}`,
      line,
    })
  const follows = read !== undefined && isNext(read, previous)
  const wasChained = previous?.chained ?? true
  if (read !== undefined && wasChained && !follows)
    findings.push({
      code: 'registry/broken-chain',
      message: `the statement in line ${line} (version ${read.version}) does not follow the one before it; grants behind it do not count`,
      line,
    })
  const signatureText = after.startsWith(SIGNATURE) ? after.slice(SIGNATURE.length) : ''
  const blob = fromBase64(signatureText)
  const entry: RegistryEntry = {
    line,
    json,
    hash: sha256(json),
    statement: read?.board === boardId ? read : undefined,
    signatureText,
    signature: blob === undefined ? undefined : parseSshSignature(blob),
    chained: wasChained && follows,
  }
  return { entry, findings }
}

function isNext({ version, previous }: Statement, before: RegistryEntry | undefined): boolean {
  if (before === undefined) return version === 1 && previous === undefined
  return version === (before.statement?.version ?? Number.NaN) + 1 && previous === before.hash
}

/** By the key of a session: the statement that revoked it, and the newest grant of it. */
interface Ends {
  readonly revokedBy: ReadonlyMap<string, number>
  readonly grants: ReadonlyMap<string, readonly number[]>
}

function endsOf(entries: readonly Pick<RegistryEntry, 'statement'>[]): Ends {
  const revokedBy = new Map<string, number>()
  const grants = new Map<string, number[]>()
  for (const { statement } of entries) {
    if (statement?.kind === 'revoke' && !revokedBy.has(statement.key)) revokedBy.set(statement.key, statement.version)
    if (statement?.kind !== 'grant') continue
    const known = grants.get(statement.key)
    if (known === undefined) grants.set(statement.key, [statement.version])
    else known.push(statement.version)
  }
  return { revokedBy, grants }
}

function keyLine(grant: GrantStatement, { revokedBy, grants }: Ends): string {
  const { session, key, version } = grant
  const times = `valid-after="${sshTime(grant.notBefore)}",valid-before="${sshTime(grant.notAfter)}"`
  const line = `${session} namespaces="${SESSION_NAMESPACE}",${times} ${sessionKeyWords(key)} grant ${version}`
  const revoked = revokedBy.get(key)
  if (revoked !== undefined) return `# revoked by ${revoked}: ${line}`
  const replaced = nextAfter(grants.get(key) ?? [], version)
  return replaced === undefined ? line : `# replaced by ${replaced}: ${line}`
}

function nextAfter(versions: readonly number[], version: number): number | undefined {
  return versions[versions.indexOf(version) + 1]
}

/** `YYYYMMDDHHMMSSZ` (ssh-keygen(1), "ALLOWED SIGNERS"; the `Z` for UTC is read by OpenSSH 9.1 and newer). */
function sshTime(time: string): string {
  return `${time.slice(0, 19).replace(/[-T:]/g, '')}Z`
}

function foreignLine(
  lines: readonly string[],
  entries: readonly RegistryEntry[],
  context: RegistryContext,
): RegistryFinding[] {
  const expected = renderRegistry(entries, context).split('\n')
  const length = Math.max(lines.length, expected.length)
  for (let index = 0; index < length; index += 1)
    if (lines[index] !== expected[index]) {
      const line = index + 1
      return [{ code: 'registry/foreign-line', message: `line ${line} is not what its statements give`, line }]
    }
  return []
}
