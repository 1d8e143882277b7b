/**
 * Can a history of one object have happened one operation after the other, each at a moment between its start and its
 * end? The search of Wing and Gong ("Testing and verifying concurrent objects", 1993), which never looks at the same
 * set of done operations and state twice (Lowe, "Testing for linearizability", 2017). Histories of different objects
 * are judged one by one: together they are linearizable if each of them is (Herlihy and Wing, 1990).
 */
export interface Operation<S> {
  /** When it was asked for, on the one clock of the history. */
  readonly start: number
  /** When its outcome was known; `Infinity`: never, it may or may not have happened. */
  readonly end: number
  /** For whoever reads a history that is not linearizable. */
  readonly what: string
  /** The state after it, or `undefined` where it could not have had its outcome. */
  after(state: S): S | undefined
}

export interface Linearized {
  readonly isLinearizable: boolean
  /** The most operations that could be put in order, for a message. */
  readonly longest: readonly string[]
}

/** @param states text that two states share only if they are the same */
export function linearize<S>(
  initial: S,
  history: readonly Operation<S>[],
  states: (state: S) => string = String,
): Linearized {
  const operations = [...history].sort((a, b) => a.start - b.start)
  const known = operations.reduce((mask, { end }, at) => (end === Infinity ? mask : mask | (1n << BigInt(at))), 0n)
  const seen = new Set<string>()
  let longest: readonly string[] = []
  const open: { done: bigint; state: S; order: readonly string[] }[] = [{ done: 0n, state: initial, order: [] }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { done, state, order } = next
    if (order.length > longest.length) longest = order
    if ((done & known) === known) return { isLinearizable: true, longest: order }
    for (const at of candidates(operations, done)) {
      const operation = operations[at] as Operation<S>
      const after = operation.after(state)
      if (after === undefined) continue
      const mask = done | (1n << BigInt(at))
      const key = `${mask.toString(36)} ${states(after)}`
      if (seen.has(key)) continue
      seen.add(key)
      open.push({ done: mask, state: after, order: [...order, operation.what] })
    }
  }
  return { isLinearizable: false, longest }
}

/** What may come next: operations that began before any other open one had ended. */
function candidates<S>(operations: readonly Operation<S>[], done: bigint): number[] {
  const found: number[] = []
  let firstEnd = Infinity
  for (const [at, { start, end }] of operations.entries()) {
    if ((done >> BigInt(at)) & 1n) continue
    if (start > firstEnd) break
    found.push(at)
    firstEnd = Math.min(firstEnd, end)
  }
  return found
}
