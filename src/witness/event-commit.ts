/**
 * An event and the commit that carries it.
 *
 * The commit has an empty tree, the session as author and committer at the whole second of the
 * event's time (zone +0000), the event's parents, and this message:
 *
 *     session-4 claims P0.1.2 (epoch 1)
 *
 *     {"data":{…},"id":"…", … }
 *
 * One line for people, a blank line, the event as one line of canonical JSON, a final newline.
 * Every byte follows from the event and the object format, so an event alone gives the object id
 * of its commit, and no second commit can carry it. The line for people is therefore part of the
 * format: other words for an existing type would orphan every commit written before.
 */
import {
  type BreakerChange,
  type ClaimRecord,
  type EventBody,
  type EventData,
  type EventType,
  encodeCommit,
  type GitObject,
  IfBoardError,
  invariant,
  isSessionName,
  type ObjectId,
  parseCommit,
  printable,
  type SessionName,
  type SessionRecord,
  type Sha256,
  type SignedEvent,
  splitTaskKey,
} from '../model/index.ts'
import { type Beat, decodeBeat } from './beat.ts'
import { canonicalJson } from './canonical-json.ts'
import { bodyJson, eventJson } from './event-json.ts'
import { beginsGrant, CLAIM_KINDS, eventType, isSignedEvent, parseEvent } from './event-shape.ts'
import { jsonLineOf, MAX_COMMIT_BYTES, sameBytes, sessionEmail } from './session-commit.ts'
import { parseTime } from './time.ts'

/** Add the session's signature (Ed25519, base64url without padding) over the canonical JSON of the body. */
export async function signEvent(body: EventBody, sign: (text: string) => Promise<string>): Promise<SignedEvent> {
  return { ...body, signature: await sign(canonicalJson(body)) }
}

/** Did the owner of the event's own key sign it? Whether that key belongs to the session is the chain's question. */
export function verifyEvent(
  event: SignedEvent,
  verify: (publicKey: string, text: string, signature: string) => boolean,
): boolean {
  return verify(event.sessionkey, bodyJson(event), event.signature)
}

/** SHA-256 of the canonical JSON of the signed event: what the next event of the chain names as `previous`. */
export function eventHash(event: SignedEvent, sha256: Sha256): string {
  return sha256(eventJson(event))
}

/**
 * The commit of an event.
 *
 * @throws IfBoardError `usage/invalid` when the texts in it make it larger than `MAX_COMMIT_BYTES`
 */
export function encodeEventCommit(event: SignedEvent, emptyTree: ObjectId): GitObject {
  invariant(isSignedEvent(event), 'an event is written only in the shape that readers accept')
  const commit = toCommit(event, emptyTree)
  if (commit.body.length > MAX_COMMIT_BYTES) {
    throw new IfBoardError('usage/invalid', `the texts of this \`${eventType(event)}\` are longer than 64 KiB`, {
      hint: 'Give a shorter text, and a link to the long one',
    })
  }
  return commit
}

/** Whoever reads the same bytes again, as a watcher does all day, is given the same event. */
const decoded = new WeakMap<Uint8Array, SignedEvent | undefined>()

/**
 * The event of a commit; `undefined` for any commit that `encodeEventCommit` would not have written so.
 *
 * @param body is never changed afterwards
 */
export function decodeEventCommit(body: Uint8Array): SignedEvent | undefined {
  if (body.length > MAX_COMMIT_BYTES) return undefined
  if (decoded.has(body)) return decoded.get(body)
  const event = decode(body)
  decoded.set(body, event)
  return event
}

function decode(body: Uint8Array): SignedEvent | undefined {
  const commit = parseCommit(body)
  const json = commit === undefined ? undefined : jsonLineOf(commit)
  const event = json === undefined ? undefined : parseEvent(json)
  if (commit === undefined || event === undefined) return undefined
  return sameBytes(toCommit(event, commit.tree).body, body) ? event : undefined
}

/** What a claim ref says whose commit carries this event; `undefined` for events that move no claim. */
export function toClaimRecord(oid: ObjectId, event: SignedEvent): ClaimRecord | undefined {
  const kind = CLAIM_KINDS.get(eventType(event))
  const at = parseTime(sinceOf(event))
  const { epoch, leaseSeconds = 0, failures = 0, modeEpoch = 0 } = event.data
  if (kind === undefined || event.subject === undefined || epoch === undefined || at === undefined) return undefined
  const leaseMs = leaseSeconds * 1000
  const session = claimant(event)
  const cost = event.data.cost === undefined ? {} : { cost: event.data.cost }
  return { oid, key: event.subject, kind, event, session, epoch, failures, leaseMs, modeEpoch, at, ...cost }
}

/** A claim that was carried is held since it was granted. */
function sinceOf({ type, time, data: { heldSince } }: SignedEvent): string {
  return type === 'if-board.carried' ? (heldSince ?? time) : time
}

/**
 * Whose claim it is: any participant may say that a completion was merged, and it stays the completing session's; and
 * whoever switches who decides carries the claims of all.
 */
function claimant({ type, session, data: { from } }: SignedEvent): SessionName {
  const isForAnother = type === 'if-board.merged' || type === 'if-board.carried'
  return isForAnother && from !== undefined && isSessionName(from) ? from : session
}

/** Does the claim ref hold "carried to epoch e+1"? (docs/fast-path.md) */
export function isCarried({ event }: Pick<ClaimRecord, 'event'>): boolean {
  return event.type === 'if-board.carried'
}

/**
 * What a session's ref says.
 *
 * A beat names the chain's last event but does not hold it: where the ref holds a beat, `lastBody` is
 * the body of the commit that it names, or `undefined` when that is sealed or could not be read.
 * `undefined` when the commit is neither event nor beat, or another session's.
 */
export function toSessionRecord(
  name: SessionName,
  oid: ObjectId,
  body: Uint8Array,
  lastBody?: Uint8Array,
): SessionRecord | undefined {
  const event = decodeEventCommit(body)
  if (event !== undefined) {
    return event.session === name ? { name, oid, last: { oid, event }, beat: undefined } : undefined
  }
  const beat = decodeBeat(body)
  if (beat === undefined || beat.session !== name) return undefined
  return { name, oid, last: lastOf(beat, lastBody), beat: { at: beat.at, last: beat.last } }
}

function lastOf(beat: Beat, body: Uint8Array | undefined): SessionRecord['last'] {
  const event = body === undefined ? undefined : decodeEventCommit(body)
  if (beat.last === undefined || event?.session !== beat.session) return undefined
  return { oid: beat.last, event }
}

function toCommit(event: SignedEvent, tree: ObjectId): GitObject {
  const at = parseTime(event.time)
  invariant(at !== undefined, 'the time of an event was checked')
  return encodeCommit({
    tree,
    parents: event.parents,
    name: event.session,
    email: sessionEmail(event.session),
    seconds: Math.floor(at / 1000),
    message: `${lineForPeople(event)}\n\n${eventJson(event)}\n`,
  })
}

const VERBS: Readonly<Record<EventType, string>> = {
  claim: 'claims',
  steal: 'takes over',
  release: 'releases',
  fail: 'fails',
  block: 'blocks',
  revoked: 'revokes',
  withdraw: 'withdraws from',
  complete: 'completes',
  merged: 'reports merged',
  carried: 'carries',
  joined: 'joins',
  note: 'notes on',
  lost: 'lost',
  denied: 'was denied',
  cost: 'reports a cost of',
  requested: 'reports requests for',
  breaker: 'reports the breaker of',
  'key-granted': 'grants the key of',
  'key-revoked': 'revokes the key of',
  mode: 'changes the mode',
  pruned: 'prunes the log',
  ran: 'ran',
  executed: 'executed a command for',
}

function lineForPeople(event: SignedEvent): string {
  const { epoch } = event.data
  const type = eventType(event)
  const task = event.subject === undefined ? [] : [splitTaskKey(event.subject).id]
  const grant = beginsGrant(type) ? [`(epoch ${epoch})`] : []
  return [event.session, VERBS[type], ...task, ...more(event), ...grant].join(' ')
}

function more(event: SignedEvent): string[] {
  const words = MORE.get(eventType(event))?.(event.data, event.subject)
  return words === undefined ? [] : [words].flat()
}

type More = (data: EventData, subject: string | undefined) => string | string[] | undefined

/** What the line of a type says behind its task; `undefined`: its data do not say it. */
const MORE: ReadonlyMap<EventType, More> = new Map<EventType, More>([
  ['steal', ({ from }) => from && `from ${printable(from, 64)}`],
  ['carried', ({ from, modeEpoch }) => [`of ${printable(from ?? '', 64)}`, `to mode epoch ${modeEpoch}`]],
  ['breaker', ({ breaker }) => breaker && breakerWords(breaker)],
  ['requested', (_, subject) => (subject === undefined ? 'no task' : undefined)],
  ['key-granted', ({ from }) => printable(from ?? '', 64)],
  ['key-revoked', ({ from }) => printable(from ?? '', 64)],
  ['mode', ({ mode }) => mode && `from ${printable(mode.from, 20)} to ${printable(mode.to, 20)}`],
  ['pruned', ({ pruned }) => pruned && `through fold ${pruned.throughFold}`],
  ['ran', ({ ran }) => ran && `for ${ran.purpose}: ${ran.outcome}`],
  ['executed', ({ executed }) => executed && `(${printable(executed.program, 64)}: ${executed.outcome})`],
])

/** A task is named as the subject already. */
function breakerWords({ of, name, to, rule }: BreakerChange): string[] {
  return [...(of === 'session' ? [printable(name, 64)] : []), to, `(${rule})`]
}
