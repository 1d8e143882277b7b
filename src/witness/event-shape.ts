/**
 * The gate for events that others wrote: every field is checked before a value becomes a `SignedEvent`.
 *
 * The envelope is closed; `data` may carry fields that this version does not know (they are signed
 * like all others), so that a fleet can be brought up to date one machine at a time.
 */
import {
  type ClaimKind,
  type EventData,
  type EventType,
  EXECUTION_OUTCOMES,
  isBoardName,
  isObjectId,
  isSessionName,
  isTaskId,
  isTaskKey,
  PROXY_WAYS,
  RUN_OUTCOMES,
  type SignedEvent,
} from '../model/index.ts'
import { parseCanonicalJson } from './canonical-json.ts'
import { readFrom } from './event-json.ts'
import { MAX_SAW, parseSaw } from './saw.ts'
import { parseTime } from './time.ts'
import { parseTraceparent } from './trace.ts'

/** What each type makes of the claim ref it moves; `undefined`: the type lives on the chain alone. */
export const CLAIM_KINDS: ReadonlyMap<EventType, ClaimKind | undefined> = new Map<EventType, ClaimKind | undefined>([
  ['claim', 'granted'],
  ['steal', 'granted'],
  ['release', 'returned'],
  ['fail', 'returned'],
  ['block', 'returned'],
  ['revoked', 'returned'],
  ['withdraw', 'returned'],
  ['complete', 'completed'],
  ['merged', 'completed'],
  ['carried', 'granted'],
  ['joined', undefined],
  ['note', undefined],
  ['lost', undefined],
  ['denied', undefined],
  ['cost', undefined],
  ['requested', undefined],
  ['breaker', undefined],
  ['key-granted', undefined],
  ['key-revoked', undefined],
  ['mode', undefined],
  ['pruned', undefined],
  ['ran', undefined],
  ['executed', undefined],
])

/** Does a grant begin with it? What carries one on holds the same one. */
export function beginsGrant(type: EventType): boolean {
  return type === 'claim' || type === 'steal'
}

/** What a type says nothing without. */
const NEEDS: ReadonlyMap<EventType, readonly (keyof EventData)[]> = new Map<EventType, readonly (keyof EventData)[]>([
  ['carried', ['from', 'replaces', 'modeEpoch', 'heldSince']],
  ['denied', ['rule', 'reason']],
  ['cost', ['task', 'cost']],
  ['requested', ['requests']],
  ['breaker', ['breaker', 'reason']],
  ['key-granted', ['registry', 'from']],
  ['key-revoked', ['registry', 'from']],
  ['mode', ['mode']],
  ['pruned', ['pruned']],
  ['ran', ['ran', 'task']],
  ['executed', ['executed', 'task']],
])

/** Event and claim ref's old value: an operation has no other past. */
const MAX_PARENTS = 2
const MAX_NOTE = 500
const MAX_MODEL = 100
/** A sequence and a task's key. */
const MAX_MARK = 500
const TYPE_PREFIX = 'if-board.'

type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, Check>>

/** The type without its prefix. */
export function eventType(event: SignedEvent): EventType {
  return event.type.slice(TYPE_PREFIX.length) as EventType
}

/** An event from one line of canonical JSON, or `undefined` when anything about it is not as it must be. */
export function parseEvent(text: string): SignedEvent | undefined {
  const value = parseCanonicalJson(text)
  return isSignedEvent(value) ? readFrom(value, text) : undefined
}

/** Has this value the shape of an event? Says nothing about whether its signature is good. */
export function isSignedEvent(value: unknown): value is SignedEvent {
  if (!isRecord(value) || !has(value, EVENT) || !Object.keys(value).every((key) => Object.hasOwn(EVENT, key)))
    return false
  const event = value as unknown as SignedEvent
  const { task } = event.data
  if (task !== undefined && event.subject !== `${task.board}:${task.id}`) return false
  if ((event.sequence === 1) !== (event.previous === undefined)) return false
  if ((event.subject === undefined) !== (event.traceparent === undefined)) return false
  if (event.data.saw?.some((entry) => parseSaw(entry)?.session === event.session)) return false
  return saysEnough(event)
}

/** Has it what its type stands for? */
function saysEnough(event: SignedEvent): boolean {
  const type = eventType(event)
  if (NEEDS.get(type)?.some((field) => event.data[field] === undefined)) return false
  if (type === 'breaker') return isOfWhatItNames(event)
  const kind = CLAIM_KINDS.get(type)
  if (kind === undefined) return true
  const { task, epoch, leaseSeconds } = event.data
  return task !== undefined && epoch !== undefined && (kind !== 'granted' || leaseSeconds !== undefined)
}

/** A task's breaker is told in the task's own trace, a session's in none. */
function isOfWhatItNames({ subject, data: { breaker } }: SignedEvent): boolean {
  if (breaker?.of === 'task') return subject === breaker.name
  return breaker !== undefined && isSessionName(breaker.name) && subject === undefined
}

const text: Check = (value) => typeof value === 'string'
const amount: Check = (value) => typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
const tokens: Check = (value) => Number.isSafeInteger(value) && amount(value)
const time: Check = (value) => typeof value === 'string' && parseTime(value) !== undefined
/** 2^31: above what any task or session reaches, far below where adding one stops counting. */
const MAX_COUNT = 2 ** 31
/** The longest lease that is granted: a week. */
const MAX_LEASE_SECONDS = 7 * 24 * 3600
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAX_COUNT
const lease: Check = (value) => amount(value) && (value as number) <= MAX_LEASE_SECONDS
const positive: Check = (value) => count(value) && value !== 0
const oid: Check = (value) => typeof value === 'string' && isObjectId(value)
const texts: Check = (value) => Array.isArray(value) && value.every(text)

function matches(pattern: RegExp): Check {
  return (value) => typeof value === 'string' && pattern.test(value)
}

function among(...words: readonly string[]): Check {
  return (value) => words.some((word) => word === value)
}

function optional(check: Check): Check {
  return (value) => value === undefined || check(value)
}

/** Text of this many UTF-16 code units or fewer. */
function atMost(limit: number): Check {
  return (value) => typeof value === 'string' && value.length <= limit
}

function shaped(fields: Fields): Check {
  return (value) => isRecord(value) && has(value, fields)
}

function has(value: Record<string, unknown>, fields: Fields): boolean {
  for (const key in fields)
    if (!(fields[key] as Check)(Object.hasOwn(value, key) ? value[key] : undefined)) return false
  return true
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isParents(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MAX_PARENTS && value.every(oid) && new Set(value).size === value.length
}

/** Sorted, so that no session is named twice; empty is left out. */
function isSaw(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_SAW) return false
  const names = value.map((entry) => (typeof entry === 'string' ? parseSaw(entry)?.session : undefined))
  return names.every((name, at) => name !== undefined && (at === 0 || (names[at - 1] ?? '') < name))
}

const TASK: Fields = {
  board: (value) => typeof value === 'string' && isBoardName(value),
  id: (value) => typeof value === 'string' && isTaskId(value),
  title: text,
}

const HELP: Fields = { board: TASK.board as Check, id: TASK.id as Check }

const EVIDENCE: Fields = {
  branch: optional(text),
  commit: optional(oid),
  reference: optional(text),
  note: optional(atMost(MAX_NOTE)),
}

const COST: Fields = {
  usd: optional(amount),
  seconds: optional(amount),
  model: optional(atMost(MAX_MODEL)),
  inputTokens: optional(tokens),
  outputTokens: optional(tokens),
  cacheReadTokens: optional(tokens),
  cacheWriteTokens: optional(tokens),
  source: optional(among('reported', 'otel', 'transcript', 'estimate')),
}

const BREAKER: Fields = {
  of: among('session', 'task'),
  name: text,
  to: among('open', 'half-open', 'closed'),
  rule: among('consecutive', 'failures', 'cost-rate', 'budget', 'quarantine', 'probe', 'reset'),
  forgiven: optional(atMost(MAX_MARK)),
  forgivenEpoch: optional(count),
}
const RESERVE: Fields = { microUsd: tokens, tokens }
const REGISTRY: Fields = { version: positive, statement: matches(/^[0-9a-f]{64}$/) }
const MODE: Fields = { from: text, to: text, epoch: count }
const PRUNED: Fields = { throughFold: positive, before: time, events: count, kept: matches(/^[0-9a-f]{64}$/) }

const SHA256 = matches(/^[0-9a-f]{64}$/)
const OUTPUT: Fields = { path: text, sha256: SHA256 }
/** Rows of one event: of services that a run asked, of what the proxy did. */
const MAX_USES = 64
const rows =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= MAX_USES && value.every(check)
const ASKED: Fields = {
  alias: atMost(100),
  calls: positive,
  denied: optional(positive),
  unreachable: optional(positive),
  cut: optional(positive),
  sent: tokens,
  received: tokens,
}
const RAN: Fields = {
  purpose: among('done', 'check', 'run'),
  job: text,
  sha256: optional(SHA256),
  commit: oid,
  outcome: among(...RUN_OUTCOMES),
  status: optional(tokens),
  layers: texts,
  fuel: optional(tokens),
  memoryBytes: optional(tokens),
  outputs: optional((value) => Array.isArray(value) && value.every(shaped(OUTPUT))),
  http: optional(rows(shaped(ASKED))),
}
const EXECUTED: Fields = {
  command: text,
  program: text,
  words: text,
  sha256: SHA256,
  outcome: among(...EXECUTION_OUTCOMES),
  status: optional(tokens),
  signal: optional(text),
  layers: texts,
  ms: tokens,
  outputBytes: tokens,
  proxy: optional(among(...PROXY_WAYS)),
}
/** Of one row. */
const MAX_PATHS = 16
const USE: Fields = {
  alias: atMost(100),
  method: atMost(40),
  verdict: among('allow', 'refuse'),
  rule: optional(atMost(40)),
  calls: positive,
  sent: tokens,
  received: tokens,
  paths: optional((value) => texts(value) && (value as string[]).length <= MAX_PATHS),
  module: optional(SHA256),
}
const REQUESTS: Fields = {
  proxy: matches(/^[0-9a-f]{16}$/),
  claim: optional(oid),
  uses: rows(shaped(USE)),
  more: optional(positive),
}

const DATA: Fields = {
  task: optional(shaped(TASK)),
  boardBlob: optional(oid),
  replaces: optional(oid),
  epoch: optional(count),
  leaseSeconds: optional(lease),
  failures: optional(count),
  failedBy: optional((value) => typeof value === 'string' && isSessionName(value)),
  modeEpoch: optional(count),
  inEtcd: optional((value) => value === true),
  reason: optional(text),
  from: optional(text),
  evidence: optional(shaped(EVIDENCE)),
  cost: optional(shaped(COST)),
  reserve: optional(shaped(RESERVE)),
  forfeit: optional(shaped(RESERVE)),
  heldSeconds: optional(count),
  estimateMinutes: optional(count),
  why: optional(texts),
  trigger: optional(among('cli', 'hook', 'mcp', 'watch')),
  score: optional((value) => typeof value === 'number' && value >= 0 && value <= 1),
  verdict: optional(among('allow', 'refuse')),
  rule: optional(text),
  heldSince: optional(time),
  happened: optional(time),
  dropped: optional(positive),
  saw: optional(isSaw),
  blocker: optional(text),
  needs: optional(texts),
  help: optional(shaped(HELP)),
  capabilities: optional(texts),
  model: optional(text),
  rateUsdPerHour: optional(amount),
  budgetUsd: optional(amount),
  grant: optional(positive),
  requests: optional(shaped(REQUESTS)),
  breaker: optional(shaped(BREAKER)),
  registry: optional(shaped(REGISTRY)),
  mode: optional(shaped(MODE)),
  pruned: optional(shaped(PRUNED)),
  ran: optional(shaped(RAN)),
  executed: optional(shaped(EXECUTED)),
}

const EVENT: Fields = {
  specversion: (value) => value === '1.0',
  id: matches(/^[0-9a-f]{32}$/),
  source: matches(/^if-board:[0-9A-Za-z._-]{1,64}$/),
  type: (value) =>
    typeof value === 'string' &&
    value.startsWith(TYPE_PREFIX) &&
    CLAIM_KINDS.has(value.slice(TYPE_PREFIX.length) as EventType),
  subject: optional((value) => typeof value === 'string' && isTaskKey(value)),
  time,
  traceparent: optional((value) => typeof value === 'string' && parseTraceparent(value) !== undefined),
  session: (value) => typeof value === 'string' && isSessionName(value),
  // 32 and 64 bytes in base64url leave 2 and 4 bits of the last digit unused; they must be zero (RFC 4648
  // §3.5), else several spellings would stand for one key or signature.
  sessionkey: matches(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/),
  signature: matches(/^[A-Za-z0-9_-]{85}[AQgw]$/),
  sequence: (value) => count(value) && (value as number) >= 1,
  previous: optional(matches(/^[0-9a-f]{64}$/)),
  parents: isParents,
  data: shaped(DATA),
}
