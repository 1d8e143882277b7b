/** What the proxy is made with; tests hand in their own names and times. */
import type { Gate } from '../../proxy/index.ts'
import type { Connections } from './connect.ts'
import type { Resolve } from './resolve.ts'
import type { Secrets } from './secrets.ts'

export interface ProxyTools {
  readonly gate: Gate
  readonly secrets: Secrets
  readonly connections: Connections
  readonly resolve: Resolve
  /** Addresses that are not public and may be reached, by origin. */
  readonly private: ReadonlyMap<string, readonly string[]>
  /** For whoever sends the head of a request, or a ClientHello, a byte at a time. */
  readonly headMs: number
}
