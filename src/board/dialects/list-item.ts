/** How list items are written: one more of them, and the words behind the title of one that is there. */
import { invariant, type TaskId } from '../../model/index.ts'
import type { ItemBlock } from '../blocks.ts'
import { priorityWord } from '../fields.ts'
import { isIdShaped, readId } from '../ids.ts'
import { plainText } from '../inline.ts'
import { fieldSlot, inBrackets } from '../items.ts'
import { slugOf } from '../slug.ts'
import { lineSpan } from '../source.ts'
import { PRIORITY_SIGNS } from '../tail.ts'
import type {
  Addition,
  BoardDocument,
  Draft,
  Field,
  FieldName,
  ItemPlaces,
  NewTask,
  Sign,
  Slot,
  Spelling,
} from './dialect.ts'

/** The signs by which a list says its fields, in the order in which a new item has them. */
export type ItemManner = ReadonlyMap<FieldName, Sign>

const OWNER: Sign = { before: ' @', after: '', spell: (value) => value.replace(/^@/, '') }
const PRIORITY: Sign = { before: ' !', after: '', spell: (value) => priorityWord(value) ?? value }

/** `@ann !high (needs: rust) (depends on T1)`; `needs` is the lead word of the last one. */
export function usualManner(needs: string): ItemManner {
  return new Map([
    ['owner', OWNER],
    ['priority', PRIORITY],
    ['capabilities', inBrackets('needs:')],
    ['dependencies', inBrackets(needs)],
  ])
}

/** These stand together in one bracket, `(15 min, Low, Haiku)`, where the list has no sign for them. */
const REMARKS: readonly FieldName[] = ['estimate', 'priority', 'model']

/** An open item behind `like` and all that is nested in it. */
export function itemAddition(document: BoardDocument, like: Draft, task: NewTask, manner: ItemManner): Addition {
  const { text } = document.source
  const { item, places } = partsOf(like)
  const { start } = lineSpan(text, item.start)
  const marker = text.slice(start, item.mark === undefined ? item.text.start : item.mark.start - 1)
  const before = text.slice(places.lead.start, places.lead.end)
  const lead = isInFront(like) ? leadLike(before, like.id, task.id) : before
  const id = isInFront(like) && lead !== '' ? '' : idBehind(document, like, task)
  return {
    lines: [`${nextMarker(marker)}${boxLike(text, item)}${lead}${task.title}${words(task, manner)}${id}`],
    head: [],
    after: lineSpan(text, item.end).end,
    spaced: isSpaced(document, item, start),
  }
}

function partsOf({ slots, item: places }: Draft): { item: ItemBlock; places: ItemPlaces } {
  invariant(slots.status.kind === 'mark' && places !== undefined, 'a draft of a list dialect is an item')
  return { item: slots.status.item, places }
}

/** Its id is neither written behind the title nor made from it; the number of an issue may stand on either side. */
function isInFront({ idAt, item }: Draft): boolean {
  return idAt === undefined && item?.id === undefined
}

/** The next number of an ordered list. */
function nextMarker(marker: string): string {
  return marker.replace(/\d{1,8}(?=[.)]\s*$)/, (number) => String(Number(number) + 1))
}

/** An open box, if the neighbour has one; a star says that the neighbour alone is optional. */
function boxLike(text: string, { mark, text: { start } }: ItemBlock): string {
  if (mark === undefined) return ''
  const gap = text.slice(mark.end + 1, start).replace('*', '')
  return `[ ]${gap === '' ? ' ' : gap}`
}

/**
 * What stands before the title, with another id. What its neighbour alone is stays away: the number of an issue,
 * parallel (`[P]`), optional (a star that is no emphasis).
 */
function leadLike(lead: string, id: TaskId, other: TaskId): string {
  if (id.startsWith('#') && !other.startsWith('#')) return ''
  const at = lead.indexOf(id)
  if (at < 0) return lead
  const behind = lead.slice(at + id.length).replace(/\[P\??\][ \t]*/, '')
  return lead.slice(0, at) + other + (lead.startsWith('*') ? behind : behind.replace('*', ''))
}

/** A blank line stands between the neighbour and the item before it. */
function isSpaced({ source, blocks }: BoardDocument, item: ItemBlock, lineStart: number): boolean {
  const before = blocks[blocks.indexOf(item) - 1]
  const isBlank = /(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)$/.test(source.text.slice(Math.max(0, lineStart - 200), lineStart))
  return before?.kind === 'item' && before.level >= item.level && isBlank
}

function words({ values }: NewTask, manner: ItemManner): string {
  const said = REMARKS.filter((field) => !manner.has(field) && values.has(field))
  // A model alone in brackets is not read as one.
  const remarks = said.length === 1 && said[0] === 'model' ? [] : said.map((field) => values.get(field))
  const signs = [...manner].map(([field, sign]) => {
    const value = values.get(field)
    return value === undefined ? '' : `${sign.before}${sign.spell?.(value) ?? value}${sign.after}`
  })
  return `${remarks.length === 0 ? '' : ` (${remarks.join(', ')})`}${signs.join('')}`
}

/** Written as the neighbour's, or as others of the list, where the title alone would not give it. */
function idBehind({ source: { text }, drafts }: BoardDocument, like: Draft, { id, title }: NewTask): string {
  const own = partsOf(like).places.id
  if (own === undefined && slugOf(plainText(title, 500)) === id) return ''
  const pattern = own ?? drafts.find(({ origin, item }) => origin === like.origin && item?.id !== undefined)?.item?.id
  const whole = pattern?.whole ?? { start: 0, end: 0 }
  const isForTools = /🆔|::/u.test(text.slice(whole.start, whole.end))
  if (pattern === undefined || (isForTools && !/^[A-Za-z0-9_-]+$/.test(id))) return ` ^${id}`
  return text.slice(whole.start, pattern.start) + id + text.slice(pattern.end, whole.end)
}

/** The id that a new task has from its title, in a list where ids are no numbers. */
export function idFromTitle(like: Draft, title: string): TaskId | undefined {
  const { id, idAt } = like
  const isNumber = isInFront(like) ? !id.startsWith('#') : idAt === undefined && isIdShaped(id) && /\d$/.test(id)
  return isNumber ? undefined : readId(slugOf(plainText(title, 500)) ?? '')
}

/** Where a field stands in its item, or where it is written in this manner; `undefined`: nowhere. */
export function itemSlot(
  { source: { text } }: BoardDocument,
  draft: Draft,
  field: FieldName | 'title',
  manner: ItemManner,
): Slot | undefined {
  const { places } = partsOf(draft)
  if (field === 'title') return fieldSlot({ ...places.title, text: draft.title })
  const found = draft.fields.get(field) ?? places.words.get(field)
  if (found !== undefined && text.slice(found.start, found.end) === found.text) {
    const spell = spellingOf(text, found)
    return { ...fieldSlot(found), ...(spell === undefined ? {} : { spell }) }
  }
  const sign = manner.get(field)
  if (sign !== undefined) return { kind: 'insert', at: places.at, ...sign }
  return REMARKS.includes(field) ? remarkSlot(places, field) : undefined
}

/** At the end of the item's bracket of remarks, or in a new one. */
function remarkSlot({ at, remarksEnd }: ItemPlaces, field: FieldName): Slot | undefined {
  if (remarksEnd !== undefined) return { kind: 'insert', at: remarksEnd, before: ', ', after: '' }
  return field === 'model' ? undefined : { kind: 'insert', at, before: ' (', after: ')' }
}

/** As what stands there is spelled: `@ann`, `!high`, `P1`, `⏫`. */
function spellingOf(text: string, { start, text: found }: Field): Spelling | undefined {
  if (text[start - 1] === '@') return OWNER.spell
  if (text[start - 1] === '!') return PRIORITY.spell
  if (PRIORITY_SIGNS.has(found)) return prioritySign
  return /^P[0-4]$/.test(found) ? priorityNumber : undefined
}

const NUMBERS = new Map([
  ['high', 'P1'],
  ['medium', 'P2'],
  ['low', 'P3'],
])
const SIGNS = new Map([
  ['high', '⏫'],
  ['medium', '🔼'],
  ['low', '🔽'],
])

function priorityNumber(value: string): string {
  return NUMBERS.get(priorityWord(value) ?? '') ?? value
}

export function prioritySign(value: string): string {
  return SIGNS.get(priorityWord(value) ?? '') ?? value
}
