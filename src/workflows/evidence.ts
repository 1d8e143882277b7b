/** What the authority shows: its refs, and what claims and sessions say, before any board is looked at. */
import { claimRef, elapsedMs, observe, parseLedger, renderLedger, type SeenLedger, sessionRef } from '../claim/index.ts'
import type { ModeRecord } from '../fast/mode.ts'
import {
  type ClaimRecord,
  type Config,
  IfBoardError,
  type ObjectId,
  type RefName,
  type SessionName,
  type SessionRecord,
} from '../model/index.ts'
import type { Instant, RefMove } from '../ports/index.ts'
import { decodeBeat, decodeEventCommit, toClaimRecord, toSessionRecord } from '../witness/index.ts'
import { missingFold, recallFold } from './fold-memory.ts'
import { needMode } from './mode.ts'
import type { Toolbox } from './toolbox.ts'
import { MOVED } from './watch/presence.ts'

export interface Evidence {
  readonly refs: ReadonlyMap<RefName, ObjectId>
  /** Who decides claims. */
  readonly mode: ModeRecord
  readonly head: ObjectId
  readonly claims: readonly ClaimRecord[]
  /** Claim refs that hold something that is not understood. */
  readonly strange: ReadonlySet<RefName>
  readonly sessions: readonly SessionRecord[]
  readonly ledger: SeenLedger
  readonly now: Instant
}

/** Refs, when and where they were seen first. */
export const LEDGER = 'seen'

export interface Listed {
  /** Before the authority was asked: what it showed was so no earlier than this. */
  readonly asked: Instant
  readonly refs: ReadonlyMap<RefName, ObjectId>
  readonly head: ObjectId
  readonly missingFold: ObjectId | undefined
}

/**
 * Refs that move together are renamed one after the other, and on a busy machine their writer may wait in between for
 * seconds. A false alarm stops everybody until a person chooses, so a branch that really was put back takes 2.5 s to say so.
 */
const LISTINGS = 7
const LIST_AGAIN_MS = 40

/** Refs, listed again where the branch seems rewound: one answer is not a snapshot of branch and notes. */
export async function listRefs(box: Toolbox): Promise<Listed> {
  for (let tries = 1; ; tries += 1) {
    const known = await recallFold(box)
    const asked = box.clock.now()
    const refs = await box.refs.list()
    const head = refs.get(box.layout.board)
    if (head === undefined)
      throw new IfBoardError(
        'board/not-initialised',
        `the authority has no coordination branch \`${box.layout.branch}\``,
        {
          hint: 'if-board init',
        },
      )
    const missing = await missingFold(box, head, { known, notes: refs.get(box.layout.notes) })
    if (missing === undefined || tries === LISTINGS) return { asked, refs, head, missingFold: missing }
    await box.clock.sleep(LIST_AGAIN_MS * 2 ** (tries - 1))
  }
}

export async function readEvidence(box: Toolbox, { refs, head, asked }: Listed): Promise<Evidence> {
  // First sights are dated after the answer, ages are judged by the time before the question: a process
  // that was stopped in between never takes its own pause for the silence of others.
  const ledger = await noteWhatIsSeen(box, refs, box.clock.now())
  return { refs, head, ...(await readRefs(box, refs)), ledger, now: asked }
}

/** What mode, claim and session refs say. */
export async function readRefs(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>) {
  const mode = await needMode(box, refs)
  return { mode, ...(await readClaims(box, refs)), sessions: await readSessions(box, refs) }
}

async function noteWhatIsSeen(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>, now: Instant): Promise<SeenLedger> {
  const { claims, sessions, mode } = box.layout
  const isWatched = (ref: RefName) => ref.startsWith(claims) || ref.startsWith(sessions) || ref === mode
  const watched = new Map([...refs].filter(([ref]) => isWatched(ref)))
  const before = (await box.memory.read(LEDGER)) ?? ''
  const ledger = observe(parseLedger(before), watched, now)
  const after = renderLedger(ledger)
  if (after !== before) await box.memory.write(LEDGER, after)
  return ledger
}

/**
 * Refs that this process has just moved are seen from now on. Without this a session would see its own sign of life
 * for the first time at its next command, and would give the next one too late.
 */
export async function noteMoved(box: Toolbox, moves: readonly RefMove[]): Promise<void> {
  const ledger = new Map(parseLedger((await box.memory.read(LEDGER)) ?? ''))
  const { claims, sessions } = box.layout
  for (const { ref, next } of moves) {
    if (!ref.startsWith(claims) && !ref.startsWith(sessions)) continue
    if (next === undefined) ledger.delete(ref)
    else ledger.set(ref, { ...box.clock.now(), value: next })
  }
  await box.memory.write(LEDGER, renderLedger(ledger))
  // A watcher of this clone sees refs of a hub move, and of a remote this mark.
  if (box.authority === 'remote') await box.memory.write(MOVED, `${moves.map(({ next }) => next).join(' ')}\n`)
}

/** Claim refs as records. A ref under a name that is not its task's is ignored: it cannot speak for it. */
async function readClaims(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>) {
  const claims: ClaimRecord[] = []
  const strange = new Set<RefName>()
  const listed = [...refs].filter(([ref]) => ref.startsWith(box.layout.claims))
  const read = await Promise.all(listed.map(async ([ref, oid]) => [ref, await readClaim(box, oid)] as const))
  for (const [ref, record] of read) {
    if (record !== undefined && claimRef(box.layout, record.key, box.sha256) === ref) claims.push(record)
    else strange.add(ref)
  }
  return { claims, strange }
}

/** Commits never change, and one process looks at the same ones again and again, from several sides. */
interface Decoded {
  readonly claims: Map<ObjectId, ClaimRecord | undefined>
  /** By commit, whichever ref shows it: the record names its session. */
  readonly sessions: Map<ObjectId, SessionRecord | undefined>
}

const decoded = new WeakMap<Toolbox, Decoded>()
const MOST_DECODED = 10_000

function decodedBy(box: Toolbox): Decoded {
  const known = decoded.get(box) ?? { claims: new Map(), sessions: new Map() }
  for (const records of Object.values(known)) if (records.size >= MOST_DECODED) records.clear()
  decoded.set(box, known)
  return known
}

export async function readClaim(box: Toolbox, oid: ObjectId): Promise<ClaimRecord | undefined> {
  const { claims } = decodedBy(box)
  if (claims.has(oid)) return claims.get(oid)
  const body = await commitBody(box, oid)
  const event = body === undefined ? undefined : decodeEventCommit(body)
  const record = event === undefined ? undefined : await withCost(box, toClaimRecord(oid, event))
  // What is absent may be there the next time.
  if (body !== undefined) claims.set(oid, record)
  return record
}

/** A cost is reported once, by the completion; whoever said later that it was merged does not repeat it. */
async function withCost(box: Toolbox, record: ClaimRecord | undefined): Promise<ClaimRecord | undefined> {
  const replaces = record?.event.type === 'if-board.merged' ? record.event.data.replaces : undefined
  const body = replaces === undefined ? undefined : await commitBody(box, replaces)
  const cost = body === undefined ? undefined : decodeEventCommit(body)?.data.cost
  return record === undefined || cost === undefined ? record : { ...record, cost }
}

async function readSessions(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>): Promise<SessionRecord[]> {
  const records: SessionRecord[] = []
  for (const [ref, oid] of refs) {
    if (!ref.startsWith(box.layout.sessions)) continue
    const record = await readSession(box, oid)
    // A ref under another session's name cannot speak for it.
    if (record !== undefined && sessionRef(box.layout, record.name, box.sha256) === ref) records.push(record)
  }
  return records
}

async function readSession(box: Toolbox, oid: ObjectId): Promise<SessionRecord | undefined> {
  const { claims, sessions } = decodedBy(box)
  if (sessions.has(oid)) return sessions.get(oid)
  // What a session says last is mostly what its claim ref shows, and that was read before.
  const claim = claims.get(oid)
  if (claim !== undefined) return { name: claim.event.session, oid, last: { oid, event: claim.event }, beat: undefined }
  const body = await commitBody(box, oid)
  if (body === undefined) return undefined
  const beat = decodeBeat(body)
  const name = beat?.session ?? decodeEventCommit(body)?.session
  const lastBody = beat?.last === undefined ? undefined : await commitBody(box, beat.last)
  const record = name === undefined ? undefined : toSessionRecord(name, oid, body, lastBody)
  if (beat?.last === undefined || lastBody !== undefined) sessions.set(oid, record)
  return record
}

async function commitBody(box: Toolbox, oid: ObjectId): Promise<Uint8Array | undefined> {
  try {
    const object = await box.objects.read(oid)
    return object?.type === 'commit' ? object.body : undefined
  } catch (error) {
    // Whoever may push may point a ref at anything: what is too large is not understood, and stops nobody.
    if (error instanceof IfBoardError && error.code === 'board/too-large') return undefined
    throw error
  }
}

/** Sessions whose chain ref moved within a lease, as far as this observer saw. */
export function activeSessions(
  box: Toolbox,
  { sessions, refs, ledger, now }: Evidence,
  config: Config,
): Set<SessionName> {
  const byValue = new Map<ObjectId, RefName>()
  for (const [ref, oid] of refs) if (ref.startsWith(box.layout.sessions)) byValue.set(oid, ref)
  const leaseMs = config.leaseMinutes * 60_000
  return new Set(
    sessions
      .filter(({ oid }) => {
        const ref = byValue.get(oid)
        const seen = ref === undefined ? undefined : ledger.get(ref)
        return seen !== undefined && elapsedMs(seen, now) < leaseMs
      })
      .map(({ name }) => name),
  )
}
