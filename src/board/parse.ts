/** Text of a board → tasks and diagnostics. Never throws: what is not understood becomes a diagnostic at its place. */
import {
  type BoardName,
  type BoardTask,
  type DependencyRef,
  type Diagnostic,
  type ExternalBlocker,
  type ParsedBoard,
  printable,
  taskKey,
} from '../model/index.ts'
import { conflictAt } from './conflict.ts'
import { type DependencyScope, parseDependencies } from './dependencies.ts'
import type { Field, FieldName, Prerequisite } from './dialects/dialect.ts'
import { type Merged, type ReadBoard, readBoard } from './document.ts'
import { budgetUsd, estimateMinutes, jobText, ownerText, priorityWord, valueText, wordList } from './fields.ts'
import { isFillerId } from './ids.ts'
import { oneLine, plainText } from './inline.ts'
import { readItemStatus } from './marks.ts'
import { pauseReason } from './pause.ts'
import { phaseOrder } from './phases.ts'
import { scopesOf } from './scope.ts'
import { placeAt } from './source.ts'
import { readStatus, type StatusReading } from './status.ts'

export interface ParseOptions {
  /** `phase`: the order of a board's phases is a dependency; see `phases.ts`. */
  readonly implicit?: 'phase' | undefined
}

/** Read a board. The order of tasks is that of the text; of two rows with one id the first counts. */
export function parseBoard(text: string, name: BoardName, options: ParseOptions = {}): ParsedBoard {
  return understand(readBoard(text, name), options)
}

/** The same for a board that is already read. */
export function understand(board: ReadBoard, { implicit }: ParseOptions = {}): ParsedBoard {
  const { text } = board.source
  const diagnostics = [...board.diagnostics]
  const scope = taskScopes(board)
  const before = implicit === 'phase' ? phaseOrder(board.tasks) : () => []
  const isMerged = conflictAt(text) < 0
  const tasks = board.tasks.map((task, index) => {
    const first = [...task.children, ...before(index)]
    const { dependencies, externalBlockers } = dependenciesOf(board, task, { scope: scope(index), first })
    for (const blocker of externalBlockers) diagnostics.push(externalBlocker(task, blocker))
    const conflict = isMerged ? undefined : conflictOf(board, task)
    const status = conflict === undefined ? statusOf(board, task) : heldBack(statusOf(board, task))
    if (conflict !== undefined) diagnostics.push(conflict)
    else if (status.status === 'unknown') diagnostics.push(unknownStatus(board, task))
    const read = boardTask(board, task, { status, dependencies, externalBlockers })
    if (read.budgetUsd === undefined) diagnostics.push(...unknownBudget(board, task))
    return read
  })
  diagnostics.sort((a, b) => a.line - b.line || a.column - b.column)
  const title = board.document.sections.find((section) => section.heading?.depth === 1)?.title
  return { board: { name: board.source.name, title, tasks, paused: pauseReason(board) }, diagnostics }
}

/** The scope of each task's dependency cell, by its index. */
export function taskScopes({ tasks }: ReadBoard): (index: number) => DependencyScope {
  return scopesOf(tasks.map((task) => ({ id: task.id, draft: task.draft, filler: isFiller(task) })))
}

interface Read {
  readonly status: StatusReading
  readonly dependencies: readonly DependencyRef[]
  readonly externalBlockers: readonly ExternalBlocker[]
}

function boardTask(board: ReadBoard, task: Merged, read: Read): BoardTask {
  const { draft } = task
  const { section, inline } = draft
  const raw = (name: FieldName) => task.fields.get(name)?.text
  return {
    key: taskKey(board.source.name, task.id),
    id: task.id,
    board: board.source.name,
    title: draft.title,
    description: valueText(raw('description'), 4000),
    status: read.status.status,
    statusText: oneLine(statusText(board, task)).slice(0, 500),
    statusNote: read.status.note === undefined ? undefined : plainText(read.status.note, 500),
    owner: ownerText(raw('owner')),
    assigned: section.assigned,
    dependencies: read.dependencies,
    externalBlockers: read.externalBlockers,
    deliverable: valueText(raw('deliverable')),
    estimateMinutes: raw('estimate') === undefined ? undefined : estimateMinutes(raw('estimate') as string),
    model: valueText(raw('model'), 100) ?? inline.model ?? section.model,
    priority: priorityWord(raw('priority') ?? '') ?? inline.priority ?? section.priority,
    capabilities: wordList(raw('capabilities')),
    budgetUsd: budgetUsd(raw('budget')),
    check: jobText(raw('check')),
    run: jobText(raw('run')),
    acceptance: task.all.flatMap(({ acceptance }) => acceptance),
    section: section.path.length === 0 ? undefined : section.path.join(' / '),
    filler: isFiller(task),
    ...(task.statusSlot.kind === 'mark' ? { showsClaims: true } : {}),
    place: placeAt(board.source, draft.start),
  }
}

function isFiller({ id, draft }: Merged): boolean {
  return isFillerId(id) || draft.optional === true || draft.section.filler || /\(filler\)|\[filler\]/i.test(draft.title)
}

/** The status as it stands; `''` for an open box without a note. */
export function statusText({ source }: ReadBoard, { fields, statusSlot }: Merged): string {
  if (statusSlot.kind === 'span') return source.text.slice(statusSlot.span.start, statusSlot.span.end)
  if (statusSlot.kind === 'mark') return readItemStatus(statusSlot).text
  return fields.get('status')?.text ?? ''
}

export function statusOf(board: ReadBoard, task: Merged): StatusReading {
  const slot = task.statusSlot
  return slot.kind === 'mark' ? readItemStatus(slot) : readStatus(statusText(board, task), board.legend)
}

/** Nobody starts a task of which a merge left two versions: whichever cell they are in, a person decides first. */
function heldBack(status: StatusReading): StatusReading {
  return status.status === 'available' ? { ...status, status: 'unknown' } : status
}

function conflictOf({ source }: ReadBoard, { draft, fields, id }: Merged): Diagnostic | undefined {
  const line = { start: draft.start, text: source.text.slice(draft.start, draft.end).split(/[\r\n]/, 1)[0] ?? '' }
  const found = [line, ...fields.values()].find(({ text }) => conflictAt(text) >= 0)
  if (found === undefined) return undefined
  return {
    code: 'board/conflict',
    severity: 'error',
    message: `\`${printable(id, 60)}\` has two versions of one cell, left by a merge`,
    hint: 'Keep one of the two values, and take the marks around them out',
    ...placeAt(source, found.start + conflictAt(found.text)),
  }
}

function externalBlocker({ id }: Merged, { text, place }: ExternalBlocker): Diagnostic {
  return {
    code: 'board/external-blocker',
    severity: 'info',
    message: `\`${printable(id, 60)}\` waits for \`${printable(text, 80)}\`, which is no task id`,
    hint: `When it is there, take it out of the cell or run: if-board unblock ${printable(id, 60)}`,
    ...place,
  }
}

function unknownStatus(board: ReadBoard, task: Merged): Diagnostic {
  const slot = task.statusSlot
  const start = slot.kind === 'span' || slot.kind === 'mark' ? slot.span.start : task.draft.start
  return {
    code: 'board/unknown-status',
    severity: 'warning',
    message: `\`${printable(statusText(board, task), 60)}\` is no status that if-board knows; \`${printable(task.id, 60)}\` is not offered`,
    hint: 'Write AVAILABLE, CLAIMED, REVIEW, DONE, BLOCKED, PAUSED or CANCELLED, or explain the word in a legend',
    ...placeAt(board.source, start),
  }
}

/** A sum that is not understood bounds nothing, so it is said. */
function unknownBudget({ source }: ReadBoard, { id, fields }: Merged): Diagnostic[] {
  const field = fields.get('budget')
  const text = valueText(field?.text, 60)
  if (field === undefined || text === undefined) return []
  return [
    {
      code: 'board/unknown-budget',
      severity: 'error',
      message: `\`${printable(text, 60)}\` is no sum in US dollars; it does not bound what \`${printable(id, 60)}\` may cost`,
      hint: 'Write a sum in US dollars, such as `$12.50`',
      ...placeAt(source, field.start),
    },
  ]
}

interface Waits {
  readonly scope: DependencyScope
  /** What comes first without being named. */
  readonly first: readonly Prerequisite[]
}

/** Named dependencies in the order of the text, then children and the phase before. */
function dependenciesOf({ source }: ReadBoard, task: Merged, { scope, first }: Waits) {
  const dependencies = new Map<string, DependencyRef>()
  const externalBlockers: ExternalBlocker[] = []
  for (const field of task.dependencies) {
    const { ids, blockers } = parseDependencies(field.text, scope)
    const place = (start: number, part: Field) => placeAt(source, part.start + start)
    for (const { id, start } of ids) if (!dependencies.has(id)) dependencies.set(id, { id, place: place(start, field) })
    for (const { text, start, quoted } of blockers)
      externalBlockers.push({ text, place: place(start, field), ...(quoted === undefined ? {} : { quoted }) })
  }
  for (const { id, at } of first)
    if (id !== task.id && !dependencies.has(id)) dependencies.set(id, { id, place: placeAt(source, at) })
  return { dependencies: [...dependencies.values()], externalBlockers }
}
