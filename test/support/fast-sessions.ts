/**
 * Sessions and a projector that keep the rules of `docs/fast-path.md` for whoever calls an engine: validity from send on
 * their own clock, nothing claimed on a link on which no arming was seen to change, nothing armed on a server whose
 * revisions went back. What they see is noted.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ObjectId, SessionName, TaskKey } from '../../src/model/index.ts'
import type { FastElected, FastHeld, FastLease, FastLink, FastPath, FastSpace } from '../../src/ports/index.ts'
import type { Belief, FastHistory } from './fast-history.ts'
import { claimOf, nonce } from './fast-space.ts'

export interface Fleet {
  readonly history: FastHistory
  readonly tasks: readonly TaskKey[]
  readonly leaseSeconds: number
  readonly random: () => number
  /** The mode record as everybody reads it: where claims are decided now; `undefined` while it is being changed. */
  space: FastSpace | undefined
  isOver: boolean
}

const BOARD_COMMIT = '1'.repeat(40) as ObjectId
const now = (): number => performance.now()
const marginMs = (leaseSeconds: number): number => Math.max(150, leaseSeconds * 50)

/** Until the fleet is over: connects, claims, holds, gives back, completes, or goes away without a word. */
export async function runSession(fleet: Fleet, name: string, path: FastPath): Promise<void> {
  while (!fleet.isOver) {
    const { space } = fleet
    const connected = space && (await path.connect(space))
    if (space === undefined || connected?.kind !== 'linked') {
      await sleep(100)
      continue
    }
    fleet.history.count('links')
    const { link } = connected
    try {
      if (await isArmedHere(fleet, link)) await new Session(fleet, name, link, space).live()
    } finally {
      await link.close()
    }
  }
}

/** Has somebody armed this life of the server since the link is there? */
async function isArmedHere(fleet: Fleet, link: FastLink): Promise<boolean> {
  const before = await link.list()
  if (before.kind !== 'listed' || fleet.isOver) return false
  const timer = setTimeout(() => void link.close(), 2000)
  try {
    for await (const news of link.watch(before.revision)) {
      if (news.kind !== 'changed') continue
      if (news.changes.some((change) => change.key === 'armed' && change.value !== undefined)) return true
    }
    return false
  } finally {
    clearTimeout(timer)
  }
}

class Session {
  readonly #fleet: Fleet
  readonly #name: string
  readonly #link: FastLink
  readonly #space: FastSpace
  /** When the last call that is known to have renewed the lease was sent. */
  #renewedAt = 0

  constructor(fleet: Fleet, name: string, link: FastLink, space: FastSpace) {
    this.#fleet = fleet
    this.#name = name
    this.#link = link
    this.#space = space
  }

  /** Returns when it must begin anew on another link. */
  async live(): Promise<void> {
    const sentAt = now()
    const leased = await this.#link.claims.lease(this.#fleet.leaseSeconds)
    if (leased.kind !== 'leased') return
    this.#renewedAt = sentAt
    while (!this.#fleet.isOver && this.#fleet.space === this.#space) {
      if (!(await this.#takeOne(leased.lease))) return
      await sleep(this.#fleet.random() * 30)
      if (now() > this.#validUntil && !(await this.#keepAlive(leased.lease, undefined))) return
    }
  }

  get #validUntil(): number {
    const { leaseSeconds } = this.#fleet
    return this.#renewedAt + leaseSeconds * 1000 - marginMs(leaseSeconds)
  }

  /** `false`: nothing is known any more, or it plays dead. */
  async #takeOne(lease: FastLease): Promise<boolean> {
    const { tasks, random, history } = this.#fleet
    const task = tasks[Math.floor(random() * tasks.length)] as TaskKey
    const claim = claimOf(this.#name)
    const own = `held ${claim.nonce}`
    const asked = now()
    const answer = await history.note(
      task,
      `claim ${claim.nonce}`,
      () => this.#link.claims.claim(lease, [{ task, claim }]),
      ({ kind }) => {
        if (kind === 'taken') return (state) => (state === 'free' ? undefined : state)
        if (kind === 'claimed' || kind === 'unknown') return (state) => (state === 'free' ? own : undefined)
        return undefined
      },
    )
    if (answer.kind === 'unknown') this.#mayExpire(task, own)
    if (answer.kind !== 'claimed') return answer.kind === 'taken' || answer.kind === 'unarmed'
    const from = now()
    const { epoch } = this.#space
    const session = this.#name as SessionName
    const belief: Belief = {
      ...{ task, session, nonce: claim.nonce, epoch, revision: answer.revision },
      ...{ asked, from, until: Math.max(from, this.#validUntil) },
    }
    if (belief.until > from) history.beliefs.push(belief)
    const goesOn = await this.#hold(lease, { task, claim, revision: answer.revision }, belief)
    this.#mayExpire(task, own)
    return goesOn
  }

  async #hold(lease: FastLease, held: FastHeld, belief: Belief): Promise<boolean> {
    const { random, leaseSeconds } = this.#fleet
    const endAt = now() + random() ** 4 * leaseSeconds * 1500
    while (now() < endAt && !this.#fleet.isOver) {
      await sleep(Math.min(endAt - now(), leaseSeconds * 250))
      if (now() >= belief.until) return false
      if (!(await this.#keepAlive(lease, { held, belief }))) return false
    }
    // It goes away without a word, and believes no more than its clock lets it.
    if (random() < 0.1) return false
    belief.until = Math.min(belief.until, now())
    return random() < 0.4 ? this.#finish(held) : this.#release(held)
  }

  async #keepAlive(lease: FastLease, holding: { held: FastHeld; belief: Belief } | undefined): Promise<boolean> {
    const { history } = this.#fleet
    const sentAt = now()
    if (holding === undefined) {
      if ((await this.#link.claims.keepAlive(lease, [])).kind !== 'kept') return false
      this.#renewedAt = sentAt
      return true
    }
    const { held, belief } = holding
    const own = `held ${held.claim.nonce}`
    const answer = await history.note(
      held.task,
      `keep ${held.claim.nonce}`,
      () => this.#link.claims.keepAlive(lease, [held]),
      (one) => {
        if (one.kind !== 'kept') return undefined
        const isKept = one.kept.length > 0
        return (state) => ((state === own) === isKept ? state : undefined)
      },
    )
    if (answer.kind === 'kept' && answer.lost.length > 0) {
      belief.until = Math.min(belief.until, now())
      return false
    }
    if (answer.kind === 'kept') {
      this.#renewedAt = sentAt
      belief.until = this.#validUntil
    }
    return answer.kind === 'kept'
  }

  async #finish(held: FastHeld): Promise<boolean> {
    return this.#end(held, 'done', () => this.#link.claims.done([{ ...held, completion: '{}' }]), 'done')
  }

  async #release(held: FastHeld): Promise<boolean> {
    return this.#end(held, 'release', () => this.#link.claims.release(held), 'free')
  }

  async #end(
    { task, claim }: FastHeld,
    what: string,
    ask: () => ReturnType<FastLink['claims']['release']>,
    next: string,
  ): Promise<boolean> {
    const own = `held ${claim.nonce}`
    const answer = await this.#fleet.history.note(task, `${what} ${claim.nonce}`, ask, ({ kind }) => {
      if (kind === 'lost') return (state) => (state === own ? undefined : state)
      if (kind === 'accepted' || kind === 'unknown') return (state) => (state === own ? next : undefined)
      return undefined
    })
    return answer.kind === 'accepted'
  }

  /** The server may let the lease end from then on, or never. */
  #mayExpire(task: TaskKey, own: string): void {
    const start = this.#renewedAt + this.#fleet.leaseSeconds * 1000
    const after = (state: string) => (state === own ? 'free' : undefined)
    this.#fleet.history.add(task, { start, end: Infinity, what: `${own} expires`, after })
  }
}

/** Arms, and offers again what was completed; until the fleet is over, or for the first server whose revisions went back. */
export async function runProjector(fleet: Fleet, path: FastPath): Promise<void> {
  let seen = 0
  let space: FastSpace | undefined
  while (!fleet.isOver) {
    if (fleet.space !== space) seen = 0
    space = fleet.space
    const connected = space && (await path.connect(space))
    if (space === undefined || connected?.kind !== 'linked') {
      await sleep(100)
      continue
    }
    const { link } = connected
    try {
      const listing = await link.list()
      if (listing.kind !== 'listed') continue
      if (listing.revision < seen || listing.epochNonce !== space.nonce) {
        fleet.history.count('rewinds found')
        fleet.space = undefined
        continue
      }
      seen = await project(fleet, { link, space, seen: listing.revision })
    } finally {
      await link.close()
    }
  }
}

/** On one link; the highest revision that it saw. */
async function project(
  fleet: Fleet,
  { link, space, seen }: { readonly link: FastLink; readonly space: FastSpace; readonly seen: number },
): Promise<number> {
  const lease = await link.claims.lease(fleet.leaseSeconds)
  if (lease.kind !== 'leased') return seen
  let highest = seen
  let elected: FastElected | undefined
  for (let tick = 1; !fleet.isOver && fleet.space === space; tick += 1) {
    if ((await link.claims.keepAlive(lease.lease, [])).kind !== 'kept') return highest
    elected ??= await electionOf(link, lease.lease)
    if (elected !== undefined) {
      const armed = await link.projection.arm(elected, { tick, board: BOARD_COMMIT, folded: 0 })
      if (armed.kind !== 'accepted') return highest
      highest = armed.revision
      if (!(await reopen(fleet, link, elected))) return highest
    }
    await sleep(150)
  }
  return highest
}

async function electionOf(link: FastLink, lease: FastLease): Promise<FastElected | undefined> {
  const answer = await link.projection.elect(lease, { name: 'projector' as SessionName, nonce: nonce() })
  return answer.kind === 'elected' ? answer.elected : undefined
}

/** What was completed is offered again; so is what a settlement without an answer left offered to nobody. */
async function reopen({ history, tasks }: Fleet, link: FastLink, elected: FastElected): Promise<boolean> {
  const listing = await link.list()
  if (listing.kind !== 'listed') return false
  for (const { task, revision } of listing.done.values()) {
    if ((await link.projection.settle(elected, [{ kind: 'folded', task, revision }])).kind !== 'accepted') return false
  }
  for (const task of tasks.filter((one) => !listing.ready.has(one))) {
    const offered = await history.note(
      task,
      'offer',
      () => link.projection.settle(elected, [{ kind: 'offer', task, about: '' }]),
      ({ kind }) => {
        const offer = (state: string) => (state === 'done' ? 'free' : state)
        return kind === 'accepted' || kind === 'unknown' ? offer : undefined
      },
    )
    if (offered.kind !== 'accepted') return false
  }
  return true
}
