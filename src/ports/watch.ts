/**
 * Waiting for a change instead of asking again and again.
 *
 * 1. `changed` resolves when something below the watched paths changed, or after `timeoutMs`, or
 *    when the process is asked to stop or the watch is closed, whichever comes first; it never rejects.
 * 2. A change between two calls is kept for the next one. Changes that come together are one.
 * 3. It is a hint: a missed event costs one timeout, never correctness, and what is called changed
 *    may be as it was. Where a system cannot watch, every call takes its timeout.
 * 4. After `close` no handle, timer or process is left.
 *
 * `test/ports/watch.contract.ts` holds every adapter to these.
 */
export interface Watch {
  changed(timeoutMs: number): Promise<'changed' | 'timeout' | 'stopped'>
  close(): Promise<void>
}
