/** An etcd behind the port: one server process at a time, its leases, its keys, and what happens to servers. */
import type { TaskKey } from '../../../src/model/index.ts'
import type {
  Broken,
  ClaimAnswer,
  Closed,
  ElectAnswer,
  FastArmed,
  FastClaims,
  FastDone,
  FastElected,
  FastHeld,
  FastLease,
  FastLink,
  FastListing,
  FastNews,
  FastOpening,
  FastPath,
  FastProjection,
  FastProjector,
  FastSettle,
  FastSpace,
  KeepAnswer,
  TokenAnswer,
  Unknown,
} from '../../../src/ports/index.ts'
import { changesBetween, History } from './history.ts'
import type { Machine, World } from './world.ts'

interface Space {
  nonce: string | undefined
  openedAt: number
  /** Keys with values that nobody can read, by their names below the space; they stand in the way all the same. */
  readonly unreadable: Set<string>
  readonly ready: Map<TaskKey, string>
  readonly claims: Map<TaskKey, FastHeld & { readonly lease: FastLease }>
  readonly done: Map<TaskKey, FastDone>
  projector: (FastProjector & { readonly revision: number; readonly lease: FastLease }) | undefined
  armed: (FastArmed & { readonly lease: FastLease }) | undefined
}

interface Data {
  revision: number
  /** True time at which each lease ends, and its length. */
  readonly leases: Map<FastLease, { readonly ms: number; endsAt: number }>
  readonly spaces: Map<string, Space>
}

/** Rules that the server keeps for us; a planted bug leaves one out. */
export interface ServerRules {
  readonly comparesEpoch: boolean
  readonly createsOnly: boolean
  /** For watches, at the price of a comparison of all keys after each call. Sessions here list again instead. */
  readonly keepsHistory?: boolean
}

/** Between two looks of a watch at what changed. */
const WATCH_MS = 5

const broken: Broken = { kind: 'broken', reason: 'the connection was lost' }
const unknown: Unknown = { kind: 'unknown', reason: 'no answer' }

export class Etcd {
  private data: Data = { revision: 1, leases: new Map(), spaces: new Map() }
  private life = 1
  private isUp = true
  private leaseCount = 0
  private readonly history = new History()
  private readonly world: World
  private readonly rules: ServerRules

  constructor(world: World, rules: ServerRules) {
    this.world = world
    this.rules = rules
  }

  backup(): Data {
    return structuredClone(this.data)
  }

  /** All keys gone, by somebody's hand; the server runs on and its revision with it. */
  wipe(): void {
    this.data.spaces.clear()
    this.data.revision++
  }

  /** Stops the server process; answers which life is to come. */
  stop(): number {
    this.isUp = false
    return ++this.life
  }

  /** Starts it, with its data or those of a backup; leases begin again with their whole time, as after an election. */
  start(life: number, data: Data = this.data): void {
    // Stopped again before it came up.
    if (life !== this.life) return
    this.data = data
    this.isUp = true
    for (const lease of data.leases.values()) lease.endsAt = this.world.now + lease.ms
  }

  pathFor(from: Machine): FastPath {
    return {
      connect: async (space) => {
        const life = this.life
        await this.world.sleep(from, this.world.hopMs('etcd'))
        const isReached = this.isUp && life === this.life && from.cutFrom.etcd <= this.world.now
        if (!isReached) return { kind: 'unreached', reason: 'no server' }
        return { kind: 'linked', link: this.link(from, space, life) }
      },
    }
  }

  private link(from: Machine, space: FastSpace, life: number): FastLink {
    let isOver = false
    const call = async <T>(act: (data: Data, space: Space) => T): Promise<T | Unknown | Broken> => {
      const { world } = this
      isOver ||= life !== this.life
      if (isOver) return broken
      await world.sleep(from, world.hopMs('etcd'))
      if (from.cutFrom.etcd > world.now) {
        isOver = true
        return unknown
      }
      const answer = await new Promise<T | Unknown>((resolve) =>
        world.later(world.hopMs('etcd'), () => resolve(life === this.life ? this.noted(space, act) : unknown)),
      )
      await world.sleep(from, world.hopMs('etcd'))
      isOver ||= life !== this.life || from.cutFrom.etcd > world.now
      return isOver || world.chance.oneIn(100) ? unknown : answer
    }
    const opened = <T>(act: (data: Data, space: Space) => T) =>
      call<T | Closed>((data, keys) =>
        this.rules.comparesEpoch && keys.nonce !== space.nonce ? { kind: 'closed' } : act(data, keys),
      )
    return {
      opening: this.opening(space, call),
      claims: this.claims(space, opened, call),
      projection: this.projection(opened),
      list: () => call((data, keys) => ({ kind: 'listed' as const, ...listing(data, keys) })),
      watch: (revision) => this.watch(from, space, { life, revision, isOver: () => isOver }),
      close: async () => {
        isOver = true
      },
    }
  }

  /** Acts on the keys as they are now, and keeps what changed. */
  private noted<T>(space: FastSpace, act: (data: Data, keys: Space) => T): T {
    if (this.rules.keepsHistory !== true) return act(...this.present(space))
    this.expire(space)
    const [data, keys] = this.present(space)
    const before = listing(data, keys)
    const names = new Set(keys.unreadable)
    const answer = act(data, keys)
    this.history.note(nameOf(space), { before, after: listing(data, keys), written: newNames(names, keys.unreadable) })
    return answer
  }

  /** Keys of leases that ended go in a revision of their own. */
  private expire(space: FastSpace): void {
    const keys = this.data.spaces.get(nameOf(space))
    const before = keys && listing(this.data, { ...keys, claims: new Map(keys.claims) })
    const [data, now] = this.present(space)
    if (before === undefined || changesBetween(before, listing(data, now)).length === 0) return
    data.revision++
    this.history.note(nameOf(space), { before, after: listing(data, now), written: [] })
  }

  /** Somebody's hand: a value that nobody can read. */
  write(space: FastSpace, name: string): void {
    this.noted(space, (data, keys) => {
      data.revision++
      keys.unreadable.add(name)
    })
  }

  /** What was before is told to nobody any more. */
  compact(): void {
    this.history.compact(this.data.revision)
  }

  private async *watch(
    from: Machine,
    space: FastSpace,
    { life, revision, isOver }: { readonly life: number; readonly revision: number; readonly isOver: () => boolean },
  ): AsyncGenerator<FastNews> {
    if (this.rules.keepsHistory !== true || revision > this.data.revision) return void (yield broken)
    for (let told = revision; ; ) {
      if (isOver() || life !== this.life) return void (yield broken)
      this.expire(space)
      const news = this.history.since(nameOf(space), told)
      if (news === 'compacted') return void (yield { kind: 'compacted' })
      for (const one of news) {
        told = one.revision
        yield one
      }
      await this.world.sleep(from, WATCH_MS)
    }
  }

  /** Keys as they are now: those of leases that ended are gone. */
  private present(of: FastSpace): [Data, Space] {
    const { data, world } = this
    const isOver = (lease: FastLease) => (data.leases.get(lease)?.endsAt ?? 0) <= world.now
    const space = data.spaces.get(nameOf(of)) ?? newSpace()
    data.spaces.set(nameOf(of), space)
    for (const [task, { lease }] of space.claims) if (isOver(lease)) space.claims.delete(task)
    if (space.projector !== undefined && isOver(space.projector.lease)) space.projector = undefined
    if (space.armed !== undefined && isOver(space.armed.lease)) space.armed = undefined
    return [data, space]
  }

  private newLease(data: Data, seconds: number): FastLease {
    this.leaseCount++
    const lease = `lease-${this.leaseCount}` as FastLease
    data.leases.set(lease, { ms: seconds * 1000, endsAt: this.world.now + seconds * 1000 })
    return lease
  }

  private opening(space: FastSpace, call: Call): FastOpening {
    return {
      fill: (entries) =>
        call((data, keys) => {
          if (keys.nonce !== undefined) return { kind: 'opened' as const }
          data.revision++
          for (const entry of entries) {
            if (entry.kind === 'ready') keys.ready.set(entry.task, entry.about)
            else if (!keys.claims.has(entry.task)) {
              const lease = this.newLease(data, entry.leaseSeconds)
              keys.claims.set(entry.task, { task: entry.task, claim: entry.claim, revision: data.revision, lease })
            }
          }
          return { kind: 'filled' as const }
        }),
      open: () =>
        call((data, keys) => {
          if (keys.nonce === undefined) keys.openedAt = ++data.revision
          keys.nonce ??= space.nonce
          return { kind: 'opened' as const, revision: keys.openedAt }
        }),
    }
  }

  private claims(space: FastSpace, opened: Opened, call: Call): FastClaims {
    const stands = (keys: Space, { task, revision, claim }: FastHeld) => {
      const there = keys.claims.get(task)
      return there?.revision === revision && there.claim.nonce === claim.nonce
    }
    return {
      lease: (seconds) => call((data) => ({ kind: 'leased' as const, lease: this.newLease(data, seconds) })),
      claim: (lease, wishes) =>
        opened((data, keys): ClaimAnswer => {
          if (keys.armed === undefined) return { kind: 'unarmed' }
          const isFree = ({ task }: { readonly task: TaskKey }) =>
            keys.ready.has(task) &&
            !keys.done.has(task) &&
            !isUnreadable(keys, task) &&
            (!this.rules.createsOnly || !keys.claims.has(task))
          if (!data.leases.has(lease) || !wishes.every(isFree)) return { kind: 'taken' }
          const revision = ++data.revision
          for (const wish of wishes) keys.claims.set(wish.task, { ...wish, revision, lease })
          return { kind: 'claimed', revision }
        }),
      keepAlive: (lease, held) =>
        opened((data, keys): KeepAnswer => {
          const known = data.leases.get(lease)
          const isKept = known !== undefined && known.endsAt > this.world.now
          if (isKept) known.endsAt = this.world.now + known.ms
          const kept = held.filter((one) => isKept && stands(keys, one))
          const names = kept.map(({ task }) => task)
          return {
            kind: 'kept',
            kept: names,
            lost: held.map(({ task }) => task).filter((task) => !names.includes(task)),
          }
        }),
      adopt: (lease, held, heir) =>
        opened((data, keys): TokenAnswer => {
          if (!stands(keys, held) || !data.leases.has(lease)) return { kind: 'lost' }
          keys.claims.set(held.task, { ...held, claim: heir, lease })
          return { kind: 'accepted', revision: ++data.revision }
        }),
      done: (ends) =>
        opened((data, keys): TokenAnswer => {
          if (!ends.every((end) => stands(keys, end))) return { kind: 'lost' }
          data.revision++
          for (const { task, claim, revision, completion: event } of ends) {
            const token = { epoch: space.epoch, revision, nonce: claim.nonce }
            keys.done.set(task, { task, session: claim.session, token, event, revision: data.revision })
            keys.claims.delete(task)
            keys.ready.delete(task)
          }
          return { kind: 'accepted', revision: data.revision }
        }),
      release: (held) =>
        opened((data, keys): TokenAnswer => {
          if (!stands(keys, held)) return { kind: 'lost' }
          keys.claims.delete(held.task)
          return { kind: 'accepted', revision: ++data.revision }
        }),
    }
  }

  private projection(opened: Opened): FastProjection {
    const asElected = (elected: FastElected, act: (data: Data, keys: Space) => void) =>
      opened((data, keys): TokenAnswer => {
        const { projector } = keys
        if (projector?.revision !== elected.revision || projector.nonce !== elected.nonce) return { kind: 'lost' }
        act(data, keys)
        return { kind: 'accepted', revision: ++data.revision }
      })
    return {
      elect: (lease, who) =>
        opened((data, keys): ElectAnswer => {
          if (keys.projector !== undefined) return { kind: 'other', projector: keys.projector }
          keys.projector = { ...who, revision: ++data.revision, lease }
          return { kind: 'elected', elected: { ...who, lease, revision: data.revision } }
        }),
      arm: (elected, armed) => asElected(elected, (_, keys) => (keys.armed = { ...armed, lease: elected.lease })),
      disarm: (elected) => asElected(elected, (_, keys) => (keys.armed = undefined)),
      settle: (elected, changes) =>
        asElected(elected, (_, keys) => {
          for (const change of changes) settle(keys, change)
        }),
    }
  }
}

type Call = <T>(act: (data: Data, space: Space) => T) => Promise<T | Unknown | Broken>
type Opened = <T>(act: (data: Data, space: Space) => T) => Promise<T | Closed | Unknown | Broken>

function newSpace(): Space {
  return {
    nonce: undefined,
    openedAt: 0,
    unreadable: new Set(),
    ready: new Map(),
    claims: new Map(),
    done: new Map(),
    projector: undefined,
    armed: undefined,
  }
}

function settle(keys: Space, change: FastSettle): void {
  const { task } = change
  if (change.kind === 'withdraw') keys.ready.delete(task)
  else if (change.kind === 'offer') {
    if (!keys.claims.has(task) && !keys.done.has(task)) keys.ready.set(task, change.about)
  } else if (keys.done.get(task)?.revision === change.revision) keys.done.delete(task)
}

function listing({ revision }: Data, keys: Space): FastListing {
  const { nonce, ready, claims, done, projector, armed, unreadable } = keys
  return {
    revision,
    epochNonce: nonce,
    ready: new Map(ready),
    claims: new Map(
      [...claims].map(([key, { task, claim, revision: created }]) => [key, { task, claim, revision: created }]),
    ),
    done: new Map(done),
    projector,
    armed,
    unreadable: unreadable.size,
  }
}

function nameOf({ board, epoch }: FastSpace): string {
  return `${board}/${epoch}`
}

function isUnreadable({ unreadable }: Space, task: TaskKey): boolean {
  return unreadable.has(`c/${task}`) || unreadable.has(`d/${task}`)
}

function newNames(before: ReadonlySet<string>, after: ReadonlySet<string>): string[] {
  return [...after].filter((name) => !before.has(name))
}
