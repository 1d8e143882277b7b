/**
 * Changes to a board's text, each the smallest that says it: the cell, mark or label that must change
 * and no other byte. The caller brings the text that it has read; nothing is remembered in between.
 */
import type { BoardName, TaskId } from '../model/index.ts'
import { type Dependencies, type DependencyScope, parseDependencies } from './dependencies.ts'
import type { Field, Slot } from './dialects/dialect.ts'
import { type Merged, type ReadBoard, readBoard } from './document.ts'
import { isEmptyMark } from './fields.ts'
import { oneLine, plainText } from './inline.ts'
import { inBrackets } from './items.ts'
import { itemEdits } from './marks.ts'
import { statusText, taskScopes } from './parse.ts'
import { withPause } from './pause.ts'
import { SlotWriter } from './slots.ts'
import { type KnownStatus, readStatus, type StatusReading } from './status.ts'
import { type StatusWriter, statusWriter } from './wording.ts'

export interface StatusChange {
  readonly id: TaskId
  readonly status: KnownStatus
  /** Written in brackets behind the word: the session of a claim, the reason of a pause. */
  readonly by?: string
}

/**
 * Bring statuses in line, in the board's own words and signs. A table without a status column gets one;
 * `available` needs no cell. A list item says a status by its box, its column or a note, as its dialect does, and
 * gets the id that was made for it. `skipped` names the ids that the board does not have.
 */
export function setStatuses(
  text: string,
  name: BoardName,
  changes: readonly StatusChange[],
): { text: string; skipped: readonly TaskId[] } {
  const board = readBoard(text, name)
  const tasks = new Map(board.tasks.map((task) => [task.id, task]))
  const writer = statusWriter(board)
  const slots = new SlotWriter(text)
  const skipped: TaskId[] = []
  for (const change of new Map(changes.map((each) => [each.id, each])).values()) {
    const task = tasks.get(change.id)
    if (task === undefined) skipped.push(change.id)
    else putStatus({ board, writer, slots }, task, change)
  }
  return { text: slots.text(), skipped }
}

/** What a person means by a status text on this board: its legend counts. */
export function statusMeant(text: string, name: BoardName, words: string): StatusReading {
  return readStatus(oneLine(words), readBoard(text, name).legend)
}

interface Editing {
  readonly board: ReadBoard
  readonly writer: StatusWriter
  readonly slots: SlotWriter
}

function putStatus({ board, writer, slots }: Editing, task: Merged, change: StatusChange): void {
  const slot = task.statusSlot
  const by = change.status === 'claimed' || change.status === 'paused' ? noteOf(change.by) : undefined
  if (slot.kind === 'mark') {
    const newId = task.draft.idAt === undefined ? undefined : { at: task.draft.idAt, id: task.id }
    slots.edit(itemEdits(board.source.text, slot, { status: change.status, by, newId }))
    return
  }
  putWords({ board, writer, slots }, task, { status: change.status, by: isBare(slot) ? undefined : by })
}

/** A value that a tool compares takes no name and no reason. */
function isBare(slot: Slot): boolean {
  return slot.kind === 'line' || (slot.kind === 'span' && slot.wordsOnly === true)
}

function putWords(
  { board, writer, slots }: Editing,
  task: Merged,
  { status, by }: { status: KnownStatus; by: string | undefined },
): void {
  const slot = task.statusSlot
  const before = statusText(board, task)
  if (slot.kind === 'span' && before !== '' && !isEmptyMark(plainText(before, 60))) {
    const after = writer.rewrite(before, status, by)
    if (after !== before) slots.put(slot, after)
  } else if (status !== 'available') slots.put(slot, writer.write(status, by))
}

function noteOf(by: string | undefined): string | undefined {
  const text = oneLine(by ?? '').replace(/[()|`*~\\<>[\]]/g, '')
  return text === '' ? undefined : text.slice(0, 200)
}

/** Put an external blocker into the dependencies of a task; unchanged text when the board lacks the task. */
export function addBlocker(text: string, name: BoardName, id: TaskId, blocker: string): string {
  const board = readBoard(text, name)
  const index = board.tasks.findIndex((task) => task.id === id)
  const task = board.tasks[index]
  const words = oneLine(blocker).slice(0, 500)
  if (task === undefined || words === '') return text
  const slot = blockerSlot(task)
  const value = blockerText(words, taskScopes(board)(index), {
    quoted: task.statusSlot.kind === 'mark' || slot.kind === 'line' || isInBrackets(text, slot),
  })
  return withOneMore(text, slot, value)
}

/** Let a task wait for another one; unchanged text when the board lacks the task. */
export function addDependency(text: string, name: BoardName, id: TaskId, on: TaskId): string {
  const task = readBoard(text, name).tasks.find((each) => each.id === id)
  return task === undefined ? text : withOneMore(text, task.dependencySlot, on)
}

/** What waits is a list: one more value stands behind the others. */
function withOneMore(text: string, slot: Slot, value: string): string {
  const slots = new SlotWriter(text)
  const before = slot.kind === 'span' ? text.slice(slot.span.start, slot.span.end) : ''
  if (slot.kind !== 'span' || isEmptyMark(plainText(before, 60))) slots.put(slot, value)
  else slots.insert(slot.span.end, `, ${value}`)
  return slots.text()
}

/** Not where a tool reads ids alone: words go into a bracket beside them. */
function blockerSlot({ draft, dependencySlot: slot }: Merged): Slot {
  const isForIds = slot.kind === 'span' && slot.idsOnly === true
  return isForIds && draft.item !== undefined
    ? { kind: 'insert', at: draft.item.at, ...inBrackets('blocked by') }
    : slot
}

function isInBrackets(text: string, slot: Merged['dependencySlot']): boolean {
  return slot.kind === 'span' && /^[)\]]/.test(text.slice(slot.span.end, slot.span.end + 1))
}

/** As it stands when it is read back as this one blocker, else in quotes. */
function blockerText(words: string, scope: DependencyScope, { quoted }: { quoted: boolean }): string {
  const plain = words.replace(/\|/g, '\\|')
  const { ids, blockers } = parseDependencies(plain, scope)
  const isPlain = !quoted && !words.includes('\\')
  if (isPlain && ids.length === 0 && blockers.length === 1 && blockers[0]?.text === words) return plain
  const safe = words.replace(/"/g, "'").replace(/\\/g, '\\\\').replace(/\|/g, '\\|')
  return `"${quoted ? safe.replace(/\(/g, '[').replace(/\)/g, ']') : safe}"`
}

/** Lift external blockers of a task, all or those with these texts; its ids stay. */
export function removeBlockers(text: string, name: BoardName, id: TaskId, only?: ReadonlySet<string>): string {
  const board = readBoard(text, name)
  const index = board.tasks.findIndex((task) => task.id === id)
  const task = board.tasks[index]
  if (task === undefined) return text
  const scope = taskScopes(board)(index)
  const slots = new SlotWriter(text)
  for (const field of task.dependencies) {
    const { ids, blockers } = parseDependencies(field.text, scope)
    const lifted = blockers.filter((blocker) => only === undefined || only.has(blocker.text))
    const isEmptied = ids.length + blockers.length === lifted.length
    if (lifted.length > 0) liftBlockers(slots, board, field, { lifted, isEmptied })
  }
  return slots.text()
}

interface Lift {
  readonly lifted: Dependencies['blockers']
  /** Nothing else stands in the field. */
  readonly isEmptied: boolean
}

function liftBlockers(slots: SlotWriter, board: ReadBoard, field: Field, { lifted, isEmptied }: Lift): void {
  if (isEmptied) {
    if (field.whole === undefined) slots.replace(field, emptyMark(board))
    else slots.replace(field.whole, '')
    return
  }
  for (const { start, end } of lifted) {
    const before = /(?:\s*[,;+&]|\s+(?:and|or))?\s*$/i.exec(field.text.slice(0, start))?.[0].length ?? 0
    const after = start === before ? (/^\s*[,;+&]?\s*/.exec(field.text.slice(end))?.[0].length ?? 0) : 0
    slots.replace({ start: field.start + start - before, end: field.start + end + after }, '')
  }
}

/** How this board writes "nothing" into a dependency cell. */
function emptyMark({ tasks }: ReadBoard): string {
  const marks = tasks.flatMap(({ dependencies }) => dependencies.map(({ text }) => text))
  return marks.find((mark) => mark !== '' && isEmptyMark(mark)) ?? 'None'
}

/** Write `**Paused:** reason` at the head of a board, or lift it with `undefined`. */
export function setBoardPause(text: string, reason: string | undefined): string {
  return withPause(readBoard(text, 'board' as BoardName), reason)
}
