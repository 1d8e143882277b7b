/** Boxes that only check something: below `Acceptance Criteria` as a heading, as a label or as a list item. */
import type { Block } from './blocks.ts'
import { plainText } from './inline.ts'
import { namesCriteria, type Section } from './sections.ts'
import type { Source, Span } from './source.ts'

export function explainedBoxes(source: Source, blocks: readonly Block[], sections: readonly Section[]): Set<Block> {
  const found = new Set<Block>()
  const reach = new LabelReach(source)
  blocks.forEach((block, index) => {
    reach.pass(block)
    const isBox = block.kind === 'item' && block.mark !== undefined
    if (isBox && (reach.covers(block) || isInExplaining(sections[index]))) found.add(block)
  })
  return found
}

/** How far the last label reaches: one in a paragraph to the next paragraph or heading, one in an item to its end. */
class LabelReach {
  readonly #source: Source
  #isOpen = false
  #itemEnd = 0

  constructor(source: Source) {
    this.#source = source
  }

  pass(block: Block): void {
    if (block.kind === 'heading') this.#isOpen = false
    if (block.kind === 'paragraph' && block.level === 0) this.#isOpen = isLabel(this.#source, block)
    if (block.kind !== 'item' || block.mark !== undefined || block.start < this.#itemEnd) return
    if (isLabel(this.#source, block.text)) this.#itemEnd = block.end
  }

  covers({ start }: Block): boolean {
    return this.#isOpen || start < this.#itemEnd
  }
}

/** The nearest heading explains, or one around it other than the title names criteria. */
function isInExplaining(section: Section | undefined): boolean {
  return section !== undefined && (section.explains || section.path.some(namesCriteria))
}

const LONGEST_LABEL = 80

/** `**Acceptance Criteria**`, `Success criteria:`; a sentence that speaks of them is none. */
function isLabel({ text }: Source, { start, end }: Span): boolean {
  const raw = text.slice(start, Math.min(end, start + 2 * LONGEST_LABEL)).trim()
  if (raw.length > LONGEST_LABEL || /[\r\n]/.test(raw)) return false
  return (/:[*_]{0,3}$/.test(raw) || /^([*_]{2,3})[^*_]+\1$/.test(raw)) && namesCriteria(plainText(raw, LONGEST_LABEL))
}
