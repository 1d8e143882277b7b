/** What the proxy goes by: `proxy:` of `.if-board/config.yml`, with every default filled in (docs/proxy.md). */
import type { ObjectId, SessionName } from './ids.ts'

/** Plain JSON, so that it travels through the hub's memory as it is. */
export interface ProxyAlias {
  readonly alias: string
  /** Base of the service: `http:` or `https:`, without user, query and fragment. Absent: tunnels alone. */
  readonly url?: string
  /** `host:port`, to which tunnels may lead; a name in small letters, never an address. */
  readonly connect: readonly string[]
  readonly methods: readonly string[]
  /** Patterns of paths below the base (`matchParts`). */
  readonly paths: readonly string[]
  /** Absent: all sessions that have the capability. */
  readonly sessions?: readonly SessionName[]
  /** Name of a secret in the settings of the proxy's machine. */
  readonly secret?: string
  readonly budget: ProxyBudget
  readonly microUsdPerRequest: number
  /** For a whole exchange. */
  readonly timeoutSeconds: number
}

/** For each day of UTC; what is left out is not bounded. */
export interface ProxyBudget {
  readonly requests?: number
  readonly bytes?: number
  readonly microUsd?: number
}

/** What a session needs among its capabilities to be handed one of the proxy. */
export const PROXY_CAPABILITY = 'network.http.proxy.external'

/** Why the proxy refused; docs/proxy.md says what each means. */
export type ProxyRule =
  | 'request'
  | 'capability'
  | 'claim'
  | 'session'
  | 'alias'
  | 'method'
  | 'path'
  | 'module'
  | 'budget'
  | 'address'
  | 'sni'
  | 'redirect'
  | 'secret'
  | 'credential'
  | 'time'
  | 'unreachable'

/** Requests that came to the same: a row of a `requested` event. */
export interface ProxyUse {
  readonly alias: string
  readonly method: string
  readonly verdict: 'allow' | 'refuse'
  readonly rule?: ProxyRule
  readonly calls: number
  /** Bytes of bodies: to the service, and from it. */
  readonly sent: number
  readonly received: number
  /** The first different ones, decoded and without query. */
  readonly paths?: readonly string[]
  /** SHA-256 of the module that asked, where the capability is for its calls alone. */
  readonly module?: string
}

/** What one proxy passed on and refused for one claim, from its first request to the last; the newest event says all. */
export interface ProxyRequests {
  /** By chance: names the process, so that counts of two are told apart. */
  readonly proxy: string
  /** Absent: of what no capability explains. */
  readonly claim?: ObjectId
  readonly uses: readonly ProxyUse[]
  /** Calls that found no row. */
  readonly more?: number
}
