/**
 * Fields of tasks, changed as a person would type them: the cell, word or label that says the field and
 * no other byte. What was written is read back, and what does not come back as it was meant is refused.
 */
import { type BoardName, type BoardTask, IfBoardError, printable, type TaskId } from '../model/index.ts'
import { cellMarkdown } from './cells.ts'
import { type DependencyScope, parseDependencies } from './dependencies.ts'
import type { BoardDocument, Draft, Field, FieldName, Slot } from './dialects/dialect.ts'
import { dialects } from './dialects/index.ts'
import { type Merged, type ReadBoard, readBoard } from './document.ts'
import {
  budgetUsd,
  estimateMinutes,
  isEmptyMark,
  jobText,
  ownerText,
  priorityWord,
  valueText,
  wordList,
} from './fields.ts'
import { oneLine, plainText } from './inline.ts'
import { fieldSlot } from './items.ts'
import { taskScopes, understand } from './parse.ts'
import { firstOtherChange, meaningOf } from './same.ts'
import { SlotWriter, spelled } from './slots.ts'
import { lineSpan, placeAt, type Span } from './source.ts'

/** Everything but the status, which `setStatuses` writes in the board's own words. */
export type EditableField = Exclude<FieldName, 'status'> | 'title'

export interface FieldChange {
  readonly id: TaskId
  /** Markdown of one line by field; `''` and marks such as `none` take a value away. */
  readonly values: ReadonlyMap<EditableField, string>
}

/** Longest value, in UTF-16 code units. */
const MAX_VALUE = 2000

/**
 * The text with these fields changed.
 *
 * @throws IfBoardError `task/unknown`; `board/cannot-edit` when the task's dialect has no place for a field, or
 *   when a value would not be read back as it was meant
 */
export function setFields(text: string, name: BoardName, changes: readonly FieldChange[]): string {
  const before = readBoard(text, name)
  const tasks = new Map(before.tasks.map((task, index) => [task.id, { task, index }]))
  const scopeOf = taskScopes(before)
  const slots = new SlotWriter(text)
  for (const { id, values } of changes) {
    const found = tasks.get(id)
    if (found === undefined) throw new IfBoardError('task/unknown', `\`${name}\` has no task \`${printable(id, 60)}\``)
    for (const [field, value] of values) {
      requireReadable(before, found.task, { field, value })
      putField(before, slots, found.task, { field, value: oneLine(value) })
    }
  }
  const after = slots.text()
  if (after !== text) checkFields({ before, text: after, scopeOf, tasks }, changes)
  return after
}

interface Value {
  readonly field: EditableField
  readonly value: string
}

function putField(board: ReadBoard, slots: SlotWriter, task: Merged, { field, value }: Value): void {
  const slot = slotOf(board, task, field)
  const isNothing = isEmptyMark(plainText(value, 60))
  if (isNothing && slot?.kind !== 'span' && slot?.kind !== 'short-row') return
  if (slot === undefined) throw noPlace(board, task, field)
  const written = isNothing ? emptyMarkOf(board, field, value) : value
  const put = (place: Slot) => {
    if (isNothing && place.kind === 'span' && place.whole !== undefined) slots.replace(place.whole, '')
    else if (!holds(board, place, written)) slots.put(place, inTable(board, place) ? cellMarkdown(written) : written)
  }
  put(slot)
  // All places that name dependencies count together, so they all have to say the same, or nothing.
  if (field === 'dependencies')
    for (const other of task.dependencies) if (!isIn(slot, other) && other.text !== '') putElsewhere(slots, other, put)
  // A title that was the id too is that no more.
  if (field === 'title' && task.draft.idAt !== undefined) slots.insert(task.draft.idAt, ` ^${task.id}`)
}

function putElsewhere(slots: SlotWriter, other: Field, put: (place: Slot) => void): void {
  if (other.whole === undefined) put(fieldSlot(other))
  else slots.replace(other.whole, '')
}

/** Where a field is written: where it stands, else where the dialect of its strongest draft puts it. */
function slotOf(board: ReadBoard, task: Merged, field: EditableField): Slot | undefined {
  if (field === 'dependencies') return dependencySlot(board, task)
  const slots = task.all.map((draft) => draftSlot(board, draft, field))
  return slots.find((slot) => slot?.kind === 'span' || slot?.kind === 'short-row') ?? slots.find((slot) => slot)
}

/** Where blockers are added, unless the dialect says how a whole list is written. */
function dependencySlot({ document }: ReadBoard, { dependencySlot: slot, draft }: Merged): Slot {
  const own = slot === draft.slots.dependencies ? ownSlot(document, draft, 'dependencies') : undefined
  return own !== undefined && (own.kind === 'span' || slot.kind !== 'span') ? own : slot
}

function ownSlot(document: BoardDocument, draft: Draft, field: EditableField): Slot | undefined {
  return dialects.find(({ name }) => name === draft.origin)?.slot?.(document, draft, field)
}

function draftSlot({ source, document }: ReadBoard, draft: Draft, field: EditableField): Slot | undefined {
  const known = field === 'title' ? undefined : draft.fields.get(field)
  const isExact = known !== undefined && source.text.slice(known.start, known.end) === known.text
  const own = ownSlot(document, draft, field)
  if (isExact) return own?.kind === 'span' || own?.kind === 'insert' ? own : fieldSlot(known)
  if (own !== undefined || field !== 'title' || draft.role !== 'task') return own
  const title = titleSpan(source.text, draft)
  return title === undefined ? undefined : fieldSlot({ ...title, text: draft.title })
}

/** The part of a draft's first line that reads as its title, marks within it included. */
function titleSpan(text: string, { start, title }: Draft): Span | undefined {
  const line = text.slice(start, Math.min(lineSpan(text, start).end, start + 2000))
  const starts = [...line.matchAll(/(?<=^|\s)\S/g)].map(({ index }) => index)
  const ends = [...line.matchAll(/\S(?=\s|$)/g)].map(({ index }) => index + 1).reverse()
  for (const from of starts.slice(0, 12)) {
    const to = ends.slice(0, 80).find((end) => end > from && plainText(line.slice(from, end), 500) === title)
    if (to !== undefined) return { start: start + from, end: start + to }
  }
  return undefined
}

function inTable({ document }: ReadBoard, slot: Slot): boolean {
  if (slot.kind !== 'span') return slot.kind === 'column' || slot.kind === 'short-row'
  const { start, end } = slot.span
  return document.blocks.some((block) => block.kind === 'table' && block.start <= start && end <= block.end)
}

function holds({ source }: ReadBoard, slot: Slot, value: string): boolean {
  return slot.kind === 'span' && source.text.slice(slot.span.start, slot.span.end) === spelled(slot, value)
}

function isIn(slot: Slot, { start, end }: Span): boolean {
  return slot.kind === 'span' && slot.span.start <= start && end <= slot.span.end
}

/** What the board writes where this field is empty; what the person typed, else `None` or `-`, where it never is. */
function emptyMarkOf({ tasks }: ReadBoard, field: EditableField, value: string): string {
  if (value !== '') return value
  const texts = tasks.flatMap((task) => (field === 'title' ? [] : (task.fields.get(field)?.text ?? [])))
  return texts.find((text) => text !== '' && isEmptyMark(text)) ?? (field === 'dependencies' ? 'None' : '-')
}

interface Meaning {
  /** What of a task says it; the first is compared with what was meant. */
  readonly keys: readonly [keyof BoardTask, ...(keyof BoardTask)[]]
  /** What a value means; `undefined`: nothing. */
  readonly read: (markdown: string) => unknown
  /** What to type, where not every text has a meaning. */
  readonly example?: string
}

const MEANINGS: Readonly<Record<Exclude<EditableField, 'dependencies'>, Meaning>> = {
  // A title may also say that its task is a filler.
  title: { keys: ['title', 'filler'], read: (text) => plainText(text, 500) || undefined, example: 'a few words' },
  owner: { keys: ['owner'], read: ownerText },
  description: { keys: ['description'], read: (text) => valueText(text, 4000) },
  deliverable: { keys: ['deliverable'], read: valueText },
  estimate: { keys: ['estimateMinutes'], read: estimateMinutes, example: '`45m`, `1h 30m` or `2d`' },
  model: { keys: ['model'], read: (text) => valueText(text, 100) },
  priority: { keys: ['priority'], read: priorityWord, example: '`high`, `medium` or `low`' },
  capabilities: { keys: ['capabilities'], read: wordList },
  budget: { keys: ['budgetUsd'], read: budgetUsd, example: '`$12.50`' },
  check: { keys: ['check'], read: jobText },
  run: { keys: ['run'], read: jobText },
}

function keysOf(field: EditableField): readonly (keyof BoardTask)[] {
  return field === 'dependencies' ? ['dependencies', 'externalBlockers'] : MEANINGS[field].keys
}

export const EDITABLE_FIELDS: readonly EditableField[] = [...(Object.keys(MEANINGS) as EditableField[]), 'dependencies']

function requireReadable(board: ReadBoard, task: Merged, { field, value }: Value): void {
  if (value.length > MAX_VALUE)
    throw new IfBoardError('board/cannot-edit', `a value has at most ${MAX_VALUE} characters, this ${field} has more`, {
      hint: 'Put the long text into a file and name that',
    })
  const { read, example } = field === 'dependencies' ? { read: () => '', example: undefined } : MEANINGS[field]
  const isNothing = field !== 'title' && isEmptyMark(plainText(value, 60))
  if (isNothing || example === undefined || read(value) !== undefined) return
  throw new IfBoardError('board/cannot-edit', `\`${printable(value, 60)}\` is no ${field}`, {
    hint: `Write ${example}`,
    place: placeAt(board.source, task.draft.start),
  })
}

interface Check {
  readonly before: ReadBoard
  readonly text: string
  readonly scopeOf: (index: number) => DependencyScope
  readonly tasks: ReadonlyMap<TaskId, { readonly index: number; readonly task: Merged }>
}

/** Read the new text and compare: each field as it was meant, all else of its task and every other task as it was. */
function checkFields({ before, text, scopeOf, tasks }: Check, changes: readonly FieldChange[]): void {
  const old = understand(before).board.tasks
  const now = understand(readBoard(text, before.source.name)).board.tasks
  const byId = new Map(now.map((task) => [task.id, task]))
  for (const { id, values } of changes) {
    const { index, task: was } = tasks.get(id) ?? { index: 0, task: undefined }
    const task = byId.get(id)
    const waits = { scope: scopeOf(index), children: was?.children ?? [] }
    const wrong = [...values].find(([field, value]) => task === undefined || !says(task, field, value, waits))
    if (wrong !== undefined) throw notReadBack(id, ...wrong)
    const keys = [...values.keys()].flatMap(keysOf)
    const [first] = values
    if (first !== undefined && restOf(task, keys) !== restOf(old[index], keys)) throw notReadBack(id, ...first)
  }
  const other = firstOtherChange(old, now, new Set(changes.map(({ id }) => id)))
  if (other === undefined) return
  throw new IfBoardError('board/cannot-edit', `this would also change what \`${printable(other, 60)}\` says`, {
    hint: 'Change the text by hand: if-board edit',
  })
}

function restOf(task: BoardTask | undefined, without: readonly (keyof BoardTask)[]): string {
  return task === undefined ? '' : meaningOf({ ...task, ...Object.fromEntries(without.map((key) => [key, undefined])) })
}

interface Waits {
  readonly scope: DependencyScope
  /** A task waits for these whatever its dependencies say. */
  readonly children: Merged['children']
}

function says(task: BoardTask, field: EditableField, value: string, { scope, children }: Waits): boolean {
  if (field === 'dependencies') {
    const { ids, blockers } = parseDependencies(value, scope)
    const wanted = new Set([...ids, ...children].map(({ id }) => id).filter((id) => id !== task.id))
    return (
      equal([...wanted].sort(), task.dependencies.map(({ id }) => id).sort()) &&
      equal(
        blockers.map(({ text }) => text),
        task.externalBlockers.map(({ text }) => text),
      )
    )
  }
  const { read, keys } = MEANINGS[field]
  // A priority or model that is taken away may still be said by the heading above.
  if (isEmptyMark(plainText(value, 60)) && (field === 'priority' || field === 'model')) return true
  return equal(read(oneLine(value)), task[keys[0]])
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function noPlace(board: ReadBoard, { id, draft }: Merged, field: EditableField): IfBoardError {
  return new IfBoardError(
    'board/cannot-edit',
    `\`${printable(id, 60)}\` is written in a way that has no place for its ${field} (${draft.origin})`,
    {
      hint: `Add it by hand, for example as a line of a section \`### ${printable(id, 60)}: …\`: if-board edit`,
      place: placeAt(board.source, draft.start),
    },
  )
}

function notReadBack(id: TaskId, field: EditableField, value: string): IfBoardError {
  return new IfBoardError(
    'board/cannot-edit',
    `\`${printable(value, 60)}\` would not be read back as the ${field} of \`${printable(id, 60)}\``,
    { hint: 'Use plainer words, or write it by hand and look at it: if-board edit' },
  )
}
