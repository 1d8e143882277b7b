/** What rules go by, and what they say. */
import type { Config, EpochMs, SessionName, Task, TaskKey } from '../model/index.ts'
import type { Accounts } from './accounts.ts'
import type { Budget } from './budget.ts'
import type { CapabilityBook, Skills } from './capabilities.ts'

export type Verdict = { readonly kind: 'allow' } | Refusal

export interface Refusal {
  readonly kind: 'refuse'
  /** Stable name. */
  readonly rule: string
  /** In words: what was found, and what is left. */
  readonly reason: string
  /** What to type, or who can mend it. */
  readonly hint?: string
  /**
   * Of a rule of tasks: what `next` says where it left nothing to offer. `wait` (nothing ready, exit 3): other work may
   * come; else the session is refused (exit 5).
   */
  readonly leaves?: 'wait'
}

/** Why a help task is there. */
export interface Helping {
  readonly blocked: TaskKey
  /** Who is stuck with the blocked task. */
  readonly by: SessionName
}

/** All that the rules go by, prepared once for a session and a reading. */
export interface AdmissionFacts {
  readonly config: Config
  readonly session: SessionName
  /** By this reader's clock. */
  readonly now: EpochMs
  /** Live claims of this session. */
  readonly holds: number
  /** Live claims of all sessions. */
  readonly liveClaims: number
  readonly accounts: Accounts
  readonly budget: Budget
  readonly book: CapabilityBook
  /** Of the session. */
  readonly skills: Skills
  /** Why help tasks are there, by their keys. */
  readonly helping: ReadonlyMap<TaskKey, Helping>
  /** Of the session, 0 to 1. */
  readonly reputation: number
  /** Has a person given this task to the session, by the board or a pin? */
  readonly isAssigned: (task: Task) => boolean
}
