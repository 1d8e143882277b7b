/** Refs in memory, for tests and for replaying a day in virtual time. */
import type { ObjectId, RefName } from '../../model/index.ts'
import type { MoveOutcome, RefMove, RefStore } from '../../ports/index.ts'

/** What several stores share, as clones share a remote. */
export interface MemoryAuthority {
  readonly refs: Map<RefName, ObjectId>
}

export function memoryAuthority(): MemoryAuthority {
  return { refs: new Map() }
}

/** `guards: false` behaves as a push does: refs that should be unchanged are not looked at. */
export function memoryRefStore({ refs }: MemoryAuthority, { guards = true } = {}): RefStore {
  return {
    guards,
    list: async () => new Map(refs),
    peek: async () => new Map(refs),
    // Nothing is awaited between comparing and moving, so a move is one step for everybody.
    moveAll: async (moves, unchanged = new Map()) => move(refs, moves, guards ? unchanged : new Map()),
  }
}

function move(
  refs: Map<RefName, ObjectId>,
  moves: readonly RefMove[],
  unchanged: ReadonlyMap<RefName, ObjectId | undefined>,
): MoveOutcome {
  const moved = moves.filter(({ ref, expected, next }) => refs.get(ref) !== expected || expected === next)
  const guarded = [...unchanged].filter(([ref, oid]) => refs.get(ref) !== oid)
  const stale = [...moved.map(({ ref }) => ref), ...guarded.map(([ref]) => ref)]
  if (stale.length > 0) return { kind: 'stale', refs: [...new Set(stale)] }
  for (const { ref, next } of moves) {
    if (next === undefined) refs.delete(ref)
    else refs.set(ref, next)
  }
  return { kind: 'moved' }
}
