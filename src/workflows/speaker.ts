/** In whose name a clone folds, carries claims and moves the mode, where nobody has joined. */
import { type SealedSession, type SessionName, toSessionName } from '../model/index.ts'
import type { CarriedEvent } from '../witness/index.ts'
import { sealedSession, tipOf } from './chain-tip.ts'
import { eventAt } from './chain-walk.ts'
import type { WholeReading } from './read.ts'
import type { Toolbox } from './toolbox.ts'

const NAME_LENGTH = 48
const MARK_LENGTH = 8

/**
 * The name that was asked for; or, where another clone speaks under it (whoever has not joined has a login name, which
 * is the same on many machines), that name with a mark of this clone's key. A fold or a switch must not wait for a name,
 * and what it signs must not look like a forgery of the other's.
 */
export async function speakerOf(box: Toolbox, reading: WholeReading, session: SessionName): Promise<SessionName> {
  const spokeAs = await keyOfChain(box, {
    tip: await tipOf(box, reading, session),
    sealed: await sealedSession(box, reading, session),
  })
  if (spokeAs === undefined) return session
  const own = await box.keys.publicKey(session)
  if (own === spokeAs) return session
  return toSessionName(`${session.slice(0, NAME_LENGTH)}-${box.sha256(own).slice(0, MARK_LENGTH)}`)
}

export interface ChainEnds {
  readonly tip: CarriedEvent | undefined
  readonly sealed: SealedSession | undefined
}

/**
 * Whose key a chain has. `undefined`: nobody has said anything under its name. Where only a seal is left of it, because the
 * ref of a session that is silent for long is swept, the sealed event is asked; `''`: this clone has not got that any more.
 */
export async function keyOfChain(box: Toolbox, { tip, sealed }: ChainEnds): Promise<string | undefined> {
  if (tip !== undefined) return tip.event.sessionkey
  return sealed === undefined ? undefined : ((await eventAt(box, sealed.commit))?.event.sessionkey ?? '')
}
