/** Checklist items with an id in front: `- [ ] F1.1: title (15 min, Low)`, `- [ ] A-2 - title`. */
import { leadingId } from '../ids.ts'
import { isOpenBox, itemDrafts, readItem } from '../items.ts'
import { marksWith } from '../marks.ts'
import type { BoardDocument, Dialect, Reading } from './dialect.ts'

export const checklistDialect: Dialect = {
  name: 'checklist',
  read(document: BoardDocument): Reading {
    const items = document.blocks.flatMap((block, index) => {
      if (!isOpenBox(document, block)) return []
      const lead = leadingId(document.source.text.slice(block.text.start, block.text.end))
      return lead === undefined ? [] : [readItem(document, index, lead)]
    })
    return { ...itemDrafts(document, items, { origin: 'checklist', marks: marksWith() }), diagnostics: [] }
  },
}
