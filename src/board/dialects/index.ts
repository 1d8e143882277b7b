import { checklistDialect } from './checklist.ts'
import { detailDialect } from './detail.ts'
import type { Dialect } from './dialect.ts'
import { frontMatterDialect } from './front-matter.ts'
import { kanbanDialect } from './kanban.ts'
import { numberedDialect } from './numbered.ts'
import { obsidianDialect } from './obsidian.ts'
import { plainDialect } from './plain.ts'
import { specKitDialect } from './spec-kit.ts'
import { tableDialect } from './table.ts'

/**
 * Every dialect, in the order in which they read: a later one leaves alone what an earlier one took. First what
 * says of a whole file what its tasks are, then lists from the strictest form to the one that takes every box.
 */
export const dialects: readonly Dialect[] = [
  frontMatterDialect,
  tableDialect,
  detailDialect,
  kanbanDialect,
  specKitDialect,
  checklistDialect,
  numberedDialect,
  obsidianDialect,
  plainDialect,
]
