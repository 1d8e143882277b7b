/** Ids for new tasks, in the numbering that a board has. */
import { isTaskId, type TaskId } from '../model/index.ts'

interface Numbered {
  readonly head: string
  readonly number: number
  /** Digits, where they begin with a zero; else 0. */
  readonly width: number
}

/**
 * The id behind `like` and all of its kind: `P0.3.4` behind `P0.3.3`, `T013` behind `T012`. One without a
 * number at its end begins a numbering, `LOGIN-2` behind `LOGIN`; a board without tasks begins with `T1`.
 * `taken` are all ids that stand or ever stood anywhere; ids that differ in case alone count as one.
 */
export function nextId(like: TaskId | undefined, siblings: Iterable<TaskId>, taken: Iterable<string>): TaskId {
  const used = new Set([...taken].map((id) => id.toLowerCase()))
  const own = like === undefined ? { head: 'T', number: 0, width: 0 } : (numbered(like) ?? first(like))
  let number = own.number
  for (const id of siblings) {
    const other = numbered(id)
    if (other?.head.toLowerCase() === own.head.toLowerCase()) number = Math.max(number, other.number)
  }
  do number += 1
  while (used.has(render(own, number).toLowerCase()))
  const id = render(own, number)
  return isTaskId(id) ? id : nextId(undefined, siblings, used)
}

function render({ head, width }: Numbered, number: number): string {
  return `${head}${String(number).padStart(width, '0')}`
}

/** At most 9 digits, so that counting on stays exact; what is longer is a hash or a date and part of the head. */
function numbered(id: TaskId): Numbered | undefined {
  const digits = /\d+$/.exec(id)?.[0]
  if (digits === undefined || digits.length > 9) return undefined
  const width = digits.startsWith('0') ? digits.length : 0
  return { head: id.slice(0, -digits.length), number: Number(digits), width }
}

function first(id: TaskId): Numbered {
  return { head: `${id}-`, number: 1, width: 0 }
}
