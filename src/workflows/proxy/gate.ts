/** The proxy's decisions, joined: capabilities of this process, what the boards say, what was used, what is told of it. */
import {
  type Bounds,
  boundsOf,
  type Caveat,
  type Hmac,
  mintCapability,
  verifyCapability,
} from '../../credentials/index.ts'
import { type EpochMs, type ProxyAlias, type ProxyRule, splitTaskKey } from '../../model/index.ts'
import {
  type Asked,
  type Call,
  type Counts,
  decide,
  type Gate,
  type GrantAnswer,
  type Pass,
  type Presented,
  type Refused,
  type Standing,
  type Use,
} from '../../proxy/index.ts'
import { type GrantRequest, parseGrantRequest } from './grant-request.ts'
import type { Owner, ProxyLog } from './log.ts'
import type { Claimed, ReadWorld, World } from './world.ts'

export interface GateTools {
  readonly world: ReadWorld
  readonly counts: Counts
  readonly log: ProxyLog
  readonly hmac: Hmac
  /** 32 bytes by chance, which no other process has. */
  readonly key: Uint8Array
  /** Ed25519 (RFC 8032): key and signature in base64url. */
  readonly verify: (publicKey: string, text: string, signature: string) => boolean
  readonly now: () => EpochMs
  /** Hexadecimal digits of this many bytes by chance. */
  readonly hex: (bytes: number) => string
  readonly boardId: string
}

const refused = (rule: ProxyRule, reason: string): Refused => ({ kind: 'refused', rule, reason })
const OVER: Standing = { holds: false, refusal: undefined }
const NOT_READ = refused('claim', 'the boards cannot be read')

export function openGate(tools: GateTools): Gate {
  const nonces = new Map<string, EpochMs>()
  return {
    judge: (presented) => judge(tools, presented),
    refused({ alias, method, rule, capability = '' }) {
      const claimed = claimedBy(boundsIn(tools, capability))
      const call = { alias: alias || '-', method: method || '-', rule, sent: 0, received: 0 }
      tools.log.add(claimed && ownerOf(claimed, undefined), call)
    },
    grant: (body) => grant(tools, nonces, body),
  }
}

async function judge(tools: GateTools, { capability, asked }: Presented): Promise<Pass | Refused> {
  const verdict = verifyCapability(tools.hmac, tools.key, capability)
  if (verdict.kind === 'refused') return told(tools, undefined, asked, refused('capability', verdict.reason))
  const { id } = verdict.capability
  const bounds = boundsOf(verdict.capability)
  const claimed = claimedBy(bounds)
  const world = await tools.world().catch(() => undefined)
  const owner = claimed && ownerOf(claimed, world)
  if (world === undefined) return told(tools, owner, asked, NOT_READ)
  const standing = claimed === undefined ? OVER : await world.standing(claimed).catch(() => undefined)
  if (standing === undefined) return told(tools, owner, asked, NOT_READ)
  const nowMs = tools.now()
  const use = (alias: ProxyAlias): Use => ({ alias, id, bounds: bounds as Bounds, day: dayOf(nowMs) })
  const left = (alias: ProxyAlias) => tools.counts.left(use(alias))
  // From here to the count of the request nothing is waited for: two at once are two.
  const decision = decide({ registry: world.registry, bounds, asked, standing, left, nowMs })
  if (decision.kind === 'deny') return told(tools, owner, asked, refused(decision.rule, decision.reason), bounds)
  return passOf(tools, owner, asked, use(decision.alias))
}

/** Of a capability of ours, whatever is asked with it. */
function boundsIn({ hmac, key }: GateTools, capability: string): Bounds | undefined {
  const verdict = verifyCapability(hmac, key, capability)
  return verdict.kind === 'genuine' ? boundsOf(verdict.capability) : undefined
}

function ownerOf({ session, task, claim }: Claimed, world: World | undefined): Owner {
  return { session, claim, key: task, task: { ...splitTaskKey(task), title: world?.title(task) ?? '' } }
}

function claimedBy(bounds: Bounds | undefined): Claimed | undefined {
  const { session, task, claim } = bounds ?? {}
  if (session === undefined || task === undefined || claim === undefined) return undefined
  return { session, task, claim }
}

function passOf({ counts, log }: GateTools, owner: Owner | undefined, asked: Asked, use: Use): Pass {
  counts.begin(use)
  let isOver = false
  return {
    kind: 'pass',
    alias: use.alias,
    bytesLeft() {
      const { bytes, capabilityBytes } = counts.left(use)
      return Math.min(bytes, capabilityBytes)
    },
    take: (wanted) => (isOver ? 0 : counts.take(use, wanted)),
    end({ rule, ...bytes }) {
      if (isOver) return
      isOver = true
      const call = nameOf(asked, use.alias.alias)
      log.add(owner, { ...call, ...askedBy(use.bounds), ...bytes, ...(rule === undefined ? {} : { rule }) })
    },
  }
}

function told({ log }: GateTools, owner: Owner | undefined, asked: Asked, refusal: Refused, bounds?: Bounds): Refused {
  log.add(owner, { ...nameOf(asked, '-'), ...askedBy(bounds), rule: refusal.rule, sent: 0, received: 0 })
  return refusal
}

/** The word of whoever asks counts for nothing: it is told where the capability says so. */
function askedBy(bounds: Bounds | undefined): Pick<Call, 'module'> {
  return bounds?.module === undefined ? {} : { module: bounds.module }
}

/** Without its query, which may hold a secret. */
function nameOf(asked: Asked, alias: string) {
  if (asked.kind === 'tunnel') return { alias, method: 'CONNECT' }
  return { alias: asked.alias, method: asked.method, path: `/${asked.parts.join('/')}` }
}

function dayOf(nowMs: EpochMs): string {
  return new Date(nowMs).toISOString().slice(0, 10)
}

/** A request that is older, or from a clock that goes ahead, is not taken. */
const FRESH_MS = 60_000
const MAX_NONCES = 10_000

async function grant(tools: GateTools, nonces: Map<string, EpochMs>, body: string): Promise<GrantAnswer> {
  const signed = parseSigned(body)
  const request = signed && parseGrantRequest(signed.text)
  const world = request && (await worldWith(tools, request).catch(() => undefined))
  const answer =
    signed === undefined || request === undefined
      ? refused('request', 'it is no request for a capability')
      : world === undefined
        ? NOT_READ
        : await judgeGrant(tools, world, { request, signed, nonces })
  const rule = answer.kind === 'refused' ? answer.rule : undefined
  // Whose it is was shown by the signature alone.
  const owner = request === undefined || rule === 'claim' ? undefined : ownerOf(request, world)
  const call = { alias: request?.alias ?? '-', method: 'GRANT', sent: 0, received: 0 }
  tools.log.add(owner, { ...call, ...(rule === undefined ? {} : { rule }) })
  return answer
}

/** A task that was claimed, or an alias that was set, just now is in the next reading. */
async function worldWith({ world }: GateTools, request: GrantRequest): Promise<World> {
  const read = await world()
  const isThere = read.claimKey(request) !== undefined && read.registry.has(request.alias)
  return isThere ? read : world('newest')
}

interface Signed {
  readonly text: string
  readonly signature: string
}

function parseSigned(body: string): Signed | undefined {
  try {
    const { text, signature } = JSON.parse(body) as Partial<Record<keyof Signed, unknown>>
    return typeof text === 'string' && typeof signature === 'string' ? { text, signature } : undefined
  } catch {
    return undefined
  }
}

interface GrantQuestion {
  readonly request: GrantRequest
  readonly signed: Signed
  readonly nonces: Map<string, EpochMs>
}

async function judgeGrant(
  tools: GateTools,
  world: World,
  { request, signed, nonces }: GrantQuestion,
): Promise<GrantAnswer> {
  const nowMs = tools.now()
  const key = world.claimKey(request)
  if (key === undefined || request.board !== tools.boardId)
    return refused('claim', 'the session does not hold that task')
  if (!tools.verify(key, signed.text, signed.signature)) return refused('claim', 'the key is not the one of the claim')
  if (Math.abs(nowMs - request.at) > FRESH_MS || !isFirst(nonces, request.nonce, nowMs))
    return refused('request', 'the request for a capability is an old one')
  const alias = world.registry.get(request.alias)
  if (alias === undefined) return refused('alias', 'no alias of that name is in the settings')
  if (alias.sessions?.includes(request.session) === false) return refused('session', 'the alias names other sessions')
  const standing = await world.standing(request).catch(() => undefined)
  if (standing === undefined) return NOT_READ
  if (standing.refusal !== undefined) return refused('session', standing.refusal)
  return mint(tools, request, nowMs)
}

function mint({ counts, hmac, key, hex }: GateTools, request: GrantRequest, nowMs: EpochMs): GrantAnswer {
  const id = hex(16)
  const expires = Math.floor(nowMs / 1000) + request.minutes * 60
  if (!counts.open(id, expires * 1000, nowMs)) return refused('capability', 'too many capabilities are in force')
  return {
    kind: 'granted',
    capability: mintCapability(hmac, key, id, [...caveatsOf(request), { name: 'expires', seconds: expires }]),
    expires,
  }
}

function caveatsOf({ session, task, claim, alias, methods, path, calls, bytes }: GrantRequest): Caveat[] {
  return [
    { name: 'session', session },
    { name: 'task', task },
    { name: 'claim', claim },
    { name: 'alias', alias },
    ...(methods === undefined ? [] : [{ name: 'methods' as const, methods }]),
    ...(path === undefined ? [] : [{ name: 'path' as const, path }]),
    ...(calls === undefined ? [] : [{ name: 'calls' as const, calls }]),
    ...(bytes === undefined ? [] : [{ name: 'bytes' as const, bytes }]),
  ]
}

/** Kept as long as a request with it could still be taken. */
function isFirst(nonces: Map<string, EpochMs>, nonce: string, nowMs: EpochMs): boolean {
  for (const [old, at] of nonces) if (nowMs - at > 2 * FRESH_MS) nonces.delete(old)
  if (nonces.has(nonce) || nonces.size >= MAX_NONCES) return false
  nonces.set(nonce, nowMs)
  return true
}
