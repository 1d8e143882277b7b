/** The proxy of this clone as what checks and bodies of tasks ask services by; loaded where one was granted some. */
import type { Hub } from '../../adapters/git/index.ts'
import { hmacSha256 } from '../../adapters/process/hashes.ts'
import { proxyEgress } from '../../adapters/proxy/egress.ts'
import type { ServiceDesk } from '../../workflows/jobs/tools.ts'
import { proxyServices } from '../../workflows/proxy/services.ts'
import type { Toolbox } from '../../workflows/toolbox.ts'
import { findProxy } from './proxy-place.ts'

export function jobServices({ box, hub }: { readonly box: Toolbox; readonly hub: Hub }): ServiceDesk {
  return proxyServices(box, {
    hmac: hmacSha256,
    async find() {
      const { post, socket } = await findProxy({ hub })
      return { post, egress: (sha256, capabilities) => proxyEgress({ socket, sha256, capabilities }) }
    },
  })
}
