/** What the authority shows: its refs, and what claims and sessions say, before any board is looked at. */
import { claimRef, elapsedMs, observe, parseLedger, renderLedger, type SeenLedger, sessionRef } from '../claim/index.ts'
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
import type { Toolbox } from './toolbox.ts'

export interface Evidence {
  readonly refs: ReadonlyMap<RefName, ObjectId>
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

/** Refs, listed once more where the branch seems rewound: one answer is not a snapshot of branch and notes. */
export async function listRefs(box: Toolbox): Promise<Listed> {
  for (let tries = 1; ; tries += 1) {
    const known = await recallFold(box)
    const asked = box.clock.now()
    const refs = await box.refs.list()
    refuseOtherEngines(box, refs)
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
    if (missing === undefined || tries === 2) return { asked, refs, head, missingFold: missing }
  }
}

export async function readEvidence(box: Toolbox, { refs, head, asked }: Listed): Promise<Evidence> {
  // First sights are dated after the answer, ages are judged by the time before the question: a process
  // that was stopped in between never takes its own pause for the silence of others.
  const ledger = await noteWhatIsSeen(box, refs, box.clock.now())
  return { refs, head, ...(await readRefs(box, refs)), ledger, now: asked }
}

/** What claim and session refs say. */
export async function readRefs(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>) {
  return { ...(await readClaims(box, refs)), sessions: await readSessions(box, refs) }
}

/** A mode record means that another engine may hold claims that this version does not know. */
function refuseOtherEngines({ layout }: Toolbox, refs: ReadonlyMap<RefName, ObjectId>): void {
  if (!refs.has(layout.mode)) return
  throw new IfBoardError('authority/unsupported', 'these boards are in a mode that this version does not know', {
    hint: 'Use the version of if-board that the other sessions use: if-board --version',
  })
}

async function noteWhatIsSeen(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>, now: Instant): Promise<SeenLedger> {
  const { claims, sessions } = box.layout
  const watched = new Map([...refs].filter(([ref]) => ref.startsWith(claims) || ref.startsWith(sessions)))
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

/** Commits never change, and one command looks at the same claims from several sides. */
const decoded = new WeakMap<Toolbox, Map<ObjectId, ClaimRecord | undefined>>()
const MOST_DECODED = 10_000

export async function readClaim(box: Toolbox, oid: ObjectId): Promise<ClaimRecord | undefined> {
  const known = decoded.get(box) ?? new Map<ObjectId, ClaimRecord | undefined>()
  decoded.set(box, known)
  if (known.has(oid)) return known.get(oid)
  const body = await commitBody(box, oid)
  const event = body === undefined ? undefined : decodeEventCommit(body)
  const record = event === undefined ? undefined : toClaimRecord(oid, event)
  if (known.size >= MOST_DECODED) known.clear()
  // What is absent may be there the next time.
  if (body !== undefined) known.set(oid, record)
  return record
}

async function readSessions(box: Toolbox, refs: ReadonlyMap<RefName, ObjectId>): Promise<SessionRecord[]> {
  const records: SessionRecord[] = []
  for (const [ref, oid] of refs) {
    if (!ref.startsWith(box.layout.sessions)) continue
    const body = await commitBody(box, oid)
    if (body === undefined) continue
    const beat = decodeBeat(body)
    const name = beat?.session ?? decodeEventCommit(body)?.session
    // A ref under another session's name cannot speak for it.
    if (name === undefined || sessionRef(box.layout, name, box.sha256) !== ref) continue
    const lastBody = beat?.last === undefined ? undefined : await commitBody(box, beat.last)
    const record = toSessionRecord(name, oid, body, lastBody)
    if (record !== undefined) records.push(record)
  }
  return records
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
