/**
 * The projector: whoever is elected folds what etcd holds into git, and arms etcd for as long as git keeps up.
 *
 *     stand for election → (elected) git, etcd → fold when due → tell etcd what landed → arm, also where nothing changed
 *
 * It holds nothing that a second one could not find: killed anywhere, its lease runs out and the next one goes on. What
 * landed and was not told to etcd is found to have landed. A turn is short; whoever runs it decides how often.
 */
import type { Moment } from '../../claim/index.ts'
import { drain, type ModeRecord, mayArm, projectorPace, spentMs } from '../../fast/index.ts'
import { invariant, type ObjectId, type RefName, type SessionName } from '../../model/index.ts'
import type { FastElected, FastLease, FastListing, FastSettle } from '../../ports/index.ts'
import type { Toolbox } from '../toolbox.ts'
import type { FastEngine, Seat } from './engine.ts'
import type { GitSight } from './engine-tools.ts'
import { type FoldedEtcd, foldEtcd } from './fold-etcd.ts'

export interface ProjectorTools {
  readonly box: Toolbox
  readonly engine: FastEngine
  readonly folder: SessionName
  /** One compare-and-set of the mode, from what was seen. */
  readonly moveMode: (seen: GitSight, to: ModeRecord) => Promise<unknown>
}

export type ProjectorTurn =
  /** Not elected, no link, or another engine decides. */
  | { readonly kind: 'standing-by'; readonly reason: string }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'armed' }
  | { readonly kind: 'disarmed' }
  | { readonly kind: 'folded'; readonly fold: FoldedEtcd }
  /** Somebody else moved the board meanwhile. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'gave-up'; readonly why: 'wiped' | 'restored' | 'closed' }

const BATCH = 32
/** At most this long between two armings: whoever connects anew waits for the next one. */
const ARM_MS = 2000

interface Term {
  readonly seat: Seat
  lease: FastLease | undefined
  elected: FastElected | undefined
  tick: number
  armedAt: Moment | undefined
}

export class Projector {
  readonly #tools: ProjectorTools
  #term: Term | undefined
  /** What the newest fold had read. */
  #folded: { readonly at: Moment; readonly changes: number; readonly refs: string } | undefined
  #missed = 0

  constructor(tools: ProjectorTools) {
    this.#tools = tools
  }

  /** @throws IfBoardError what a fold throws, and `authority/unreachable` where git does not answer */
  async turn(): Promise<ProjectorTurn> {
    const { engine } = this.#tools
    const term = await this.#stand()
    if (term === undefined) return { kind: 'standing-by', reason: engine.trouble }
    if (term.elected === undefined) return { kind: 'standing-by', reason: 'another projector is elected' }
    if (!this.#isDue(term)) return { kind: 'waiting' }
    const sight = await engine.look()
    if (sight.record.mode !== 'etcd') return { kind: 'standing-by', reason: `the mode is ${sight.record.mode}` }
    const listing = await term.seat.link.list()
    if (listing.kind !== 'listed') return { kind: 'standing-by', reason: listing.reason }
    if (this.#missed > 0 || this.#hasNews(term, sight)) return this.#fold(term, sight, listing)
    return this.#arm(term, sight, listing)
  }

  /** Connected, with a lease, and elected if nobody else is. */
  async #stand(): Promise<Term | undefined> {
    const { engine, folder, box } = this.#tools
    const { seat, sight } = engine
    if (seat === undefined || sight?.record.mode !== 'etcd') return this.#leave()
    if (this.#term?.seat !== seat) {
      this.#leave()
      this.#term = { seat, lease: undefined, elected: undefined, tick: 0, armedAt: undefined }
    }
    const term = this.#term
    invariant(term !== undefined, 'whoever stands has a term')
    const { claims, projection } = seat.link
    if (term.lease !== undefined && (await claims.keepAlive(term.lease, [])).kind !== 'kept') return this.#leave()
    if (term.elected !== undefined) return term
    if (term.lease === undefined) {
      const leased = await claims.lease(sight.record.leaseMs / 1000)
      if (leased.kind !== 'leased') return this.#leave()
      term.lease = leased.lease
    }
    const answer = await projection.elect(term.lease, { name: folder, nonce: box.chance.hex(16) })
    if (answer.kind === 'elected') term.elected = answer.elected
    // A lease that is not used for a key is worth nothing to keep: taken anew at the next turn.
    else term.lease = undefined
    return term
  }

  #leave(): undefined {
    this.#term = undefined
    this.#folded = undefined
  }

  #isDue({ seat, armedAt }: Term): boolean {
    const now = this.#now()
    if (this.#folded === undefined || armedAt === undefined) return true
    const changes = seat.mirror.changes - this.#folded.changes
    const pace = projectorPace({ changes, folded: this.#folded.at, missed: 0 }, now)
    return pace === 'fold' || spentMs(armedAt, now) >= ARM_MS
  }

  #hasNews({ seat }: Term, { refs }: GitSight): boolean {
    return this.#folded?.changes !== seat.mirror.changes || this.#folded.refs !== signature(refs)
  }

  async #fold(term: Term, sight: GitSight, listing: FastListing): Promise<ProjectorTurn> {
    const { box, folder, engine, moveMode } = this.#tools
    const { changes } = term.seat.mirror
    const fold = await foldEtcd(box, { sight, listing, folder })
    if (fold.kind === 'wiped' || fold.kind === 'restored') await moveMode(sight, drain(sight.record, 'trouble'))
    if (fold.kind !== 'folded') return { kind: 'gave-up', why: fold.kind }
    if (fold.outcome.kind === 'overtaken') return this.#miss(term, sight)
    this.#missed = 0
    const after = await engine.look()
    // A note that was lost is written by another fold, before anything of it is gone from etcd.
    this.#folded = fold.isNoted ? { at: this.#now(), changes, refs: signature(after.refs) } : undefined
    await this.#settle(term, fold.settle)
    await this.#arm(term, after, listing)
    return { kind: 'folded', fold }
  }

  /** Git does not keep up: what is claimed meanwhile would be known to nobody else. */
  async #miss(term: Term, sight: GitSight): Promise<ProjectorTurn> {
    this.#missed += 1
    const pace = projectorPace({ changes: 1, folded: sight.sent, missed: this.#missed }, this.#now())
    if (pace !== 'disarm' || term.elected === undefined) return { kind: 'overtaken' }
    await term.seat.link.projection.disarm(term.elected)
    return { kind: 'disarmed' }
  }

  async #settle(term: Term, changes: readonly FastSettle[]): Promise<void> {
    for (let at = 0; at < changes.length && term.elected !== undefined; at += BATCH) {
      const answer = await term.seat.link.projection.settle(term.elected, changes.slice(at, at + BATCH))
      if (answer.kind === 'lost') term.elected = undefined
      if (answer.kind !== 'accepted') return
    }
  }

  async #arm(term: Term, { refs, record }: GitSight, { revision }: FastListing): Promise<ProjectorTurn> {
    const { layout } = this.#tools.box
    const board = refs.get(layout.board)
    term.armedAt = this.#now()
    if (term.elected === undefined || board === undefined) return { kind: 'waiting' }
    if (!mayArm(term.seat, record, this.#now())) return { kind: 'waiting' }
    term.tick += 1
    const answer = await term.seat.link.projection.arm(term.elected, { tick: term.tick, board, folded: revision })
    if (answer.kind === 'lost') term.elected = undefined
    return { kind: answer.kind === 'accepted' ? 'armed' : 'waiting' }
  }

  #now(): Moment {
    return this.#tools.box.clock.now()
  }
}

/** Equal while nobody moved anything that a fold reads. */
function signature(refs: ReadonlyMap<RefName, ObjectId>): string {
  return [...refs].map(([ref, oid]) => `${ref} ${oid}`).join('\n')
}
