/** What a process knows of its own machine: clock, chance, keys, files of the hub, the work tree. */
import type { ChangedPaths, EpochMs, ObjectId, SessionName } from '../model/index.ts'

/**
 * Time of this machine. `wallMs` may jump; `monotonicMs` never goes back while `bootId` stays
 * the same, and is comparable between processes of one boot.
 */
export interface Clock {
  now(): Instant
  /** Resolves after about `ms` milliseconds, early when the process is asked to stop. */
  sleep(ms: number): Promise<void>
}

export interface Instant {
  readonly wallMs: EpochMs
  readonly monotonicMs: number
  readonly bootId: string
}

/** Chance. `hex(bytes)` is unpredictable; `fraction()` lies in [0, 1) and only spreads load. */
export interface Chance {
  hex(bytes: number): string
  fraction(): number
}

/**
 * What this hub keeps for itself: what was seen when, facts not yet pushed, caches.
 *
 * 1. `write` and `writeBytes` replace the whole atomically; a reader sees the old or the new one, whole. What was
 *    opened stays as it was, whatever is written meanwhile.
 * 2. `update` writes what `change` makes of the text that is there (`undefined`: none, and none afterwards), one at a time
 *    among all processes of the hub; one that has waited for seconds goes on all the same. `change` is called once.
 * 3. What is lost costs time, never correctness. Names match `[a-z0-9][a-z0-9._-]*` with `/` between.
 */
export interface LocalMemory {
  read(name: string): Promise<string | undefined>
  write(name: string, text: string): Promise<void>
  remove(name: string): Promise<void>
  update(name: string, change: (text: string | undefined) => string | undefined): Promise<void>
  /** For what is too large to be read at every command. */
  openBytes(name: string): Promise<StoredBytes | undefined>
  writeBytes(name: string, parts: readonly Uint8Array[]): Promise<void>
}

export interface StoredBytes {
  readonly size: number
  /** Bytes from `start` up to before `end`, both within the size. */
  read(start: number, end: number): Promise<Uint8Array>
  close(): Promise<void>
}

/**
 * Ed25519 keys of the sessions of this clone.
 *
 * `publicKey` makes a key on first use (file mode 0600) and refuses a private key that others
 * can read (`session/key-unreadable`). Both answers are base64url without padding.
 */
export interface KeyRing {
  publicKey(session: SessionName): Promise<string>
  sign(session: SessionName, text: string): Promise<string>
}

/** The user's own repository and work tree: read, never written. */
export interface WorkRepository {
  /** Branch (`undefined` when detached) and commit (`undefined` in an empty repository) of HEAD. */
  head(): Promise<{ readonly branch: string | undefined; readonly commit: ObjectId | undefined }>
  /** Of these commits, the ones that HEAD contains. Unknown commits are not contained. */
  containedInHead(commits: readonly ObjectId[]): Promise<ReadonlySet<ObjectId>>
  /** Does the base branch, here or at the remote, contain this commit? `undefined` = cannot tell. */
  mergedInto(baseBranch: string, commits: readonly ObjectId[]): Promise<ReadonlySet<ObjectId> | undefined>
  /** What this commit brought since it left the base branch; without a name, the branch that the remote calls its own. */
  changedPaths(commit: ObjectId, baseBranch: string | undefined): Promise<ChangedPaths>
  /** Full commit id of a revision that a person typed (never taken as an option), or `undefined`. */
  resolveCommit(revision: string): Promise<ObjectId | undefined>
}
