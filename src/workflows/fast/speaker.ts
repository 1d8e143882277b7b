/** In whose name claims are carried and the mode is moved. */
import { type SessionName, toSessionName } from '../../model/index.ts'
import type { WholeReading } from '../read.ts'
import type { Toolbox } from '../toolbox.ts'

const NAME_LENGTH = 48
const MARK_LENGTH = 8

/**
 * The name that was asked for; or, where another clone speaks under it (whoever has not joined has a login name, which
 * is the same on many machines), that name with a mark of this clone's key. A switch must not wait for a name.
 */
export async function speakerOf(
  { keys, sha256 }: Toolbox,
  { snapshot }: WholeReading,
  session: SessionName,
): Promise<SessionName> {
  const spokeAs = snapshot.sessions.get(session)?.record.last?.event.sessionkey
  if (spokeAs === undefined) return session
  const own = await keys.publicKey(session)
  if (own === spokeAs) return session
  return toSessionName(`${session.slice(0, NAME_LENGTH)}-${sha256(own).slice(0, MARK_LENGTH)}`)
}
