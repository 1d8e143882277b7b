/** How long and how far a check or a body may run for a session. */
import type { RunLimits } from '../model/index.ts'
import { NEW_REPUTATION } from './reputation.ts'

/** Least part of fuel and time that is left: enough to finish something small, and to rise again. */
const LEAST = 0.1

/** Fuel and time in proportion to a reputation below that of a new session; whoever stands higher gets no more than all. */
export function limitsFor(limits: RunLimits, reputation: number): RunLimits {
  const part = Math.min(1, Math.max(LEAST, reputation / NEW_REPUTATION))
  const of = (most: number) => Math.max(1, Math.floor(most * part))
  return part === 1 ? limits : { ...limits, fuel: of(limits.fuel), deadlineMs: of(limits.deadlineMs) }
}
