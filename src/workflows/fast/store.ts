/**
 * Where etcd decides: a `RefStore` whose list is git's refs with etcd's claims over them, and whose moves of claim refs
 * are transactions in etcd. The workflows above it are those of git (docs/fast-path.md, "Sessions and the projector").
 *
 *     absent, returned → granted   claim      granted → completed   done      granted → returned   release
 *
 * What is not a claim goes to git, where it is moved from what git had when it was listed. Each session's events are put in order
 * here, one move at a time: the newest one that it said is noted before it is sent.
 */
import { type MayClaim, type ModeRecord, renderMode } from '../../fast/index.ts'
import {
  encodeCommit,
  type GitObject,
  IfBoardError,
  type ObjectId,
  objectId,
  type RefName,
  type SessionName,
  type SignedEvent,
  type TaskKey,
} from '../../model/index.ts'
import type { FastHeld, FastListing, MoveOutcome, RefMove } from '../../ports/index.ts'
import { type CarriedEvent, CLAIM_KINDS, decodeBeat, decodeEventCommit, eventType } from '../../witness/index.ts'
import { chainBeyond } from '../chain-walk.ts'
import { recallFold } from '../fold-memory.ts'
import type { Toolbox } from '../toolbox.ts'
import { Tails, toldBySession } from './chains.ts'
import type { AskAnswer, EndAnswer, FastEngine, Seat } from './engine.ts'
import type { GitSight } from './engine-tools.ts'
import { withEvents, withoutSights } from './etcd-box.ts'
import { type FixedRefs, moveReal } from './fixed-refs.ts'
import { type Chain, chainOf, claimValueIn, followChains, layOver } from './laid-over.ts'
import { pickOffered } from './offered.ts'
import { allSaid, readSaid, writeSaid } from './said.ts'
import { fits, renderTail } from './tail.ts'

export interface StoreTools {
  readonly engine: FastEngine
  /** Runs work for one session at a time, among all processes of this clone. */
  readonly exclusively: <T>(session: SessionName, work: () => Promise<T>) => Promise<T>
  /** How long a command waits until a link may be trusted, in milliseconds and in all. */
  readonly patienceMs: number
  /** What was read of values before, for a process that carries out many commands. */
  readonly tails?: Tails
}

/** The same toolbox on git and etcd. */
export function overEtcd(box: Toolbox, tools: StoreTools): Toolbox {
  const store = new FastStore(box, tools)
  return store.box
}

class FastStore {
  readonly #git: Toolbox
  readonly #tools: StoreTools
  readonly #tails: Tails
  readonly #events = new Map<ObjectId, SignedEvent>()
  readonly #modes = new Map<ObjectId, GitObject>()
  readonly box: Toolbox

  constructor(git: Toolbox, tools: StoreTools) {
    this.#git = git
    this.#tools = tools
    this.#tails = tools.tails ?? new Tails(git)
    const list = () => this.#list()
    this.box = {
      ...git,
      objects: withEvents(git, this.#events, this.#modes),
      memory: withoutSights(git.memory),
      refs: { list, peek: list, moveAll: (moves) => this.#move(moves), guards: true },
      fast: {
        alive: (session, forMs) => this.#alive(session, forMs),
        awaitsFold: (task) => tools.engine.seat?.mirror.done.has(task) === true,
        pick: (ranked, session) => pickOffered(tools.engine, { ranked, session, fraction: git.chance.fraction() }),
      },
    }
  }

  /** @throws IfBoardError `authority/unreachable`: an etcd that is not reached is never one that has nothing */
  async #list(): Promise<ReadonlyMap<RefName, ObjectId>> {
    const { mirror } = await this.#seat()
    const { refs, record } = await this.#sight(mirror)
    if (record.mode !== 'etcd') throw changedMeanwhile()
    const said = await allSaid(this.#git)
    const request = { refs, holdings: mirror, tails: this.#tails }
    const followed = await followChains(this.#git, { ...request, said })
    const shown = await layOver(this.#git, { ...request, followed, unjoined: 'shown' })
    for (const [oid, event] of followed.events) this.#events.set(oid, event)
    shown.set(this.#git.layout.mode, this.#shownMode(record))
    this.#last = { shown, real: refs }
    return shown
  }

  /** What was listed last, and what git had then. */
  #last: FixedRefs = { shown: new Map(), real: new Map() }

  /** A link on which this process may act. What was waited for in vain once is not waited for again. */
  async #seat(): Promise<Seat> {
    const { engine, patienceMs } = this.#tools
    while (engine.seat?.trusted !== true && !engine.isClosed) {
      if (this.#waitedMs >= Math.min(patienceMs, longestWaitMs(engine.seat))) break
      await this.#git.clock.sleep(WAIT_MS)
      this.#waitedMs += WAIT_MS
    }
    const { seat } = engine
    if (seat?.trusted === true) this.#waitedMs = 0
    if (seat !== undefined) return seat
    throw new IfBoardError('authority/unreachable', `etcd decides claims and was not reached: ${engine.trouble}`, {
      hint: 'What is held stays held by its time; look with: if-board fast status',
    })
  }

  #waitedMs = 0

  /** A fold that etcd tells of is one that git has. */
  async #sight({ armed, folds }: Seat['mirror']): Promise<GitSight> {
    const { engine } = this.#tools
    const { sight } = engine
    const head = sight?.refs.get(this.#git.layout.board)
    // What another process of this clone knows of a fold would take an older list for a branch that was rewound.
    const known = (await recallFold(this.#git)).head
    const isNew =
      this.#folds === folds && (armed === undefined || armed.board === head) && (known === undefined || known === head)
    if (sight !== undefined && isNew) return sight
    this.#folds = folds
    return engine.look()
  }

  #folds = -1

  /** Who goes by this list finds claims of this epoch decided, as they are in git. */
  #shownMode(record: ModeRecord): ObjectId {
    const message = renderMode({ ...record, mode: 'git', manifest: undefined })
    const { emptyTree, objects, boardId } = this.#git
    const who = { name: boardId, email: 'mode@if-board.invalid', seconds: 0 }
    const commit = encodeCommit({ ...who, tree: emptyTree, parents: [], message })
    const oid = objectId(commit, objects.hash)
    this.#modes.set(oid, commit)
    return oid
  }

  async #move(moves: readonly RefMove[]): Promise<MoveOutcome> {
    const { layout } = this.#git
    const chains = moves.filter(({ ref }) => ref.startsWith(layout.sessions))
    const claims = moves.filter(({ ref }) => ref.startsWith(layout.claims))
    const [chain] = chains
    const [claim] = claims
    // A fold, a person's edit, or a chain that is swept.
    if (chains.length !== 1 || chain?.next === undefined || claims.length > 1) return this.#toGit(moves)
    const said = await this.#spoken(chain.next)
    if (said === undefined) return this.#toGit(moves)
    if (said.kind === 'beat') {
      await this.#alive(said.session, DEFAULT_LIFE_MS)
      return { kind: 'moved' }
    }
    const { event } = said
    return this.#tools.exclusively(event.session, () =>
      this.#say({ moves, chain, claim, said: { oid: chain.next as ObjectId, event } }),
    )
  }

  /** What the session holds is renewed at once, where that is due: the process may end with this command. */
  async #alive(session: SessionName, forMs: number): Promise<void> {
    const { engine } = this.#tools
    engine.alive(session, forMs)
    engine.recover(session)
    await engine.turn()
  }

  async #spoken(oid: ObjectId) {
    const object = await this.box.objects.read(oid)
    const event = object && decodeEventCommit(object.body)
    if (event !== undefined) return { kind: 'event' as const, event }
    const beat = object && decodeBeat(object.body)
    return beat && { kind: 'beat' as const, session: beat.session }
  }

  async #say(saying: Saying): Promise<MoveOutcome> {
    const { chain, claim, said } = saying
    const { session } = said.event
    const { mirror } = await this.#seat()
    const before = await readSaid(this.#git, session)
    const known = await this.#chainOf(session, mirror, before)
    const shown = known.beyond.at(-1)?.oid ?? this.#gitRef(chain.ref)
    if (shown !== chain.expected) return { kind: 'stale', refs: [chain.ref] }
    await writeSaid(this.#git, session, said.oid)
    const outcome =
      claim === undefined ? await this.#toGit(saying.moves) : await this.#ask(saying, claim, known, mirror)
    // What was refused was never said.
    if (outcome.kind !== 'moved') await writeSaid(this.#git, session, before)
    return outcome
  }

  async #chainOf(session: SessionName, mirror: FastListing, said: ObjectId | undefined): Promise<Chain> {
    const refs = this.#tools.engine.sight?.refs ?? new Map()
    const own = <T extends { readonly session: SessionName }>(one: T) => one.session === session
    const claims = new Map([...mirror.claims].filter(([, { claim }]) => own(claim)))
    const done = new Map([...mirror.done].filter(([, one]) => own(one)))
    const told = toldBySession({ claims, done }, this.#tails).get(session) ?? []
    return chainOf(this.#git, refs, { session, told, said })
  }

  #gitRef(ref: RefName): ObjectId | undefined {
    return this.#tools.engine.sight?.refs.get(ref)
  }

  async #ask(saying: Saying, claim: RefMove, chain: Chain, mirror: FastListing): Promise<MoveOutcome> {
    const { event } = saying.said
    const task = event.subject
    if (task === undefined) return { kind: 'refused', reason: 'an event that moves a claim names its task' }
    const kind = claim.next === undefined ? 'returned' : CLAIM_KINDS.get(eventType(event))
    if (kind === 'granted') return this.#claim(saying, claim, task, chain, mirror)
    const held = mirror.claims.get(task)
    if (held === undefined || this.#valueOf(held) !== claim.expected) return { kind: 'stale', refs: [claim.ref] }
    if (kind === 'completed') return this.#done(saying, claim, held, chain)
    if (saying.moves.length > 2) return this.#giveBackByEdit(saying, held)
    return this.#release(saying, claim, held)
  }

  #valueOf({ claim }: FastHeld): ObjectId {
    return claimValueIn(claim.event, claim.session, this.#tails)
  }

  /** Its own event, and what no key tells any more. */
  async #claim(
    { said }: Saying,
    { ref }: RefMove,
    task: TaskKey,
    { end }: Chain,
    mirror: FastListing,
  ): Promise<MoveOutcome> {
    const { session, type, data } = said.event
    // Its event would name an epoch in which it was never held, and nobody could complete it.
    if (data.modeEpoch !== this.#tools.engine.seat?.epoch)
      return { kind: 'busy', reason: 'who decides claims was changed meanwhile' }
    // A lease in etcd ends by itself, and then the task is free.
    if (type !== 'if-board.claim') return { kind: 'busy', reason: 'a claim in etcd ends with its lease' }
    const standing = new Set((toldBySession(mirror, this.#tails).get(session) ?? []).map(({ oid }) => oid))
    const tail = (await chainBeyond(this.box, said, end.sequence)).filter(({ oid }) => !standing.has(oid))
    const claim = { session, nonce: said.oid as string, event: newestOf(tail) }
    this.#tools.engine.alive(session, (data.leaseSeconds ?? 0) * 1000)
    const answer = await this.#tools.engine.claim(session, [{ task, claim }])
    if (answer.kind === 'not-now' && answer.reason === 'not-armed-yet' && mirror.projector === undefined)
      throw nobodyFolds()
    return outcomeOf(answer, ref)
  }

  /** Everything that git is not known to have, so that a fold can join it whatever becomes of other keys. */
  async #done({ said, chain }: Saying, { ref }: RefMove, held: FastHeld, { end }: Chain): Promise<MoveOutcome> {
    const beyond = await chainBeyond(this.box, said, end.sequence)
    let tail = textOf(beyond)
    if (!fits(tail) && beyond.length > 1) {
      const pushed = await this.#toGit([{ ...chain, next: beyond.at(-2)?.oid }])
      if (pushed.kind !== 'moved') return pushed
      tail = textOf([said])
    }
    if (!fits(tail)) return { kind: 'refused', reason: 'its texts are too long for etcd; shorten the note' }
    return outcomeOf(await this.#tools.engine.done(held, tail), ref)
  }

  /** etcd frees the task; git keeps who gave it back and why, with the chain. What it does not get now rides along later. */
  async #release({ moves }: Saying, { ref }: RefMove, held: FastHeld): Promise<MoveOutcome> {
    const outcome = outcomeOf(await this.#tools.engine.release(held), ref)
    if (outcome.kind === 'moved') await this.#toGit(moves).catch(() => undefined)
    return outcome
  }

  /** What is written into the board with it comes first: a task that is free before it is blocked would be taken. */
  async #giveBackByEdit({ moves }: Saying, held: FastHeld): Promise<MoveOutcome> {
    const outcome = await this.#toGit(moves)
    // Without an answer its lease ends it, and nobody is offered a blocked task.
    if (outcome.kind === 'moved') await this.#tools.engine.release(held)
    return outcome
  }

  /** From what git had behind what whoever moves them has read: something may have landed since. */
  async #toGit(moves: readonly RefMove[]): Promise<MoveOutcome> {
    const outcome = await moveReal(this.#git.refs, moves, this.#last)
    await this.#tools.engine.look()
    return outcome
  }
}

interface Saying {
  readonly moves: readonly RefMove[]
  readonly chain: RefMove
  readonly claim: RefMove | undefined
  readonly said: CarriedEvent
}

function changedMeanwhile(): IfBoardError {
  return new IfBoardError('fast/switching', 'who decides claims was changed meanwhile; what is held stays held', {
    hint: 'Ask again in a moment: if-board next',
  })
}

/** A claim that nobody folds would never be seen on the board, so etcd gives none. */
function nobodyFolds(): IfBoardError {
  return new IfBoardError('fast/unfolded', 'etcd decides claims, and no watcher folds what it holds into git', {
    hint: 'Start one, in any clone that has the endpoints: if-board watch',
  })
}

const WAIT_MS = 20
/** Without any link there is nothing to wait for but a connection. */
const UNREACHED_MS = 5000
/** A watcher that could fold has itself elected as soon as it knows that etcd decides. */
const UNELECTED_MS = 8000

function longestWaitMs(seat: Seat | undefined): number {
  if (seat === undefined) return UNREACHED_MS
  return seat.mirror.projector === undefined ? UNELECTED_MS : Number.POSITIVE_INFINITY
}

/** A sign of life that names no claim. */
const DEFAULT_LIFE_MS = 30 * 60_000

const NOT_NOW: ReadonlyMap<string, string> = new Map<Exclude<MayClaim, 'yes'>, string>([
  ['not-etcd', 'it does not decide'],
  ['mode-too-old', 'git did not say lately that it decides'],
  ['no-link', 'there is no link to it'],
  ['not-armed-yet', 'whoever folds what it holds has not armed it yet'],
])

function outcomeOf(answer: AskAnswer | EndAnswer, ref: RefName): MoveOutcome {
  switch (answer.kind) {
    case 'claimed':
    case 'accepted':
      return { kind: 'moved' }
    case 'taken':
    case 'lost':
      return { kind: 'stale', refs: [ref] }
    case 'unarmed':
      return { kind: 'busy', reason: 'the projector does not keep up, so nothing is claimed in etcd now' }
    case 'closed':
      return { kind: 'busy', reason: 'etcd does not decide any more' }
    case 'broken':
    case 'not-now':
      return { kind: 'busy', reason: `etcd was not asked: ${NOT_NOW.get(answer.reason) ?? answer.reason}` }
    case 'unknown':
      throw new IfBoardError('authority/unreachable', `etcd was asked and did not answer: ${answer.reason}`, {
        hint: 'Whether it was done shows the same command, typed again',
      })
  }
}

/** The newest events that fit; older ones come with a completion. */
function newestOf(events: readonly CarriedEvent[]): string {
  const from = events.findIndex((_, at) => fits(textOf(events.slice(at))))
  return textOf(events.slice(from))
}

function textOf(events: readonly CarriedEvent[]): string {
  return renderTail(events.map(({ event }) => event))
}
