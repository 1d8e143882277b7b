/**
 * Order that phases imply, where the config says `implicit: phase`.
 *
 * Source: spec-kit, `templates/commands/implement.md` ("Complete each phase before moving to the next", "Run
 * sequential tasks in order, parallel tasks [P] can run together") and `tasks.md` ("[P]: different files, no
 * dependencies on incomplete tasks"). So every task waits for the tasks of the phase before. Within a phase a task
 * with `[P]` waits for nothing more, and one without waits for all that stand above it (a parent also for its children below).
 *
 * A phase is what stands below a heading that begins with `Phase`, `Milestone`, `Stage`, `Sprint`, `Wave` or `Step`;
 * on a board without any, below each outermost heading. Tasks outside of phases, fillers and optional tasks wait for
 * nothing here, and nothing waits for them.
 */

import type { Prerequisite } from './dialects/dialect.ts'
import type { Merged } from './document.ts'
import { isFillerId } from './ids.ts'

const PHASE = /^[^\p{L}\p{N}]{0,4}(?:phase|milestone|stage|sprint|wave|step)\b/iu
/** Dependencies that phases may add to one board; beyond it only the last tasks of a phase are named, which wait for the rest. */
const MAX_NAMED = 100_000

/** What comes before each task, by its index. */
export function phaseOrder(tasks: readonly Merged[]): (index: number) => readonly Prerequisite[] {
  const phases = phasesOf(tasks)
  const order = new Map<number, readonly Prerequisite[]>()
  let named = 0
  let before: readonly number[] = []
  for (const phase of phases) {
    named += before.length * phase.length
    const first = (named > MAX_NAMED ? lastOf(tasks, before) : before).map((index) => prerequisite(tasks, index))
    for (const index of phase) order.set(index, first)
    addSequence(tasks, phase, order)
    before = phase
  }
  return (index) => order.get(index) ?? []
}

function phasesOf(tasks: readonly Merged[]): number[][] {
  const isNamed = tasks.some((task) => phaseTitle(task, true) !== undefined)
  const phases: number[][] = []
  let open: string | undefined
  tasks.forEach((task, index) => {
    const title = isOutside(task) ? undefined : phaseTitle(task, isNamed)
    if (title === undefined) return
    if (title !== open || phases.length === 0) phases.push([])
    open = title
    phases.at(-1)?.push(index)
  })
  return phases
}

function phaseTitle({ draft: { section } }: Merged, isNamed: boolean): string | undefined {
  return isNamed ? section.path.find((title) => PHASE.test(title)) : section.path[0]
}

function isOutside({ id, draft }: Merged): boolean {
  return draft.optional === true || draft.section.filler || isFillerId(id)
}

function prerequisite(tasks: readonly Merged[], index: number): Prerequisite {
  const { id, draft } = tasks[index] as Merged
  return { id, at: draft.start }
}

/** A task without `[P]` waits for the one without before it, which waits for all above, and for those with `[P]` between. */
function addSequence(
  tasks: readonly Merged[],
  phase: readonly number[],
  order: Map<number, readonly Prerequisite[]>,
): void {
  let open: number[] = []
  for (const index of childrenFirst(tasks, phase)) {
    if (tasks[index]?.draft.parallel === true) {
      open.push(index)
      continue
    }
    order.set(index, [...(order.get(index) ?? []), ...open.map((other) => prerequisite(tasks, other))])
    open = [index]
  }
}

/** In the order of the text, but a parent behind its children, for which it waits. */
function childrenFirst(tasks: readonly Merged[], phase: readonly number[]): Set<number> {
  const indexes = new Map(phase.map((index) => [tasks[index]?.id, index]))
  const placed = new Set<number>()
  const seen = new Set<number>()
  const place = (index: number) => {
    if (seen.has(index)) return
    seen.add(index)
    for (const { id } of tasks[index]?.children ?? []) {
      const child = indexes.get(id)
      if (child !== undefined) place(child)
    }
    placed.add(index)
  }
  phase.forEach(place)
  return placed
}

/** The tasks of a phase that no other of it waits for. */
function lastOf(tasks: readonly Merged[], phase: readonly number[]): readonly number[] {
  const sequence = [...childrenFirst(tasks, phase)]
  const last = sequence.findLastIndex((index) => tasks[index]?.draft.parallel !== true)
  return sequence.slice(Math.max(0, last))
}
