/**
 * The way to services for one run of a module: the session asks the running proxy for a capability for each of them, for
 * the task that it holds, and narrows it to the module and to the time of the run. The capabilities stay with whoever
 * supervises the run.
 */
import { type Hmac, narrowCapability } from '../../credentials/index.ts'
import { invariant, type SessionName } from '../../model/index.ts'
import type { Egress } from '../../ports/index.ts'
import type { GrantAnswer } from '../../proxy/index.ts'
import { orNotRun } from '../jobs/gather.ts'
import type { NotRun, ServiceDesk, ServiceWish } from '../jobs/tools.ts'
import type { Toolbox } from '../toolbox.ts'
import { askGrant } from './ask-grant.ts'

export interface ServiceTools {
  /** @throws IfBoardError `proxy/not-running` */
  readonly find: () => Promise<ProxyAtHand>
  readonly hmac: Hmac
}

export interface ProxyAtHand {
  readonly post: (body: string) => Promise<GrantAnswer>
  /** @param capabilities  by alias */
  egress(sha256: string, capabilities: ReadonlyMap<string, string>): Egress
}

const MINUTE_MS = 60_000
const NOBODY: NotRun = {
  kind: 'not-run',
  reason: 'it asks services, for a session that holds the task alone',
  hint: 'Say who asks: --session NAME',
}

export function proxyServices(box: Toolbox, tools: ServiceTools): ServiceDesk {
  return {
    missing: () => orNotRun(async () => void (await tools.find())),
    open: (wish) => orNotRun(() => open(box, tools, wish)),
  }
}

async function open(box: Toolbox, { find, hmac }: ServiceTools, wish: ServiceWish) {
  const { session } = wish
  if (session === undefined) return NOBODY
  const proxy = await find()
  const capabilities = new Map<string, string>()
  for (const alias of wish.aliases) {
    const granted = await grant(box, proxy, { ...wish, session, alias })
    if (granted.kind === 'refused') return refused(alias, granted)
    capabilities.set(alias, narrowed(box, hmac, granted.capability, wish))
  }
  return { kind: 'open', egress: proxy.egress(wish.sha256, capabilities) } as const
}

type OneService = ServiceWish & { readonly session: SessionName; readonly alias: string }

function grant(box: Toolbox, { post }: ProxyAtHand, { session, task, alias, calls, ms }: OneService) {
  return askGrant(box, { session, task, alias, calls, minutes: Math.ceil(ms / MINUTE_MS) }, post)
}

function narrowed(box: Toolbox, hmac: Hmac, capability: string, { sha256, ms }: ServiceWish): string {
  const seconds = Math.ceil((box.clock.now().wallMs + ms) / 1000)
  const narrower = narrowCapability(hmac, capability, [
    { name: 'module', sha256 },
    { name: 'expires', seconds },
  ])
  invariant(narrower !== undefined, 'a capability that was just granted has room for two caveats')
  return narrower
}

function refused(alias: string, { rule, reason }: Extract<GrantAnswer, { kind: 'refused' }>): NotRun {
  return {
    kind: 'not-run',
    reason: `the proxy grants it nothing of \`${alias}\`: ${reason} (rule ${rule})`,
    hint: `What a session needs for it: docs/proxy.md; to try: if-board proxy grant ${alias}`,
  }
}
