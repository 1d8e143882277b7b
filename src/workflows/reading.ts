/** What was read and judged, for whoever decides or shows. */
import type { Accounts } from '../governor/index.ts'
import type { Config } from '../model/index.ts'
import type { Facts, Snapshot } from '../projection/index.ts'
import type { Evidence } from './evidence.ts'
import type { BranchFacts, BranchFrame } from './read-branch.ts'

export interface Judged extends Evidence {
  readonly branch: BranchFrame
  readonly config: Config
  readonly snapshot: Snapshot
}

interface Accounted extends Judged {
  readonly accounts: Accounts
}

/** All tasks, judged. */
export interface WholeReading extends Accounted {
  readonly branch: BranchFacts
  /** What was judged, before it was. */
  readonly facts: Facts
  readonly narrow?: undefined
}

/** The tasks that can matter for what was asked. */
export interface NarrowReading extends Accounted {
  readonly narrow: {
    /** Every task that is ready is among those that were judged, fillers apart. */
    readonly complete: boolean
    /** The rest, by the same answer of the authority. */
    widen(): Promise<WholeReading>
  }
}

export type Reading = WholeReading | NarrowReading
