/** The proxy of this clone as what checks and bodies of tasks ask services by; loaded where one was granted some. */
import { proxyEgress } from '../../adapters/proxy/egress.ts'
import type { OpenServices } from '../../workflows/jobs/tools.ts'
import { proxyServices } from '../../workflows/proxy/services.ts'
import type { Opened } from './open.ts'
import { findProxy, hmacSha256 } from './proxy.ts'

export function jobServices(opened: Pick<Opened, 'box' | 'hub'>): OpenServices {
  return proxyServices(opened.box, {
    hmac: hmacSha256,
    async find() {
      const { post, socket } = await findProxy(opened)
      return { post, egress: (sha256, capabilities) => proxyEgress({ socket, sha256, capabilities }) }
    },
  })
}
