import type { ObjectId } from '../model/index.ts'

/**
 * What a person has saved in a checkout of the boards, and how it gets to the authority.
 *
 * 1. Nothing but commits of what the person saved is made there, and nothing is forced: what cannot be pushed stays.
 * 2. `commit` takes files as they were when they were read, or nothing: one that was saved again meanwhile waits.
 * 3. `share` leaves the files and the branch there as they were where it cannot join both sides.
 */
export interface SavedEdits {
  /** Absolute path of the checkout. */
  readonly folder: string
  /** Files below it that git knows, by paths with `/`; for who watches. @throws IfBoardError `git/failed` */
  files(): Promise<readonly string[]>
  /** @throws IfBoardError `git/failed` */
  look(): Promise<CheckoutState>
  /** @throws IfBoardError `git/failed`, such as where git does not know who the person is */
  commit(files: readonly EditedFile[]): Promise<'committed' | 'saved again'>
  /** Push what is committed; join it with what others pushed. @throws IfBoardError `git/failed`, `authority/unreachable` */
  share(): Promise<'shared' | 'nothing' | 'conflict' | 'later'>
  /**
   * Bring a checkout that has nothing of its own, no edit and no commit, to where this clone has seen the branch,
   * without asking a remote. `waits`: it has, a file of it is open in an editor as far as that shows, or git saw an edit
   * at the last moment; nothing there is changed then. @throws IfBoardError `git/failed`
   */
  follow(head: ObjectId): Promise<'forward' | 'there' | 'waits'>
}

export interface CheckoutState {
  /**
   * The person is in the middle of something: the file that git leaves meanwhile, such as `MERGE_HEAD` or `index.lock`
   * (gitrepository-layout(5)), or `upstream` where the branch has none.
   */
  readonly underWay: string | undefined
  /** Files whose text differs from the commit, as they are now. */
  readonly edited: readonly EditedFile[]
  /** Other changes: files that were deleted, or renamed. */
  readonly others: readonly string[]
}

export interface EditedFile {
  readonly path: string
  readonly bytes: Uint8Array
  /** Size and time of the file; another one after each save. */
  readonly stamp: string
}
