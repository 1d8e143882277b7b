/**
 * The user's own repository, as checks and bodies of tasks need it: its objects, and branches that hold what a body gave
 * back.
 *
 * 1. `objects` gives what its ids say, whatever replaces it for others (git-replace(1)).
 * 2. Nothing touches a work tree, an index or HEAD.
 */
import type { ObjectId } from '../model/index.ts'
import type { ObjectStore } from './object-store.ts'

export interface JobRepository {
  readonly objects: ObjectStore
  /** Where the branch `name` is; `undefined`: there is none. */
  branch(name: string): Promise<ObjectId | undefined>
  /**
   * Moves the branch if it still is at `expected`; `undefined` there means none.
   *
   * @throws IfBoardError `git/failed`
   */
  moveBranch(name: string, next: ObjectId, expected: ObjectId | undefined): Promise<void>
}
