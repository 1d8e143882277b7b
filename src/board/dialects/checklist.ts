/** Checklist items with an id in front: `- [ ] F1.1: title (15 min, Low)`, `- [ ] A-2 - title`. */
import { invariant } from '../../model/index.ts'
import type { Block, ItemBlock } from '../blocks.ts'
import { leadingId } from '../ids.ts'
import { isOpenBox, itemDrafts, readItem } from '../items.ts'
import { marksWith } from '../marks.ts'
import { itemAddition, remarkSlot } from './checklist-item.ts'
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
  slot: ({ source, blocks }, { start }, field) => remarkSlot(source, itemAt(blocks, start), field),
  add: ({ source, blocks }, { start }, task) => itemAddition(source, itemAt(blocks, start), task),
}

function itemAt(blocks: readonly Block[], start: number): ItemBlock {
  const item = blocks.find((block) => block.kind === 'item' && block.start === start)
  invariant(item?.kind === 'item', 'a draft of the checklist dialect is an item')
  return item
}
