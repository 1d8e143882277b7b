/**
 * What was used, held at the last byte: whoever passes bytes on takes them here first, so two exchanges at once never
 * pass more than there is.
 */
import type { Bounds, Counted } from '../credentials/index.ts'
import type { ProxyAlias } from '../model/index.ts'
import type { Left } from './decide.ts'

/** Of one alias on one day of UTC; plain JSON, so that it can be kept. */
export interface DayUse {
  readonly alias: string
  /** Such as `2026-11-26`. */
  readonly day: string
  readonly requests: number
  readonly bytes: number
  readonly microUsd: number
}

interface Made {
  /** Milliseconds since 1970, when nothing made from it is in force any more. */
  readonly untilMs: number
  readonly used: Map<string, number>
}

/** One use of the proxy, for as long as it takes. */
export interface Use {
  readonly alias: ProxyAlias
  readonly id: string
  readonly bounds: Bounds
  readonly day: string
}

/** Capabilities in force at once, and counts of one of them with all that was made from it. */
const MAX_MADE = 10_000
const MAX_MARKS = 256

export class Counts {
  readonly #made = new Map<string, Made>()
  readonly #days = new Map<string, DayUse>()

  /** @param kept  of the alias's days, from a proxy that ran before */
  constructor(kept: readonly DayUse[] = []) {
    for (const use of kept) this.#days.set(use.alias, use)
  }

  /** A capability was made; `false`: too many are in force. */
  open(id: string, untilMs: number, nowMs: number): boolean {
    if (this.#made.size >= MAX_MADE) this.#forget(nowMs)
    if (this.#made.size >= MAX_MADE) return false
    this.#made.set(id, { untilMs, used: new Map() })
    return true
  }

  /** One that was not made here, or with more counts than are kept, has nothing left. */
  left({ alias, id, bounds, day }: Use): Left {
    const used = this.#made.get(id)?.used
    const isKept = used !== undefined && hasRoom(used, bounds.counted)
    const least = (of: Counted['of']) =>
      bounds.counted
        .filter((counted) => counted.of === of)
        .reduce((left, { mark, most }) => Math.min(left, most - (used?.get(mark) ?? 0)), Number.POSITIVE_INFINITY)
    const spent = this.#dayOf(alias.alias, day)
    const { requests, bytes, microUsd } = capsOf(alias)
    return {
      requests: requests - spent.requests,
      bytes: bytes - spent.bytes,
      microUsd: microUsd - spent.microUsd,
      calls: isKept ? least('calls') : 0,
      capabilityBytes: isKept ? least('bytes') : 0,
    }
  }

  /** One request more. */
  begin(use: Use): void {
    this.#add(use, 'calls', 1, { requests: 1, bytes: 0, microUsd: use.alias.microUsdPerRequest })
  }

  /** How many of `wanted` bytes may pass; these are taken. */
  take(use: Use, wanted: number): number {
    const { bytes, capabilityBytes } = this.left(use)
    const granted = Math.max(0, Math.min(wanted, bytes, capabilityBytes))
    this.#add(use, 'bytes', granted, { requests: 0, bytes: granted, microUsd: 0 })
    return granted
  }

  days(): DayUse[] {
    return [...this.#days.values()]
  }

  #add({ alias, id, bounds, day }: Use, of: Counted['of'], by: number, more: Omit<DayUse, 'alias' | 'day'>): void {
    const used = this.#made.get(id)?.used
    for (const counted of bounds.counted)
      if (counted.of === of) used?.set(counted.mark, (used.get(counted.mark) ?? 0) + by)
    const spent = this.#dayOf(alias.alias, day)
    this.#days.set(alias.alias, {
      ...spent,
      requests: spent.requests + more.requests,
      bytes: spent.bytes + more.bytes,
      microUsd: spent.microUsd + more.microUsd,
    })
  }

  #forget(nowMs: number): void {
    for (const [id, { untilMs }] of this.#made) if (untilMs <= nowMs) this.#made.delete(id)
  }

  #dayOf(alias: string, day: string): DayUse {
    const known = this.#days.get(alias)
    // A clock that was set back does not give a day's budget anew.
    return known !== undefined && known.day >= day ? known : { alias, day, requests: 0, bytes: 0, microUsd: 0 }
  }
}

function hasRoom(used: ReadonlyMap<string, number>, counted: readonly Counted[]): boolean {
  return used.size + counted.filter(({ mark }) => !used.has(mark)).length <= MAX_MARKS
}

function capsOf({ budget }: ProxyAlias) {
  const { requests, bytes, microUsd } = budget
  const endless = Number.POSITIVE_INFINITY
  return { requests: requests ?? endless, bytes: bytes ?? endless, microUsd: microUsd ?? endless }
}
