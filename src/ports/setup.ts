/** What setting up, checking out, examining and removing if-board ask of a clone. Only a person's commands use these. */
import type { BranchName, ObjectId } from '../model/index.ts'
import type { ObjectStore } from './object-store.ts'
import type { RefStore } from './ref-store.ts'

/** Which board a clone belongs to, and where its refs are compared and moved. */
export interface AuthorityBinding {
  /** `undefined` until the coordination branch was seen or made. */
  readonly boardId: string | undefined
  readonly authority: 'remote' | 'local'
  readonly refs: 'custom' | 'heads'
  /** The coordination branch; absent = `if-board/main`. */
  readonly branch?: BranchName
  /** Name and URL of the remote, as they were when the clone was bound. */
  readonly remote?: { readonly name: string; readonly url: string }
}

export interface RemotePlace {
  readonly name: string
  readonly url: string
  /** The URL without name and password, printable. */
  readonly shown: string
}

export interface CloneFacts {
  readonly git: { readonly major: number; readonly minor: number }
  /** Root of this work tree; `undefined` in a bare repository. */
  readonly workTree: string | undefined
  /** Name of the project's folder, without `.git` behind a bare one. */
  readonly project: string
  readonly hub: string
  /** `undefined`: this clone has no hub. */
  readonly binding: AuthorityBinding | undefined
  readonly remotes: readonly RemotePlace[]
}

/**
 * The user's clone, before and while it becomes part of a board.
 *
 * 1. `facts`, `ownBranch` and `remoteBranches` write nothing, anywhere.
 * 2. `openHub` makes the hub whole or not at all; one that is there keeps its binding until `bind`.
 */
export interface CloneSetup {
  /** @throws IfBoardError `repo/not-found`, `repo/git-too-old`, `config/invalid` (a damaged hub) */
  facts(): Promise<CloneFacts>
  /** @throws IfBoardError `authority/unreachable` */
  remoteBranches(remote: string, branch: BranchName): Promise<RemoteBranches>
  /** What a branch of this name is in the user's own refs; `other` holds no boards, so they are not to be put there. */
  ownBranch(branch: BranchName): Promise<'absent' | 'boards' | 'other'>
  /** The hub as if it was bound so. */
  openHub(binding: AuthorityBinding): Promise<SetupHub>
}

export interface RemoteBranches {
  /** Tip of the coordination branch. */
  readonly board: ObjectId | undefined
  /**
   * A branch that makes the coordination branch impossible, such as `if-board` for `if-board/main`:
   * git keeps no file and folder of one name.
   */
  readonly inTheWay: string | undefined
  /** There is a branch `if-board/main`, and it is not the one that was asked for. */
  readonly boardElsewhere: boolean
}

export interface SetupHub {
  readonly refs: RefStore
  readonly objects: ObjectStore
  /** Tip of the coordination branch by a fresh answer of the authority; its objects are in the hub then. */
  boardHead(): Promise<ObjectId | undefined>
  /** Try on refs of our own, removed at once, what the authority lets us do. */
  probe(): Promise<AuthorityProbe>
  /** Keep this binding from now on. */
  bind(binding: AuthorityBinding): Promise<void>
  close(): Promise<void>
}

export interface AuthorityProbe {
  /** Refs below `refs/if-board/` and `refs/notes/` can be used in full. */
  readonly custom: boolean
  /** Branches below `if-board/` can. */
  readonly heads: boolean
  /** A set of refs is taken as one. */
  readonly atomic: boolean
  /** What the authority said where something is missing; printable. */
  readonly reason: string | undefined
}

/** A person's own files. Paths are as they typed them, relative to where they stand. */
export interface WorkFiles {
  /** `undefined`: no such file. @throws IfBoardError `file/unreadable`, `board/too-large` */
  read(path: string): Promise<WorkFile | undefined>
  /** Files that look like boards, by the names that people and tools give them. */
  candidates(): Promise<readonly string[]>
  /** Take a file out of work tree and index while it still has these bytes; nothing is committed. */
  remove(path: string, bytes: Uint8Array): Promise<'removed' | 'changed'>
  /** Text of a file that every new branch starts with. */
  template(name: string): Promise<string>
}

export interface WorkFile {
  readonly bytes: Uint8Array
  /** Below the root of this work tree, where `remove` may touch it. */
  readonly inWorkTree: boolean
}

/** A small clone of the coordination branch, where a person edits boards with any editor. */
export interface BoardCheckout {
  /**
   * Make it at `folder`, or bring it forward; `undefined` = beside the work tree, `../<project>-board`.
   *
   * @throws IfBoardError `usage/invalid` when something else is there, `authority/unreachable`,
   *   `board/not-initialised`, `git/failed` when an edit there stands in the way
   */
  bring(folder: string | undefined, binding: AuthorityBinding): Promise<BroughtCheckout>

  /**
   * Bring the checkout forward in which the person stands; `undefined` outside of one.
   *
   * @throws IfBoardError as `bring` does
   */
  here(): Promise<(BroughtCheckout & { readonly pushesTo: string }) | undefined>
}

export interface BroughtCheckout {
  readonly kind: 'made' | 'updated' | 'unchanged'
  /** Absolute path. */
  readonly folder: string
  readonly head: ObjectId
  /** Commits there that the authority does not have yet. */
  readonly unpushed: number
  /** Files with edits that are not committed yet. */
  readonly edited: number
}

/** What `init` and sessions left in a clone. */
export interface CloneRemains {
  /** Absolute paths of folders that are ours alone, of every work tree of the clone. */
  list(): Promise<readonly string[]>
  /**
   * Keep what only this hub has in one bundle outside of these folders (git-bundle(1)); its path, or
   * `undefined` when the hub has no refs of its own. `stamp` becomes part of its name.
   */
  backUp(stamp: string): Promise<string | undefined>
  remove(paths: readonly string[]): Promise<void>
}

/** What can be wrong in a hub, and mended without losing anything. */
export interface HubHealth {
  /** Lock files that a killed process left, older than 10 minutes, on directories of this machine. */
  oldLocks(): Promise<readonly string[]>
  removeOldLocks(): Promise<readonly string[]>
  looseObjects(): Promise<number>
  /** False: another process has the hub. */
  pack(): Promise<boolean>
  /** Private keys that others can read. */
  openKeys(): Promise<readonly string[]>
}
