/**
 * Every error that a person can meet. A code is public API: it never changes meaning
 * and never carries a value. Add one here before it is thrown anywhere.
 */
export type ErrorCode =
  | 'repo/not-found'
  | 'repo/git-too-old'
  | 'board/not-initialised'
  | 'board/missing'
  | 'board/not-text'
  | 'board/too-large'
  | 'board/rewound'
  | 'board/rows-vanished'
  | 'board/exists'
  | 'board/no-such-section'
  | 'board/cannot-edit'
  | 'config/invalid'
  | 'policy/invalid'
  | 'state/invalid'
  | 'task/unknown'
  | 'task/ambiguous'
  | 'task/invalid-id'
  | 'task/exists'
  | 'task/no-effect'
  | 'task/cycle'
  | 'task/no-check'
  | 'task/no-body'
  | 'claim/none-held'
  | 'claim/several-held'
  | 'session/invalid-name'
  | 'session/shared'
  | 'session/name-taken'
  | 'session/key-unreadable'
  | 'session/unknown'
  | 'operator/no-key'
  | 'operator/cannot-sign'
  | 'operator/pins-unreadable'
  | 'registry/invalid'
  | 'registry/rolled-back'
  | 'grant/key-taken'
  | 'grant/key-revoked'
  | 'breaker/own'
  | 'breaker/not-granted'
  | 'authority/unreachable'
  | 'authority/unsupported'
  | 'authority/refused'
  | 'authority/locked'
  | 'authority/busy'
  | 'authority/changed'
  | 'authority/choose'
  | 'authority/branch-conflict'
  | 'collector/unreachable'
  | 'collector/refused'
  | 'witness/too-young'
  | 'witness/not-as-sealed'
  | 'git/failed'
  | 'usage/invalid'
  | 'file/unreadable'
  | 'edit/no-editor'
  | 'edit/open-elsewhere'
  | 'edit/conflict'
  | 'history/invalid'
  | 'import/not-understood'
  | 'secrets/unavailable'
  | 'fast/settings'
  | 'fast/refused'
  | 'fast/certificate'
  | 'fast/alarm'
  | 'fast/switching'
  | 'fast/elsewhere'
  | 'fast/unfolded'
  | 'fast/unreached'
  | 'executor/cannot-pin'
  | 'executor/pins-unreadable'
  | 'proxy/settings'
  | 'proxy/off'
  | 'proxy/cannot-listen'
  | 'proxy/not-running'
  | 'watch/port'
  | 'watch/running'
  | 'watch/cannot-listen'
  | 'internal/bug'
  | 'interrupted'

/** A place in a text; line and column count from 1, columns in UTF-16 code units. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface ErrorDetail {
  readonly hint?: string
  readonly place?: Place
  readonly cause?: unknown
}

/**
 * What went wrong, in words a script can match and a person can act on.
 *
 * - `code` is public API: it never changes meaning and never carries a value.
 * - `message` says what was found and what was expected, values in backticks.
 * - `hint` is the next thing to type or edit; it never deletes or forces anything.
 * - `cause` keeps the failure underneath, so that `--debug` can print the chain.
 *
 * Throw it only for what a person must fix. An expected outcome (a lost race, an
 * empty board) is a return value; a broken promise of our own code is `invariant`.
 */
export class IfBoardError extends Error {
  override readonly name = 'IfBoardError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly place: Place | undefined

  constructor(code: ErrorCode, message: string, { hint, place, cause }: ErrorDetail = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
    this.place = place
  }
}

/** A broken promise of our own code: a bug, never a user's mistake. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal: ${message} (this is a bug in if-board)`)
}
