/** `breaker-open`, `breaker-probe`: what a breaker that is not closed refuses, and what ends that. */
import type { SessionName } from '../model/index.ts'
import type { SessionBreaker } from './breaker.ts'
import type { AdmissionFacts, Refusal } from './verdict.ts'

const MINUTE_MS = 60_000

/** What money alone stops is told by the rule of the budget, with what is left. */
export function breakerStops({ accounts, session, holds }: AdmissionFacts): Refusal | undefined {
  const breaker = accounts.breakers.get(session)
  return breaker?.rule === 'budget' ? undefined : refusedByBreaker(breaker, session, holds)
}

/** Why the session may not take one more task; the hint names a way out. */
export function refusedByBreaker(
  breaker: SessionBreaker | undefined,
  session: SessionName,
  holds: number,
): Refusal | undefined {
  if (breaker === undefined || breaker.kind === 'closed') return undefined
  const reason = `the breaker of ${session} is ${breaker.kind}: ${breaker.reason}`
  if (breaker.kind === 'open') return { kind: 'refuse', rule: 'breaker-open', reason, hint: wayOut(breaker, session) }
  if (holds === 0) return undefined
  const hint = 'It works at one task at a time until one is done: if-board done'
  return { kind: 'refuse', rule: 'breaker-probe', reason, hint }
}

/** What ends an open breaker, in words. */
export function wayOut(breaker: Extract<SessionBreaker, { readonly kind: 'open' }>, session: SessionName): string {
  if (breaker.rule === 'budget')
    return `Raise what it may spend: if-board join ${session} --budget USD, or \`budget.session\` in .if-board/config.yml`
  const reset = `if-board breaker reset ${session} --reason TEXT`
  if (breaker.retryAfterMs === undefined) return `Only a person closes it: ${reset}`
  const minutes = Math.ceil(breaker.retryAfterMs / MINUTE_MS)
  return `It may probe with one task in ${minutes} min; sooner: ${reset}`
}

/** What offers a quarantined task again. */
export function taskWayOut(id: string): string {
  return `See why it fails, then: if-board breaker reset ${id} --reason TEXT`
}
