/**
 * Ways of tampering, each as well done as somebody with push rights and a key of their own can.
 *
 * `at` is the level that finds it, `codes` what it says (one of them at least). An attack answers `false` where this
 * history has nothing to attack that way; then another place or history is tried.
 */
import type { RefName } from '../../../src/model/index.ts'
import type { Anchor, FindingCode, Level } from '../../../src/witness/verify/index.ts'
import type { Forger, SealedFold } from '../../support/forger.ts'
import type { History, Random } from '../../support/history.ts'

export interface Attack {
  readonly name: string
  readonly at: Level
  readonly codes: readonly FindingCode[]
  readonly run: (scene: Scene) => Promise<boolean>
}

export interface Scene {
  readonly day: History
  readonly forger: Forger
  readonly folds: readonly SealedFold[]
  readonly random: Random
  /** Refs that replace objects, as the reader of the repository would find them. */
  readonly replaced: RefName[]
  /** Checkpoints that the reader has seen before. */
  readonly anchors: Anchor[]
}
