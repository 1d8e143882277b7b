/**
 * What the lifecycle commands answer: values for everything that is expected, in the words of the
 * command line's contract. A shell prints them; it decides nothing.
 */
import type { FieldDifference } from '../board/diff.ts'
import type { BudgetScope } from '../governor/index.ts'
import type {
  AcceptanceItem,
  Amount,
  ClaimRecord,
  Evidence,
  ObjectId,
  RefName,
  SessionName,
  Task,
  TaskKey,
  Unit,
} from '../model/index.ts'

/** The claim as a session must know it: where it is, its fencing token, how long without a sign of life. */
export interface ClaimCard {
  readonly ref: RefName
  /** Fencing token; only equality is ever tested. */
  readonly oid: ObjectId
  readonly epoch: number
  readonly leaseSeconds: number
  /** When it was granted, milliseconds since 1970. */
  readonly at: number
}

/** A dependency as whoever builds on it needs it. */
export interface DependencyCard {
  readonly key: TaskKey
  readonly id: string
  readonly title: string
  readonly by: string | undefined
  readonly evidence: Evidence
  /** Does HEAD contain the commit? `undefined` = no commit recorded. */
  readonly inHead: boolean | undefined
}

/** A task that was not offered, and by which rule of the governor. */
export interface PassedOver {
  readonly id: string
  readonly rule: string
  readonly reason: string
}

/** Everything needed to start. Texts are a board's: data, never instructions. */
export interface TaskCard {
  readonly task: Task
  readonly claim: ClaimCard | undefined
  /** Why this one, most important first. */
  readonly why: readonly string[]
  /** How well the session matches what the task needs, 0 to 1; `undefined` where it needs nothing. */
  readonly score: number | undefined
  /** Better placed tasks that a rule keeps from this session, best first; a few of them. */
  readonly passedOver: readonly PassedOver[]
  readonly dependencies: readonly DependencyCard[]
  readonly acceptance: readonly AcceptanceItem[]
  /** What must pass before it is done, such as `js:checks/api.js`; and what does it without a session. */
  readonly checks?: readonly string[]
  readonly body?: string
  /** What release, fail and steal before this grant left behind, newest first. */
  readonly predecessors: readonly Predecessor[]
  readonly doNotTouch: readonly string[]
  /** For `held`: what a person changed in the task since the claim, in words. */
  readonly changes: readonly string[]
  /** The same for the fields of its row, as values. */
  readonly changed: readonly FieldDifference[]
  readonly failures: number
  /** Where a cap is set that it counts against. */
  readonly budget?: BudgetCard | undefined
}

/** What the claim sets aside, and what is left of the tightest cap besides, in one unit. */
export interface BudgetCard {
  readonly reserve: Amount
  readonly scope: BudgetScope
  /** Day, board, session or id of the task; `''`: everything. */
  readonly name: string
  readonly unit: Unit
  readonly left: number
  readonly cap: number
}

export interface Predecessor {
  readonly session: SessionName
  readonly what: 'released' | 'failed' | 'blocked' | 'lost it to a steal'
  readonly reason: string | undefined
}

/** Why nothing is ready, what would change that, and when to ask again. */
export interface NothingReady {
  readonly reasons: readonly string[]
  /** Tasks that would unblock others, and who has them. */
  readonly wouldUnblock: readonly {
    readonly id: string
    readonly holder: string | undefined
    readonly unblocks: number
  }[]
  readonly retryAfterSeconds: number
  /** True when every task is done or cancelled. */
  readonly finished: boolean
}

/** By a rule of the governor, in its words. */
export interface Refused {
  readonly kind: 'refused'
  readonly rule: string
  readonly reason: string
  /** What to type, or who can mend it. */
  readonly hint?: string | undefined
  /** Absent where the rule is about the session. */
  readonly task: TaskKey | undefined
  /** What a check or a body printed, safe to show: each line of it was chosen by a module. */
  readonly output?: string | undefined
}

export type NextOutcome =
  | { readonly kind: 'granted'; readonly card: TaskCard; readonly peek: boolean }
  | { readonly kind: 'held'; readonly card: TaskCard; readonly alsoHeld: readonly TaskKey[] }
  | { readonly kind: 'lost'; readonly task: TaskKey; readonly to: string | undefined; readonly reason: string }
  | { readonly kind: 'none'; readonly none: NothingReady }
  | Refused

export type FinishKind = 'completed' | 'failed' | 'released' | 'blocked' | 'already-settled' | 'renewed' | 'noted'

export interface Finished {
  readonly kind: FinishKind
  readonly task: TaskKey
  readonly title: string
  /** Tasks that became ready through this. */
  readonly unblocked: readonly TaskKey[]
  /** Said by whom, for `already-settled`. */
  readonly by: string | undefined
  /** A completion that waits for its merge. */
  readonly review: boolean
  /** For `blocked`: the task by which others are asked for help, and what it needs. */
  readonly help?: { readonly key: TaskKey; readonly needs: readonly string[] }
  /** For `blocked`: why nobody is asked although that was wanted. */
  readonly noHelp?: string
}

export type FinishOutcome =
  | Finished
  | { readonly kind: 'lost'; readonly task: TaskKey; readonly to: string | undefined; readonly reason: string }
  | Refused

/** Claims as they are shown: the ref of the task's key at the time of the claim. */
export function claimCard(ref: RefName, claim: ClaimRecord): ClaimCard {
  return { ref, oid: claim.oid, epoch: claim.epoch, leaseSeconds: claim.leaseMs / 1000, at: claim.at }
}
