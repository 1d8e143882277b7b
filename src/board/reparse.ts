/**
 * A board of which a few table rows were rewritten, understood by what was understood of it before.
 *
 * This is what folds do, and most people: a status, a title, a priority in a row that stays where it is.
 * What a row says depends on its table's header, its section, legends and detail sections, and on no other
 * row, but for its dependencies. So the text without all other task rows is parsed as it was and as it is; if the
 * rows came out of it as they did of the whole board, what differs between the two is what was edited. Where every new
 * status stands elsewhere on the board already, no legend is asked, and sections without edited rows shrink to headings.
 * Anything else (ids, dependencies, lines that came or went) is `undefined`: then the board has to be parsed.
 */
import type { BoardName, BoardTask, Diagnostic, ParsedBoard, Place } from '../model/index.ts'
import { type Row, splitRow } from './cells.ts'
import { type ParseOptions, parseBoard } from './parse.ts'
import { lineStarts } from './source.ts'

export interface KnownBoard {
  readonly text: string
  readonly parsed: ParsedBoard
}

/** More rows than this are as good as another board. */
const MOST_ROWS = 200
/** Rows of an edited table that stay in the reduced text, so that its columns are told as before. */
const ROWS_KEPT = 8
/** Findings about one row that follow from the row itself, or from its dependencies, which are as they were. */
const OWN_FINDINGS = new Set([
  'board/unknown-status',
  'board/unknown-budget',
  'board/external-blocker',
  'board/conflict',
])

/** The same as `parseBoard(text, …)`, or `undefined`. */
export function reparse(known: KnownBoard, text: string, options: ParseOptions = {}): ParsedBoard | undefined {
  const { diagnostics } = known.parsed
  // Phases make one row depend on all others, and a board over a limit is not understood whole.
  if (options.implicit !== undefined || diagnostics.some(({ code }) => code === 'board/limit')) return undefined
  const edit = editOf(known, text)
  if (edit === undefined) return undefined
  return understandRows(known, edit, idleLines(edit)) ?? understandRows(known, edit, new Set())
}

function understandRows({ parsed }: KnownBoard, edit: Edit, idle: ReadonlySet<number>): ParsedBoard | undefined {
  const { board, diagnostics } = parsed
  const kept = keptLines(edit, idle)
  const was = parseBoard(kept.map((line) => edit.before[line]).join(''), board.name)
  const is = parseBoard(kept.map((line) => edit.after[line]).join(''), board.name)
  if (was.board.paused !== is.board.paused) return undefined
  const tasks = editedTasks(edit, { was, is, kept })
  if (tasks === undefined || (idle.size > 0 && !saysKnownWords(board.tasks, tasks))) return undefined
  const findings = editedFindings(edit, { is, kept, diagnostics })
  if (findings === undefined) return undefined
  return { board: { ...board, tasks: board.tasks.map((task) => tasks.get(task) ?? task) }, diagnostics: findings }
}

/** Is every status that was written understood as the same words are elsewhere on the board? A legend may be among what was left out. */
function saysKnownWords(all: readonly BoardTask[], edited: ReadonlyMap<BoardTask, BoardTask>): boolean {
  const wanted = new Map([...edited.values()].map((task) => [task.statusText, task.status]))
  for (const [task, now] of edited) if (task.statusText === now.statusText) wanted.delete(now.statusText)
  for (const { statusText, status } of all) if (wanted.get(statusText) === status) wanted.delete(statusText)
  return wanted.size === 0
}

interface Edit {
  /** Lines with their ends. */
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** The task of each line that was edited, by its number from 0. */
  readonly edited: ReadonlyMap<number, BoardTask>
  /** Lines on which tasks stand that are table rows. */
  readonly rows: ReadonlySet<number>
}

function editOf({ text: old, parsed }: KnownBoard, text: string): Edit | undefined {
  const before = linesOf(old)
  const after = linesOf(text)
  if (before.length !== after.length) return undefined
  const changed = before.flatMap((line, at) => (line === after[at] ? [] : [at]))
  if (changed.length === 0 || changed.length > MOST_ROWS) return undefined
  const tasks = new Map<number, BoardTask | undefined>()
  for (const task of parsed.board.tasks) {
    const line = task.place.line - 1
    if (before[line]?.startsWith('|')) tasks.set(line, tasks.has(line) ? undefined : task)
  }
  const edited = new Map<number, BoardTask>()
  for (const line of changed) {
    const task = tasks.get(line)
    if (task === undefined || !isRow(before[line]) || !isRow(after[line])) return undefined
    edited.set(line, task)
  }
  return { before, after, edited, rows: new Set(tasks.keys()) }
}

function linesOf(text: string): string[] {
  const starts = lineStarts({ name: '' as BoardName, text })
  return starts.map((start, at) => text.slice(start, starts[at + 1] ?? text.length))
}

/** At column 0, closed, and without anything that could begin or end a block of another kind. */
function isRow(line: string | undefined): boolean {
  return line !== undefined && /^\|[^<>]*[^\s<>|:-][^<>]*\|(?:\r\n|\n|\r)?$/.test(line)
}

/** All lines but rows of tasks that were not edited; of the tables of those that were, the first rows stay. */
function keptLines(edit: Edit, idle: ReadonlySet<number>): number[] {
  const { before, edited, rows } = edit
  const kept: number[] = []
  for (let line = 0; line < before.length; ) {
    let end = line
    while (before[end]?.startsWith('|')) end += 1
    if (end === line) kept.push(...(idle.has(line) ? [] : [line]))
    else kept.push(...keptOfTable({ start: line, end }, edited, rows))
    line = Math.max(end, line + 1)
  }
  return kept
}

function keptOfTable(
  { start, end }: { readonly start: number; readonly end: number },
  edited: ReadonlyMap<number, BoardTask>,
  rows: ReadonlySet<number>,
): number[] {
  const lines = Array.from({ length: end - start }, (_, at) => start + at)
  if (!lines.some((line) => rows.has(line))) return lines
  if (!lines.some((line) => edited.has(line))) return []
  return lines.filter((line) => line < start + 2 + ROWS_KEPT || edited.has(line) || !rows.has(line))
}

/** Lines that look like a heading and may be something else, or the other way round. */
const UNCLEAR = /^\s*(?:`{3,}|~{3,}|<)|^[=-]+\s*$/
const HEADING = /^(#{1,6})[ \t]/

/**
 * Lines between headings in sections that have rows of tasks, none of them edited. What stands above the edited
 * rows (their own section, and those around it) may say for whom they are, so it stays.
 */
function idleLines({ before, edited, rows }: Edit): Set<number> {
  const idle = new Set<number>()
  if (before.some((line) => UNCLEAR.test(line))) return idle
  const headings = before.flatMap((line, at) => (HEADING.test(line) ? [at] : []))
  const sections = headings.map((start, at) => ({ start, end: headings[at + 1] ?? before.length }))
  const depth = (line: number) => HEADING.exec(before[line] as string)?.[1]?.length ?? 0
  const needed = new Set<number>()
  for (const [at, { start, end }] of sections.entries())
    if (has(edited, start, end)) for (const heading of around(sections.slice(0, at + 1), depth)) needed.add(heading)
  for (const { start, end } of sections)
    if (!needed.has(start) && has(rows, start, end)) for (let line = start + 1; line < end; line += 1) idle.add(line)
  return idle
}

/** Headings of the last section and of those that it lies in. */
function around(sections: readonly { readonly start: number }[], depth: (line: number) => number): number[] {
  const headings: number[] = []
  let least = Number.POSITIVE_INFINITY
  for (const { start } of [...sections].reverse()) {
    if (depth(start) >= least) continue
    headings.push(start)
    least = depth(start)
  }
  return headings
}

function has(lines: { has(line: number): boolean }, start: number, end: number): boolean {
  for (let line = start; line < end; line += 1) if (lines.has(line)) return true
  return false
}

interface Reduced {
  readonly was: ParsedBoard
  readonly is: ParsedBoard
  /** Line of the board for each line of the reduced texts. */
  readonly kept: readonly number[]
}

/** What the edited rows say now. */
function editedTasks(edit: Edit, { was, is, kept }: Reduced): Map<BoardTask, BoardTask> | undefined {
  const [old, now] = [tasksByLine(was, kept), tasksByLine(is, kept)]
  const tasks = new Map<BoardTask, BoardTask>()
  for (const [line, task] of edit.edited) {
    const [before, after] = [old.get(line), now.get(line)]
    if (before === undefined || after === undefined) return undefined
    if (!isSame(own(before), own(task)) || !isSame(bound(before), bound(after))) return undefined
    const move = placeMove(edit, line)
    const dependencies = movedAll(task.dependencies, move)
    const externalBlockers = movedAll(task.externalBlockers, move)
    if (dependencies === undefined || externalBlockers === undefined) return undefined
    tasks.set(task, { ...after, place: task.place, dependencies, externalBlockers })
  }
  return tasks
}

function tasksByLine({ board }: ParsedBoard, kept: readonly number[]): Map<number, BoardTask> {
  return new Map(board.tasks.map((task) => [kept[task.place.line - 1] as number, task]))
}

/** What a row says without regard to other rows. */
function own({ dependencies: _, externalBlockers: __, place: ___, ...rest }: BoardTask): object {
  return rest
}

/** What must not change, because other tasks or the row's own dependencies hang on it. */
function bound({ id, key, filler, dependencies, externalBlockers, section }: BoardTask): object {
  return {
    id,
    key,
    filler,
    section,
    dependencies: dependencies.map((dependency) => dependency.id),
    externalBlockers: externalBlockers.map(({ text }) => text),
  }
}

/** Values that went through `JSON` once, whose fields may be missing instead of `undefined`. */
function isSame(a: object, b: object): boolean {
  const entries = (value: object) => Object.entries(value).filter(([, part]) => part !== undefined)
  return JSON.stringify(entries(a).sort(byName)) === JSON.stringify(entries(b).sort(byName))
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

/** Where something of an edited line stands now; `undefined` where its cell is another one. */
type Move = (place: Place) => Place | undefined

function placeMove(edit: Edit, line: number): Move {
  const [before, after] = [edit.before[line] as string, edit.after[line] as string]
  const [old, now] = [rowOf(before), rowOf(after)]
  return (place) => {
    if (place.line !== line + 1) return place
    const at = place.column - 1
    const cell = old.cells.findIndex(({ inner }) => inner.start <= at && at < inner.end)
    const [from, to] = [old.cells[cell], now.cells[cell]]
    if (from === undefined || to === undefined) return undefined
    if (before.slice(from.start, from.end) !== after.slice(to.start, to.end)) return undefined
    return { ...place, column: place.column + to.start - from.start }
  }
}

function rowOf(line: string): Row {
  return splitRow(line, { start: 0, end: line.replace(/[\r\n]+$/, '').length })
}

function movedAll<T extends { readonly place: Place }>(all: readonly T[], move: Move): T[] | undefined {
  const moved: T[] = []
  for (const one of all) {
    const place = move(one.place)
    if (place === undefined) return undefined
    moved.push({ ...one, place })
  }
  return moved
}

/** Findings about all other lines stay; about the edited ones, those that do not follow from dependencies are new. */
function editedFindings(
  edit: Edit,
  { is, kept, diagnostics }: Pick<Reduced, 'is' | 'kept'> & { readonly diagnostics: readonly Diagnostic[] },
): Diagnostic[] | undefined {
  const isEdited = ({ line }: Diagnostic) => edit.edited.has(line - 1)
  const now = is.diagnostics.map((found) => ({ ...found, line: (kept[found.line - 1] ?? -1) + 1 })).filter(isEdited)
  const old = diagnostics.filter(isEdited)
  if ([...old, ...now].some(({ code }) => !OWN_FINDINGS.has(code))) return undefined
  const isBlocker = ({ code }: Diagnostic) => code === 'board/external-blocker'
  const moved = old.filter(isBlocker).map((found) => {
    const place = placeMove(edit, found.line - 1)(found)
    return place === undefined ? undefined : { ...found, column: place.column }
  })
  const blockers = moved.filter((found) => found !== undefined)
  if (blockers.length < moved.length) return undefined
  const rest = diagnostics.filter((found) => !isEdited(found))
  const all = [...rest, ...blockers, ...now.filter((found) => !isBlocker(found))]
  return all.sort((a, b) => a.line - b.line || a.column - b.column)
}
