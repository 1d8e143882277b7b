/**
 * What folds remember of a task, one JSON line each in `.if-board/state/<shard>` on the branch.
 * It travels with the board, so merges and reverts stay consistent and no history is walked.
 */
import type { Evidence } from './event.ts'
import type { TaskAccount } from './governor.ts'
import type { EpochMs, ObjectId, SessionName, TaskKey, Usd } from './ids.ts'
import type { StatusWord } from './task.ts'

export interface TaskState {
  readonly key: TaskKey
  /** Status word that the last fold (or `init`) left in the text; no entry = `available`. */
  readonly shown: StatusWord
  /** Object id of the claim that `shown` stood for. */
  readonly claim?: ObjectId
  /** What a person last decided through the text; stands until the text changes. */
  readonly said?: { readonly status: StatusWord; readonly commit: ObjectId }
  /** Value of the claim ref when `said` was carried out: that value no longer counts. */
  readonly void?: ObjectId
  /** Grants and failures of refs that folds have swept. */
  readonly grants: number
  readonly failures: number
  readonly title?: string
  /** Key of the claim that this row took over when it was renamed or moved; its ref keeps that name. */
  readonly from?: TaskKey
  readonly done?: DoneRecord
  /** What its sealed grants cost, and who tried and failed. */
  readonly account?: TaskAccount
}

export interface DoneRecord extends Evidence {
  readonly by: SessionName | 'person'
  readonly at: EpochMs
  /** Name of the person, from the commit, where `by` is `person`. */
  readonly name?: string
  /** Commit of the completing event, as sealed. */
  readonly seal?: ObjectId
  readonly costUsd?: Usd
}

/** Last sealed event of a session: where its chain goes on when its ref is gone. */
export interface SealedSession {
  readonly session: SessionName
  readonly sequence: number
  /** SHA-256 of the canonical JSON of that event. */
  readonly hash: string
  /** Commit that carried it. */
  readonly commit: ObjectId
}
