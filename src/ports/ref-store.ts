import type { ObjectId, RefName } from '../model/index.ts'

/**
 * The one primitive that claims rest on: move a set of refs if all still are where we saw them.
 *
 * An adapter must give:
 *
 * 1. All or nothing: `stale`, `busy` and `refused` changed no ref.
 * 2. Of concurrent moves that share a ref with equal `expected`, at most one answers `moved`.
 * 3. Moving a ref to the object it already holds is never `moved`.
 * 4. A rejected promise means "not known": the caller reads before it tries again.
 * 5. Moves are applied in the order given where the authority applies them one by one
 *    (a server that is killed leaves a prefix).
 * 6. A list that the authority did not answer rejects with `authority/unreachable`; it is
 *    never an empty map. Every object that a list names can be read from the hub afterwards.
 *
 * `test/ports/ref-store.contract.ts` holds every adapter to these.
 */
export interface RefStore {
  /**
   * All coordination refs (board branch, claims, sessions, notes, mode), by the names the
   * authority gives them, from one answer of it; not a snapshot across prefixes.
   */
  list(): Promise<ReadonlyMap<RefName, ObjectId>>

  /** The same values as `list`, without making what they name readable: for a quick look. Rejects like `list`. */
  peek(): Promise<ReadonlyMap<RefName, ObjectId>>

  /**
   * Move all, or none. `expected: undefined` means absent; `next: undefined` deletes.
   * `unchanged` names refs that must still hold these values (`undefined` = must not exist); an
   * adapter that cannot guard them (any push) has `guards: false`, and its caller reads again.
   */
  moveAll(moves: readonly RefMove[], unchanged?: ReadonlyMap<RefName, ObjectId | undefined>): Promise<MoveOutcome>

  readonly guards: boolean
}

export interface RefMove {
  readonly ref: RefName
  readonly expected: ObjectId | undefined
  readonly next: ObjectId | undefined
}

export type MoveOutcome =
  | { readonly kind: 'moved' }
  /** At least one ref was not where it was expected (or held the new object already). */
  | { readonly kind: 'stale'; readonly refs: readonly RefName[] }
  /** The authority could not answer now: a lock, a limit. `lock` names a lock file it mentioned. */
  | { readonly kind: 'busy'; readonly reason: string; readonly lock?: string }
  /** The authority will not do this: a hook, a permission, a hidden or protected ref. */
  | { readonly kind: 'refused'; readonly reason: string }
