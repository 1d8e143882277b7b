/** Boxes that only check something of a task. */
import type { AcceptanceItem } from '../model/index.ts'
import type { Block, ItemBlock } from './blocks.ts'
import { plainText } from './inline.ts'
import type { Source } from './source.ts'

/** Of one task; what is beyond is not shown. */
export const MAX_ACCEPTANCE = 200

/** A list item with a character between brackets. */
export type Box = ItemBlock & { readonly mark: NonNullable<ItemBlock['mark']> }

export function isBox(block: Block): block is Box {
  return block.kind === 'item' && block.mark !== undefined
}

export function acceptanceItem({ text }: Source, { mark, text: { start, end } }: Box): AcceptanceItem {
  return { text: plainText(text.slice(start, end), 500), done: /^[xX✓✔✅]/u.test(mark.character) }
}
