/**
 * The life of one claim, as a state machine.
 *
 * R is the task's claim ref. `absent` and `returned` (r) are free; `granted` (g) is one
 * session's; `completed` (d) waits for a fold. Every arrow is one atomic compare-and-set of
 * {the session's chain ref, R}, both to the same new commit:
 *
 *     absent, r, void → g    claim      g → g′  steal      g → d  complete
 *     g → r    release, fail, block     g → absent  withdraw (the re-read found it must not be)
 *     d → d′   merged (`doneWhen: merged`)
 *
 * A fold deletes R when its task is settled, with R's exact value as the lease. A crash between
 * two steps leaves R at one of these values, so any participant can go on from what it reads:
 * g expires by the observer rule (`lease.ts`), d is folded by whoever comes next, and a fold
 * that stopped half way is repaired by the next, because text and state are preferred to refs.
 */
export * from './judge.ts'
export * from './layout.ts'
export * from './lease.ts'
export * from './state-file.ts'
