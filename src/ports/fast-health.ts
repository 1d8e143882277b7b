/**
 * What a fast engine tells of itself, and what it does when it is tried: for `if-board fast probe`.
 *
 * 1. `members` asks each endpoint for itself, and changes nothing.
 * 2. `exercise` writes below a board id of its own that no board has, and removes what it wrote.
 * 3. Nothing is judged here; what an endpoint does not tell is `undefined`, never a guess.
 */
export interface FastHealth {
  members(): Promise<readonly FastMember[]>
  /** @throws IfBoardError `fast/refused`, `fast/certificate`, `fast/alarm` */
  exercise(): Promise<FastExercise | { readonly kind: 'unreached'; readonly reason: string }>
}

export type FastMember =
  | { readonly kind: 'unreached'; readonly endpoint: string; readonly reason: string }
  | {
      readonly kind: 'reached'
      readonly endpoint: string
      readonly isSecure: boolean
      readonly isLoopback: boolean
      readonly version: string
      /** The same for all members of one cluster. */
      readonly cluster: string
      readonly hasLeader: boolean
      readonly members: number | undefined
      readonly alarms: readonly ('no space' | 'corrupt' | 'unknown')[]
      readonly database: { readonly bytes: number; readonly usedBytes: number; readonly quotaBytes: number | undefined }
      readonly revision: number
      /** Is history of a million revisions ago still kept? `undefined`: there were not so many yet. */
      readonly keepsOldHistory: boolean | undefined
      /** Of the write-ahead log since the member started: the bound below which 99 % of its syncs were. */
      readonly walSync: { readonly p99Ms: number; readonly count: number } | undefined
    }

export interface FastExercise {
  readonly kind: 'exercised'
  /** Of two claims on one task, the second was refused, and so was one under another nonce. */
  readonly isExclusive: boolean
  /** Of each claim, from its send to its answer, and to when another connection's watch told of it. */
  readonly claimMs: readonly number[]
  readonly watchMs: readonly number[]
  /** How long after its send a lease of `leaseSeconds` ended; `undefined`: it had not when there was no more waiting. */
  readonly leaseSeconds: number
  readonly leaseEndedAfterMs: number | undefined
}
