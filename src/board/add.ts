/**
 * New tasks, written as the board writes its own: a row, an item or a heading behind a task that is there.
 *
 * Each dialect says how one more of its tasks looks; what it has no place for is put there by `setFields`.
 * What was written is read back: exactly the new tasks, where they were asked for, and all others as they were.
 */
import { type BoardName, type BoardTask, IfBoardError, invariant, printable, type TaskId } from '../model/index.ts'
import type { Block, TableBlock } from './blocks.ts'
import type { Addition, Dialect, Draft, FieldName, NewTask } from './dialects/dialect.ts'
import { dialects } from './dialects/index.ts'
import { firstRow } from './dialects/table.ts'
import { type Merged, type ReadBoard, readBoard } from './document.ts'
import { oneLine, plainText } from './inline.ts'
import { nextId } from './next-id.ts'
import { understand } from './parse.ts'
import { firstOtherChange } from './same.ts'
import { findSection, sectionEnd } from './section-named.ts'
import { type EditableField, setFields } from './set.ts'
import { applyEdits, lineEnd, placeAt, trimSpan } from './source.ts'
import { statusWriter } from './wording.ts'

export interface TaskRequest {
  /** `undefined`: the next free one of the board's own numbering. */
  readonly id: TaskId | undefined
  /** Markdown of one line. */
  readonly title: string
  readonly values: ReadonlyMap<Exclude<FieldName, 'status'>, string>
}

export type AddPlace =
  /** Behind the last task that is no filler. */
  | { readonly kind: 'end' }
  | { readonly kind: 'after'; readonly id: TaskId }
  /** Behind the last task below a heading, or as the first one there. */
  | { readonly kind: 'under'; readonly heading: string }

export interface AddRequest {
  readonly tasks: readonly TaskRequest[]
  readonly place: AddPlace
  /** Ids that must not be given: those of other boards, and of tasks that are gone. */
  readonly taken: ReadonlySet<string>
  /** Ids that something waits for already: only a person gives one of these to a new task. */
  readonly mentioned: ReadonlySet<string>
}

export interface Added {
  readonly text: string
  readonly ids: readonly TaskId[]
}

/**
 * @throws IfBoardError `task/unknown`, `board/no-such-section`; `task/exists` for an id that is taken;
 *   `board/cannot-edit` when the board would not be read back as it was meant
 */
export function addTasks(text: string, name: BoardName, request: AddRequest): Added {
  const board = readBoard(text, name)
  const spot = findSpot(board, request.place)
  const tasks = named(board, spot, request)
  if (tasks.length === 0) return { text, ids: [] }
  const lines = insert(board, spot, tasks)
  const rest = unsaid(readBoard(lines.text, name), tasks)
  const whole = rest.length === 0 ? lines.text : setFields(lines.text, name, rest)
  check(board, { text: whole, at: lines.at, tasks })
  return { text: whole, ids: tasks.map(({ id }) => id) }
}

/** A task to stand behind, a table that waits for its first row, or a bare place. */
interface Spot {
  /** The new tasks look like this one. */
  readonly like: Merged | undefined
  readonly emptyTable: TableBlock | undefined
  /** Where they stand apart from `like`; `undefined`: right behind it. */
  readonly at: number | undefined
}

function findSpot(board: ReadBoard, place: AddPlace): Spot {
  const { tasks, source, document } = board
  const whole = { start: 0, end: source.text.length }
  if (place.kind === 'after') {
    const like = tasks.find(({ id }) => id === place.id)
    if (like === undefined)
      throw new IfBoardError('task/unknown', `\`${source.name}\` has no task \`${printable(place.id, 60)}\``, {
        hint: 'if-board list',
      })
    requireOpenColumn(board, like)
    return { like, emptyTable: undefined, at: undefined }
  }
  const section = place.kind === 'under' ? findSection(board, place.heading) : undefined
  const span = section?.span ?? whole
  const inside = tasks.filter(({ draft }) => span.start <= draft.start && draft.start < span.end && canGrow(draft))
  const like = section === undefined ? lastOf(inside) : inside.at(-1)
  if (like !== undefined && section !== undefined) requireOpenColumn(board, like)
  if (like !== undefined) return { like, emptyTable: undefined, at: undefined }
  const pattern = lastOf(tasks.filter(({ draft }) => canGrow(draft))) ?? tasks.at(-1)
  const emptyTable = document.blocks.find(
    (block): block is TableBlock => isEmptyTable(board, block) && span.start <= block.start && block.start < span.end,
  )
  const end = section === undefined ? whole : { start: section.span.start, end: sectionEnd(board, section) }
  return { like: pattern, emptyTable, at: trimSpan(source.text, end).end }
}

/** A new task is open, and on a board of columns the place says whether it is. */
function requireOpenColumn({ source }: ReadBoard, { statusSlot: slot, draft }: Merged): void {
  if (slot.kind !== 'mark' || slot.lane === undefined || slot.lane.status === 'available') return
  throw new IfBoardError(
    'board/cannot-edit',
    `a task below \`${printable(slot.lane.title, 60)}\` would be ${slot.lane.status}, not open`,
    { hint: 'Leave --after and --under out: it goes to the open tasks', place: placeAt(source, draft.start) },
  )
}

function canGrow(draft: Draft): boolean {
  return dialectOf(draft)?.add !== undefined
}

function dialectOf({ origin }: Draft): Dialect | undefined {
  return dialects.find(({ name }) => name === origin)
}

function lastOf(tasks: readonly Merged[]): Merged | undefined {
  return tasks.findLast(({ draft }) => !draft.section.filler) ?? tasks.at(-1)
}

const NOTHING: NewTask = { id: '' as TaskId, title: '', values: new Map(), open: '' }

function isEmptyTable({ source }: ReadBoard, block: Block): boolean {
  return block.kind === 'table' && firstRow(source, block, NOTHING) !== undefined
}

/** The requests with their ids; every id is new. */
function named(board: ReadBoard, { like }: Spot, { tasks, taken, mentioned }: AddRequest): NewTask[] {
  const open = statusWriter(board).write('available', undefined)
  const used = new Map([...taken, ...board.tasks.map(({ id }) => id)].map((id) => [id.toLowerCase(), id]))
  const waitedFor = new Set([...mentioned].map((id) => id.toLowerCase()))
  const siblings = new Set(board.tasks.map(({ id }) => id))
  let last = like?.id
  const freeId = (title: string): TaskId => {
    const own = like === undefined ? undefined : dialectOf(like.draft)?.newId?.(like.draft, title)
    const key = own?.toLowerCase()
    if (own !== undefined && key !== undefined && !used.has(key) && !waitedFor.has(key)) return own
    return nextId(own ?? last, siblings, [...used.values(), ...mentioned])
  }
  return tasks.map(({ id: asked, title, values }) => {
    const id = asked ?? freeId(oneLine(title))
    const other = used.get(id.toLowerCase())
    if (other !== undefined) throw exists(id, other)
    used.set(id.toLowerCase(), id)
    siblings.add(id)
    last = id
    return {
      id,
      title: oneLine(title),
      values: new Map([...values].map(([key, value]) => [key, oneLine(value)])),
      open,
    }
  })
}

export function exists(id: TaskId, other: string): IfBoardError {
  return new IfBoardError('task/exists', `there is, or was, a task \`${printable(other, 60)}\``, {
    hint: `Choose another id than ${printable(id, 60)}, or leave --id out: the next free one is taken`,
  })
}

function insert(board: ReadBoard, spot: Spot, tasks: readonly NewTask[]): { text: string; at: number } {
  const { text } = board.source
  const eol = lineEnd(text)
  const additions = tasks.map((task) => additionOf(board, spot, task))
  const first = additions[0] as Addition
  const lines = additions.flatMap((one, index) => [...(one.spaced && index > 0 ? [''] : []), ...one.lines])
  const isApart = spot.emptyTable === undefined && spot.at !== undefined
  const at = isApart ? (spot.at ?? text.length) : first.after
  const isFirst = trimSpan(text, { start: 0, end: at }).end === 0
  const gap = isFirst ? '' : `${isApart || first.spaced ? eol : ''}${eol}`
  // What ends the file ends a line, where its last line did or is ours alone.
  const last = isApart && at === text.length ? eol : ''
  const inserted = [...(isApart ? first.head : []), ...lines].join(eol)
  return { text: applyEdits(text, [{ start: at, end: at, text: `${gap}${inserted}${last}` }]), at }
}

/** The head of the table that a board without any begins with. */
const FIRST_TABLE = ['| ID | Task | Status | Dependencies |', '|----|------|--------|--------------|']

function additionOf({ source, document }: ReadBoard, { like, emptyTable }: Spot, task: NewTask): Addition {
  if (emptyTable !== undefined) {
    const row = firstRow(source, emptyTable, task)
    invariant(row !== undefined, 'an empty table was found by its first row')
    return row
  }
  if (like === undefined)
    return { lines: [plainRow(task)], head: FIRST_TABLE, after: source.text.length, spaced: false }
  const dialect = dialectOf(like.draft)
  if (dialect?.add !== undefined) return dialect.add(document, like.draft, task)
  throw new IfBoardError('board/cannot-edit', `\`${source.name}\` is one task and has no room for another`, {
    hint: 'Put a file of its own beside it, in a clone of the boards: if-board checkout',
    place: placeAt(source, like.draft.start),
  })
}

function plainRow({ id, title, open }: NewTask): string {
  return `| ${id} | ${title.replace(/\|/g, '\\|')} | ${open} | None |`
}

/** Values that the lines of their tasks do not say. */
function unsaid({ tasks }: ReadBoard, wanted: readonly NewTask[]) {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  return wanted.flatMap(({ id, values }) => {
    const fields = byId.get(id)?.fields
    const missing = [...values].filter(([field, value]) => fields?.get(field)?.text.replace(/\\\|/g, '|') !== value)
    return fields === undefined || missing.length === 0
      ? []
      : [{ id, values: new Map(missing as [EditableField, string][]) }]
  })
}

interface Written {
  readonly text: string
  /** Where the first of them was put. */
  readonly at: number
  readonly tasks: readonly NewTask[]
}

function check(board: ReadBoard, { text, at, tasks }: Written): void {
  const before = understand(board).board.tasks
  const after = understand(readBoard(text, board.source.name)).board.tasks
  const from = board.tasks.filter(({ draft }) => draft.start < at).length
  const isRight = tasks.every((task, index) => isTask(after[from + index], task))
  const other = firstOtherChange(before, after, new Set(tasks.map(({ id }) => id)))
  if (isRight && other === undefined) return
  throw new IfBoardError(
    'board/cannot-edit',
    other === undefined
      ? `\`${printable(tasks[0]?.title ?? '', 60)}\` would not be read back as a task of \`${board.source.name}\``
      : `this would also change what \`${printable(other, 60)}\` says`,
    { hint: 'Write the task by hand and look at it: if-board edit' },
  )
}

function isTask(task: BoardTask | undefined, { id, title }: NewTask): boolean {
  return task?.id === id && task.title === plainText(title, 500) && task.title !== '' && task.status === 'available'
}
