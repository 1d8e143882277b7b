/** Checklist items with an id in front: `- [ ] F1.1: title (15 min, Low)`, `- [ ] A-2 - title`. */
import { leadingId } from '../ids.ts'
import { itemDrafts, itemsLedBy } from '../items.ts'
import { marksWith } from '../marks.ts'
import type { BoardDocument, Dialect, Reading } from './dialect.ts'
import { type ItemManner, itemAddition, itemSlot, usualManner } from './list-item.ts'

const NEEDS = 'depends on'
/** Its priority stands in the bracket beside the estimate. */
const MANNER: ItemManner = new Map([...usualManner(NEEDS)].filter(([field]) => field !== 'priority'))

export const checklistDialect: Dialect = {
  name: 'checklist',
  read(document: BoardDocument): Reading {
    const items = itemsLedBy(document, leadingId)
    return {
      ...itemDrafts(document, items, { origin: 'checklist', marks: marksWith(), needs: NEEDS }),
      diagnostics: [],
    }
  },
  slot: (document, draft, field) => itemSlot(document, draft, field, MANNER),
  add: (document, like, task) => itemAddition(document, like, task, MANNER),
}
