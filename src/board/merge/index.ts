/**
 * Two edits of one board into one: cell by cell, and line by line where there are no cells. Pure.
 *
 *     read three versions → merge each unit that versions share → put the result into all three, so that
 *     they differ in prose and in the order of lines only → git's own merge → rows that git finds in
 *     conflict, because both sides added them at one place, follow each other
 *
 * Only two different values in one cell are a conflict, and it stands in that cell (`conflict.ts`). What
 * cannot be merged piece by piece is left to git, whose marks then stand around the lines: no edit of
 * either side is ever dropped.
 */
import { type BoardName, splitTaskKey, type TaskId } from '../../model/index.ts'
import { diffBoards } from '../diff.ts'
import { type ReadBoard, readBoard } from '../document.ts'
import { joinGenerated, splitGenerated } from '../generated.ts'
import { understand } from '../parse.ts'
import { applyEdits, type Edit } from '../source.ts'
import { finish, type KnownLines } from './finish.ts'
import { markerLength, readMerged } from './hunks.ts'
import { isEdited, keptUnit, type MergeConflict, type MergedUnit, mergeUnit } from './pieces.ts'
import { choose, each, preferOurs, SIDES, type Side, type Versions } from './three.ts'
import { type Table, type Unit, unitsOf } from './units.ts'

export type { MergeConflict } from './pieces.ts'
export type { Versions } from './three.ts'

export interface BoardMerge {
  readonly text: string
  /** Empty: all of it is merged. */
  readonly conflicts: readonly MergeConflict[]
}

/**
 * Git's merge of lines, as `git merge-file -p --diff3` prints it: marks of `length` characters, with the
 * labels `ours`, `base` and `theirs`.
 */
export type MergeLines = (texts: Versions<string>, length: number) => Promise<string>

export async function mergeBoards(texts: Versions<string>, mergeLines: MergeLines): Promise<BoardMerge> {
  const whole = choose(texts)
  if (whole.kind === 'chosen') return { text: whole.value, conflicts: [] }
  const { plain, dressed } = undressed(texts)
  const merge = new Merge(plain)
  merge.mergeUnits()
  const prepared = merge.prepared()
  const length = markerLength(Object.values(prepared))
  const lines = await mergeLines(prepared, length)
  // Nothing was understood on any side, as of a text over the limits: git's merge is all that there is.
  if (merge.isEmpty && !lines.includes('<'.repeat(length))) return { text: dressed(lines), conflicts: [] }
  const parts = readMerged(lines, length)
  const finished = finish(parts, { ...merge.lines(), ours: prepared.ours })
  return { text: dressed(finished.text), conflicts: [...merge.conflicts, ...finished.conflicts] }
}

/**
 * `AUTONOMOUS-NEXT-TASKS.md`: what people wrote is merged; the generated part is never in conflict. The
 * side that changed it has it, theirs where both did: in a `git merge` that is what comes in, and the next
 * fold writes it anew anyway.
 */
export async function mergePins(texts: Versions<string>, mergeLines: MergeLines): Promise<BoardMerge> {
  const parts = each(texts, splitGenerated)
  const { text, conflicts } = await mergeBoards(
    each(parts, ({ head }) => head),
    mergeLines,
  )
  const choice = choose(each(parts, ({ generated }) => generated))
  return { text: joinGenerated(text, choice.kind === 'chosen' ? choice.value : parts.theirs.generated), conflicts }
}

// How a file is written, apart from what it says.
const BOM = '\ufeff'

/** Without byte order mark and, where versions differ in them, without `\r`: both are chosen by themselves. */
function undressed(texts: Versions<string>) {
  const bom = preferOurs(each(texts, (text) => (text.startsWith(BOM) ? BOM : '')))
  const bare = each(texts, (text) => (text.startsWith(BOM) ? text.slice(1) : text))
  const eols = each(bare, lineEndOf)
  const isPlain = SIDES.every((side) => eols[side] !== 'mixed') && new Set(Object.values(eols)).size > 1
  const eol = preferOurs(eols)
  return {
    plain: isPlain ? each(bare, (text) => text.replace(/\r\n/g, '\n')) : bare,
    dressed: (text: string) => bom + (isPlain && eol === '\r\n' ? text.replace(/\n/g, '\r\n') : text),
  }
}

function lineEndOf(text: string): '\n' | '\r\n' | 'mixed' {
  let all = 0
  let windows = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    all += 1
    if (text[at - 1] === '\r') windows += 1
  }
  return windows === 0 ? '\n' : windows === all ? '\r\n' : 'mixed'
}

/** Any name will do: texts of one board are compared. */
const NAME = 'board.md' as BoardName

class Merge {
  readonly conflicts: MergeConflict[] = []
  readonly #texts: Versions<string>
  readonly #units: Versions<ReadonlyMap<string, Unit>>
  readonly #ids: Versions<ReadonlySet<TaskId>>
  readonly #tables: Versions<ReadonlyMap<string, Table>>
  readonly #edits: Versions<Edit[]> = { base: [], ours: [], theirs: [] }
  readonly #keys: Versions<Map<string, string>> = { base: new Map(), ours: new Map(), theirs: new Map() }
  readonly #shared = new Set<string>()

  constructor(texts: Versions<string>) {
    this.#texts = texts
    const boards = each(texts, (text) => readBoard(text, NAME))
    const names = renamed(boards)
    this.#units = each(boards, (board, side) => unitsOf(board, names[side]))
    this.#ids = each(boards, (board, side) => idsOf(board, names[side]))
    this.#tables = each(
      this.#units,
      (units) => new Map([...units.values()].flatMap(({ table }) => (table === undefined ? [] : [[table.key, table]]))),
    )
  }

  get isEmpty(): boolean {
    return SIDES.every((side) => this.#units[side].size === 0)
  }

  mergeUnits(): void {
    for (const key of new Set(SIDES.flatMap((side) => [...this.#units[side].keys()]))) {
      const units = each(this.#units, (all) => all.get(key))
      const { base, ours, theirs } = units
      if (ours !== undefined && theirs !== undefined) this.#mergeShared(key, units)
      else if (base !== undefined && ours !== undefined) this.#mergeRemoved(key, 'ours', base, ours)
      else if (base !== undefined && theirs !== undefined) this.#mergeRemoved(key, 'theirs', base, theirs)
      else this.#mergeAlone(key, units)
    }
  }

  prepared(): Versions<string> {
    return each(this.#texts, (text, side) => applyEdits(text, apart(this.#edits[side])))
  }

  lines(): KnownLines {
    return { keys: this.#keys, shared: this.#shared }
  }

  #mergeShared(key: string, units: Versions<Unit | undefined>): void {
    if (isCoincidence(units)) {
      this.#keepBoth(key, units)
      return
    }
    const merged = mergeUnit(this.#texts, units, this.#tables)
    for (const side of SIDES) {
      const unit = units[side]
      if (unit !== undefined && merged !== undefined) this.#put(side, key, unit, merged)
      else if (unit !== undefined) this.#leave(side, key, unit)
    }
    if (merged === undefined) return
    this.conflicts.push(...merged.conflicts)
    if (units.ours !== undefined && isLine(units.ours)) this.#shared.add(key)
  }

  #keepBoth(key: string, { ours, theirs }: Versions<Unit | undefined>): void {
    const [one, two] = [ours?.title ?? '', theirs?.title ?? '']
    this.conflicts.push({ kind: 'same-id', task: ours?.task, cell: undefined, ours: one, theirs: two })
    if (ours !== undefined) this.#leave('ours', `${key} of ours`, ours)
    if (theirs !== undefined) this.#leave('theirs', `${key} of theirs`, theirs)
  }

  /** Untouched, the removal stands; changed, it is kept: for git, the base never had the line. */
  #mergeRemoved(key: string, side: 'ours' | 'theirs', base: Unit, unit: Unit): void {
    const other = side === 'ours' ? 'theirs' : 'ours'
    const isTask = unit.kind === 'row' || unit.kind === 'line'
    const isElsewhere = unit.task !== undefined && this.#ids[other].has(unit.task)
    if (!isTask || isElsewhere || !isEdited(base, unit)) {
      // Drawn anew or widened: for git, the base had the line as it is now.
      const text = this.#texts[side].slice(unit.span.start, unit.span.end)
      if (isTask && !isElsewhere) this.#put('base', key, base, { text, conflicts: [] })
      else this.#leave('base', key, base)
      this.#leave(side, key, unit)
      return
    }
    const kept = keptUnit(this.#texts[side], base, unit, side)
    this.conflicts.push(...kept.conflicts)
    this.#put(side, key, unit, kept)
    this.#edits.base.push({ ...this.#lineAround('base', base), text: '' })
  }

  /** New on one side: into the columns that its table has after the merge. */
  #mergeAlone(key: string, units: Versions<Unit | undefined>): void {
    for (const side of SIDES) {
      const unit = units[side]
      if (unit === undefined) continue
      const merged = unit.kind === 'row' ? mergeUnit(this.#texts, aloneOn(side, unit), this.#tables) : undefined
      if (merged === undefined || side === 'base') this.#leave(side, key, unit)
      else this.#put(side, key, unit, merged)
    }
  }

  #put(side: Side, key: string, unit: Unit, { text }: MergedUnit): void {
    const before = this.#texts[side].slice(unit.span.start, unit.span.end)
    if (before !== text) this.#edits[side].push({ ...unit.span, text: this.#glued(side, unit, text) })
    this.#remember(side, key, unit, text)
  }

  /** A value behind `**Label:**` without a space keeps its distance. */
  #glued(side: Side, { kind, span }: Unit, text: string): string {
    const isEmpty = kind === 'value' && span.start === span.end
    return isEmpty && /\S/.test(this.#texts[side][span.start - 1] ?? ' ') ? ` ${text}` : text
  }

  #leave(side: Side, key: string, unit: Unit): void {
    this.#remember(side, key, unit, this.#texts[side].slice(unit.span.start, unit.span.end))
  }

  #remember(side: Side, key: string, unit: Unit, text: string): void {
    if (!isLine(unit)) return
    const { start, end } = this.#lineAround(side, unit)
    const line = this.#texts[side].slice(start, unit.span.start) + text + this.#texts[side].slice(unit.span.end, end)
    this.#keys[side].set(line.trimEnd(), key)
  }

  /** From the start of the line that the unit begins in to behind its line end. */
  #lineAround(side: Side, { span }: Unit): { start: number; end: number } {
    const text = this.#texts[side]
    const end = text.indexOf('\n', span.end)
    return { start: text.lastIndexOf('\n', span.start - 1) + 1, end: end < 0 ? text.length : end + 1 }
  }
}

/** Two dialects may have read one place; what the second makes of it is left to git. */
function apart(edits: readonly Edit[]): Edit[] {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end)
  let end = -1
  return sorted.filter((edit) => {
    const isFree = edit.start >= end
    if (isFree) end = edit.end
    return isFree
  })
}

/** Is the unit a line of its own, with a key that tells it apart? */
function isLine({ kind }: Unit): boolean {
  return kind !== 'value'
}

/** Two people who each took the next free number: no one task, whatever the id says. */
function isCoincidence({ base, ours, theirs }: Versions<Unit | undefined>): boolean {
  return base === undefined && ours?.title !== theirs?.title
}

function aloneOn(side: Side, unit: Unit): Versions<Unit | undefined> {
  return { base: undefined, ours: undefined, theirs: undefined, [side]: unit }
}

function idsOf({ tasks }: ReadBoard, canonical: (id: TaskId) => TaskId): Set<TaskId> {
  return new Set(tasks.map(({ id }) => canonical(id)))
}

/** For each side, the id in the base that a task had before it was renamed; not where both sides renamed it. */
function renamed(read: Versions<ReadBoard>): Versions<(id: TaskId) => TaskId> {
  const boards = each(read, (board) => understand(board).board)
  const of = (side: 'ours' | 'theirs') =>
    new Map(
      diffBoards(boards.base, boards[side]).flatMap((change) =>
        change.kind === 'renamed' ? [[splitTaskKey(change.key).id, splitTaskKey(change.from).id] as const] : [],
      ),
    )
  const [ours, theirs] = [of('ours'), of('theirs')]
  const inverse = (names: Map<TaskId, TaskId>) => new Map([...names].map(([id, from]) => [from, id]))
  const first = (names: Map<TaskId, TaskId>, others: Map<TaskId, TaskId>) => (id: TaskId) => {
    const from = names.get(id)
    const elsewhere = from === undefined ? undefined : others.get(from)
    return from === undefined || (elsewhere !== undefined && elsewhere !== id) ? id : from
  }
  return { base: (id) => id, ours: first(ours, inverse(theirs)), theirs: first(theirs, inverse(ours)) }
}
