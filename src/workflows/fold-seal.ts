/** What a fold seals: every event beyond the last sealed one of every chain, and the checkpoint over them. */
import { elapsedMs, sessionRef } from '../claim/index.ts'
import { isObjectId, type ObjectId, type SessionName } from '../model/index.ts'
import {
  type BoardRecord,
  beginsGrant,
  type CarriedEvent,
  type Checkpoint,
  eventType,
  type SignedCheckpoint,
  sealedSessionsOf,
  sealOf,
  signCheckpoint,
} from '../witness/index.ts'
import { sealedSession, shownSessions, tipOf } from './chain-tip.ts'
import { chainBeyond, inOrder } from './chain-walk.ts'
import { lostFolds } from './lost-notes.ts'
import { lastCheckpoint, sealedForGood } from './noted.ts'
import type { WholeReading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

/** Events of one chain that one fold seals at most; the rest is sealed by the next. */
const MAX_EVENTS = 10_000
/** A claim that no claim ref shows may just have been listed too late; after this it was never granted. */
const SETTLING_MS = 600_000

/**
 * Unsealed events of all chains: by time, and within a session by sequence, whatever its clock did. What folds have counted
 * whose notes were lost comes first, fold by fold: the ledger on the branch has counted it in that order already.
 */
export async function unsealedEvents(
  box: Toolbox,
  reading: WholeReading,
  maxEvents = MAX_EVENTS,
): Promise<CarriedEvent[]> {
  const chains: Unsealed[] = []
  for (const name of await shownSessions(box, reading)) {
    const tip = await tipOf(box, reading, name)
    if (tip === undefined) continue
    const end = await sealedSession(box, reading, name)
    const onBranch = end?.sequence ?? 0
    const chain = await chainBeyond(box, tip, await sealedForGood(box, reading, name, end))
    chains.push({ name, onBranch, events: settled(box, reading, chain, onBranch).slice(0, maxEvents) })
  }
  return (await foldByFold(box, reading, chains)).flatMap(inOrder)
}

interface Unsealed {
  readonly name: SessionName
  /** The branch calls its chain sealed up to this event. */
  readonly onBranch: number
  readonly events: readonly CarriedEvent[]
}

/** The chains in parts: what each lost fold counted, oldest first, then what none has. */
async function foldByFold(
  box: Toolbox,
  reading: WholeReading,
  chains: readonly Unsealed[],
): Promise<(readonly CarriedEvent[])[][]> {
  const lags = chains.some(({ events: [first], onBranch }) => first !== undefined && first.event.sequence <= onBranch)
  if (!lags) return [chains.map(({ events }) => events)]
  const trees = [...(await lostFolds(box, reading)).map(({ tree }) => tree), reading.branch.tree]
  const parts: (readonly CarriedEvent[])[][] = trees.map(() => [])
  const rest: (readonly CarriedEvent[])[] = []
  for (const { name, events } of chains) {
    let left = events
    for (const [at, tree] of trees.entries()) {
      const end = (await sealedSession(box, { branch: { tree } }, name))?.sequence ?? 0
      parts[at]?.push(left.filter(({ event }) => event.sequence <= end))
      left = left.filter(({ event }) => event.sequence > end)
    }
    rest.push(left)
  }
  return [...parts, rest]
}

/**
 * Without a claim at the end that its claim ref does not show yet: claims are listed before chains, so it may
 * have been granted in between, and a seal says for good which claims were. What a fold called sealed on the branch whose
 * note was lost was settled for that one: left out here, it would be in no note, and nobody's to seal any more.
 */
function settled(
  box: Toolbox,
  reading: WholeReading,
  chain: readonly CarriedEvent[],
  onBranch: number,
): readonly CarriedEvent[] {
  const tip = chain.at(-1)
  if (tip === undefined || tip.event.sequence <= onBranch || !beginsGrant(eventType(tip.event))) return chain
  if (reading.claims.some(({ oid, event }) => oid === tip.oid || event.data.replaces === tip.oid)) return chain
  const seen = reading.ledger.get(sessionRef(box.layout, tip.event.session, box.sha256))
  const isOld = seen !== undefined && elapsedMs(seen, reading.now) >= SETTLING_MS
  return isOld ? chain : chain.slice(0, -1)
}

export interface SealRequest {
  readonly board: ObjectId
  readonly events: readonly CarriedEvent[]
  readonly sealedTree: ObjectId | undefined
  readonly records: readonly BoardRecord[]
  readonly folder: SessionName
  /** Grants that the reading does not show. */
  readonly registered: readonly ObjectId[]
}

/** The signed checkpoint of this fold, appended to the one that the notes ref's newest commit repeats. */
export async function seal(box: Toolbox, reading: WholeReading, request: SealRequest): Promise<SignedCheckpoint> {
  const previous = await lastCheckpoint(box, reading)
  const { fold, frontier, root } = sealOf(
    request.events.map(({ event }) => event),
    previous,
    box.sha256Bytes,
  )
  const checkpoint: Checkpoint = {
    boardId: box.boardId,
    fold,
    board: request.board,
    frontier,
    root,
    sealedTree: request.sealedTree,
    sealed: sealedSessionsOf(request.events, box.sha256),
    granted: grantedAmong(request.events, [...reading.claims.map(({ oid }) => oid), ...request.registered]),
    records: request.records,
    folder: { session: request.folder, key: await box.keys.publicKey(request.folder) },
  }
  return signCheckpoint(checkpoint, (text) => box.keys.sign(request.folder, text), box.sha256Bytes)
}

/** A claim is a request; it was granted when the claim ref went through it. */
function grantedAmong(events: readonly CarriedEvent[], shown: readonly ObjectId[]): ObjectId[] {
  const passed = new Set<string>(shown)
  for (const { event } of events) if (event.data.replaces !== undefined) passed.add(event.data.replaces)
  return events
    .filter(({ oid, event }) => beginsGrant(eventType(event)) && passed.has(oid))
    .map(({ oid }) => oid)
    .filter(isObjectId)
}
