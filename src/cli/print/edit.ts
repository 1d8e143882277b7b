/** What `edit` answered. Pure. */
import { printable } from '../../model/index.ts'
import type { EditOutcome } from '../../workflows/edit-text.ts'

export function editText(outcome: EditOutcome, board: string): string {
  const name = printable(board, 200)
  switch (outcome.kind) {
    case 'pushed':
      return `${name} has your edit.`
    case 'merged':
      return `${name} has your edit, and what others changed in other cells and lines meanwhile.`
    case 'unchanged':
      return `Nothing was changed in ${name}.`
    case 'kept':
      return `Not pushed. Your text is kept in ${printable(outcome.path, 500)}\nGo on with it: if-board edit`
  }
}
