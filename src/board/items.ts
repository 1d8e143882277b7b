/**
 * List items as tasks: what all dialects of lists share. A dialect says which items are its own, where their ids
 * stand and what its marks mean; the text behind the title, children, acceptance and ids are read here.
 */
import type { AcceptanceItem, TaskId } from '../model/index.ts'
import { acceptanceItem, isBox, MAX_ACCEPTANCE } from './acceptance.ts'
import type { Block, ItemBlock } from './blocks.ts'
import { columnNamed } from './columns.ts'
import type {
  BoardDocument,
  Draft,
  Field,
  FieldName,
  ItemSlot,
  Lane,
  Marks,
  Prerequisite,
  Sign,
  Slot,
} from './dialects/dialect.ts'
import { plainText } from './inline.ts'
import type { Section } from './sections.ts'
import { idFor } from './slug.ts'
import { lineSpan, type Source, type Span, trimSpan } from './source.ts'
import { readTail, type Tail } from './tail.ts'

/** What an item begins with. */
export interface Lead {
  /** `undefined`: its id stands behind the title, or is made from it. */
  readonly id: TaskId | undefined
  /** Where the title begins, counted from the item's text. */
  readonly length: number
  readonly optional?: true
  readonly parallel?: true
}

export interface Item {
  /** Index of its block. */
  readonly index: number
  readonly block: ItemBlock
  readonly lead: Lead
  readonly tail: Tail
  readonly title: string
  readonly section: Section
  readonly lane?: Lane
}

/** A list item with a box that no dialect has read and that no heading, label or item above it explains. */
export function isOpenBox({ taken, explained }: BoardDocument, block: Block): block is ItemBlock {
  return isBox(block) && !taken.has(block) && !explained.has(block)
}

/** The open boxes that begin as the tasks of a dialect do. */
export function itemsLedBy(document: BoardDocument, leadOf: (text: string) => Lead | undefined): Item[] {
  return document.blocks.flatMap((block, index) => {
    if (!isOpenBox(document, block)) return []
    const lead = leadOf(document.source.text.slice(block.text.start, block.text.end))
    return lead === undefined ? [] : [readItem(document, index, lead)]
  })
}

export function readItem(document: BoardDocument, index: number, lead: Lead, lane?: Lane): Item {
  const block = document.blocks[index] as ItemBlock
  const tail = readItemTail(document.source.text, { start: block.text.start + lead.length, end: block.text.end })
  const title = plainText(document.source.text.slice(tail.title.start, tail.title.end), 500)
  const section = document.sections[index] as Section
  return { index, block, lead, tail, title, section, ...(lane === undefined ? {} : { lane }) }
}

/**
 * An item of several lines either goes on in prose behind a first line that ends with ids or brackets, or is one
 * long title: then they stand at its very end.
 */
function readItemTail(text: string, span: Span): Tail {
  const line = /[\r\n]/.exec(text.slice(span.start, span.end))
  if (line === null) return readTail(text, span)
  const first = trimSpan(text, { start: span.start, end: span.start + line.index })
  const tail = readTail(text, first)
  return tail.title.end < first.end ? tail : readTail(text, span)
}

export interface ItemStyle {
  readonly origin: string
  readonly marks: Marks
  /** Lead word of the bracket that names what a task waits for. */
  readonly needs: string
}

/**
 * Drafts of the items, which are those of one list dialect in the order of the text: a child blocks its parent,
 * and boxes below an item that are no tasks are its acceptance.
 */
export function itemDrafts(
  document: BoardDocument,
  items: readonly Item[],
  style: ItemStyle,
): { drafts: Draft[]; taken: Block[] } {
  const parents = parentsOf(items)
  const ids = idsOf(document, items, parents)
  const children = childrenOf(items, parents, ids)
  const drafts: Draft[] = []
  const taken: Block[] = []
  const own = new Set<Block>(items.map(({ block }) => block))
  for (const item of items) {
    const id = ids.get(item)
    if (id === undefined) continue
    taken.push(item.block)
    const acceptance = takeAcceptance(document, item, { own, taken })
    drafts.push({ ...itemDraft(document, item, id, style), acceptance, children: children.get(item) ?? [] })
  }
  return { drafts, taken }
}

function childrenOf(
  items: readonly Item[],
  parents: ReadonlyMap<Item, Item>,
  ids: ReadonlyMap<Item, TaskId>,
): Map<Item, Prerequisite[]> {
  const children = new Map<Item, Prerequisite[]>()
  for (const item of items) {
    const parent = parents.get(item)
    const id = ids.get(item)
    if (parent === undefined || id === undefined || isOptional(item)) continue
    const others = children.get(parent)
    if (others === undefined) children.set(parent, [{ id, at: item.block.start }])
    else others.push({ id, at: item.block.start })
  }
  return children
}

function isOptional({ block, lead }: Item): boolean {
  return lead.optional === true || block.mark?.optional === true
}

/** Ids in front win, then those written behind, then an issue's number, then one made from the title. */
function idsOf({ drafts }: BoardDocument, items: readonly Item[], parents: ReadonlyMap<Item, Item>): Map<Item, TaskId> {
  const ids = new Map<Item, TaskId>()
  const reserved = new Set<string>(drafts.map(({ id }) => id))
  for (const item of items) {
    const id = ownId(item)
    if (id === undefined) continue
    ids.set(item, id)
    reserved.add(id)
  }
  for (const item of items) {
    const id = ids.has(item) ? undefined : idFor(item.title, () => placeOf(item, parents), reserved)
    if (id !== undefined) ids.set(item, id)
  }
  return ids
}

/** Headings and items around an item, outermost first. */
function placeOf(item: Item, parents: ReadonlyMap<Item, Item>): string[] {
  const above: string[] = []
  for (let at = parents.get(item); at !== undefined; at = parents.get(at)) above.unshift(at.title)
  return [...item.section.path, ...above]
}

function ownId({ lead, tail }: Item): TaskId | undefined {
  return lead.id ?? tail.id ?? tail.issue
}

/** The nearest item around each. */
function parentsOf(items: readonly Item[]): Map<Item, Item> {
  const parents = new Map<Item, Item>()
  const open: Item[] = []
  for (const item of items) {
    while (open.length > 0 && (open.at(-1) as Item).block.end <= item.block.start) open.pop()
    const parent = open.at(-1)
    if (parent !== undefined) parents.set(item, parent)
    open.push(item)
  }
  return parents
}

interface Boxes {
  /** Those of the tasks. */
  readonly own: ReadonlySet<Block>
  /** Grows by the boxes that are read. */
  readonly taken: Block[]
}

/** Boxes below an item that are no tasks themselves nor stand below one. */
function takeAcceptance(
  { source, blocks, taken: before }: BoardDocument,
  item: Item,
  { own, taken }: Boxes,
): AcceptanceItem[] {
  const items: AcceptanceItem[] = []
  let childEnd = 0
  for (let at = item.index + 1; at < blocks.length; at += 1) {
    const block = blocks[at] as Block
    if (block.start >= item.block.end) break
    if (own.has(block)) childEnd = Math.max(childEnd, block.end)
    if (block.start < childEnd || !isBox(block) || before.has(block)) continue
    taken.push(block)
    if (items.length < MAX_ACCEPTANCE) items.push(acceptanceItem(source, block))
  }
  return items
}

function itemDraft(document: BoardDocument, item: Item, id: TaskId, { origin, marks, needs }: ItemStyle): Draft {
  const { block, lead, tail, title, section, lane } = item
  const { fields, inline, more, words, remarksEnd, at } = tail
  readBelow(document, item.index, tail)
  const mark = block.mark ?? { start: block.text.start, end: block.text.start }
  const status: ItemSlot = {
    kind: 'mark',
    item: block,
    span: { start: mark.start, end: mark.end },
    marks,
    note: { at, found: tail.note },
    ...(lane === undefined ? {} : { lane }),
  }
  return {
    role: 'task',
    origin,
    id,
    title,
    section,
    start: block.start,
    end: block.end,
    fields,
    slots: { status, dependencies: dependencySlot(tail, needs) },
    acceptance: [],
    inline,
    group: section,
    item: {
      lead: { start: block.text.start, end: block.text.start + lead.length },
      title: tail.title,
      words,
      id: tail.idWord,
      remarksEnd,
      at,
    },
    ...(more.length > 0 ? { moreDependencies: more } : {}),
    ...(isOptional(item) ? { optional: true } : {}),
    ...(lead.parallel === true ? { parallel: true } : {}),
    ...(ownId(item) === undefined ? { idAt: tail.end } : {}),
  }
}

function dependencySlot({ at, fields }: Tail, needs: string): Slot {
  const field = fields.get('dependencies')
  return field === undefined ? { kind: 'insert', at, ...inBrackets(needs) } : fieldSlot(field)
}

/** ` (depends on T1)`. */
export function inBrackets(words: string): Sign {
  return { before: ` (${words} `, after: ')' }
}

/** Where a field of a list item stands, with all that goes with its value. */
export function fieldSlot(field: Field): Extract<Slot, { kind: 'span' }> {
  const { start, end, whole, idsOnly } = field
  const span = { start, end }
  return {
    kind: 'span',
    span,
    inner: span,
    ...(whole === undefined ? {} : { whole }),
    ...(idsOnly === undefined ? {} : { idsOnly, spell: idList }),
  }
}

/** `a,b`, as tools write it. */
export function idList(ids: string): string {
  return ids.replace(/\s*,\s*/g, ',')
}

/** Blocks below an item that are read for its fields. */
const MAX_BELOW = 50

/** What stands directly below an item without a box: `Depends on: 1.2` is a field, the rest the description. */
function readBelow({ source, blocks }: BoardDocument, index: number, { fields, more }: Tail): void {
  const parts: Span[] = []
  for (const part of plainBelow(blocks, index)) {
    const field = labelled(source, part)
    if (field === undefined) parts.push(part)
    else if (!fields.has(field.name)) fields.set(field.name, field.value)
    else if (field.name === 'dependencies') more.push(field.value)
  }
  const [first, last] = [parts[0], parts.at(-1)]
  if (first === undefined || last === undefined) return
  const text = parts.map((part) => source.text.slice(part.start, part.end)).join('\n')
  fields.set('description', { start: first.start, end: last.end, text })
}

function plainBelow(blocks: readonly Block[], index: number): Span[] {
  const { end, level } = blocks[index] as ItemBlock
  const parts: Span[] = []
  for (let at = index + 1; at < Math.min(blocks.length, index + MAX_BELOW); at += 1) {
    const block = blocks[at] as Block
    if (block.start >= end) break
    if (block.kind === 'paragraph' && block.level === level + 1) parts.push(block)
    if (block.kind === 'item' && block.mark === undefined && block.level === level + 1) parts.push(block.text)
  }
  return parts
}

/** `Depends on: …`, `**Owner:** …`, `_Dependencies: 1.2_`: a line below an item that names a field. */
const LABEL = /^([*_]{0,3})([\p{L}][\p{L} -]{1,30})([*_]{0,3}):([*_]{0,3})[ \t]+/u
const LABELLED = new Set<string>(['dependencies', 'owner', 'deliverable', 'estimate', 'model', 'priority'])

function labelled({ text }: Source, { start, end }: Span) {
  const line = text.slice(start, Math.min(end, start + 2000))
  const found = /[\r\n]/.test(line) ? null : LABEL.exec(line)
  const name = found === null ? undefined : columnNamed(found[2] as string)
  if (found === null || name === undefined || !LABELLED.has(name)) return undefined
  const open = found[3] === '' && found[4] === '' ? (found[1] as string) : ''
  const rest = line.slice(found[0].length).trimEnd()
  const value = open !== '' && rest.endsWith(open) ? rest.slice(0, -open.length) : rest
  if (value === '') return undefined
  const from = start + found[0].length
  const whole = { start: lineBefore(text, start), end }
  return { name: name as FieldName, value: { start: from, end: from + value.length, text: value, whole } }
}

/** End of the line before the one around `at`. */
function lineBefore(text: string, at: number): number {
  const { start } = lineSpan(text, at)
  return start - (/(?:\r\n|\n|\r)$/.exec(text.slice(Math.max(0, start - 2), start))?.[0].length ?? 0)
}
