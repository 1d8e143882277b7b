/**
 * For how long something may be believed, by one machine's own clocks.
 *
 * Who holds counts from when it **sent** what was answered, by whichever clock went further, and gives a margin
 * away. Who waits for others to have stopped counts from when it saw the cause, by whichever clock went less, and
 * waits longer than they hold. No time of another machine, and none that a server tells, is ever used.
 */
import { elapsedMs, type Moment } from '../claim/index.ts'
import type { ModeRecord } from './mode.ts'

/** What a holder gives away so that clocks that run apart do no harm: 5 % of the lease, at least 150 ms. */
export function marginMs(leaseMs: number): number {
  return Math.max(150, leaseMs / 20)
}

/** Milliseconds since `sent` by the clock that went further; without end after a reboot or where the monotonic clock fell. */
export function spentMs(sent: Moment, now: Moment): number {
  const monotonicMs = now.monotonicMs - sent.monotonicMs
  if (sent.bootId !== now.bootId || monotonicMs < 0) return Number.POSITIVE_INFINITY
  return Math.max(monotonicMs, now.wallMs - sent.wallMs)
}

/** Does what was confirmed by a request sent at `sent` still hold? */
export function isValid(sent: Moment, leaseMs: number, now: Moment): boolean {
  return spentMs(sent, now) < leaseMs - marginMs(leaseMs)
}

/** Time to ask again: a third of the lease, so that one lost answer does no harm. */
export function isDue(sent: Moment, leaseMs: number, now: Moment): boolean {
  return spentMs(sent, now) >= leaseMs / 3
}

/**
 * Time to look at the mode again. Where etcd decides and there is no link to it, somebody may begin the way back: to be
 * seen while what is held can still be registered, so five times as often.
 */
export function isLookDue(
  { sent, record }: { readonly sent: Moment; readonly record: Pick<ModeRecord, 'mode' | 'leaseMs'> },
  isUnlinked: boolean,
  now: Moment,
): boolean {
  const isLost = isUnlinked && record.mode === 'etcd'
  return isDue(sent, isLost ? record.leaseMs / 5 : record.leaseMs, now)
}

/** How long draining lasts, and how long nothing is armed after a server began a new life: longer than anybody holds. */
export function graceMs(leaseMs: number): number {
  return leaseMs + marginMs(leaseMs)
}

/** Has this observer waited out everybody who believed otherwise when it first saw the cause? */
export function isGraceOver(seen: Moment, leaseMs: number, now: Moment): boolean {
  return elapsedMs(seen, now) >= graceMs(leaseMs)
}
