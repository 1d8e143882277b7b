/**
 * The newest checkpoint that this hub has seen, so that a log that was rolled back does not pass for a young one.
 * It is told apart from the last fold (`fold-memory.ts`), which guards the board.
 */

import type { Checkpoint } from '../../witness/index.ts'
// Not by the index of the folder: every command remembers, and the rules are for those that verify.
import { anchorOf, parseAnchor, renderAnchor } from '../../witness/verify/anchor.ts'
import type { Anchor } from '../../witness/verify/facts.ts'
import type { Toolbox } from '../toolbox.ts'

const NAME = 'witness-seen'

export async function recallCheckpoint(box: Toolbox): Promise<Anchor | undefined> {
  return parseAnchor((await box.memory.read(NAME)) ?? '', 'here')
}

/** Keep it, unless a newer one is known: what was seen is never unlearned. */
export async function rememberCheckpoint(box: Toolbox, checkpoint: Checkpoint): Promise<void> {
  const known = await recallCheckpoint(box)
  if (known === undefined || known.fold < checkpoint.fold)
    await box.memory.write(NAME, renderAnchor(anchorOf(checkpoint, 'here')))
}
