/**
 * Read everything a decision needs: one answer of the authority, then objects of the hub.
 *
 * An unchanged board is not parsed again: the hub remembers what was understood of each board by
 * its blob id, and which head was already found to contain the last fold.
 */
import { claimRef } from '../claim/index.ts'
import { capabilities, capabilityBook, matchOf } from '../governor/index.ts'
import type { ClaimRecord, ObjectId, RefName, SessionName, TaskKey } from '../model/index.ts'
import { type Facts, type IndexedDemand, takeSnapshot, withQuarantine } from '../projection/index.ts'
import { readAccounts } from './accounts.ts'
import { activeSessions, type Evidence, type Listed, listRefs, readEvidence } from './evidence.ts'
import { rewound } from './fold-memory.ts'
import { type BranchFacts, readBranch } from './read-branch.ts'
import { keepIndexOf, type Narrow, readNarrow } from './read-narrow.ts'
import type { Judged, Reading, WholeReading } from './reading.ts'
import { recallEvidence } from './recall.ts'
import { readSkills } from './skills.ts'
import type { Toolbox } from './toolbox.ts'

export type { Reading, WholeReading } from './reading.ts'

/**
 * @throws IfBoardError `authority/unreachable`, `board/not-initialised`, `board/rewound`,
 *   `config/invalid`, `state/invalid`
 */
export async function read(box: Toolbox): Promise<WholeReading> {
  return asLast(box, await readWhole(box, await readEvidence(box, await listWhole(box))))
}

/**
 * For `next`, which asks all day what is mostly the same: by the index of the head where the hub has one.
 *
 * @throws IfBoardError  as `read`
 */
export async function readFor(box: Toolbox, session: SessionName): Promise<Reading> {
  const evidence = await readEvidence(box, await listWhole(box))
  const narrow = await readNarrow(box, evidence, session)
  if (narrow === undefined) {
    const reading = await readWhole(box, evidence)
    await keepIndexOf(box, reading)
    return asLast(box, reading)
  }
  const widen = async () => asLast(box, await readWhole(box, evidence))
  const { reading, complete } = await withDoable(box, evidence, { session, narrow })
  return asLast(box, { ...reading, narrow: { complete, widen } })
}

interface Narrowed {
  readonly session: SessionName
  readonly narrow: Narrow
}

/** Where a task is not for the session by what it can do, there may be too few for it among the first ones. */
async function withDoable(box: Toolbox, evidence: Evidence, { session, narrow }: Narrowed) {
  const reading = await accounted(box, narrow.judged)
  const { snapshot, config, skillsOf } = reading
  const book = capabilityBook(config.governor.capabilities)
  const facts = { session, book, skills: skillsOf(session) }
  const isForAll = snapshot.project.tasks.every((task) => capabilities(facts, task) === undefined)
  if (narrow.complete || isForAll) return { reading, complete: narrow.complete }
  const { has } = facts.skills
  const mayDo = (demand: IndexedDemand) => matchOf(book.needsOf(demand), has) >= demand.threshold
  const wider = await readNarrow(box, evidence, session, { mayDo })
  if (wider === undefined) return { reading, complete: narrow.complete }
  return { reading: await accounted(box, wider.judged), complete: wider.complete }
}

/** What the session knew when it last moved a ref, where that can still be believed; the authority is not asked. */
export async function readRecalled(box: Toolbox, session: SessionName): Promise<WholeReading | undefined> {
  const evidence = await recallEvidence(box, session)
  return evidence === undefined ? undefined : asLast(box, await readWhole(box, evidence))
}

/** A reading of the branch as it is, also where it was rewound: for whoever repairs that. */
export async function readRewound(
  box: Toolbox,
): Promise<WholeReading & { readonly missingFold: ObjectId | undefined }> {
  const listed = await listRefs(box)
  return { ...(await readWhole(box, await readEvidence(box, listed))), missingFold: listed.missingFold }
}

/** @throws IfBoardError `authority/unreachable`, `board/not-initialised`, `board/rewound` */
export async function listWhole(box: Toolbox): Promise<Listed> {
  const listed = await listRefs(box)
  if (listed.missingFold !== undefined) throw rewound(listed.head, listed.missingFold)
  return listed
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
    since: evidence.mode.since,
  }
  const judged = { ...evidence, branch, config, snapshot: takeSnapshot(facts) }
  return { ...(await accounted(box, judged)), facts }
}

/** With what the governor's rules go by, and the tasks set aside that it says are stopped. */
async function accounted<J extends Judged>(box: Toolbox, judged: J) {
  const accounts = await readAccounts(box, judged)
  const skillsOf = await readSkills(box, judged, accounts)
  return { ...judged, accounts, skillsOf, snapshot: withQuarantine(judged.snapshot, accounts.quarantined) }
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

const newest = new WeakMap<Toolbox, Reading>()

function asLast<R extends Reading>(box: Toolbox, reading: R): R {
  newest.set(box, reading)
  return reading
}

/** What this process read last, for decisions that may be made on slightly old facts. */
export function lastReading(box: Toolbox): Reading | undefined {
  return newest.get(box)
}

/** Tasks whose claim ref is one of these: what it holds is not known, so they are not free. */
function tasksBehind(box: Toolbox, { boards }: BranchFacts, refs: ReadonlySet<RefName>): Set<TaskKey> {
  const keys = boards.flatMap(({ board }) => board.tasks.map(({ key }) => key))
  return new Set(keys.filter((key) => refs.has(claimRef(box.layout, key, box.sha256))))
}
