/** What the rules go by: all that was counted, and what is in flight. */
import type { Amount, BoardName, Ledger, ObjectId, SessionName, TaskAccount, TaskKey } from '../model/index.ts'
import type { OpenBreaker } from './breaker.ts'

/** What a live claim has set aside until it ends. */
export interface Reservation {
  readonly claim: ObjectId
  readonly task: TaskKey
  readonly board: BoardName
  readonly session: SessionName
  readonly amount: Amount
}

/** The ledger with everything said since it was written, as one reading shows it. */
export interface Accounts {
  readonly ledger: Ledger
  readonly taskAccount: (key: TaskKey) => TaskAccount | undefined
  /** Of all live claims; those of void and ended ones are in the ledger. */
  readonly reserved: readonly Reservation[]
  /** Of sessions whose breaker is not closed, for this observer now. */
  readonly breakers: ReadonlyMap<SessionName, OpenBreaker>
  /** Tasks at which too many sessions failed, and why. */
  readonly quarantined: ReadonlyMap<TaskKey, string>
  /** Every event beyond the ledger was found. False: branch and chains were listed at two moments, a fold between them. */
  readonly isWhole: boolean
  /** The reader's day of UTC, `2026-11-25`: later days in the ledger count as this one. */
  readonly today: string
}
