/**
 * Headings as columns: `## To do`, `## In progress`, `## Done` with one item per task below them.
 *
 * A board of columns has two headings of one depth or more that are nothing but status words, of at least two
 * meanings, with items below. Then each outermost item below such a heading is a task, with or without a box,
 * and what is nested in it is its acceptance. A ticked box is done wherever it stands, else the column is the
 * status. Write-back moves the item's lines to the end of the column of the new status and ticks its box to
 * match; a status without a column is a note behind the title.
 */
import { type Diagnostic, printable } from '../../model/index.ts'
import type { HeadingBlock, ItemBlock } from '../blocks.ts'
import { leadingId } from '../ids.ts'
import { plainText } from '../inline.ts'
import { type Item, itemDrafts, type Lead, readItem } from '../items.ts'
import { marksWith } from '../marks.ts'
import { lineEnd, lineSpan, placeAt, type Span } from '../source.ts'
import { type KnownStatus, readStatus, type Vocabulary } from '../status.ts'
import type { Addition, BoardDocument, Dialect, Draft, LaneEnd, NewTask, Reading } from './dialect.ts'
import { idFromTitle, itemAddition, itemSlot, usualManner } from './list-item.ts'
import { isListBoard } from './plain.ts'

interface Column {
  readonly heading: HeadingBlock
  readonly title: string
  /** `undefined`: its heading names no status. */
  readonly status: KnownStatus | undefined
  /** Indexes of its outermost items. */
  readonly items: number[]
}

const NEEDS = 'blocked by'
const MANNER = usualManner(NEEDS)

export const kanbanDialect: Dialect = {
  name: 'kanban',
  read(document: BoardDocument): Reading {
    const columns = isListBoard(document) ? columnsOf(document) : []
    const targets = laneEnds(document, columns)
    const items: Item[] = []
    for (const { status, title, items: indexes } of columns) {
      if (status === undefined) continue
      for (const index of indexes) {
        const lines = wholeLines(document.source.text, document.blocks[index] as ItemBlock)
        items.push(readItem(document, index, cardLead(document, index), { status, title, lines, targets }))
      }
    }
    return {
      ...itemDrafts(document, items, { origin: 'kanban', marks: marksWith(), needs: NEEDS }),
      diagnostics: columns
        .filter(({ status, items: own }) => status === undefined && own.length > 0)
        .map((column) => noStatus(document, column)),
    }
  },
  slot: (document, draft, field) => itemSlot(document, draft, field, MANNER),
  newId: idFromTitle,
  add: cardAddition,
}

/** A card in the column of its neighbour, or where that says more than open, in the column that does not. */
function cardAddition(document: BoardDocument, like: Draft, task: NewTask): Addition {
  const card = itemAddition(document, like, task, MANNER)
  const { status } = like.slots
  const isOpen = status.kind === 'mark' && (status.lane === undefined || status.lane.status === 'available')
  const column = isOpen ? undefined : columnsOf(document).findLast((each) => each.status === 'available')
  if (column === undefined) return card
  const last = document.blocks[column.items.at(-1) ?? -1]
  const { text } = document.source
  return { ...card, after: lineSpan(text, (last ?? column.heading).end).end, spaced: last === undefined || card.spaced }
}

/** The headings of the first depth at which they make a board of columns, with the items directly below each. */
function columnsOf(document: BoardDocument): Column[] {
  for (let depth = 1; depth <= 6; depth += 1) {
    const columns = columnsAt(document, depth)
    const lanes = columns.filter(({ status }) => status !== undefined)
    const meanings = new Set(lanes.map(({ status }) => status))
    if (meanings.size > 1 && lanes.some(({ items }) => items.length > 0)) return columns
  }
  return []
}

function columnsAt({ blocks, explained }: BoardDocument, depth: number): Column[] {
  const columns: Column[] = []
  let open: Column | undefined
  blocks.forEach((block, index) => {
    if (block.kind === 'heading') {
      open = block.depth === depth ? column(block) : undefined
      if (open !== undefined) columns.push(open)
    } else if (block.kind === 'item' && block.level === 0 && !explained.has(block)) open?.items.push(index)
  })
  return columns
}

const NO_WORDS: Vocabulary = { phrases: new Map(), signs: new Map() }

/** `## 🚧 In progress (3)` is a column, `## Done in March` is not. */
function column(heading: HeadingBlock): Column {
  const title = plainText(heading.text, 80)
  const { status, words, note } = readStatus(title.replace(/\s*[([]\d{1,4}(?:\s*\/\s*\d{1,4})?[)\]]\s*$/, ''), NO_WORDS)
  const isLane = status !== 'unknown' && words !== undefined && note === undefined
  return { heading, title, status: isLane ? status : undefined, items: [] }
}

/** Of several columns of one meaning the last open one is nearest to the work, and the first of the others. */
function laneEnds(document: BoardDocument, columns: readonly Column[]): Map<KnownStatus, LaneEnd> {
  const chosen = new Map<KnownStatus, Column>()
  for (const each of columns) {
    if (each.status === undefined || (each.status !== 'available' && chosen.has(each.status))) continue
    chosen.set(each.status, each)
  }
  return new Map([...chosen].map(([status, each]) => [status, laneEnd(document, each)]))
}

/** Behind the last item of a column, or below its heading. */
function laneEnd({ source: { text }, blocks }: BoardDocument, { heading, items }: Column): LaneEnd {
  const eol = lineEnd(text)
  const last = items.at(-1)
  if (last !== undefined) {
    const at = wholeLines(text, blocks[last] as ItemBlock).end
    return isLineStart(text, at) ? { at, before: '', after: eol } : { at, before: eol, after: '' }
  }
  const line = wholeLines(text, heading).end
  if (!isLineStart(text, line)) return { at: line, before: `${eol}${eol}`, after: '' }
  const blank = /^[ \t]*(?:\r\n|\n|\r)/.exec(text.slice(line, line + 500))?.[0].length ?? 0
  const at = line + blank
  const isFree = at >= text.length || /^[ \t]*(?:\r\n|\n|\r|$)/.test(text.slice(at, at + 500))
  return { at, before: '', after: isFree ? eol : `${eol}${eol}` }
}

function isLineStart(text: string, at: number): boolean {
  return at > 0 && /[\r\n]/.test(text[at - 1] as string)
}

/** From the head of the line in which a block begins to behind the end of its last line. */
function wholeLines(text: string, { start, end }: Span): Span {
  const last = lineSpan(text, Math.max(start, end)).end
  const eol = /^(?:\r\n|\n|\r)/.exec(text.slice(last, last + 2))?.[0].length ?? 0
  return { start: lineSpan(text, start).start, end: last + eol }
}

function cardLead({ source, blocks }: BoardDocument, index: number): Lead {
  const { text } = blocks[index] as ItemBlock
  return leadingId(source.text.slice(text.start, text.end)) ?? { id: undefined, length: 0 }
}

function noStatus({ source }: BoardDocument, { heading, title }: Column): Diagnostic {
  return {
    code: 'board/not-read',
    severity: 'info',
    message: `the column \`${printable(title, 60)}\` names no status, so its items are no tasks`,
    hint: 'Call it `To do`, `In progress`, `Review`, `Blocked`, `Paused`, `Done` or `Cancelled`',
    ...placeAt(source, heading.start),
  }
}
