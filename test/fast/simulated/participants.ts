/** Those who fold and those who switch; each may be one of several, and die anywhere. */
import type { FirstSeen, Moment } from '../../../src/claim/index.ts'
import type { GitClaim } from '../../../src/fast/index.ts'
import {
  drain,
  fastEpoch,
  graceMs,
  judgeFold,
  type ModeRecord,
  mayArm,
  nextSwitchStep,
  type SwitchStep,
  type SwitchView,
} from '../../../src/fast/index.ts'
import type { ObjectId, SessionName, TaskKey } from '../../../src/model/index.ts'
import type { FastArmed, FastElected, FastHeld, FastLink, FastSettle } from '../../../src/ports/index.ts'
import { type Board, type ModeRef, SLOW_LEASE_MS, tasksOf } from './git.ts'
import type { Run } from './run.ts'
import type { Machine } from './world.ts'

const BATCH = 32

interface Seat {
  readonly link: FastLink
  readonly epoch: number
  readonly since: Moment
  armed: FastArmed | undefined
  trusted: boolean
  elected: FastElected | undefined
  leaseSent: Moment | undefined
}

export class Projector {
  private readonly run: Run
  readonly machine: Machine
  private seat: Seat | undefined
  private tick = 0

  constructor(run: Run, machine: Machine) {
    this.run = run
    this.machine = machine
  }

  async live(): Promise<void> {
    const { world } = this.run
    for (;;) {
      await this.step()
      await world.sleep(this.machine, 1500 + world.chance.upTo(1500))
    }
  }

  private async step(): Promise<void> {
    const { git } = this.run
    // Base first, mode second, etcd last: what a fold accepts was there after its base.
    const claims = await git.readClaims(this.machine)
    const board = await git.readBoard(this.machine)
    const mode = await git.readMode(this.machine)
    if (claims === undefined || board === undefined || mode === undefined) return
    if (mode.record.mode === 'etcd') return this.project(mode, board, claims)
    this.seat = undefined
    const completed = completedOf(claims)
    if (completed.length > 0) await git.fold(this.machine, board, board.state, [], completed)
  }

  private async project(mode: ModeRef, board: Board, claims: ReadonlyMap<TaskKey, GitClaim>): Promise<void> {
    const { git } = this.run
    const { record } = mode
    const seat = await this.sit(record)
    const listing = await seat?.link.list()
    if (seat === undefined || listing?.kind !== 'listed') {
      if (listing?.kind === 'broken') this.seat = undefined
      return
    }
    if (!seat.trusted && seat.armed?.tick !== listing.armed?.tick && listing.armed !== undefined) seat.trusted = true
    const tasks = tasksOf(this.run.tasks, board, claims)
    const seen = this.run.keeps('epoch-compare') ? listing : { ...listing, epochNonce: record.nonce }
    const judged = judgeFold({ mode: record, listing: seen, state: board.state, tasks })
    if (judged.kind === 'wiped' || judged.kind === 'restored') {
      await git.moveMode(this.machine, mode.oid, drain(record))
      return
    }
    if (judged.kind !== 'fold' || seat.elected === undefined) return
    const landed = await git.fold(this.machine, board, judged.state, judged.accept, completedOf(claims))
    if (landed !== true) return
    await this.tell(seat, seat.elected, record, judged.settle, listing.revision)
  }

  /** Connect, take a lease, be elected; renew it. */
  private async sit(record: ModeRecord): Promise<Seat | undefined> {
    const { etcd, world } = this.run
    if (this.seat !== undefined && this.seat.epoch !== record.epoch) this.seat = undefined
    if (this.seat === undefined) {
      const space = { board: 'b', epoch: record.epoch, nonce: record.nonce }
      const reached = await etcd.pathFor(this.machine).connect(space)
      if (reached.kind !== 'linked') return undefined
      const since = world.clock(this.machine)
      const { link } = reached
      const listing = await link.list()
      if (listing.kind !== 'listed') return undefined
      const seat = { link, epoch: record.epoch, since, trusted: false, elected: undefined, leaseSent: undefined }
      this.seat = { ...seat, armed: listing.armed }
    }
    await this.stand(this.seat, record)
    return this.seat
  }

  private async stand(seat: Seat, record: ModeRecord): Promise<void> {
    const { claims, projection } = seat.link
    if (seat.elected !== undefined) {
      const kept = await claims.keepAlive(seat.elected.lease, [])
      if (kept.kind === 'broken') this.seat = undefined
      return
    }
    const lease = await claims.lease(record.leaseMs / 1000)
    if (lease.kind !== 'leased') return
    const who = { name: this.machine.name as SessionName, nonce: this.run.git.newObject() as string }
    const answer = await projection.elect(lease.lease, who)
    if (answer.kind === 'elected') seat.elected = answer.elected
  }

  private async tell(
    seat: Seat,
    elected: FastElected,
    record: ModeRecord,
    changes: readonly FastSettle[],
    folded: number,
  ): Promise<void> {
    const { world } = this.run
    for (let at = 0; at < changes.length; at += BATCH) {
      const answer = await seat.link.projection.settle(elected, changes.slice(at, at + BATCH))
      if (answer.kind === 'lost') seat.elected = undefined
      if (answer.kind !== 'accepted') return
    }
    if (this.run.keeps('quarantine') && !mayArm(seat, record, world.clock(this.machine))) return
    this.tick++
    const armed = { tick: this.tick, board: this.run.git.newObject(), folded }
    const answer = await seat.link.projection.arm(elected, armed)
    if (answer.kind === 'lost') seat.elected = undefined
  }
}

export class Switcher {
  private readonly run: Run
  readonly machine: Machine
  private seen: FirstSeen | undefined

  constructor(run: Run, machine: Machine) {
    this.run = run
    this.machine = machine
  }

  async live(): Promise<void> {
    const { world } = this.run
    for (;;) {
      await this.step()
      await world.sleep(this.machine, 500 + world.chance.upTo(2000))
    }
  }

  private async step(): Promise<void> {
    const { git, world } = this.run
    const mode = await git.readMode(this.machine)
    const claims = await git.readClaims(this.machine)
    const board = await git.readBoard(this.machine)
    if (mode === undefined || claims === undefined || board === undefined) return
    const view = await this.viewOf(mode, claims, board)
    const wish = { to: this.run.wish, nonce: git.newObject(), leaseMs: 15_000 }
    await this.take(nextSwitchStep(view, wish, world.clock(this.machine)), mode, view, board)
  }

  private async viewOf(mode: ModeRef, claims: ReadonlyMap<TaskKey, GitClaim>, board: Board): Promise<SwitchView> {
    const { record } = mode
    const link = record.mode === 'switching' && record.manifest !== undefined ? await this.linkTo(record) : undefined
    const listing = await link?.list()
    const isOpened = listing?.kind === 'listed' && listing.epochNonce === record.nonce
    const found = [...claims.values()]
    const uncarried = (claim: GitClaim): GitClaim =>
      claim.kind === 'granted' && record.mode === 'switching'
        ? { ...claim, kind: 'carried', modeEpoch: record.epoch }
        : claim
    return {
      mode: record,
      modeSeen: this.firstSeen(mode.oid),
      claims: this.run.keeps('carry') ? found : found.map(uncarried),
      tasks: tasksOf(this.run.tasks, board, claims),
      state: this.run.keeps('closing-fold') ? board.state : { ...board.state, closed: Number.MAX_SAFE_INTEGER },
      space: listing?.kind !== 'listed' ? 'unreached' : isOpened ? 'opened' : 'not-opened',
    }
  }

  private firstSeen(value: ObjectId): FirstSeen {
    const now = this.run.world.clock(this.machine)
    if (this.seen?.value !== value) this.seen = { value, ...now }
    if (this.run.keeps('grace')) return this.seen
    const ago = graceMs(15_000)
    return { ...this.seen, wallMs: now.wallMs - ago, monotonicMs: now.monotonicMs - ago }
  }

  private async take(step: SwitchStep, mode: ModeRef, view: SwitchView, board: Board): Promise<void> {
    const { git } = this.run
    if (step.kind === 'move-mode') await git.moveMode(this.machine, mode.oid, step.to)
    else if (step.kind === 'carry')
      for (const claim of step.claims) {
        const carried = { ...claim, kind: 'carried' as const, oid: git.newObject(), modeEpoch: step.epoch }
        await git.moveClaim(this.machine, claim.key, claim.oid, carried)
      }
    else if (step.kind === 'fill') await this.fill(step, mode.record)
    else if (step.kind === 'close') await this.close(mode.record, view, board)
  }

  private async fill({ entries }: Extract<SwitchStep, { kind: 'fill' }>, record: ModeRecord): Promise<void> {
    const link = await this.linkTo(record)
    for (let at = 0; link !== undefined && at < entries.length; at += BATCH) {
      const answer = await link.opening.fill(entries.slice(at, at + BATCH))
      if (answer.kind !== 'filled') return
    }
    await link?.opening.open()
  }

  private async close(record: ModeRecord, { tasks }: SwitchView, board: Board): Promise<void> {
    const listing = await (await this.linkTo(record))?.list()
    const judged =
      listing?.kind === 'listed' ? judgeFold({ mode: record, listing, state: board.state, tasks }) : undefined
    const accept = judged?.kind === 'fold' ? judged.accept : []
    if (judged?.kind === 'fold') await this.keep(judged.claimed, record)
    await this.run.git.fold(this.machine, board, { ...board.state, closed: fastEpoch(record) }, accept, [])
  }

  /** What nobody registered and etcd shows is held on in git, and counts when git opens. */
  private async keep(held: readonly FastHeld[], { epoch: modeEpoch }: ModeRecord): Promise<void> {
    const { git } = this.run
    const claims = await git.readClaims(this.machine)
    for (const { task: key, claim } of claims === undefined ? [] : held) {
      const found = claims?.get(key)
      if (found?.modeEpoch === modeEpoch || found?.kind === 'completed') continue
      const { session } = claim
      const kept = {
        ...{ kind: 'carried' as const, key, session, oid: git.newObject() },
        modeEpoch,
        leaseMs: SLOW_LEASE_MS,
      }
      await git.moveClaim(this.machine, key, found?.oid, kept)
      this.run.kept++
    }
  }

  private async linkTo(record: ModeRecord): Promise<FastLink | undefined> {
    const space = { board: 'b', epoch: fastEpoch(record), nonce: record.nonce }
    const reached = await this.run.etcd.pathFor(this.machine).connect(space)
    return reached.kind === 'linked' ? reached.link : undefined
  }
}

function completedOf(claims: ReadonlyMap<TaskKey, GitClaim>): readonly GitClaim[] {
  return [...claims.values()].filter(({ kind }) => kind === 'completed')
}
