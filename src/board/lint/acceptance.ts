import { type Diagnostic, printable } from '../../model/index.ts'
import type { FileRule } from './rule.ts'

/**
 * `board/unticked-acceptance`: done, with criteria that nobody ticked. For information only: what settles
 * a task is its status, and a session that finishes one ticks nothing on the board.
 */
export const acceptance: FileRule = ({ board }) =>
  board.tasks.flatMap(({ id, status, acceptance: criteria, place }): Diagnostic[] => {
    const open = criteria.filter(({ done }) => !done).length
    if (status !== 'done' || open === 0) return []
    const of = open === criteria.length ? 'none' : `only ${criteria.length - open}`
    return [
      {
        code: 'board/unticked-acceptance',
        severity: 'info',
        message: `\`${printable(id, 60)}\` is done, but ${of} of its ${criteria.length} criteria is ticked`,
        hint: 'Tick what holds, or set the task back to available',
        ...place,
      },
    ]
  })
