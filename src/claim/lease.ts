/**
 * Leases without comparing clocks of two machines.
 *
 * An observer notes when it first saw a ref with a value, on both of its clocks. A claim may
 * be stolen when claim ref and chain ref of the holder stayed unchanged for the lease, by the
 * smaller of wall and monotonic time. A jump of the wall clock, a reboot or a lost note only
 * make the observer wait longer, never steal early.
 */
import type { ClaimRecord, EpochMs, ObjectId, RefName } from '../model/index.ts'
import { isObjectId, isRefName } from '../model/index.ts'

/** Structural twin of the clock port's instant: the core imports no port. */
export interface Moment {
  readonly wallMs: EpochMs
  readonly monotonicMs: number
  readonly bootId: string
}

export interface FirstSeen extends Moment {
  readonly value: ObjectId
}

export type SeenLedger = ReadonlyMap<RefName, FirstSeen>

/** Milliseconds since `seen`, by the smaller clock; 0 after a reboot or a step back. */
export function elapsedMs(seen: Moment, now: Moment): number {
  if (seen.bootId !== now.bootId) return 0
  return Math.max(0, Math.min(now.wallMs - seen.wallMs, now.monotonicMs - seen.monotonicMs))
}

/** Note what is seen now: a known value keeps its first time, a new one (or a new boot) starts again. */
export function observe(ledger: SeenLedger, refs: ReadonlyMap<RefName, ObjectId>, now: Moment): SeenLedger {
  const next = new Map<RefName, FirstSeen>()
  for (const [ref, value] of refs) {
    const seen = ledger.get(ref)
    const steppedBack = seen !== undefined && (now.wallMs < seen.wallMs || now.monotonicMs < seen.monotonicMs)
    const keeps = seen !== undefined && seen.value === value && seen.bootId === now.bootId && !steppedBack
    next.set(ref, keeps ? seen : { value, wallMs: now.wallMs, monotonicMs: now.monotonicMs, bootId: now.bootId })
  }
  return next
}

export interface StealQuestion {
  readonly claim: ClaimRecord
  readonly claimSeen: FirstSeen | undefined
  /** First sight of the holder's chain ref as it is now; `undefined` when that ref does not exist. */
  readonly chainSeen: FirstSeen | undefined
  readonly now: Moment
}

/** Has this observer seen claim and holder's chain unchanged for exactly the lease or longer? */
export function mayBeStolen({ claim, claimSeen, chainSeen, now }: StealQuestion): boolean {
  if (claim.kind !== 'granted' || claimSeen === undefined || claimSeen.value !== claim.oid) return false
  const quietMs = Math.min(
    elapsedMs(claimSeen, now),
    chainSeen === undefined ? Number.POSITIVE_INFINITY : elapsedMs(chainSeen, now),
  )
  return quietMs >= claim.leaseMs
}

/** Lease of a grant in whole seconds: `asked`, else the larger of the configured lease and twice the estimate. */
export function leaseSeconds(
  asked: number | undefined,
  configuredMinutes: number,
  estimateMinutes: number | undefined,
): number {
  const minutes = asked ?? Math.max(configuredMinutes, 2 * (estimateMinutes ?? 0))
  return Math.round(Math.min(Math.max(minutes, 1), 7 * 24 * 60) * 60)
}

/** A beat is due when the chain ref stood still for a quarter of the lease. */
export function beatIsDue(chainSeen: FirstSeen | undefined, now: Moment, leaseMs: number): boolean {
  return chainSeen === undefined || elapsedMs(chainSeen, now) >= leaseMs / 4
}

/** One line per ref: ref, value, wall, monotonic, boot id; sorted, so that equal ledgers are equal texts. */
export function renderLedger(ledger: SeenLedger): string {
  return [...ledger]
    .map(([ref, seen]) => `${ref} ${seen.value} ${seen.wallMs} ${seen.monotonicMs} ${seen.bootId}\n`)
    .sort()
    .join('')
}

/** Lines that are not understood are left out: the observer then waits again. */
export function parseLedger(text: string): SeenLedger {
  const ledger = new Map<RefName, FirstSeen>()
  for (const line of text.split('\n')) {
    const [ref = '', value = '', wall = '', monotonic = '', bootId = ''] = line.split(' ')
    const wallMs = Number(wall)
    const monotonicMs = Number(monotonic)
    if (isRefName(ref) && isObjectId(value) && Number.isFinite(wallMs) && Number.isFinite(monotonicMs) && bootId !== '')
      ledger.set(ref, { value, wallMs, monotonicMs, bootId })
  }
  return ledger
}
