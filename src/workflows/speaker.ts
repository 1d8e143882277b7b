/** In whose name a clone folds, carries claims and moves the mode, where nobody has joined. */
import { type SealedSession, type SessionName, toSessionName } from '../model/index.ts'
import { sealedSession } from './chain-tip.ts'
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
  const spokeAs = await keyOfChain(box, reading, session)
  if (spokeAs === undefined) return session
  const own = await box.keys.publicKey(session)
  if (own === spokeAs) return session
  return toSessionName(`${session.slice(0, NAME_LENGTH)}-${box.sha256(own).slice(0, MARK_LENGTH)}`)
}

/** `undefined`: nobody has said anything under this name; `''`: somebody has, and nothing here tells with which key. */
async function keyOfChain(box: Toolbox, reading: WholeReading, session: SessionName): Promise<string | undefined> {
  const key = reading.snapshot.sessions.get(session)?.record.last?.event.sessionkey
  if (key !== undefined) return key
  const sealed = await sealedSession(box, reading, session)
  return sealed === undefined ? undefined : ((await keyOfSealed(box, sealed)) ?? '')
}

/**
 * Whose key the last sealed event of a chain has, where only a seal is left of it: the ref of a session that is silent for
 * long is swept. `undefined`: this clone has not the event any more, or never had it.
 */
export async function keyOfSealed(box: Toolbox, { commit }: SealedSession): Promise<string | undefined> {
  return (await eventAt(box, commit))?.event.sessionkey
}
