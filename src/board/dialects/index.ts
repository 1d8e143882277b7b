import { checklistDialect } from './checklist.ts'
import { detailDialect } from './detail.ts'
import type { Dialect } from './dialect.ts'
import { tableDialect } from './table.ts'

/** Every dialect, in the order in which they read: a later one leaves alone what an earlier one took. */
export const dialects: readonly Dialect[] = [tableDialect, detailDialect, checklistDialect]
