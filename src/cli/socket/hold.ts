/**
 * For how long a watcher may act for a command that waits for it: a lease between two processes. Pure.
 *
 * A command gives up when `SILENCE_MS` have passed since the last word and none waits to be read, and then does its work
 * itself. It read a word after that was sent. So a watcher that counts `HOLD_MS` from before it sent the word, and moves
 * nothing later than that, never moves anything for a command that has given up, however long either was stopped.
 */
import { HOLD_MS } from './messages.ts'

export interface Hold {
  /** A word is about to be sent: does the command still wait for it? Where it may not, never again. */
  extend(): boolean
  /** May something be moved for it now? */
  stands(): boolean
}

/** `monotonicMs`: this process's own clock; no two are compared. */
export function newHold(monotonicMs: () => number): Hold {
  let untilMs = monotonicMs() + HOLD_MS
  const stands = () => monotonicMs() < untilMs
  return {
    stands,
    extend() {
      // One that has lapsed stays so: `untilMs` only grows while it stands.
      if (!stands()) return false
      untilMs = monotonicMs() + HOLD_MS
      return true
    },
  }
}
