/**
 * From etcd to git, for the sessions of one clone: what they hold is registered on the chains as they went on in etcd,
 * and the closing fold accepts what etcd shows still.
 */
import { sessionRef } from '../../claim/index.ts'
import { invariant, type ObjectId, type RefName, type SessionName } from '../../model/index.ts'
import type { FoldOutcome } from '../fold.ts'
import type { Toolbox } from '../toolbox.ts'
import type { FastEngine } from './engine.ts'
import { moveReal } from './fixed-refs.ts'
import { foldEtcd } from './fold-etcd.ts'
import { chainOf } from './laid-over.ts'
import { registerHeld } from './register-held.ts'
import { readSaid } from './said.ts'
import type { ClosingRequest } from './switch-step.ts'

/** For who takes switch steps: `SwitchTools.closeWith`. */
export function closeEtcd(box: Toolbox): (request: ClosingRequest) => Promise<FoldOutcome | undefined> {
  return async ({ reading: { refs, mode: record }, listing, folder }) => {
    const fold = await foldEtcd(box, { sight: { refs, record }, listing, folder, closes: true })
    return fold.kind === 'folded' ? fold.outcome : undefined
  }
}

/** How long what was taken in etcd is held in git without a sign of life. */
const LEASE_SECONDS = 30 * 60

/**
 * Registers what is valid by the clock of this process; called while the mode is draining, again and again.
 *
 * @throws IfBoardError as `registerHeld`
 */
export async function registerAll(box: Toolbox, engine: FastEngine): Promise<void> {
  for (const session of engine.sessions()) {
    const holder = () => {
      const now = engine.holderOf(session)
      invariant(now !== undefined, 'who has been here is not forgotten')
      return now
    }
    if (holder().held.size > 0) await registerHeld(onOwnChain(box, session), { holder, leaseSeconds: LEASE_SECONDS })
  }
}

/**
 * git, with the chain of one session as far as it has come: what is said next stands on what was said in etcd, which a
 * fold may still seal. Of the others it shows what git has: what they have said besides may be refused yet, and whoever
 * named it as seen would miss it in the log for good. Claim refs and mode are git's own.
 */
function onOwnChain(box: Toolbox, session: SessionName): Toolbox {
  let real: ReadonlyMap<RefName, ObjectId> = new Map()
  const list = async () => {
    real = await box.refs.list()
    const { beyond } = await chainOf(box, real, { session, told: [], said: await readSaid(box, session) })
    const tip = beyond.at(-1)
    if (tip === undefined) return real
    return new Map(real).set(sessionRef(box.layout, session, box.sha256), tip.oid)
  }
  return {
    ...box,
    refs: { list, peek: list, moveAll: (moves) => moveReal(box.refs, moves, real), guards: false },
  }
}
