/**
 * What operators say of sessions' keys: the statements of `.if-board/allowed_signers` on the coordination branch.
 *
 * The format and its rules are in `docs/grants.md`. A statement is canonical JSON of these fields; absent ones are left
 * out.
 */
import type { SessionName, Usd } from './ids.ts'

interface StatementFrame {
  /** Id of the board that it is about: a statement of another repository means nothing here. */
  readonly board: string
  /** 1 for the first statement of a registry, then +1 each. */
  readonly version: number
  /** SHA-256 of the canonical JSON of the statement before; absent for the first. */
  readonly previous?: string
  readonly session: SessionName
  /** Raw Ed25519 public key of the session, base64url without padding: as in its events. */
  readonly key: string
  /** What the operator calls himself. A word, not a proof: who he is says the pin of his key. */
  readonly by: string
  /** When it was signed, by the operator's clock; RFC 3339 UTC with milliseconds, like every time here. */
  readonly at: string
}

/** This key is that session's, from when until when, able to do what, for how much. */
export interface GrantStatement extends StatementFrame {
  readonly kind: 'grant'
  readonly capabilities: readonly string[]
  /** Absent = no limit is set here. */
  readonly budgetUsd?: Usd
  /** First and last instant at which it holds. */
  readonly notBefore: string
  readonly notAfter: string
}

/** This key counts no more, but for events up to the last good one. For ever: no later grant brings it back. */
export interface RevokeStatement extends StatementFrame {
  readonly kind: 'revoke'
  /** Newest event under the key that still counts, by its SHA-256; absent = none counts. */
  readonly lastGood?: { readonly sequence: number; readonly hash: string }
  readonly reason: string
}

export type Statement = GrantStatement | RevokeStatement

/** Where the registry is, below the root of the coordination branch. */
export const REGISTRY_FILE = '.if-board/allowed_signers'
