/** etcd as a fast engine: one link is one connection to one endpoint. */
import type { FastLink, FastPath, FastSpace, Unreached } from '../../ports/fast-path.ts'
import { type Connection, connectTo, type Endpoint, type EtcdSettings, type Outcome } from './connection.ts'
import { spaceKeys } from './keys.ts'
import { EtcdLink } from './link.ts'
import { METHODS } from './messages.ts'
import { throwIfCertificate, unlessForPerson } from './trouble.ts'

export type { EtcdSettings } from './connection.ts'

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
    const reached = await reachOne(endpoint, settings, space)
    if (reached.kind === 'answered') return { kind: 'reached', connection: reached.answer }
    reasons.push(
      `${endpoint.address}: ${reached.kind === 'refused' ? unlessForPerson(reached).reason : reached.reason}`,
    )
  }
  const reason = reasons.join('; ')
  throwIfCertificate(reason)
  return { kind: 'unreached', reason }
}

async function reachOne(endpoint: Endpoint, settings: EtcdSettings, space: FastSpace): Promise<Outcome<Connection>> {
  const connected = await connectTo(endpoint, settings)
  if (connected.kind !== 'answered') return connected
  const read = await connected.answer.call(METHODS.range, { key: spaceKeys(space).epoch })
  if (read.kind === 'answered') return connected
  connected.answer.end('it does not answer')
  return read
}
