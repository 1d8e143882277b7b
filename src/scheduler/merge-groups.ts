/** Groups of ready tasks as one ranking, as far down as somebody asks. */
import { invariant } from '../model/index.ts'
import type { Entry, Group } from './offer-groups.ts'
import { ASSIGNMENTS, type Assignment, TIERS } from './rank.ts'

/** A group as one session sees it. */
export interface Seen {
  /** Has a ready task. */
  readonly group: Group
  /** How well the session matches what the tasks need. */
  readonly fit: number
  /** What decides between equals, larger is better. */
  readonly weight: number
  readonly assignment: Assignment
}

export interface Offered extends Seen {
  readonly entry: Entry
}

/** The `at`-th of all ready tasks in the order of `rank`, pins apart. O((at + groups) × log groups) for all questions. */
export function mergeGroups(groups: readonly Seen[]): (at: number) => Offered {
  const heap = groups.map((seen): Cursor => ({ ...seen, at: 0 }))
  for (let at = (heap.length >> 1) - 1; at >= 0; at -= 1) sink(heap, at)
  const found: Offered[] = []
  return (at) => {
    while (found.length <= at) found.push(takeFirst(heap))
    return found[at] as Offered
  }
}

interface Cursor extends Seen {
  /** Of `group.ready`. */
  readonly at: number
}

function takeFirst(heap: Cursor[]): Offered {
  const first = heap[0]
  invariant(first !== undefined, 'no more is asked for than there is')
  const next = first.at + 1
  if (next < first.group.ready.length) heap[0] = { ...first, at: next }
  else {
    const last = heap.pop() as Cursor
    if (heap.length > 0) heap[0] = last
  }
  sink(heap, 0)
  return { ...first, entry: entryAt(first) }
}

function entryAt({ group, at }: Cursor): Entry {
  return group.ready[at] as Entry
}

/** A binary heap: the best cursor stands first. */
function sink(heap: Cursor[], from: number): void {
  for (let at = from; ; ) {
    let best = at
    for (const child of [2 * at + 1, 2 * at + 2])
      if (child < heap.length && compare(heap[child] as Cursor, heap[best] as Cursor) < 0) best = child
    if (best === at) return
    const moved = heap[at] as Cursor
    heap[at] = heap[best] as Cursor
    heap[best] = moved
    at = best
  }
}

/** The order of `rank`. */
function compare(a: Cursor, b: Cursor): number {
  const [one, other] = [entryAt(a), entryAt(b)]
  const areFillers = a.group.tier === 'filler' && b.group.tier === 'filler'
  return (
    TIERS[a.group.tier] - TIERS[b.group.tier] ||
    Number(b.assignment === 'mine') - Number(a.assignment === 'mine') ||
    one.level - other.level ||
    (areFillers ? ASSIGNMENTS[a.assignment] - ASSIGNMENTS[b.assignment] : 0) ||
    one.behind - other.behind ||
    b.weight - a.weight ||
    one.at - other.at
  )
}
