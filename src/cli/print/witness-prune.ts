/** `witness prune` as text. Pure. */
import type { PruneOutcome } from '../../workflows/witness/prune.ts'

/** `day` is what the person named, such as `2026-01-01`. */
export function pruneText(outcome: PruneOutcome, day: string): string {
  if (outcome.kind === 'nothing') return `No events of before ${day} are left to prune.\n`
  const { throughFold, folds, events } = outcome
  const what = `${many(events, 'event')} of ${many(folds, 'fold')}, through fold ${throughFold}`
  if (outcome.kind === 'would-prune')
    return `Would prune ${what}, all from before ${day}; checkpoints stay. Nothing was changed.\n`
  return [
    `Pruned ${what}, all from before ${day}; checkpoints stay.`,
    'The space is free after `git gc` where the log is kept; copies elsewhere stay (docs/retention.md).',
    '',
  ].join('\n')
}

function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
