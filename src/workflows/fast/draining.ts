/**
 * From etcd to git: what sessions of one clone hold is registered on the chains as they went on in etcd; what nobody
 * registered and etcd shows still is kept for its holder, and the closing fold accepts what is done there.
 */
import type { Holder } from '../../fast/index.ts'
import { invariant, type SessionName } from '../../model/index.ts'
import { read } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'
import type { FastEngine } from './engine.ts'
import { foldEtcd } from './fold-etcd.ts'
import { keepStanding } from './keep-standing.ts'
import { onOwnChain } from './own-chain.ts'
import { registerHeld, toRegister } from './register-held.ts'
import type { ClosingOutcome, ClosingRequest } from './switch-step.ts'
import { together } from './together.ts'

/** For who takes switch steps: `SwitchTools.closeWith`. */
export function closeEtcd(box: Toolbox): (request: ClosingRequest) => Promise<ClosingOutcome | undefined> {
  return async (request) => {
    const kept = await keepStanding(box, request)
    if (kept !== 'none') return { kind: kept }
    const { reading, listing, folder } = request
    const { refs, mode: record } = reading
    const fold = await foldEtcd(box, { sight: { refs, record }, listing, folder, closes: true })
    return fold.kind === 'folded' ? fold.outcome : undefined
  }
}

/** How long what was taken in etcd is held in git without a sign of life. */
const LEASE_SECONDS = 30 * 60

/** Sessions that register in one push: each reads everything for itself meanwhile. */
const AT_ONCE = 32

/**
 * Registers what is valid by the clock of this process; called while the mode is draining, again and again. One reading
 * tells whose claims are not registered yet. They speak together, and whose lease ends first goes first, since each has
 * to be through before it is over.
 *
 * @throws IfBoardError what `read` throws; as `registerHeld`, when all others are through
 */
export async function registerAll(box: Toolbox, engine: FastEngine): Promise<void> {
  const holderOf = (session: SessionName) => {
    const holder = engine.holderOf(session)
    invariant(holder !== undefined, 'who has been here is not forgotten')
    return holder
  }
  const holding = engine.sessions().filter((session) => holderOf(session).held.size > 0)
  if (holding.length === 0) return
  const reading = await read(box)
  const left = holding
    .filter((session) => toRegister(box, reading, holderOf(session)).length > 0)
    .sort((one, other) => restsOn(holderOf(one)) - restsOn(holderOf(other)))
  const ends: PromiseSettledResult<unknown>[] = []
  for (let at = 0; at < left.length; at += AT_ONCE) {
    const group = left.slice(at, at + AT_ONCE)
    const registering = together(box.refs, group, (session, refs) =>
      registerHeld(onOwnChain({ ...box, refs }, session), {
        holder: () => holderOf(session),
        leaseSeconds: LEASE_SECONDS,
      }),
    )
    ends.push(...(await registering))
  }
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** When the renewal was sent on which what it holds rests: milliseconds of this process's monotonic clock. */
function restsOn({ held }: Holder): number {
  return Math.min(...[...held.values()].map(({ sent }) => sent?.monotonicMs ?? Number.POSITIVE_INFINITY))
}
