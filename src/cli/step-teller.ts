/** What a switch of who decides does, on stderr, for whoever waits for it. */
import type { Stepped } from '../workflows/fast/switch-step.ts'
import { stepLine } from './print/fast.ts'
import { type Shell, tell } from './shell.ts'

/** Steps that are over sooner are not told. */
const SLOW_MS = 1000

/** Tells a wait once, and of steps those that took a second. */
export function stepTeller(shell: Shell): (stepped: Stepped) => void {
  let last = performance.now()
  let isWaiting = false
  return (stepped) => {
    const now = performance.now()
    const line = stepLine(stepped)
    const isWait = stepped.step.kind === 'wait'
    const isWorthIt = isWait ? !isWaiting : now - last >= SLOW_MS
    if (line !== undefined && isWorthIt) tell(shell, line)
    isWaiting = isWait
    last = now
  }
}
