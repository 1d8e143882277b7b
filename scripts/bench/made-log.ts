/**
 * A witness log of any length, made by the functions that sessions and folds use: chains, claim refs' values, signatures
 * and checkpoints are whole, so that every reader takes it for one that grew. Nothing is written; the caller does that.
 */
import {
  type EpochMs,
  type EventBody,
  type EventData,
  type EventType,
  encodeCommit,
  type GitObject,
  type ObjectHash,
  type ObjectId,
  objectId,
  type SessionName,
  type Sha256,
  type SignedEvent,
  taskKey,
  toBoardName,
  toSessionName,
  toTaskId,
} from '../../src/model/index.ts'
import type { KeyRing } from '../../src/ports/index.ts'
import {
  type BoardRecord,
  type Checkpoint,
  CLAIM_KINDS,
  encodeEventCommit,
  eventHash,
  formatTime,
  renderNote,
  renderNotesMessage,
  renderSaw,
  sealedSessionsOf,
  sealOf,
  signCheckpoint,
  signEvent,
  spanIdOf,
  traceIdOf,
  traceparent,
} from '../../src/witness/index.ts'

/** What a session says; the past of chain and claim is filled in. */
export interface Said {
  readonly at: EpochMs
  readonly session: string
  readonly type: EventType
  /** Id of a task on `MADE_BOARD`; absent for what is about no task. */
  readonly task?: string
  readonly data?: Partial<EventData>
  /** A claim that another one was faster than. */
  readonly granted?: false
  /** Of so many other chains it has seen the newest event; default none. */
  readonly saw?: number
}

export interface MadeFold {
  readonly said: readonly Said[]
  readonly records?: readonly Omit<BoardRecord, 'commit'>[]
}

export interface MadeNote {
  /** The board commit of the fold: the tree of the one before. */
  readonly board: GitObject
  readonly oid: ObjectId
  readonly fold: number
  readonly note: string
  /** Of the commit that moves the notes ref. */
  readonly message: string
  /** When it was folded, in whole seconds. */
  readonly seconds: number
}

export interface LogMaker {
  readonly boardId: string
  readonly hash: ObjectHash
  readonly sha256: Sha256
  readonly sha256Bytes: (bytes: Uint8Array) => Uint8Array
  readonly keys: KeyRing
  readonly emptyTree: ObjectId
  /** Tip of the board branch that the folds go on from, and its tree. */
  readonly head: ObjectId
  readonly tree: ObjectId
}

export const MADE_BOARD = 'TASK-BOARD.md'
const FOLDER = toSessionName('folder')

interface Carried {
  readonly event: SignedEvent
  readonly hash: string
  readonly oid: ObjectId
}

interface Past {
  readonly chains: Map<string, Carried>
  readonly claims: Map<string, Carried & { readonly epoch: number }>
}

export async function* makeLog(maker: LogMaker, folds: Iterable<MadeFold>): AsyncGenerator<MadeNote> {
  const past: Past = { chains: new Map(), claims: new Map() }
  let previous: Checkpoint | undefined
  let head = maker.head
  for (const { said, records = [] } of folds) {
    const events: Carried[] = []
    const granted: ObjectId[] = []
    for (const one of said) {
      const made = await makeEvent(maker, past, one)
      events.push(made)
      if (CLAIM_KINDS.get(one.type) === 'granted' && one.granted !== false) granted.push(made.oid)
    }
    const seconds = Math.floor((said.at(-1)?.at ?? 0) / 1000) + 1
    const message = `Fold ${previous?.fold ?? 0} [skip ci]\n`
    const board = encodeCommit({ ...FOLD_AUTHOR, tree: maker.tree, parents: [head], seconds, message })
    head = objectId(board, maker.hash)
    const { fold, frontier, root } = sealOf(
      events.map(({ event }) => event),
      previous,
      maker.sha256Bytes,
    )
    previous = {
      ...{ boardId: maker.boardId, fold, board: head, frontier, root, granted, sealedTree: undefined },
      sealed: sealedSessionsOf(events, maker.sha256),
      records: records.map((record) => ({ ...record, commit: head })),
      folder: { session: FOLDER, key: await maker.keys.publicKey(FOLDER) },
    }
    const signed = await signCheckpoint(previous, (text) => maker.keys.sign(FOLDER, text), maker.sha256Bytes)
    const note = renderNote(
      events.map(({ event }) => event),
      signed,
    )
    yield { board, oid: head, fold, note, message: renderNotesMessage(signed), seconds }
  }
}

/** What folds commit under. */
export const FOLD_AUTHOR = { name: 'if-board fold', email: 'fold@if-board.invalid' }

async function makeEvent(maker: LogMaker, past: Past, said: Said): Promise<Carried> {
  const { chains, claims } = past
  const session: SessionName = toSessionName(said.session)
  const before = chains.get(session)
  const id = maker.sha256(`${session} ${before?.event.sequence ?? 0}`).slice(0, 32)
  const { subject, data, parents } = claimPart(maker, past, said, id)
  const body: EventBody = {
    ...{ specversion: '1.0', id, source: `if-board:${maker.boardId}`, type: `if-board.${said.type}`, ...subject },
    ...{ time: formatTime(said.at), session, sessionkey: await maker.keys.publicKey(session) },
    sequence: (before?.event.sequence ?? 0) + 1,
    ...(before && { previous: before.hash }),
    ...{ parents, data: { ...data, ...seenBy(session, chains, said.saw ?? 0) } },
  }
  const event = await signEvent(body, (text) => maker.keys.sign(session, text))
  const oid = objectId(encodeEventCommit(event, maker.emptyTree), maker.hash)
  const carried = { event, oid, hash: eventHash(event, maker.sha256) }
  chains.set(session, carried)
  if (said.task !== undefined && movesClaim(said)) claims.set(said.task, { ...carried, epoch: data.epoch ?? 1 })
  return carried
}

function seenBy(session: SessionName, chains: Past['chains'], most: number): Pick<EventData, 'saw'> {
  const others = [...chains.values()].filter(({ event }) => event.session !== session).slice(0, most)
  if (others.length === 0) return {}
  const saw = others.map(({ event, hash }) => renderSaw({ session: event.session, sequence: event.sequence, hash }))
  return { saw: saw.sort() }
}

function movesClaim({ type, granted }: Said): boolean {
  return CLAIM_KINDS.get(type) !== undefined && granted !== false
}

/** What follows from the task, and from what its claim ref held. */
function claimPart(maker: LogMaker, { claims }: Past, said: Said, eventId: string) {
  const { task, type, data } = said
  if (task === undefined) return { subject: {}, data: data ?? {}, parents: [] }
  const board = toBoardName(MADE_BOARD)
  const about = { board, id: toTaskId(task), title: data?.task?.title ?? `Do ${task}` }
  const key = taskKey(board, about.id)
  const claim = claims.get(task)
  const kind = CLAIM_KINDS.get(type)
  const span = spanIdOf(eventId, kind === 'granted' ? undefined : claim?.event)
  const replaces = movesClaim(said) ? claim?.oid : undefined
  return {
    subject: { subject: key, traceparent: traceparent(traceIdOf(maker.boardId, key, maker.sha256), span) },
    data: {
      ...(kind !== undefined && { epoch: (claim?.epoch ?? 0) + (kind === 'granted' ? 1 : 0) }),
      ...(kind === 'granted' && { leaseSeconds: 1800 }),
      ...(replaces !== undefined && { replaces }),
      ...data,
      task: about,
    } satisfies EventData as EventData,
    parents: replaces === undefined ? [] : [replaces],
  }
}
