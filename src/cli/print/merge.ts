/** What a merge left to a person, one line each. Pure. */
import type { MergeConflict } from '../../board/merge/index.ts'
import { printable } from '../../model/index.ts'

export function conflictLine({ kind, task, cell, ours, theirs }: MergeConflict): string {
  const id = printable(task ?? '', 80)
  switch (kind) {
    case 'cell':
      return `${[id, printable(cell ?? '', 60)].filter((word) => word !== '').join(', ')}: ${value(ours)} or ${value(theirs)}`
    case 'removed':
      return `${id} was removed on one side and changed on the other: it is kept until you decide`
    case 'same-id':
      return `two tasks are called ${id} now: ${value(ours)} and ${value(theirs)}; give one another id`
    case 'text':
      return 'both sides changed the same lines; look for <<<<<<<'
  }
}

function value(text: string): string {
  return text === '' ? 'nothing' : `\`${printable(text, 120)}\``
}
