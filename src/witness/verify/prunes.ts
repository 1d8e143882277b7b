/**
 * Which folds are without their events, and was each prune announced, allowed, and true to what it kept?
 *
 * The announcement is an event like others, sealed by a later fold or still on its chain, so this is judged when all
 * events have come by.
 */
import type { SignedEvent } from '../../model/index.ts'
import type { SignedCheckpoint } from '../checkpoint.ts'
import { foldTime, KEPT_NOTHING, keptAfter, LEAST_AGE_MS } from '../pruning.ts'
import { parseTime } from '../time.ts'
import type { Findings } from './findings.ts'
import type { VerifyTools } from './tools.ts'

interface Announced {
  readonly throughFold: number
  /** Milliseconds since 1970; folds from then on keep their events. */
  readonly before: number
  readonly kept: string
}

interface PrunedFold {
  readonly fold: number
  /** By its own record; `undefined`: it does not say, so no prune may take it. */
  readonly at: number | undefined
}

export class Prunes {
  readonly #sha256: VerifyTools['sha256']
  readonly #announced: Announced[] = []
  readonly #pruned: PrunedFold[] = []
  /** Of the folds at the beginning of the log that have no events: the hash over their checkpoints, by fold. */
  readonly #kept = new Map<number, string>()
  #rolling: string | undefined = KEPT_NOTHING

  constructor({ sha256 }: Pick<VerifyTools, 'sha256'>) {
    this.#sha256 = sha256
  }

  /** Last fold without its events; 0: none. */
  get through(): number {
    return this.#pruned.at(-1)?.fold ?? 0
  }

  /** When the last of them was made, milliseconds since 1970; 0: nothing was pruned. */
  get until(): number {
    return Math.max(0, ...this.#pruned.map(({ at }) => at ?? 0))
  }

  announce({ time, data: { pruned } }: SignedEvent): void {
    if (pruned === undefined) return
    const before = Math.min(parseTime(pruned.before) ?? 0, (parseTime(time) ?? 0) - LEAST_AGE_MS)
    this.#announced.push({ throughFold: pruned.throughFold, before, kept: pruned.kept })
  }

  /** The next fold of the log. */
  pass(signed: SignedCheckpoint, events: 'there' | 'none' | 'pruned'): void {
    const { fold, records } = signed.checkpoint
    if (events === 'pruned') this.#pruned.push({ fold, at: foldTime(records) })
    this.#rolling =
      events === 'there' || this.#rolling === undefined ? undefined : keptAfter(this.#rolling, signed, this.#sha256)
    if (this.#rolling !== undefined) this.#kept.set(fold, this.#rolling)
  }

  finish(findings: Findings): void {
    for (const { throughFold, kept } of this.#announced) {
      const found = this.#kept.get(throughFold)
      if (found === undefined || found === kept) continue
      const message = `the checkpoints up to fold ${throughFold} are not those that a prune kept`
      findings.add('note-changed', { fold: throughFold }, message)
    }
    for (const pruned of this.#pruned)
      if (!this.#announced.some((announced) => isCovered(pruned, announced)))
        findings.add(
          'events-missing',
          { fold: pruned.fold },
          `the events of fold ${pruned.fold} are gone, and no prune that may take them says so`,
        )
    if (this.#pruned.length === 0) return
    const message = `the events of ${this.#pruned.length} folds were pruned; their checkpoints stand`
    findings.notice('pruned', { fold: this.through }, message)
  }
}

function isCovered({ fold, at }: PrunedFold, { throughFold, before }: Announced): boolean {
  return fold <= throughFold && at !== undefined && at < before
}
