import type { Checkpoint } from '../checkpoint.ts'
import type { Level } from './facts.ts'
import type { Finding } from './findings.ts'

export interface Verdict {
  readonly level: Level
  /** No finding; notices do not count. */
  readonly ok: boolean
  /** Findings and notices in the order found, at most a hundred of each code. */
  readonly findings: readonly Finding[]
  /** How many there are of each code. */
  readonly counts: ReadonlyMap<string, number>
  readonly assurance: Assurance
}

/** How many events stand at which step: signed < sealed < anchored. Below `chain` only the checkpoint's word counts. */
export interface Assurance {
  readonly sessions: number
  /** Beyond the last seal. */
  readonly unsealed: number
  readonly sealed: number
  /** Covered by a checkpoint that this clone saw before, or that was given. */
  readonly anchoredHere: number
  readonly anchoredOutside: number
  readonly folds: number
  readonly newest: Checkpoint | undefined
}
