/** A session: looks at the mode, claims, works and completes, by git or by etcd, whoever decides. */

import { countsInGit, type Moment } from '../../../src/claim/index.ts'
import {
  adopting,
  answeredAdopt,
  answeredClaim,
  answeredEnd,
  answeredKeep,
  asking,
  confirmsGrant,
  drain,
  ending,
  type GitClaim,
  type Holder,
  holds,
  isDue,
  judgeServer,
  leased,
  linked,
  mayClaim,
  mayRegister,
  newHolder,
  sawListing,
  sawMode,
  toAdopt,
  toKeep,
  unlinked,
} from '../../../src/fast/index.ts'
import type { ObjectId, SessionName, TaskKey } from '../../../src/model/index.ts'
import type { FastHeld, FastLink } from '../../../src/ports/index.ts'
import { SLOW_LEASE_MS, tasksOf } from './git.ts'
import type { Run } from './run.ts'
import type { Machine } from './world.ts'

const AT_ONCE = 2

export class Session {
  holder: Holder
  /** What is held by git, while its ref has this value. */
  readonly slow = new Map<TaskKey, ObjectId>()
  readonly machine: Machine
  private readonly run: Run
  private readonly name: SessionName
  private link: FastLink | undefined
  private modeSent: Moment | undefined
  private modeOid: ObjectId | undefined
  private readonly workEnds = new Map<TaskKey, number>()

  constructor(run: Run, name: SessionName, machine: Machine) {
    this.run = run
    this.name = name
    this.machine = machine
    this.holder = newHolder(name)
  }

  /** Would this session say "mine", now? */
  saysMine(task: TaskKey): boolean {
    const slow = this.slow.get(task)
    if (slow !== undefined && this.run.git.claims.get(task)?.oid === slow) return true
    if (!this.run.keeps('own-validity')) return this.holder.held.get(task)?.sent !== undefined
    return holds(this.holder, task, this.now())
  }

  async live(): Promise<void> {
    const { world } = this.run
    for (;;) {
      await this.step()
      await world.sleep(this.machine, 200 + world.chance.upTo(1500))
    }
  }

  private async step(): Promise<void> {
    const { holder } = this
    if (this.modeSent === undefined || isDue(this.modeSent, holder.mode?.leaseMs ?? 0, this.now()))
      await this.lookAtMode()
    const mode = this.holder.mode?.mode
    if (mode === 'etcd' || mode === 'draining') await this.keep()
    if (mode === 'etcd') await this.inEtcd()
    else if (mode === 'draining') await this.register()
    else if (mode === 'git') await this.inGit()
  }

  private async lookAtMode(): Promise<void> {
    const sent = this.now()
    const mode = await this.run.git.readMode(this.machine)
    if (mode === undefined) return
    this.modeSent = sent
    this.modeOid = mode.oid
    this.become(sawMode(this.holder, mode.record, sent))
    if (mode.record.mode !== 'etcd' && mode.record.mode !== 'draining') this.link = undefined
  }

  // ── In git ──

  private async inGit(): Promise<void> {
    const { git, world } = this.run
    await this.finishSlow()
    const asked = this.holder.mode
    const claims = await git.readClaims(this.machine)
    const board = await git.readBoard(this.machine)
    if (asked === undefined || claims === undefined || board === undefined) return
    // What another switch carried or registered has another value, and is confirmed anew.
    for (const [key, oid] of this.slow) if (claims.get(key)?.oid !== oid) this.slow.delete(key)
    const own = [...claims.values()].filter(
      (claim) => this.isOwn(claim) && countsAs(asked, claim) && !this.slow.has(claim.key),
    )
    for (const claim of own) await this.confirm(claim, asked.epoch)
    if (this.slow.size >= AT_ONCE) return
    const open = [...tasksOf(this.run.tasks, board, claims)].filter(([task, { ready }]) => {
      const claim = claims.get(task)
      return ready && (claim === undefined || !countsAs(asked, claim))
    })
    const task = open[world.chance.upTo(Math.max(1, open.length))]?.[0]
    if (task === undefined) return
    const claim: GitClaim = {
      kind: 'granted',
      key: task,
      session: this.name,
      oid: git.newObject(),
      modeEpoch: asked.epoch,
      leaseMs: SLOW_LEASE_MS,
    }
    if ((await git.moveClaim(this.machine, task, claims.get(task)?.oid, claim)) === true)
      await this.confirm(claim, asked.epoch)
  }

  /** One more read: the mode, and whether the task is still open. */
  private async confirm(claim: GitClaim, epoch: number): Promise<void> {
    const { git } = this.run
    if (this.run.keeps('re-read')) {
      const mode = await git.readMode(this.machine)
      const board = await git.readBoard(this.machine)
      if (mode === undefined || board === undefined) return
      if (!confirmsGrant(mode.record, epoch) || board.settled.has(claim.key)) {
        if (claim.modeEpoch === epoch) await git.moveClaim(this.machine, claim.key, claim.oid, undefined)
        return
      }
    }
    this.holdSlow(claim)
  }

  private holdSlow({ key, oid }: GitClaim): void {
    this.slow.set(key, oid)
    this.begin(key)
    this.run.audit(key)
  }

  private async finishSlow(): Promise<void> {
    const { git } = this.run
    for (const [key, oid] of [...this.slow]) {
      if (!this.isWorkOver(key)) continue
      this.slow.delete(key)
      const modeEpoch = this.holder.mode?.epoch ?? 0
      const value = { key, session: this.name, oid: git.newObject(), modeEpoch, leaseMs: SLOW_LEASE_MS }
      await git.moveClaim(this.machine, key, oid, this.givesBack() ? undefined : { ...value, kind: 'completed' })
    }
  }

  // ── In etcd ──

  private async inEtcd(): Promise<void> {
    const { world, git } = this.run
    const link = await this.linkUp()
    const listing = await link?.list()
    if (link === undefined || listing?.kind !== 'listed') return this.noteLink(listing)
    const { mode } = this.holder
    if (mode?.mode !== 'etcd' || this.modeOid === undefined) return
    if (this.run.keeps('epoch-compare') && judgeServer(listing, mode.nonce, this.holder.revision) !== 'same') {
      await git.moveMode(this.machine, this.modeOid, drain(mode))
      return
    }
    this.become(sawListing(this.holder, listing))
    if (mayClaim(this.holder, this.now()) !== 'yes' || this.holder.held.size >= AT_ONCE) return
    const lease = await this.lease(link)
    const free = [...listing.ready.keys()].filter((task) => !listing.claims.has(task) && !this.holder.held.has(task))
    const task = free[world.chance.upTo(Math.max(1, free.length))]
    if (lease === undefined || task === undefined || mayClaim(this.holder, this.now()) !== 'yes') return
    const wishes = [{ task, claim: { session: this.name, nonce: git.newObject(), event: '{}' } }]
    this.become(asking(this.holder, wishes))
    const answer = await link.claims.claim(lease, wishes)
    this.noteLink(answer)
    this.become(answeredClaim(this.holder, wishes, answer))
  }

  private async linkUp(): Promise<FastLink | undefined> {
    const { mode } = this.holder
    if (this.link !== undefined || mode === undefined) return this.link
    const { etcd } = this.run
    const reached = await etcd.pathFor(this.machine).connect({ board: 'b', epoch: mode.epoch, nonce: mode.nonce })
    if (reached.kind !== 'linked') return undefined
    const listing = await reached.link.list()
    if (listing.kind !== 'listed' || this.holder.mode?.epoch !== mode.epoch) return undefined
    this.link = reached.link
    this.become(linked(this.holder, listing))
    if (!this.run.keeps('quarantine')) this.become({ ...this.holder, link: { armed: undefined, trusted: true } })
    return this.link
  }

  private async lease(link: FastLink) {
    if (this.holder.lease !== undefined) return this.holder.lease.lease
    const sent = this.now()
    const answer = await link.claims.lease((this.holder.mode?.leaseMs ?? 0) / 1000)
    if (answer.kind === 'leased') this.become(leased(this.holder, answer.lease, sent))
    return answer.kind === 'leased' ? answer.lease : undefined
  }

  /** Renew what is held, end what is done. */
  private async keep(): Promise<void> {
    const { link } = this
    if (link === undefined || this.holder.held.size === 0) return
    const lease = await this.lease(link)
    if (lease === undefined) return
    for (const held of toKeep(this.holder)) await this.finishFast(link, held)
    for (const held of toAdopt(this.holder)) {
      this.become(adopting(this.holder, held.task, { ...held.claim, nonce: this.run.git.newObject() }))
      const heir = this.holder.held.get(held.task)?.heir
      if (heir === undefined) continue
      this.become(answeredAdopt(this.holder, held.task, await link.claims.adopt(lease, held, heir)))
    }
    const mine = toKeep(this.holder)
    if (mine.length === 0) return
    const sent = this.now()
    const answer = await link.claims.keepAlive(lease, mine)
    this.noteLink(answer)
    this.become(answeredKeep(this.holder, sent, answer))
  }

  private async finishFast(link: FastLink, held: FastHeld): Promise<void> {
    if (this.holder.held.get(held.task)?.isEnding !== true && !this.isWorkOver(held.task)) return
    const { done, release } = link.claims
    if (this.run.keeps('end-before-sent')) this.become(ending(this.holder, held.task))
    const answer = await (this.givesBack() ? release(held) : done([{ ...held, completion: '{}' }]))
    this.noteLink(answer)
    this.become(answeredEnd(this.holder, held.task, answer))
  }

  // ── From etcd to git ──

  private async register(): Promise<void> {
    const { git } = this.run
    const claims = await git.readClaims(this.machine)
    const epoch = this.holder.mode?.epoch
    if (claims === undefined || epoch === undefined) return
    for (const task of this.holder.held.keys()) {
      const found = claims.get(task)
      const record =
        found === undefined
          ? undefined
          : { ...found, kind: found.kind === 'carried' ? ('granted' as const) : found.kind }
      if (!mayRegister(this.holder, task, record, this.now())) continue
      const claim: GitClaim = {
        kind: 'granted',
        key: task,
        session: this.name,
        oid: git.newObject(),
        modeEpoch: epoch,
        leaseMs: SLOW_LEASE_MS,
      }
      const moved = await git.moveClaim(this.machine, task, found?.oid, claim)
      if (moved === true && !this.run.keeps('late-registration')) this.holdSlow(claim)
    }
  }

  // ── What all share ──

  private become(holder: Holder): void {
    this.holder = holder
    for (const task of holder.held.keys()) {
      if (holder.held.get(task)?.sent !== undefined) this.begin(task)
      this.run.audit(task)
    }
  }

  private noteLink(answer: { readonly kind: string } | undefined): void {
    if (answer?.kind !== 'broken') return
    this.link = undefined
    this.become(unlinked(this.holder))
  }

  private begin(task: TaskKey): void {
    const { world } = this.run
    if (!this.workEnds.has(task)) this.workEnds.set(task, world.now + 1000 + world.chance.upTo(15_000))
  }

  private isWorkOver(task: TaskKey): boolean {
    this.begin(task)
    if ((this.workEnds.get(task) ?? 0) > this.run.world.now) return false
    this.workEnds.delete(task)
    return true
  }

  private givesBack(): boolean {
    return this.run.world.chance.oneIn(8)
  }

  private isOwn({ session, kind }: GitClaim): boolean {
    return session === this.name && kind !== 'completed'
  }

  private now(): Moment {
    return this.run.world.clock(this.machine)
  }
}

function countsAs(mode: Parameters<typeof countsInGit>[0], { kind, modeEpoch }: GitClaim): boolean {
  return countsInGit(mode, { kind: kind === 'carried' ? 'granted' : kind, modeEpoch })
}
