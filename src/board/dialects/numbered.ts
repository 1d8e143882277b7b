/**
 * Numbered tasks of OpenSpec and Kiro: `- [ ] 2.1 title`, `- [ ] 2. title`, `- [ ]* 2.2 an optional one`.
 *
 * Sources: OpenSpec, `tasks.md` of a change (groups `## 1. …`, items `- [ ] 1.1 …`; only ` ` and `x` are
 * counted); Kiro, `.kiro/specs/<name>/tasks.md` (`[-]` is in progress, `[~]` queued, a star behind the box
 * makes a task optional, `_Requirements: 1.1_` names what it covers and is no dependency). So `[-]` is read
 * as in progress, and written where the file has signs of Kiro; OpenSpec would no longer count such a task.
 */
import type { ItemBlock } from '../blocks.ts'
import { readId } from '../ids.ts'
import { type Item, itemDrafts, itemsLedBy, type Lead } from '../items.ts'
import { marksWith } from '../marks.ts'
import { lineEnd, lineSpan } from '../source.ts'
import type { BoardDocument, Dialect, Draft, Prerequisite, Reading, Slot } from './dialect.ts'
import { type ItemManner, itemAddition, itemSlot, usualManner } from './list-item.ts'
import { isListBoard } from './plain.ts'

const NEEDS = 'depends on'
const MANNER = usualManner(NEEDS)
/** Kiro has what a task waits for on a line below it. */
const KIRO: ItemManner = new Map([...MANNER].filter(([field]) => field !== 'dependencies'))

export const numberedDialect: Dialect = {
  name: 'numbered',
  read(document: BoardDocument): Reading {
    if (!isListBoard(document)) return { drafts: [], taken: [], diagnostics: [] }
    const items = itemsLedBy(document, numberedLead)
    const marks = marksWith({ '-': 'claimed' }, isKiro(document, items) ? [['claimed', '-']] : [])
    const { drafts, taken } = itemDrafts(document, items, { origin: 'numbered', marks, needs: NEEDS })
    return { drafts: withNumberedChildren(drafts), taken, diagnostics: [] }
  },
  slot(document, draft, field) {
    const isLine = field === 'dependencies' && !draft.fields.has(field) && isOfKiro(draft)
    return isLine ? lineBelow(document, draft) : itemSlot(document, draft, field, MANNER)
  },
  add: (document, like, task) => itemAddition(document, like, task, isOfKiro(like) ? KIRO : MANNER),
}

function isOfKiro({ slots: { status } }: Draft): boolean {
  return status.kind === 'mark' && status.marks.written.has('claimed')
}

/** `- _Depends: 1.1_` behind the lines that a task has below it, in front of its subtasks. */
function lineBelow({ source: { text }, blocks }: BoardDocument, { slots: { status } }: Draft): Slot | undefined {
  if (status.kind !== 'mark') return undefined
  const { item } = status
  let last: ItemBlock | undefined
  for (const block of blocks.slice(blocks.indexOf(item) + 1)) {
    if (block.start >= item.end || block.kind !== 'item' || block.mark !== undefined) break
    if (block.level === item.level + 1) last = block
  }
  const { start } = lineSpan(text, (last ?? item).start)
  const marker = text.slice(start, last === undefined ? (item.mark?.start ?? start) - 1 : last.text.start)
  const lead = last === undefined ? `${marker.replace(/\S/g, ' ')}- ` : marker
  const at = last === undefined ? item.text.end : lineSpan(text, last.end).end
  return { kind: 'insert', at, before: `${lineEnd(text)}${lead}_Depends: `, after: '_' }
}

/** A point or a point behind it makes a number an id: `3 new recipes` is a title. */
const LEAD = /^[*`]{0,3}(\d{1,4}(?:\.\d{1,4}){0,6})(\.?)(\*?)[*`]{0,3}[ \t]+(?=\S)/

function numberedLead(text: string): Lead | undefined {
  const found = LEAD.exec(text.slice(0, 300))
  const id = found === null ? undefined : readId(found[1] as string)
  if (found === null || id === undefined || (!id.includes('.') && found[2] === '')) return undefined
  return { id, length: found[0].length, ...(found[3] === '*' && !text.startsWith('*') ? { optional: true } : {}) }
}

function isKiro({ source, blocks }: BoardDocument, items: readonly Item[]): boolean {
  if (
    items.some(({ block: { mark } }) => mark?.optional === true || mark?.character === '-' || mark?.character === '~')
  )
    return true
  return blocks.some(
    (block) =>
      block.kind === 'item' && /^_Requirements?:/.test(source.text.slice(block.text.start, block.text.start + 20)),
  )
}

/** `2.1` is a child of `2`, nested or not. */
function withNumberedChildren(drafts: readonly Draft[]): Draft[] {
  const below = new Map<string, Prerequisite[]>()
  for (const { id, start, optional } of drafts) {
    const parent = /^(.*)\.\d+$/.exec(id)?.[1]
    if (parent === undefined || optional === true) continue
    const others = below.get(parent)
    if (others === undefined) below.set(parent, [{ id, at: start }])
    else others.push({ id, at: start })
  }
  return drafts.map((draft) => ({ ...draft, children: [...(draft.children ?? []), ...(below.get(draft.id) ?? [])] }))
}
