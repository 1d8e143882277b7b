/** A server that is killed within a push: some of its refs have moved, the rest has not. */
import type { MoveOutcome, RefMove } from '../../src/ports/index.ts'
import { oweNothing } from '../../src/workflows/owed-note.ts'
import type { Clone, Fleet } from './fleet.ts'

export const KILLED = 'the server was killed'

/** Move one ref at the authority as that push would have, its objects included. */
export async function moveAlone(fleet: Fleet, { hub }: Clone, { ref, next }: RefMove): Promise<void> {
  if (next === undefined || hub === undefined) return fleet.force(ref, next)
  const authority = fleet.authority as string
  fleet.sandbox?.git('.', `--git-dir=${hub.path}`, 'push', '--quiet', authority, `+${next}:${ref}`)
}

/** In the next push of this clone only these of its moves are carried out; the push itself fails. */
export function killInNextPush(
  fleet: Fleet,
  clone: Clone,
  carriedOut: (moves: readonly RefMove[]) => readonly RefMove[],
): void {
  clone.traffic.beforePush = async (moves) => {
    clone.traffic.beforePush = undefined
    for (const move of carriedOut(moves)) await moveAlone(fleet, clone, move)
    throw new Error(KILLED)
  }
}

/** Whoever made the fold whose note was lost does not come back: others go on without it. */
export async function loseFolder({ box }: Clone): Promise<void> {
  await oweNothing(box)
}

/** The next push of this clone lands, and its answer says that a ref was elsewhere. */
export function loseAnswer(clone: Clone): void {
  answerNext(clone, (outcome, moves) =>
    outcome.kind === 'moved' ? { kind: 'stale', refs: moves.map(({ ref }) => ref) } : outcome,
  )
}

/** The next push of this clone lands, and its process does nothing more. */
export function endAfterPush(clone: Clone): void {
  answerNext(clone, () => {
    throw new Error(KILLED)
  })
}

function answerNext(
  { box: { refs } }: Clone,
  answer: (outcome: MoveOutcome, moves: readonly RefMove[]) => MoveOutcome,
): void {
  const moveAll = refs.moveAll.bind(refs)
  refs.moveAll = async (moves, unchanged) => {
    refs.moveAll = moveAll
    return answer(await moveAll(moves, unchanged), moves)
  }
}
