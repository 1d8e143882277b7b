/**
 * `grant`: an operator says which key is a session’s, or that it is no more. One statement, appended to the registry
 * and pushed in one step with the event that tells of it; of two operators at once, the slower one signs again on top.
 */
import {
  type GrantStatement,
  IfBoardError,
  invariant,
  printable,
  REGISTRY_FILE,
  type RevokeStatement,
  type SessionName,
  type Statement,
  type Usd,
} from '../model/index.ts'
import type { MoveOutcome, OperatorKey } from '../ports/index.ts'
import { decodeEventCommit, formatTime, toBase64 } from '../witness/index.ts'
import {
  dearmorSshSignature,
  GRANT_NAMESPACE,
  MAX_REGISTRY_LENGTH,
  nextStatement,
  parseSshSignature,
  parseStatement,
  type RegistryEntry,
  type RegistryFinding,
  renderRegistry,
  type SshSignature,
  statementJson,
  verifySshSignature,
} from '../witness/keys.ts'
import { sealedSession, tipOf } from './chain-tip.ts'
import { editFiles } from './edit-board.ts'
import { eventNumbered, newestEvent } from './last-good.ts'
import { busyError, refusedError } from './not-moved.ts'
import { say } from './publish.ts'
import { type Reading, read } from './read.ts'
import { type OpenedRegistry, openRegistry, type RegistryTools, remember } from './registry.ts'
import { sayableText } from './sayable.ts'
import type { Toolbox } from './toolbox.ts'

export interface GrantTools extends RegistryTools {
  readonly operator: OperatorKey
}

export interface GrantRequest {
  /** Who says the event. */
  readonly author: SessionName
  readonly session: SessionName
  /** Raw Ed25519 key, base64url; absent: the one on the session’s chain. */
  readonly publicKey?: string | undefined
  readonly change: GrantChange | RevokeChange
}

/** What is left out stays as the last grant of that key has it. */
export interface GrantChange {
  readonly kind: 'grant'
  readonly capabilities?: readonly string[] | undefined
  readonly budgetUsd?: Usd | undefined
  readonly days: number
}

export interface RevokeChange {
  readonly kind: 'revoke'
  readonly reason: string
  /** Sequence of the newest event that still counts, 0 = none; absent: the newest that the authority shows. */
  readonly lastGood?: number | undefined
}

export type GrantOutcome =
  | { readonly kind: 'granted'; readonly statement: GrantStatement; readonly signer: Signer }
  | { readonly kind: 'revoked'; readonly statement: RevokeStatement; readonly signer: Signer }
  /** The key was revoked before, as strictly. */
  | { readonly kind: 'unchanged'; readonly statement: RevokeStatement }

export interface Signer {
  /** As this clone has pinned the key; `undefined`: it has not, and does not believe the statement. */
  readonly pinnedAs: string | undefined
  /** Type and base64 of the key that signed. */
  readonly key: string
  /** What the operator calls himself. */
  readonly name: string
}

const MAX_TRIES = 8
const DAY_MS = 86_400_000

/**
 * @throws IfBoardError `session/unknown`, `grant/key-taken`, `grant/key-revoked`, `registry/invalid`, `registry/rolled-back`,
 *   `operator/cannot-sign`, `operator/pins-unreadable`, `authority/busy`, `authority/refused`, `usage/invalid`
 */
export async function grant(box: Toolbox, tools: GrantTools, asked: GrantRequest): Promise<GrantOutcome> {
  const request = await sayableRequest(box, asked)
  const name = await sayableText(box, { text: tools.operator.name, place: 'your name', source: 'command', limit: 100 })
  const signatures = new Map<string, Signed>()
  const at = Math.floor(box.clock.now().wallMs / 1000) * 1000
  let last: MoveOutcome | undefined
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const reading = await read(box)
    const opened = await openRegistry(box, reading.branch.tree, tools)
    refuseBroken(opened)
    // A server that was killed may have taken the board alone: then only the event is missing.
    const taken = opened.registry.entries.find(
      (entry) => signatures.get(entry.json)?.text === entry.signatureText,
    )?.statement
    const draft: Draft =
      taken === undefined
        ? await draftOf({ box, reading, opened, name, at }, request)
        : { kind: 'statement', statement: taken }
    if (draft.kind === 'unchanged') return draft
    const { statement } = draft
    const json = statementJson(statement)
    // Where only the board moved the statement is the same, and the person is not asked to sign it twice.
    const signed = signatures.get(json) ?? (await sign(tools, json))
    signatures.set(json, signed)
    const text = taken === undefined ? textWith(box, opened, json, signed) : undefined
    last = await push(box, reading, { request, statement, text })
    if (last.kind === 'moved') return await landed(box, tools, { opened, statement, json, signed })
    if (last.kind === 'refused') throw refusedError(last, 'grants')
    await box.clock.sleep(box.chance.fraction() * Math.min(50 * 2 ** tries, 1500))
  }
  throw busyError(last, 'the grant could not be pushed', 'Try again in a moment: the same command')
}

/** What is signed cannot be unsigned: no secret goes into a statement. */
async function sayableRequest(box: Toolbox, request: GrantRequest): Promise<GrantRequest> {
  const { change } = request
  const say = (place: string) => (text: string) => sayableText(box, { text, place, source: 'command', limit: 1000 })
  if (change.kind === 'revoke')
    return { ...request, change: { ...change, reason: await say('the reason')(change.reason) } }
  if (change.capabilities === undefined) return request
  const capabilities = await Promise.all(change.capabilities.map(say('what it can do')))
  return { ...request, change: { ...change, capabilities } }
}

/** What others may have written without harm to a statement behind it. */
const TOLERATED: readonly RegistryFinding['code'][] = [
  'registry/unpinned-signer',
  'registry/key-taken',
  'registry/key-revoked',
]

/** A statement on top of a damaged registry would make the damage part of its history. */
function refuseBroken({ keys }: OpenedRegistry): void {
  const finding = keys.findings.find(({ code }) => !TOLERATED.includes(code))
  if (finding === undefined) return
  throw new IfBoardError('registry/invalid', `${finding.message} [${finding.code}]`, {
    place: { file: REGISTRY_FILE, line: finding.line, column: 1 },
    hint: `Put ${REGISTRY_FILE} back as it was before the commit that did this: git log -p -- ${REGISTRY_FILE}, in a checkout (if-board checkout)`,
  })
}

interface Drafting {
  readonly box: Toolbox
  readonly reading: Reading
  readonly opened: OpenedRegistry
  /** What the operator calls himself. */
  readonly name: string
  readonly at: number
}

type Draft =
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'unchanged'; readonly statement: RevokeStatement }

async function draftOf(drafting: Drafting, request: GrantRequest): Promise<Draft> {
  const { box, opened, name, at } = drafting
  const { session, change } = request
  const key = request.publicKey ?? (await keyOf(drafting, session))
  const frame = {
    ...nextStatement(opened.registry.entries),
    board: box.boardId,
    session,
    key,
    by: name,
    at: formatTime(at),
  }
  if (change.kind === 'revoke') return revocation(drafting, { ...frame, kind: 'revoke' }, change)
  const life = opened.keys.keys.get(key)
  if (life?.revocation !== undefined) throw keyRevoked(session, life.revocation.statement.version)
  if (life !== undefined && life.session !== session) throw keyTaken(session, life.session)
  const before = life?.grants.at(-1)?.statement
  const budgetUsd = change.budgetUsd ?? before?.budgetUsd
  const statement: GrantStatement = {
    ...frame,
    kind: 'grant',
    capabilities: change.capabilities ?? before?.capabilities ?? [],
    ...(budgetUsd === undefined ? {} : { budgetUsd }),
    notBefore: formatTime(at),
    notAfter: formatTime(at + change.days * DAY_MS),
  }
  return { kind: 'statement', statement }
}

async function revocation(
  { box, reading, opened }: Drafting,
  frame: Omit<RevokeStatement, 'reason' | 'lastGood'>,
  { reason, lastGood: sequence }: RevokeChange,
): Promise<Draft> {
  const { session, key } = frame
  const known = opened.keys.keys.get(key)?.revocation?.statement
  const lastGood =
    sequence === undefined
      ? await newestEvent(box, reading, session)
      : sequence === 0
        ? undefined
        : await eventNumbered(box, reading, { session, sequence })
  if (known !== undefined && (known.lastGood?.sequence ?? 0) <= (lastGood?.sequence ?? 0))
    return { kind: 'unchanged', statement: known }
  const statement = { ...frame, reason, ...(lastGood === undefined ? {} : { lastGood }) }
  return { kind: 'statement', statement }
}

/** The key that signs a session’s chain; of a chain that is sealed and swept, the one that was granted last. */
async function keyOf({ box, reading, opened }: Drafting, session: SessionName): Promise<string> {
  const tip = await tipOf(box, reading, session)
  if (tip !== undefined) return tip.event.sessionkey
  const sealed = await sealedSession(box, reading, session)
  const object = sealed === undefined ? undefined : await box.objects.read(sealed.commit)
  const event = object?.type === 'commit' ? decodeEventCommit(object.body) : undefined
  if (event?.session === session) return event.sessionkey
  const granted = [...opened.keys.keys].findLast(([, life]) => life.session === session)
  if (granted !== undefined) return granted[0]
  throw new IfBoardError('session/unknown', `no session \`${session}\` has joined, so its key is not known`, {
    hint: `Let it join first (if-board join ${session}), or give its key: if-board grant ${session} --public-key KEY`,
  })
}

function keyRevoked(session: SessionName, version: number): IfBoardError {
  return new IfBoardError('grant/key-revoked', `the key of ${session} was revoked (statement ${version}), for ever`, {
    hint: 'Let the session join under another name, which makes a new key, and grant that one',
  })
}

function keyTaken(session: SessionName, owner: SessionName): IfBoardError {
  return new IfBoardError('grant/key-taken', `that key is granted to ${owner}, so it cannot be the key of ${session}`, {
    hint: `if-board grant --list shows whose key is whose; without --public-key the key of ${session} is taken from its chain`,
  })
}

interface Signed {
  readonly signature: SshSignature
  readonly text: string
}

async function sign({ operator, crypto }: GrantTools, json: string): Promise<Signed> {
  invariant(parseStatement(json) !== undefined, 'a statement is written only in the form that readers accept')
  const blob = dearmorSshSignature(await operator.sign(GRANT_NAMESPACE, json))
  const signature = blob === undefined ? undefined : parseSshSignature(blob)
  // Read back before it is believed: nobody could check what is not understood here.
  const isGood =
    signature?.namespace === GRANT_NAMESPACE && verifySshSignature(signature, new TextEncoder().encode(json), crypto)
  if (blob !== undefined && signature !== undefined && isGood) return { signature, text: toBase64(blob) }
  throw new IfBoardError('operator/cannot-sign', 'the signature is not of a kind that can be checked everywhere', {
    hint: 'Use a key of type ed25519, ecdsa (256 bits), rsa (2048 bits or more) or ed25519-sk: --key FILE',
  })
}

function textWith(box: Toolbox, { registry }: OpenedRegistry, json: string, { text }: Signed): string {
  const entry: Pick<RegistryEntry, 'json' | 'statement' | 'signatureText'> = {
    json,
    statement: parseStatement(json),
    signatureText: text,
  }
  const whole = renderRegistry([...registry.entries, entry], box)
  if (whole.length <= MAX_REGISTRY_LENGTH) return whole
  throw new IfBoardError('registry/invalid', `the registry of keys is full: ${MAX_REGISTRY_LENGTH} bytes`, {
    hint: 'Begin another board for further sessions; this one keeps its history',
  })
}

interface Pushing {
  readonly request: GrantRequest
  readonly statement: Statement
  /** The registry with it; `undefined`: the branch has it already. */
  readonly text: string | undefined
}

async function push(box: Toolbox, reading: Reading, { request, statement, text }: Pushing): Promise<MoveOutcome> {
  const { author, session } = request
  const { kind, version } = statement
  if (text === undefined && (await tipOf(box, reading, author))?.event.data.registry?.version === version)
    return { kind: 'moved' }
  const subject = kind === 'grant' ? `Grant the key of ${session}` : `Revoke the key of ${session}`
  const changes = text === undefined ? undefined : new Map([[REGISTRY_FILE, text]])
  const edit = changes && (await editFiles(box, reading, { author, subject, changes }))
  const { outcome } = await say(box, reading, {
    session: author,
    type: kind === 'grant' ? 'key-granted' : 'key-revoked',
    data: {
      from: session,
      registry: { version, statement: box.sha256(statementJson(statement)) },
      ...(kind === 'revoke' ? { reason: statement.reason } : {}),
    },
    ...(edit === undefined ? {} : { more: [edit.move], moreObjects: edit.objects }),
  })
  return outcome
}

interface Landed {
  readonly opened: OpenedRegistry
  readonly statement: Statement
  readonly json: string
  readonly signed: Signed
}

async function landed(box: Toolbox, tools: GrantTools, done: Landed): Promise<GrantOutcome> {
  const { opened, statement, json, signed } = done
  const key = toBase64(signed.signature.publicKey)
  const pin = opened.operators.find((operator) => operator.key === key)
  if (pin !== undefined) await remember(box, { version: statement.version, hash: box.sha256(json) })
  const type = signed.signature.type
  const signer = { pinnedAs: pin?.name, key: `${type} ${key}`, name: printable(tools.operator.name, 100) }
  return statement.kind === 'grant' ? { kind: 'granted', statement, signer } : { kind: 'revoked', statement, signer }
}
