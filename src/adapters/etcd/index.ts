/** etcd as a fast engine: one link is one connection to one endpoint. */
import type { FastLink, FastPath, FastSpace, Unreached } from '../../ports/fast-path.ts'
import { type Connection, connectTo, type EtcdSettings } from './connection.ts'
import { spaceKeys } from './keys.ts'
import { EtcdLink } from './link.ts'
import { METHODS } from './messages.ts'
import { throwIfCertificate, unlessForPerson } from './trouble.ts'

export type { Endpoint, EtcdSettings } from './connection.ts'

/** Endpoints are tried in their order at every `connect`; nothing is kept between two. */
export function etcdFastPath(settings: EtcdSettings): FastPath {
  return {
    async connect(space): Promise<{ readonly kind: 'linked'; readonly link: FastLink } | Unreached> {
      const reached = await reach(settings, space)
      return reached.kind === 'unreached' ? reached : { kind: 'linked', link: new EtcdLink(reached.connection, space) }
    },
  }
}

/**
 * The first endpoint that connects and answers a linearizable read: a member without its cluster does not.
 *
 * @throws IfBoardError `fast/refused`, `fast/alarm`, `fast/certificate`
 */
async function reach(
  settings: EtcdSettings,
  space: FastSpace,
): Promise<{ readonly kind: 'reached'; readonly connection: Connection } | Unreached> {
  const reasons: string[] = []
  for (const endpoint of settings.endpoints) {
    const connected = await connectTo(endpoint, settings)
    if (connected.kind === 'answered') {
      const connection = connected.answer
      const read = await connection.call(METHODS.range, { key: spaceKeys(space).epoch })
      if (read.kind === 'answered') return { kind: 'reached', connection }
      connection.end('it does not answer')
      reasons.push(`${endpoint.address}: ${read.kind === 'refused' ? unlessForPerson(read).reason : read.reason}`)
    } else reasons.push(connected.kind === 'refused' ? unlessForPerson(connected).reason : connected.reason)
  }
  const reason = reasons.join('; ')
  throwIfCertificate(reason)
  return { kind: 'unreached', reason }
}
