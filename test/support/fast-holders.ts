/** Sessions that hold what was carried to a real etcd, by the rules of `src/fast/holder.ts`, on real clocks. */
import * as assert from 'uvu/assert'
import { systemClock } from '../../src/adapters/process/clock.ts'
import {
  adopting,
  answeredAdopt,
  answeredKeep,
  type Holder,
  leased,
  linked,
  type ModeRecord,
  newHolder,
  sawArmed,
  sawListing,
  sawMode,
  toAdopt,
  toKeep,
} from '../../src/fast/index.ts'
import type { SessionName } from '../../src/model/index.ts'
import type { FastLease, FastLink, FastPath, FastSpace } from '../../src/ports/index.ts'
import { BOARD_COMMIT, electedOf, leaseOf, linkTo, listed, nonce } from './fast-space.ts'

const clock = systemClock()

/** A projector that arms, and no more. */
export async function armer(path: FastPath, space: FastSpace): Promise<() => Promise<void>> {
  const link = await linkTo(path, space)
  const elected = await electedOf(link, 60)
  let tick = 0
  return async () => {
    tick += 1
    const answer = await link.projection.arm(elected, { tick, board: BOARD_COMMIT, folded: 0 })
    assert.is(answer.kind, 'accepted')
  }
}

/** Takes over what was carried for this session, under a lease and nonces of its own, and confirms it. */
export async function takeOver(path: FastPath, { session, mode, board, arm }: TakeOver): Promise<Station> {
  const link = await linkTo(path, { board, epoch: mode.epoch, nonce: mode.nonce })
  let holder = sawMode(newHolder(session), mode, clock.now())
  holder = sawListing(linked(holder, await listed(link)), await listed(link))
  await arm()
  holder = sawArmed(holder, (await listed(link)).armed)
  const sent = clock.now()
  const lease = await leaseOf(link, mode.leaseMs / 1000)
  holder = leased(holder, lease, sent)
  for (const held of toAdopt(holder)) {
    holder = adopting(holder, held.task, { ...held.claim, nonce: nonce() })
    const heir = holder.held.get(held.task)?.heir
    assert.ok(heir)
    holder = answeredAdopt(holder, held.task, await link.claims.adopt(lease, held, heir))
  }
  return renewed({ holder, link, lease }, mode)
}

/** As a watcher does in time: lease and mode are asked for again. */
export async function renewed({ holder, link, lease }: Station, mode: ModeRecord): Promise<Station> {
  const asked = clock.now()
  const kept = answeredKeep(holder, asked, await link.claims.keepAlive(lease, toKeep(holder)))
  return { holder: sawMode(kept, mode, asked), link, lease }
}

export interface Station {
  readonly holder: Holder
  readonly link: FastLink
  readonly lease: FastLease
}

export interface TakeOver {
  readonly session: SessionName
  readonly mode: ModeRecord
  readonly board: string
  readonly arm: () => Promise<void>
}
