/** Checklist items with an id: `- [ ] F1.1: title (15 min, Low)`. Items without an id are no tasks. */
import { invariant, type Priority } from '../../model/index.ts'
import type { Block, ItemBlock } from '../blocks.ts'
import { estimateMinutes, modelWord, priorityWord } from '../fields.ts'
import { leadingId } from '../ids.ts'
import { plainText } from '../inline.ts'
import type { Section } from '../sections.ts'
import type { Source } from '../source.ts'
import { itemAddition, remarkSlot } from './checklist-item.ts'
import type { BoardDocument, Dialect, Draft, Field, FieldName, Reading, Slot } from './dialect.ts'

export const checklistDialect: Dialect = {
  name: 'checklist',
  read(document: BoardDocument): Reading {
    const drafts: Draft[] = []
    const taken: Block[] = []
    document.blocks.forEach((block, index) => {
      const section = document.sections[index] as Section
      if (block.kind !== 'item' || block.mark === undefined || document.taken.has(block) || section.explains) return
      const draft = itemDraft(document, block, index)
      if (draft === undefined) return
      taken.push(block)
      drafts.push(draft)
    })
    return { drafts, taken, diagnostics: [] }
  },
  slot: ({ source, blocks }, { start }, field) => remarkSlot(source, itemAt(blocks, start), field),
  add: ({ source, blocks }, { start }, task) => itemAddition(source, itemAt(blocks, start), task),
}

function itemAt(blocks: readonly Block[], start: number): ItemBlock {
  const item = blocks.find((block) => block.kind === 'item' && block.start === start)
  invariant(item?.kind === 'item', 'a draft of the checklist dialect is an item')
  return item
}

function itemDraft({ source, blocks, sections }: BoardDocument, item: ItemBlock, index: number): Draft | undefined {
  const raw = source.text.slice(item.text.start, item.text.end)
  const lead = leadingId(raw)
  if (lead === undefined || item.mark === undefined) return undefined
  const { title, fields, inline } = readTitle(source, item, lead.length)
  const description = itemDescription(source, blocks, index)
  if (description !== undefined) fields.set('description', description)
  const section = sections[index] as Section
  return {
    role: 'task',
    origin: 'checklist',
    id: lead.id,
    title,
    section,
    start: item.start,
    end: item.end,
    fields,
    slots: {
      status: { kind: 'mark', item, span: { start: item.mark.start, end: item.mark.end } },
      dependencies: dependencySlot(item, fields),
    },
    acceptance: [],
    inline,
    group: section,
  }
}

function dependencySlot(item: ItemBlock, fields: ReadonlyMap<FieldName, Field>): Slot {
  const field = fields.get('dependencies')
  if (field === undefined) return { kind: 'suffix', at: item.text.end, lead: 'blocked by' }
  return { kind: 'span', span: field, inner: field }
}

/** Title without the brackets behind it: `(15 min, Low, Haiku)` and `(depends on F1.1)`. */
function readTitle(source: Source, item: ItemBlock, from: number) {
  const fields = new Map<FieldName, Field>()
  const inline: { priority?: Priority; model?: string } = {}
  const start = item.text.start + from
  let end = item.text.end
  for (let round = 0; round < 4; round += 1) {
    const raw = source.text.slice(start, end)
    const found = /\s*\(([^()]{1,2000})\)\s*$/.exec(raw.slice(-2100))
    if (found === null) break
    const content = found[1] as string
    const at = end - found[0].length + found[0].indexOf('(') + 1
    if (!readDependencies(content, at, fields) && !readRemarks(content, at, fields, inline)) break
    end -= found[0].length
  }
  return { title: plainText(source.text.slice(start, end), 500), fields, inline }
}

function readDependencies(content: string, at: number, fields: Map<FieldName, Field>): boolean {
  const lead = /^\s*(?:depends on|needs|requires|blocked by|after)\b:?\s*/i.exec(content)
  if (lead === null || fields.has('dependencies')) return false
  const start = at + lead[0].length
  fields.set('dependencies', { start, end: at + content.length, text: content.slice(lead[0].length) })
  return true
}

/** True when every word of the bracket is an estimate, a priority or a model, and one of the first two is there. */
function readRemarks(
  content: string,
  at: number,
  fields: Map<FieldName, Field>,
  inline: { priority?: Priority; model?: string },
): boolean {
  const words = content.split(/[,;]/).map((word) => word.trim())
  const estimate = words.find((word) => estimateMinutes(word) !== undefined)
  const priority = words.find((word) => priorityWord(word) !== undefined)
  const model = words.find((word) => modelWord(word) !== undefined)
  const known = words.every((word) => [estimate, priority, model].includes(word))
  if (!known || (estimate === undefined && priority === undefined)) return false
  if (estimate !== undefined) fields.set('estimate', { start: at, end: at + content.length, text: estimate })
  if (priority !== undefined) inline.priority = priorityWord(priority) as Priority
  if (model !== undefined) inline.model = model
  return true
}

/** Plain items and paragraphs directly below an item. */
function itemDescription(source: Source, blocks: readonly Block[], index: number): Field | undefined {
  const { end, level } = blocks[index] as ItemBlock
  const parts: { start: number; end: number }[] = []
  for (const block of blocks.slice(index + 1, index + 50)) {
    if (block.start >= end) break
    if (block.kind === 'item' && block.mark === undefined && block.level === level + 1) parts.push(block.text)
    if (block.kind === 'paragraph' && block.level === level + 1) parts.push(block)
  }
  const [first, last] = [parts[0], parts.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const text = parts.map((part) => source.text.slice(part.start, part.end)).join('\n')
  return { start: first.start, end: last.end, text }
}
