/**
 * Say one thing as a session: one signed event, one commit, and the refs that it moves.
 *
 * The event is built on the chain tip that the authority shows. Facts that had no push of their
 * own (lost races, denials) ride before it, and what it does to breakers. What is refused was never said: a new attempt reads
 * again and signs again.
 */
import { claimRef, sessionRef } from '../claim/index.ts'
import {
  type ClaimRecord,
  type EventBody,
  type EventData,
  type EventType,
  type GitObject,
  IfBoardError,
  type ObjectId,
  objectId,
  type RefName,
  type SessionName,
  type SessionRecord,
  type SignedEvent,
  type TaskKey,
} from '../model/index.ts'
import type { MoveOutcome, RefMove } from '../ports/index.ts'
import {
  beatCommit,
  beginsGrant,
  encodeEventCommit,
  formatTime,
  nextParents,
  nextPlace,
  signEvent,
  spanIdOf,
  traceIdOf,
  traceparent,
} from '../witness/index.ts'
import { breakerRiders } from './breaker-riders.ts'
import { sealedSession, tipOf } from './chain-tip.ts'
import { noteMoved } from './evidence.ts'
import { grantVersion } from './grant-version.ts'
import { sealedForGood } from './noted.ts'
import { noteRiding, readPending, settleRiding } from './pending.ts'
import type { Reading } from './read.ts'
import { keepView } from './recall.ts'
import { sayableData } from './sayable.ts'
import { look } from './sighting.ts'
import { type ChainEnds, keyOfChain } from './speaker.ts'
import type { Toolbox } from './toolbox.ts'

/** One event, and what it does to a claim. */
export interface Remark {
  readonly type: EventType
  readonly subject?: TaskKey
  readonly data: EventData
  /** What becomes of the claim ref: moved to the event's commit, deleted, or (absent) left alone. */
  readonly claim?: {
    readonly key: TaskKey
    readonly old: ClaimRecord | undefined
    readonly leaves: 'moved' | 'deleted'
    /** What the ref has where it is not `old`, whose commit no server may have, since a note holds it. */
    readonly inRef?: ObjectId | 'nothing'
  }
}

export interface Saying extends Remark {
  readonly session: SessionName
  /** Said before it in the same push, each about a claim of its own. */
  readonly first?: readonly Remark[]
  /** Whose chain must still be as it was read, where the authority can check that: a thief's victim. */
  readonly silent?: SessionName
  /** Further refs of the same push, such as the board. */
  readonly more?: readonly RefMove[]
  /** Further refs of the same push that move only behind the chain, such as the notes of a prune. */
  readonly behind?: readonly RefMove[]
  readonly moreObjects?: readonly GitObject[]
}

export interface Said {
  readonly outcome: MoveOutcome
  readonly oid: ObjectId
  readonly event: SignedEvent
}

/** Build, write and push. The caller reads again on any outcome but `moved`. */
export async function say(box: Toolbox, reading: Reading, saying: Saying): Promise<Said> {
  const { session } = saying
  const seen = await look(box, reading, session)
  const chain = await openChain(box, reading, session)
  const waiting = await readPending(box, session, chain.newest)
  const objects: GitObject[] = []
  // A key that the chain does not know speaks from now on: the log says so before anything else.
  if (chain.isNewKey && saying.type !== 'joined')
    objects.push((await chain.append({ type: 'joined', data: {} })).commit)
  for (const fact of [...waiting.facts, ...breakerRiders(box, reading, saying)])
    objects.push((await chain.append(fact)).commit)
  const claims: RefMove[] = []
  for (const remark of saying.first ?? []) {
    const { commit, oid } = await chain.append({ ...remark, data: withReplaced(remark) })
    objects.push(commit)
    claims.push(...claimMoves(box, remark, oid))
  }
  const data = {
    ...withReplaced(saying),
    ...seen.data,
    ...(waiting.dropped === 0 ? {} : { dropped: waiting.dropped }),
  }
  const last = await chain.append({ ...saying, data })
  await box.objects.write([...objects, ...(saying.moreObjects ?? []), last.commit])
  const moves: RefMove[] = [
    { ref: chain.ref, expected: reading.refs.get(chain.ref), next: last.oid },
    ...claims,
    ...claimMoves(box, saying, last.oid),
  ]
  const riding = await noteRiding(box, session, waiting, last.oid)
  const outcome = await box.refs.moveAll(
    [...(saying.more ?? []), ...moves, ...(saying.behind ?? [])],
    guardsOf(box, reading, saying),
  )
  if (outcome.kind === 'moved') {
    await noteMoved(box, moves)
    await keepView(box, session, { refs: reading.refs, moves })
    await settleRiding(box, session, riding)
    await seen.remember()
  }
  return { outcome, oid: last.oid, event: last.event }
}

function withReplaced({ data, claim }: Remark): EventData {
  const replaces = claim?.old?.oid
  return replaces === undefined ? data : { ...data, replaces }
}

function claimMoves({ layout, sha256 }: Toolbox, { claim }: Remark, oid: ObjectId): RefMove[] {
  if (claim === undefined) return []
  const next = claim.leaves === 'moved' ? oid : undefined
  return [{ ref: claimRef(layout, claim.key, sha256), expected: refValue(claim), next }]
}

/** What the claim ref is moved from, and what the next commit stands on. */
function refValue(claim: Remark['claim']): ObjectId | undefined {
  if (claim?.inRef === undefined) return claim?.old?.oid
  return claim.inRef === 'nothing' ? undefined : claim.inRef
}

/** A local authority checks in the same transaction that board and mode are as they were read. */
function guardsOf(box: Toolbox, reading: Reading, { more = [], silent }: Saying) {
  const moved = new Set(more.map(({ ref }) => ref))
  const guards = new Map<RefName, ObjectId | undefined>([
    [box.layout.board, reading.head],
    [box.layout.mode, reading.refs.get(box.layout.mode)],
  ])
  if (silent !== undefined) {
    const ref = sessionRef(box.layout, silent, box.sha256)
    guards.set(ref, reading.refs.get(ref))
  }
  for (const ref of moved) guards.delete(ref)
  return guards
}

async function openChain(box: Toolbox, reading: Reading, session: SessionName) {
  const ref = sessionRef(box.layout, session, box.sha256)
  const record = reading.snapshot.sessions.get(session)?.record
  const tip = await tipOf(box, reading, session)
  const sealed = await sealedSession(box, reading, session)
  let place = { ...nextPlace(tip, sealed, box.sha256), parent: await unsealedTip(box, reading, { tip, sealed }) }
  let first = true
  const sessionkey = await box.keys.publicKey(session)
  const grant = await grantVersion(box, reading.branch.tree, { session, key: sessionkey })
  const isAlive = reading.snapshot.sessions.get(session)?.active === true
  // Where that is unknown, the log is told this key once more.
  const spokeAs = await keyOfChain(box, { tip, sealed })
  if (isAlive && spokeAs !== undefined && spokeAs !== '' && spokeAs !== sessionkey) throw nameTaken(session)
  return {
    ref,
    /** Sealed events leave the refs, at the latest when the session gives its next sign of life. */
    newest: tip !== undefined && tip.event.sequence > (sealed?.sequence ?? 0) ? tip.oid : sealed?.commit,
    isNewKey: spokeAs !== undefined && spokeAs !== sessionkey,
    async append({ type, subject, data, claim }: Remark) {
      const old = claim?.old
      const below = first ? parentOnRef(box, record, place.parent) : place.parent
      const parents = nextParents({ ...place, parent: below }, refValue(claim))
      first = false
      const id = box.chance.hex(16)
      const body: EventBody = {
        specversion: '1.0',
        id,
        source: `if-board:${box.boardId}`,
        type: `if-board.${type}`,
        ...(subject === undefined ? {} : { subject, traceparent: tracedBy(box, { id, type, subject, old }) }),
        time: formatTime(box.clock.now().wallMs),
        session,
        sessionkey,
        sequence: place.sequence,
        ...(place.previous === undefined ? {} : { previous: place.previous }),
        parents,
        data: await sayableData(box, type, {
          trigger: box.trigger,
          ...(grant === undefined ? {} : { grant }),
          ...data,
        }),
      }
      const event = await signEvent(body, (text) => box.keys.sign(session, text))
      const commit = encodeEventCommit(event, box.emptyTree)
      const oid = objectId(commit, box.objects.hash)
      place = nextPlace({ oid, event }, sealed, box.sha256)
      return { event, commit, oid }
    },
  }
}

interface Traced {
  readonly id: string
  readonly type: EventType
  readonly subject: TaskKey
  readonly old: ClaimRecord | undefined
}

/** The task's trace; a claim begins a span, and what ends a grant goes on in that of the grant. */
function tracedBy({ boardId, sha256 }: Toolbox, { id, type, subject, old }: Traced): string {
  const ended = !beginsGrant(type) && old?.kind === 'granted' ? old.event : undefined
  return traceparent(traceIdOf(boardId, subject, sha256), spanIdOf(id, ended))
}

/**
 * What the next commit on a session's ref stands on. Servers that take only children on branches need the ref's own
 * value there, a sign of life included; where the ref lags, the unsealed tip that a claim ref shows is its child.
 */
function parentOnRef({ layout }: Toolbox, record: SessionRecord | undefined, unsealed: ObjectId | undefined) {
  if (layout.kind !== 'heads' || record === undefined) return unsealed
  return unsealed === undefined || unsealed === record.last?.oid ? record.oid : unsealed
}

/** Two clones that took one name at the same moment: the one whose push came second is told here. */
export function nameTaken(session: SessionName): IfBoardError {
  return new IfBoardError('session/name-taken', `another clone works as \`${session}\` right now`, {
    hint: `if-board join OTHER-NAME (or ask again as \`${session}\` once the other has been silent for a lease)`,
  })
}

/** Commit of the chain's newest event while a note does not hold it: what comes next keeps it reachable. */
async function unsealedTip(box: Toolbox, reading: Reading, { tip, sealed }: ChainEnds): Promise<ObjectId | undefined> {
  if (tip === undefined || tip.event.sequence < (sealed?.sequence ?? 0)) return undefined
  return tip.event.sequence > (await sealedForGood(box, reading, tip.event.session, sealed)) ? tip.oid : undefined
}

/** A sign of life: replaces the session's last beat. A lost one is no loss, but for who asked for nothing else. */
export async function beat(box: Toolbox, reading: Reading, session: SessionName): Promise<MoveOutcome> {
  const ref = sessionRef(box.layout, session, box.sha256)
  const record = reading.snapshot.sessions.get(session)?.record
  const tip = await tipOf(box, reading, session)
  const sealed = await sealedSession(box, reading, session)
  const last = await unsealedTip(box, reading, { tip, sealed })
  const below = parentOnRef(box, record, last)
  const commit = beatCommit(
    {
      session,
      at: box.clock.now().wallMs,
      nonce: box.chance.hex(8),
      last,
      parents: below === undefined ? [] : [below],
    },
    box.emptyTree,
  )
  const [oid] = await box.objects.write([commit])
  const moves = [{ ref, expected: reading.refs.get(ref), next: oid }]
  const outcome = await box.refs.moveAll(moves)
  if (outcome.kind === 'moved') {
    await noteMoved(box, moves)
    await keepView(box, session, { refs: reading.refs, moves })
  }
  return outcome
}
