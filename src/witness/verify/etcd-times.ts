/**
 * When etcd decided claims, by the `mode` events of the log: what is said meanwhile may reach git long after.
 *
 * A release goes to etcd, which frees the task, and then to git; where git does not answer it rides with the session's
 * next event. The same holds for what was said before a claim that got no answer. Folds go on meanwhile, so none of
 * them bounds the time of such an event. An epoch e of etcd ends when git decides under e + 2 (docs/fast-path.md).
 */
import type { SignedEvent } from '../../model/index.ts'
import { parseTime } from '../time.ts'

export class EtcdTimes {
  /** Milliseconds since 1970 by the epoch of etcd; a fold may have the end before the beginning. */
  readonly #begun = new Map<number, number>()
  readonly #ended = new Map<number, number>()
  /** Events are gone, and with them changes of who decides; none has been told since. */
  #isCut = false
  /** A claim names an epoch whose beginning is gone. */
  #isUntold = false

  /** The next fold of the log has no events any more. */
  skip(): void {
    this.#isCut = true
  }

  hear({ time, data: { mode, modeEpoch = 0 } }: SignedEvent): void {
    if (mode === undefined) {
      if (this.#isCut && modeEpoch > 0) this.#isUntold = true
      return
    }
    const at = parseTime(time) ?? 0
    if (mode.to === 'etcd') this.#begun.set(mode.epoch, at)
    if (mode.from === 'etcd') this.#needBegun(mode.epoch - 1)
    if (mode.from === 'draining') {
      this.#needBegun(mode.epoch - 2)
      this.#ended.set(mode.epoch - 2, at)
    }
    this.#isCut = false
    this.#isUntold = false
  }

  /** What ends without a beginning has begun in what was pruned. */
  #needBegun(epoch: number): void {
    if (this.#isCut && !this.#begun.has(epoch)) this.#begun.set(epoch, 0)
  }

  /** May an event that is dated so have been said while etcd decided, by clocks that differ by `skewMs`? */
  cover(at: number, skewMs: number): boolean {
    const isWithin = ([epoch, since]: readonly [number, number]) =>
      at >= since - skewMs && at <= (this.#ended.get(epoch) ?? Number.POSITIVE_INFINITY) + skewMs
    return this.#isUntold || [...this.#begun].some(isWithin)
  }
}
