/** What a list item says of its status, and the edits that change it. */
import type { ItemSlot, Marks, StatusNote } from './dialects/dialect.ts'
import { applyEdits, type Edit, type Span } from './source.ts'
import type { KnownStatus, StatusReading } from './status.ts'

/** GFM knows ` ` and `x`; a half-done `/` or `~` is work in progress wherever it is used. `-` has two meanings: none here. */
const COMMON: readonly (readonly [string, KnownStatus])[] = [
  [' ', 'available'],
  ['\t', 'available'],
  ['x', 'done'],
  ['X', 'done'],
  ['✓', 'done'],
  ['✔', 'done'],
  ['✅', 'done'],
  ['/', 'claimed'],
  ['~', 'claimed'],
]

/** The common marks and those of one tool; `written` are the characters that this tool itself writes. */
export function marksWith(
  own: Readonly<Record<string, KnownStatus>> = {},
  written: readonly (readonly [KnownStatus, string])[] = [],
): Marks {
  return { meanings: new Map([...COMMON, ...Object.entries(own)]), written: new Map(written) }
}

const NOTE =
  /^(claimed|in progress|wip|in review|paused|on hold|blocked|cancelled|canceled|won['’]t do|available|done)(?:\s+by\s+\S.*|\s*:\s*\S.*)?$/is
const NOTE_STATUS = new Map<string, KnownStatus>([
  ['claimed', 'claimed'],
  ['in progress', 'claimed'],
  ['wip', 'claimed'],
  ['in review', 'review'],
  ['paused', 'paused'],
  ['on hold', 'paused'],
  ['blocked', 'blocked'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
  ['available', 'available'],
  ['done', 'done'],
])

/** The status that a bracket behind a title speaks of: `claimed by session-4`, `paused: no flour`, `in review`. */
export function noteStatus(text: string): KnownStatus | undefined {
  const words = NOTE.exec(text.trim())?.[1]?.toLowerCase()
  return words === undefined ? undefined : (NOTE_STATUS.get(words) ?? 'cancelled')
}

export interface ItemReading extends StatusReading {
  /** What says so, as it stands; `''` where an open box says nothing. */
  readonly text: string
}

export function readItemStatus(slot: ItemSlot): ItemReading {
  const { mark } = slot.item
  const boxed = mark === undefined ? 'available' : (slot.marks.meanings.get(markKey(mark.character)) ?? 'unknown')
  const shownMark = mark === undefined || mark.character.trim() === '' ? '' : `[${mark.character}]`
  if (boxed === 'done' || boxed === 'unknown') return reading(boxed, shownMark)
  const note = spokenNote(slot)
  if (note !== undefined) return { ...reading(note.status, note.text), note: noteDetail(note.text) }
  if (boxed !== 'available') return reading(boxed, shownMark)
  const { lane } = slot
  return lane === undefined || lane.status === 'available'
    ? reading('available', shownMark)
    : reading(lane.status, lane.title)
}

function reading(status: StatusReading['status'], text: string): ItemReading {
  return { status, text, sign: undefined, words: undefined, note: undefined }
}

/** The person or reason of a note. */
function noteDetail(text: string): string | undefined {
  return /(?:\s+by\s+|:\s*)(\S.*)$/is.exec(text)?.[1]
}

/** A note says nothing where a mark or a heading has that meaning: who changes these need not know of the note. */
function spokenNote(slot: ItemSlot): StatusNote | undefined {
  const { found } = slot.note
  if (found === undefined || isShownByPlace(slot, found.status)) return undefined
  return found
}

function isShownByPlace({ marks, lane, item }: ItemSlot, status: KnownStatus): boolean {
  if (marks.written.has(status)) return true
  if (lane !== undefined && (lane.status === status || lane.targets.has(status))) return true
  if (status === 'done') return item.mark !== undefined
  return status === 'available' && lane === undefined
}

/** A box's character without its variation selector. */
function markKey(character: string): string {
  return character.replace(/\ufe0f/g, '')
}

export interface ItemChange {
  readonly status: KnownStatus
  readonly by: string | undefined
  /** Id to write behind the item because it has none of its own. */
  readonly newId: { readonly at: number; readonly id: string } | undefined
}

/** The smallest edits after which the item reads as `status`; none where it says so already. */
export function itemEdits(text: string, slot: ItemSlot, { status, by, newId }: ItemChange): readonly Edit[] {
  const note = noteFor(slot, status, by)
  const says = readItemStatus(slot).status === status
  if (says && (by === undefined || note === slot.note.found?.text)) return []
  const edits = [...boxEdits(slot, status), ...noteEdits(slot, note)]
  if (newId !== undefined) edits.push({ start: newId.at, end: newId.at, text: ` ^${newId.id}` })
  const target = slot.lane?.status === status ? undefined : slot.lane?.targets.get(status)
  return target === undefined || slot.lane === undefined ? edits : moved(text, slot.lane.lines, edits, target)
}

function noteFor(slot: ItemSlot, status: KnownStatus, by: string | undefined): string | undefined {
  if (status === 'claimed' && by !== undefined) return `claimed by ${by}`
  if (status === 'paused' && by !== undefined) return `paused: ${by}`
  if (isShownByPlace(slot, status)) return undefined
  return status === 'review' ? 'in review' : status
}

function boxEdits({ item, marks, span }: ItemSlot, status: KnownStatus): Edit[] {
  if (item.mark === undefined) return []
  const wanted = marks.written.get(status) ?? (status === 'done' ? 'x' : ' ')
  const same = marks.meanings.get(markKey(item.mark.character)) === marks.meanings.get(wanted)
  return same ? [] : [{ start: span.start, end: span.end, text: wanted }]
}

function noteEdits({ note: { at, found } }: ItemSlot, wanted: string | undefined): Edit[] {
  if (found === undefined) return wanted === undefined ? [] : [{ start: at, end: at, text: ` (${wanted})` }]
  if (wanted === found.text) return []
  return [{ start: found.start, end: found.end, text: wanted === undefined ? '' : ` (${wanted})` }]
}

/** The lines with their edits made, taken out here and put in there. */
function moved(
  text: string,
  lines: Span,
  edits: readonly Edit[],
  { at, before, after }: { at: number; before: string; after: string },
): Edit[] {
  const inner = edits.map((edit) => ({ ...edit, start: edit.start - lines.start, end: edit.end - lines.start }))
  const content = applyEdits(text.slice(lines.start, lines.end), inner).replace(/(?:\r\n|\n|\r)$/, '')
  return [
    { start: lines.start, end: lines.end, text: '' },
    { start: at, end: at, text: `${before}${content}${after}` },
  ]
}
