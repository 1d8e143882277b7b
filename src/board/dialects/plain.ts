/**
 * Plain task lists of GFM (spec 0.29, "Task list items (extension)"): every box is a task.
 *
 * Its id is `^id` or `{#id}` behind the title, `#42`, or made from the title. That only holds where nothing
 * else says what the tasks are: beside a table, heading tasks or boxes of which most have an id in front, a box
 * without an id written to be one (`^id`, `{#id}`) is a note or an acceptance item.
 */
import { type Diagnostic, printable } from '../../model/index.ts'
import type { ItemBlock } from '../blocks.ts'
import { readId } from '../ids.ts'
import { type Item, isOpenBox, itemDrafts, type Lead, readItem } from '../items.ts'
import { marksWith } from '../marks.ts'
import { placeAt } from '../source.ts'
import type { BoardDocument, Dialect, Marks, Reading } from './dialect.ts'
import { idFromTitle, itemAddition, itemSlot, usualManner } from './list-item.ts'

const NEEDS = 'blocked by'
const MANNER = usualManner(NEEDS)

export const plainDialect: Dialect = {
  name: 'plain',
  read: (document) => readBoxes(document, 'plain', marksWith()),
  slot: (document, draft, field) => itemSlot(document, draft, field, MANNER),
  newId: idFromTitle,
  add: (document, like, task) => itemAddition(document, like, task, MANNER),
}

/** Nothing but list items is a task here. */
export function isListBoard({ drafts }: BoardDocument): boolean {
  return !drafts.some(({ origin }) => ['front-matter', 'table', 'detail', 'kanban'].includes(origin))
}

/** Every box that is still open, as tasks of a list whose marks are `marks`. */
export function readBoxes(document: BoardDocument, origin: string, marks: Marks): Reading {
  const items = document.blocks.flatMap((block, index) =>
    isOpenBox(document, block) && isTaskMark(block, marks)
      ? [readItem(document, index, plainLead(document, block))]
      : [],
  )
  const isPlain = isListBoard(document) && !mostHaveIds(document, items)
  const chosen = isPlain ? items : items.filter(({ tail }) => tail.id !== undefined)
  const { drafts, taken } = itemDrafts(document, chosen, { origin, marks, needs: NEEDS })
  const read = new Set(drafts.map(({ start }) => start))
  const unread = isListBoard(document) ? items.filter(({ block }) => !read.has(block.start) && block.level === 0) : []
  return { drafts, taken, diagnostics: unread.slice(0, MAX_FINDINGS).map((item) => noId(document, item)) }
}

const MAX_FINDINGS = 20

/** A letter or digit in the box is a kind of note in some themes, and `- [1] …` a reference: only signs are tasks. */
function isTaskMark({ mark }: ItemBlock, { meanings }: Marks): boolean {
  const character = mark?.character.replace(/\ufe0f/g, '') ?? ''
  return meanings.has(character) || ([...character].length === 1 && /[^\p{L}\p{N}]/u.test(character))
}

/** `#42 title`, and the tag `#task` that Obsidian Tasks can filter by. */
function plainLead({ source }: BoardDocument, { text }: ItemBlock): Lead {
  const found = /^(?:#task[ \t]+|(#\d{1,10}):?[ \t]+)(?=\S)/.exec(
    source.text.slice(text.start, Math.min(text.end, text.start + 40)),
  )
  return found === null ? { id: undefined, length: 0 } : { id: readId(found[1] ?? ''), length: found[0].length }
}

/** Are at least as many boxes at the outermost level read by their ids in front as are left? */
function mostHaveIds({ drafts }: BoardDocument, items: readonly Item[]): boolean {
  const leading = drafts.filter(({ slots: { status } }) => status.kind === 'mark' && status.item.level === 0).length
  return leading > 0 && leading >= items.filter(({ block }) => block.level === 0).length
}

function noId({ source }: BoardDocument, { title, block }: Item): Diagnostic {
  return {
    code: 'board/no-id',
    severity: 'info',
    message: `\`${printable(title, 60)}\` has no id and is no task`,
    hint: 'Give it an id as its neighbours have one, or write `^id` behind it',
    ...placeAt(source, block.start),
  }
}
