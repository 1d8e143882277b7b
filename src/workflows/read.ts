/**
 * Read everything a decision needs: one answer of the authority, then objects of the hub.
 *
 * An unchanged board is not parsed again: the hub remembers what was understood of each board by
 * its blob id, and which head was already found to contain the last fold.
 */
import { claimRef, elapsedMs, observe, parseLedger, renderLedger, type SeenLedger, sessionRef } from '../claim/index.ts'
import {
  type ClaimRecord,
  type Config,
  IfBoardError,
  type ObjectId,
  type RefName,
  type SessionName,
  type SessionRecord,
  type TaskKey,
} from '../model/index.ts'
import type { Instant, RefMove } from '../ports/index.ts'
import { type Facts, type Snapshot, takeSnapshot } from '../projection/index.ts'
import { decodeBeat, decodeEventCommit, toClaimRecord, toSessionRecord } from '../witness/index.ts'
import { missingFold, recallFold, rewound } from './fold-memory.ts'
import { type BranchFacts, type BranchFrame, readBranch } from './read-branch.ts'
import { keepIndexOf, readNarrow } from './read-narrow.ts'
import type { Toolbox } from './toolbox.ts'

/** What the authority shows, before boards are looked at. */
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

export interface Judged extends Evidence {
  readonly branch: BranchFrame
  readonly config: Config
  readonly snapshot: Snapshot
}

/** All tasks, judged. */
export interface WholeReading extends Judged {
  readonly branch: BranchFacts
  /** What was judged, before it was. */
  readonly facts: Facts
  readonly narrow?: undefined
}

/** The tasks that can matter for what was asked. */
export interface NarrowReading extends Judged {
  readonly narrow: {
    /** Every task that is ready is among those that were judged, fillers apart. */
    readonly complete: boolean
    /** The rest, by the same answer of the authority. */
    widen(): Promise<WholeReading>
  }
}

export type Reading = WholeReading | NarrowReading

const LEDGER = 'seen'

/**
 * @throws IfBoardError `authority/unreachable`, `board/not-initialised`, `board/rewound`,
 *   `config/invalid`, `state/invalid`
 */
export async function read(box: Toolbox): Promise<WholeReading> {
  return asLast(box, await readWhole(box, await readEvidence(box, await listRefs(box).then(whole))))
}

/**
 * For `next`, which asks all day what is mostly the same: by the index of the head where the hub has one.
 *
 * @throws IfBoardError  as `read`
 */
export async function readFor(box: Toolbox, session: SessionName): Promise<Reading> {
  const evidence = await readEvidence(box, await listRefs(box).then(whole))
  const narrow = await readNarrow(box, evidence, session)
  if (narrow === undefined) {
    const reading = await readWhole(box, evidence)
    await keepIndexOf(box, reading)
    return asLast(box, reading)
  }
  const widen = async () => asLast(box, await readWhole(box, evidence))
  return asLast(box, { ...narrow.judged, narrow: { complete: narrow.complete, widen } })
}

/** A reading of the branch as it is, also where it was rewound: for whoever repairs that. */
export async function readRewound(
  box: Toolbox,
): Promise<WholeReading & { readonly missingFold: ObjectId | undefined }> {
  const listed = await listRefs(box)
  return { ...(await readWhole(box, await readEvidence(box, listed))), missingFold: listed.missingFold }
}

function whole(listed: Listed): Listed {
  if (listed.missingFold !== undefined) throw rewound(listed.head, listed.missingFold)
  return listed
}

interface Listed {
  /** Before the authority was asked: what it showed was so no earlier than this. */
  readonly asked: Instant
  readonly refs: ReadonlyMap<RefName, ObjectId>
  readonly head: ObjectId
  readonly missingFold: ObjectId | undefined
}

/** Refs, listed once more where the branch seems rewound: one answer is not a snapshot of branch and notes. */
async function listRefs(box: Toolbox): Promise<Listed> {
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

async function readEvidence(box: Toolbox, { refs, head, asked }: Listed): Promise<Evidence> {
  // First sights are dated after the answer, ages are judged by the time before the question: a process
  // that was stopped in between never takes its own pause for the silence of others.
  const ledger = await noteWhatIsSeen(box, refs, box.clock.now())
  const { claims, strange } = await readClaims(box, refs)
  return { refs, head, claims, strange, sessions: await readSessions(box, refs), ledger, now: asked }
}

async function readWhole(box: Toolbox, evidence: Evidence): Promise<WholeReading> {
  const { head, claims, strange, sessions } = evidence
  const branch = await readBranch(box, head)
  const { config } = branch
  const facts: Facts = {
    config,
    boards: branch.boards,
    states: branch.states,
    claims,
    unreadable: strange.size === 0 ? new Set<TaskKey>() : tasksBehind(box, branch, strange),
    rowsBefore: await rowsOfLostClaims(box, head, branch, claims),
    sessions,
    active: activeSessions(box, evidence, config),
    modeEpoch: 0,
  }
  return { ...evidence, branch, config, facts, snapshot: takeSnapshot(facts) }
}

/** Old rows matter only where a claim has lost its own. */
async function rowsOfLostClaims(
  box: Toolbox,
  head: ObjectId,
  { boards, config }: BranchFacts,
  claims: readonly ClaimRecord[],
) {
  const rows = new Set(boards.flatMap(({ board }) => board.tasks.map(({ key }) => key)))
  if (claims.every(({ key, kind }) => kind === 'returned' || rows.has(key))) return rows
  const { rowsBefore } = await import('./rows-before.ts')
  return rowsBefore(box, head, config)
}

/** A mode record means that another engine may hold claims that this version does not know. */
function refuseOtherEngines({ layout }: Toolbox, refs: ReadonlyMap<RefName, ObjectId>): void {
  if (!refs.has(layout.mode)) return
  throw new IfBoardError('authority/unsupported', 'these boards are in a mode that this version does not know', {
    hint: 'Use the version of if-board that the other sessions use: if-board --version',
  })
}

const newest = new WeakMap<Toolbox, Reading>()

function asLast<R extends Reading>(box: Toolbox, reading: R): R {
  newest.set(box, reading)
  return reading
}

/** What this process read last, for decisions that may be made on slightly old facts. */
export function lastReading(box: Toolbox): Reading | undefined {
  return newest.get(box)
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

export async function readClaim(box: Toolbox, oid: ObjectId): Promise<ClaimRecord | undefined> {
  const body = await commitBody(box, oid)
  const event = body === undefined ? undefined : decodeEventCommit(body)
  return event === undefined ? undefined : toClaimRecord(oid, event)
}

/** Tasks whose claim ref is one of these: what it holds is not known, so they are not free. */
function tasksBehind(box: Toolbox, { boards }: BranchFacts, refs: ReadonlySet<RefName>): Set<TaskKey> {
  const keys = boards.flatMap(({ board }) => board.tasks.map(({ key }) => key))
  return new Set(keys.filter((key) => refs.has(claimRef(box.layout, key, box.sha256))))
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
