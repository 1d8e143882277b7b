/**
 * May this request go out? One answer from registry, capability, what was used, and the moment; the address that the
 * service's name resolves to is judged later, by `address.ts`.
 *
 * The first rule that refuses is the reason. What is not said allows nothing: a capability without an expiry, or without
 * its claim, is none.
 */
import { type Bounds, isBelow } from '../credentials/index.ts'
import { matchParts } from '../model/glob.ts'
import type { ObjectId, ProxyAlias, ProxyRule, SessionName, TaskKey } from '../model/index.ts'

export type Registry = ReadonlyMap<string, ProxyAlias>

/** What is asked, read from the request line. */
export type Asked =
  | {
      readonly kind: 'request'
      readonly alias: string
      readonly method: string
      readonly parts: readonly string[]
      readonly module: string | undefined
    }
  | { readonly kind: 'tunnel'; readonly host: string; readonly port: number }

/** What the boards say of the capability's claim and session. */
export interface Standing {
  /** Does that session hold that task by that very claim? */
  readonly holds: boolean
  /** Why the session may not use the proxy at all. */
  readonly refusal: string | undefined
}

/** What is left of every bound that is counted, this request not yet taken. */
export interface Left {
  readonly requests: number
  readonly bytes: number
  readonly microUsd: number
  /** Of the capability. */
  readonly calls: number
  readonly capabilityBytes: number
}

export type Decision =
  | { readonly kind: 'allow'; readonly alias: ProxyAlias }
  | { readonly kind: 'deny'; readonly rule: ProxyRule; readonly reason: string }

export interface Judged {
  readonly registry: Registry
  readonly bounds: Bounds | undefined
  readonly asked: Asked
  readonly standing: Standing
  readonly left: (alias: ProxyAlias) => Left
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

export function decide({ registry, bounds, asked, standing, left, nowMs }: Judged): Decision {
  const held = bounds === undefined ? undefined : whole(bounds)
  if (bounds === undefined || held === undefined) return deny('capability', 'it allows nothing')
  if (nowMs >= held.expires * 1000) return deny('capability', 'it has expired')
  if (!standing.holds) return deny('claim', 'the claim that it was made for is over')
  if (standing.refusal !== undefined) return deny('session', standing.refusal)
  const alias = registry.get(held.alias)
  if (alias === undefined) return deny('alias', 'no alias of that name is in the settings')
  if (alias.sessions !== undefined && !alias.sessions.includes(held.session))
    return deny('session', 'the alias names other sessions')
  return (
    (asked.kind === 'tunnel' ? tunnelProblem(alias, bounds, asked) : requestProblem(alias, bounds, asked)) ??
    budgetProblem(alias, left(alias)) ?? { kind: 'allow', alias }
  )
}

interface Held {
  readonly session: SessionName
  readonly task: TaskKey
  readonly claim: ObjectId
  readonly alias: string
  readonly expires: number
}

/** Everything that the proxy puts into each capability that it makes. */
function whole({ session, task, claim, alias, expires }: Bounds): Held | undefined {
  if (session === undefined || task === undefined || claim === undefined) return undefined
  return alias === undefined || expires === undefined ? undefined : { session, task, claim, alias, expires }
}

function requestProblem(alias: ProxyAlias, bounds: Bounds, asked: Extract<Asked, { kind: 'request' }>) {
  if (asked.alias !== alias.alias) return deny('alias', 'the capability is for another alias')
  if (alias.url === undefined) return deny('alias', 'this alias is for tunnels alone')
  if (!alias.methods.includes(asked.method)) return deny('method', 'the settings do not list the method')
  if (bounds.methods?.has(asked.method) === false) return deny('method', 'the capability does not have the method')
  if (!alias.paths.some((pattern) => matchParts(partsOf(pattern), asked.parts)))
    return deny('path', 'the settings do not list the path')
  const path = `/${asked.parts.join('/')}`
  if (!bounds.paths.every((prefix) => isBelow(path, prefix)))
    return deny('path', 'the path lies outside of the capability')
  if (bounds.module !== undefined && bounds.module !== asked.module)
    return deny('module', 'the capability is for the calls of a module')
  return undefined
}

/** `/` has none. */
function partsOf(pattern: string): string[] {
  return pattern.split('/').filter((part) => part !== '')
}

/** What a tunnel carries is not seen, so a capability that bounds methods, paths or modules is for none. */
function tunnelProblem(alias: ProxyAlias, bounds: Bounds, { host, port }: Extract<Asked, { kind: 'tunnel' }>) {
  if (!alias.connect.includes(`${host}:${port}`)) return deny('alias', 'the alias lists no such host and port')
  if (bounds.methods?.has('CONNECT') === false) return deny('method', 'the capability does not have CONNECT')
  if (bounds.paths.length > 0) return deny('path', 'the capability is for paths, and a tunnel has none')
  if (bounds.module !== undefined) return deny('module', 'the capability is for the calls of a module')
  return undefined
}

function budgetProblem({ microUsdPerRequest }: ProxyAlias, left: Left) {
  if (left.calls < 1) return deny('budget', 'the requests of the capability are used up')
  if (left.requests < 1) return deny('budget', 'the requests of this day are used up')
  if (left.microUsd < microUsdPerRequest) return deny('budget', 'the dollars of this day are used up')
  if (left.capabilityBytes < 1) return deny('budget', 'the bytes of the capability are used up')
  if (left.bytes < 1) return deny('budget', 'the bytes of this day are used up')
  return undefined
}

function deny(rule: ProxyRule, reason: string): Extract<Decision, { kind: 'deny' }> {
  return { kind: 'deny', rule, reason }
}
