import type { TaskStatus } from '../model/index.ts'

export interface Totals extends Readonly<Record<TaskStatus, number>> {
  readonly total: number
}

/** How many tasks stand where. */
export function progress(statuses: Iterable<TaskStatus>): Totals {
  const totals = { done: 0, review: 0, claimed: 0, ready: 0, blocked: 0, paused: 0, unknown: 0, cancelled: 0, total: 0 }
  for (const status of statuses) {
    totals[status] += 1
    totals.total += 1
  }
  return totals
}
