/** What `import` answered. Pure. */
import { printable } from '../../model/index.ts'
import type { ImportOutcome } from '../../workflows/import-file.ts'
import { plural } from './words.ts'

/** The board's text only where nothing was written: else it is on the branch. */
export function importJson({ text, ...outcome }: ImportOutcome) {
  return outcome.kind === 'dry-run' ? { ...outcome, text } : outcome
}

export function importText({ kind, board, isNew, added, kept, text }: ImportOutcome): string {
  if (kind === 'dry-run')
    return text
      .split('\n')
      .map((line) => printable(line, 70_000))
      .join('\n')
  const name = printable(board, 200)
  const had = kept === 0 ? '' : `; ${plural(kept, 'task')} stood there and stay as they are`
  if (kind === 'unchanged') return `${name} has all of it already${had}.`
  return `${plural(added.length, 'task')} on ${isNew ? 'the new board ' : ''}${name}${had}.\nGo on: if-board lint`
}
