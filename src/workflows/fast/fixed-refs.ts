/**
 * A list of refs that was read once, as a store: what is read and planned by it is of one moment, and what is moved is
 * moved from what git really had then.
 */
import type { ObjectId, RefName } from '../../model/index.ts'
import type { MoveOutcome, RefMove, RefStore } from '../../ports/index.ts'

export interface FixedRefs {
  /** What the list shows. */
  readonly shown: ReadonlyMap<RefName, ObjectId>
  /** What git had. */
  readonly real: ReadonlyMap<RefName, ObjectId>
}

/** After the first move the list is git's own again: whoever pushed looks whether it landed. */
export function fixedRefs(refs: RefStore, { shown, real }: FixedRefs): RefStore {
  let isOver = false
  return {
    guards: refs.guards,
    list: async () => (isOver ? refs.list() : shown),
    peek: async () => (isOver ? refs.peek() : shown),
    moveAll(moves) {
      isOver = true
      return moveReal(refs, moves, { shown, real })
    },
  }
}

/**
 * Where whoever moves a ref expects what the list showed, that stands for what git really had. Whoever expects anything
 * else has read another list: git says then that it is stale. What is to be deleted and was not there, is gone already.
 */
export async function moveReal(
  refs: RefStore,
  moves: readonly RefMove[],
  { shown, real }: FixedRefs,
): Promise<MoveOutcome> {
  const translated = moves
    .map(({ ref, expected, next }) => ({ ref, expected: shown.get(ref) === expected ? real.get(ref) : expected, next }))
    .filter(({ expected, next }) => expected !== undefined || next !== undefined)
  return translated.length === 0 ? { kind: 'moved' } : refs.moveAll(translated)
}
