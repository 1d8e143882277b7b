/** What whoever speaks HTTP asks of whoever knows the boards; the one reads sockets, the other none. */
import type { ProxyAlias, ProxyRule } from '../model/index.ts'
import type { Asked } from './decide.ts'

/**
 * 1. `judge` never rejects: what cannot be found out refuses.
 * 2. A pass has taken its request already; `end` is called once, however it went, and then nothing more.
 * 3. What was refused, here or by the one who asks (`refused`), and what passed is noted for the log.
 */
export interface Gate {
  judge(presented: Presented): Promise<Pass | Refused>
  /** Refused for what only the asker sees, before anything was judged: a request that is none, a capability that is missing. */
  refused(call: EarlyRefusal): void
  /** A request for a capability, as it came; what it answers is JSON. */
  grant(body: string): Promise<GrantAnswer>
}

export interface EarlyRefusal {
  /** As far as they were read. */
  readonly alias: string
  readonly method: string
  readonly rule: ProxyRule
  readonly capability?: string | undefined
}

export interface Presented {
  readonly capability: string
  readonly asked: Asked
}

export interface Pass {
  readonly kind: 'pass'
  readonly alias: ProxyAlias
  /** Bytes of bodies that may still pass. */
  bytesLeft(): number
  /** How many of these may pass now; they are taken. */
  take(wanted: number): number
  end(how: Ended): void
}

export interface Ended {
  /** Bytes of bodies that went to the service, and that came back to the client. */
  readonly sent: number
  readonly received: number
  /** Why it did not end by itself. */
  readonly rule?: ProxyRule | undefined
}

export interface Refused {
  readonly kind: 'refused'
  readonly rule: ProxyRule
  readonly reason: string
}

export type GrantAnswer = { readonly kind: 'granted'; readonly capability: string; readonly expires: number } | Refused

/** Where capabilities are asked for; no alias has this name. */
export const GRANT_PATH = '/-/grant'
export const MAX_GRANT_BYTES = 8 * 1024
