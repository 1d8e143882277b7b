/** `sync`: fold now, and what a person may say of a branch that was rewound. */
import { IfBoardError, type SessionName } from '../model/index.ts'
import { type FoldOutcome, fold } from './fold.ts'
import { type AcceptOutcome, acceptOnce, type RestoreOutcome, restoreOnce } from './restore.ts'
import type { Toolbox } from './toolbox.ts'

/** `commit` is the newest fold's, counts are sums; `overtaken`: others folded all the time, and what they wrote is in the branch. */
export type SyncOutcome = FoldOutcome

/** How long `sync` tries again after others were faster. */
const PATIENCE_MS = 10_000
/** A fold that sweeps this much may have left more to sweep. */
const MANY = 100

/** @throws IfBoardError what `fold` throws */
export async function sync(box: Toolbox, session: SessionName): Promise<SyncOutcome> {
  let sum: SyncOutcome = { kind: 'nothing' }
  const outcome = await patiently(box, async () => {
    const last = await fold(box, session)
    if (last.kind !== 'folded') return last
    const before: { written: number; swept: number; events: number } =
      sum.kind === 'folded' ? sum : { written: 0, swept: 0, events: 0 }
    sum = {
      kind: 'folded',
      commit: last.commit,
      written: before.written + last.written,
      swept: before.swept + last.swept,
      events: before.events + last.events,
    }
    return last.swept < MANY ? last : { kind: 'overtaken' as const }
  })
  return sum.kind === 'nothing' ? outcome : sum
}

async function patiently<T extends { readonly kind: string }>(box: Toolbox, work: () => Promise<T>): Promise<T> {
  const startedAt = box.clock.now().monotonicMs
  for (let tries = 1; ; tries += 1) {
    const outcome = await work()
    if (outcome.kind !== 'overtaken' || box.clock.now().monotonicMs - startedAt >= PATIENCE_MS) return outcome
    await box.clock.sleep(20 + box.chance.fraction() * Math.min(50 * 2 ** tries, 1500))
  }
}

/**
 * `sync --accept`: go on from the branch as it is; the lost folds are not asked for again.
 *
 * @throws IfBoardError `authority/busy`, and what `fold` throws
 */
export async function acceptRewind(box: Toolbox, session: SessionName): Promise<AcceptOutcome> {
  const outcome = await patiently(box, () => acceptOnce(box, session))
  if (outcome.kind !== 'overtaken') return outcome
  throw changing('accept')
}

/**
 * `sync --restore`: completions that the notes have sealed are written into the rewound branch again.
 *
 * @throws IfBoardError `board/rewound` when the notes do not know the lost fold, `authority/busy`
 */
export async function restoreRewound(box: Toolbox, session: SessionName): Promise<RestoreOutcome> {
  const outcome = await patiently(box, () => restoreOnce(box, session))
  if (outcome.kind !== 'overtaken') return outcome
  throw changing('restore')
}

function changing(option: string): IfBoardError {
  return new IfBoardError('authority/busy', 'the branch keeps changing', {
    hint: `Try again in a moment: if-board sync --${option}`,
  })
}
