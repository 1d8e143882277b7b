/** Whose turn it is when fewer tasks are ready than sessions wait. Pure. */

/** How long the sessions of one turn are given before those of the next one ask as well. */
const TURN_MS = 2_000

/**
 * Milliseconds after which `session` asks: the first `ready` of the idle sessions by name ask at once, as many as there
 * are tasks for, the next ones a turn later, in case that the first are not there.
 */
export function turnMs(session: string, idle: readonly string[], ready: number): number {
  const before = new Set(idle.filter((name) => name < session)).size
  return Math.floor(before / Math.max(1, ready)) * TURN_MS
}
