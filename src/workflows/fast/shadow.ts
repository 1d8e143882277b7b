/**
 * `if-board fast shadow`: while git decides, every claim that it granted is made in etcd too, in a space that decides
 * nothing. Does etcd name the same winners, keep what is held, and how long does it take?
 *
 *     opening ─▶ looking ⇄ waiting ─▶ over        a link that is lost: opening, in a new space
 *
 * One look: read git; end in etcd what ended in git; claim what was claimed; keep the lease; list, and compare. A winner
 * differs where etcd refused a claim that git granted, lost one that git still shows, or shows another session. Nothing
 * here writes to git, and nobody who claims reads this space: its board id is made of the real one and no board's own.
 */
import type { ClaimRecord, ObjectId, Sha256, TaskKey } from '../../model/index.ts'
import type {
  Broken,
  Closed,
  FastElected,
  FastHeld,
  FastLease,
  FastLink,
  FastPath,
  FastProjector,
  FastSpace,
  Unknown,
} from '../../ports/index.ts'
import { read } from '../read.ts'
import type { WholeReading } from '../reading.ts'
import type { Toolbox } from '../toolbox.ts'

export interface ShadowRequest {
  readonly path: FastPath
  readonly forMs: number
  readonly stop: AbortSignal
  /** After each look. */
  readonly seen: (report: ShadowReport) => void
}

export interface ShadowReport {
  /** Below which all keys lie; a person may remove them when this is over. */
  readonly prefix: string
  readonly looks: number
  /** Claims of git that etcd was asked for. */
  readonly mirrored: number
  /** Claims that both show now. */
  readonly agreed: number
  readonly differences: readonly ShadowDifference[]
  /** Times that the link was lost or could not be made, each followed by a new space. */
  readonly outages: number
  /** Of each claim in etcd, from sent to answered, in whole milliseconds. */
  readonly claimMs: readonly number[]
}

export interface ShadowDifference {
  readonly task: TaskKey
  readonly git: string
  /** Who holds it in etcd, or why nobody does. */
  readonly etcd: string
}

const EVERY_MS = 2_000
const LEASE_SECONDS = 15
/** Of one call of the port. */
const BATCH = 32
/** What is kept of times and differences. */
const MOST = 10_000

/** @throws IfBoardError as `read`; `fast/refused`, `fast/certificate`, `fast/alarm` */
export async function shadowFast(box: Toolbox, request: ShadowRequest): Promise<ShadowReport> {
  const begun = box.clock.now().monotonicMs
  const shadow = new Shadow(box, request.path)
  while (!request.stop.aborted && box.clock.now().monotonicMs - begun < request.forMs) {
    await shadow.look(await read(box))
    request.seen(shadow.report())
    await box.clock.sleep(EVERY_MS)
  }
  await shadow.close()
  return shadow.report()
}

/** 32 hexadecimal digits that no board has: an id of a board is random. */
function shadowBoard(boardId: string, sha256: Sha256): string {
  return sha256(`if-board shadow of ${boardId}`).slice(0, 32)
}

interface Open {
  readonly link: FastLink
  readonly lease: FastLease
  readonly elected: FastElected
  readonly held: Map<TaskKey, FastHeld>
  tick: number
}

/** The link is over, or nobody knows what it did: the next look begins anew. */
class Outage extends Error {}

class Shadow {
  readonly #box: Toolbox
  readonly #path: FastPath
  readonly #board: string
  readonly #differences: ShadowDifference[] = []
  readonly #claimMs: number[] = []
  #open: Open | undefined
  #epoch = 0
  #looks = 0
  #mirrored = 0
  #agreed = 0
  #outages = 0

  constructor(box: Toolbox, path: FastPath) {
    this.#box = box
    this.#path = path
    this.#board = shadowBoard(box.boardId, box.sha256)
  }

  report(): ShadowReport {
    return {
      prefix: `/ifb/${this.#board}/`,
      looks: this.#looks,
      mirrored: this.#mirrored,
      agreed: this.#agreed,
      differences: this.#differences,
      outages: this.#outages,
      claimMs: this.#claimMs,
    }
  }

  async look(reading: WholeReading): Promise<void> {
    this.#looks += 1
    try {
      this.#open ??= await this.#opened(reading)
      const open = this.#open
      await this.#endWhatEnded(open, reading)
      await this.#claimWhatIsHeld(open, reading)
      await this.#keep(open, reading.branch.head)
      await this.#compare(open, reading)
    } catch (error) {
      if (!(error instanceof Outage)) throw error
      this.#outages += 1
      await this.#open?.link.close()
      this.#open = undefined
    }
  }

  /** What it offered and held goes at once, the rest with its leases; the epoch's key stays. */
  async close(): Promise<void> {
    const open = this.#open
    if (open === undefined) return
    try {
      for (const held of open.held.values()) await open.link.claims.release(held)
      const listed = sure(await open.link.list())
      const offers = [...listed.ready.keys()].map((task) => ({ kind: 'withdraw', task }) as const)
      for (const batch of batches(offers)) await open.link.projection.settle(open.elected, batch)
      await open.link.projection.disarm(open.elected)
    } catch (error) {
      if (!(error instanceof Outage)) throw error
    } finally {
      await open.link.close()
    }
  }

  async #opened({ snapshot, branch }: WholeReading): Promise<Open> {
    // Seconds since 1970 rise from one run to the next, and within one by counting.
    this.#epoch = Math.max(this.#epoch + 1, Math.floor(this.#box.clock.now().wallMs / 1000))
    const space: FastSpace = { board: this.#board, epoch: this.#epoch, nonce: this.#nonce() }
    const connected = await this.#path.connect(space)
    if (connected.kind === 'unreached') throw new Outage()
    const { link } = connected
    const unsettled = [...snapshot.views.values()].filter(({ status }) => status !== 'done' && status !== 'cancelled')
    const entries = unsettled.map(({ task: { key } }) => ({ kind: 'ready', task: key, about: '{}' }) as const)
    for (const batch of batches(entries)) sure(await link.opening.fill(batch))
    sure(await link.opening.open())
    const { lease } = sure(await link.claims.lease(LEASE_SECONDS))
    const who: FastProjector = { name: 'shadow' as FastProjector['name'], nonce: this.#nonce() }
    const election = sure(await link.projection.elect(lease, who))
    if (election.kind !== 'elected') throw new Outage()
    const { elected } = election
    sure(await link.projection.arm(elected, { tick: 1, board: branch.head, folded: 0 }))
    return { link, lease, elected, held: new Map(), tick: 1 }
  }

  async #endWhatEnded({ link, elected, held }: Open, reading: WholeReading): Promise<void> {
    const live = liveInGit(reading)
    for (const [task, one] of held) {
      if (live.get(task)?.oid === one.claim.nonce) continue
      held.delete(task)
      const status = reading.snapshot.views.get(task)?.status
      const isDone = status === 'done' || status === 'review'
      const ended = isDone
        ? sure(await link.claims.done([{ ...one, completion: '{}' }]))
        : sure(await link.claims.release(one))
      if (ended.kind === 'lost') this.#differs({ task, git: one.claim.session, etcd: 'it was gone before it ended' })
      else if (isDone) sure(await link.projection.settle(elected, [{ kind: 'folded', task, revision: ended.revision }]))
    }
  }

  async #claimWhatIsHeld({ link, lease, elected, held }: Open, reading: WholeReading): Promise<void> {
    const { clock } = this.#box
    for (const [task, { session, oid }] of liveInGit(reading)) {
      if (held.has(task)) continue
      sure(await link.projection.settle(elected, [{ kind: 'offer', task, about: '{}' }]))
      const claim = { session, nonce: oid, event: '{}' }
      const sent = clock.now().monotonicMs
      const answer = sure(await link.claims.claim(lease, [{ task, claim }]))
      if (this.#claimMs.length < MOST) this.#claimMs.push(clock.now().monotonicMs - sent)
      this.#mirrored += 1
      if (answer.kind === 'claimed') held.set(task, { task, claim, revision: answer.revision })
      else this.#differs({ task, git: session, etcd: `refused: ${answer.kind}` })
    }
  }

  async #keep(open: Open, board: ObjectId): Promise<void> {
    const { link, lease, elected, held } = open
    // Once where nothing is held: the lease holds the election too.
    for (const batch of held.size === 0 ? [[]] : batches([...held.values()])) {
      const answer = sure(await link.claims.keepAlive(lease, batch))
      for (const task of answer.lost) {
        this.#differs({ task, git: held.get(task)?.claim.session ?? '', etcd: 'its claim was lost' })
        held.delete(task)
      }
    }
    open.tick += 1
    if (sure(await link.projection.arm(elected, { tick: open.tick, board, folded: 0 })).kind === 'lost')
      throw new Outage()
  }

  async #compare({ link, held }: Open, reading: WholeReading): Promise<void> {
    const { claims } = sure(await link.list())
    const live = liveInGit(reading)
    this.#agreed = 0
    for (const [task, { session }] of live) {
      const winner = claims.get(task)?.claim.session
      if (winner === session) this.#agreed += 1
      // What was refused or lost has been told.
      else if (held.has(task)) this.#differs({ task, git: session, etcd: winner ?? 'nobody' })
    }
    for (const [task, { claim }] of claims)
      if (!live.has(task)) this.#differs({ task, git: 'nobody', etcd: claim.session })
  }

  #differs(difference: ShadowDifference): void {
    if (this.#differences.length < MOST) this.#differences.push(difference)
  }

  #nonce(): string {
    return this.#box.chance.hex(16)
  }
}

function liveInGit({ snapshot }: WholeReading): ReadonlyMap<TaskKey, ClaimRecord> {
  const live = [...snapshot.views.values()].flatMap(({ judgement: { standing } }) =>
    standing.kind === 'held' ? [[standing.claim.key, standing.claim] as const] : [],
  )
  return new Map(live)
}

function batches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, at) => all.slice(at * BATCH, (at + 1) * BATCH))
}

function sure<A extends { readonly kind: string }>(answer: A): Exclude<A, Unknown | Broken | Closed> {
  if (answer.kind === 'unknown' || answer.kind === 'broken' || answer.kind === 'closed') throw new Outage()
  return answer as Exclude<A, Unknown | Broken | Closed>
}
