/** One unit of a board merged from its versions: new text, and what nobody could choose. Pure. */
import type { TaskId } from '../../model/index.ts'
import { CONFLICT_CHECK, conflictMark } from '../conflict.ts'
import { mergeColumns, paddingFrom, renderRow } from './rows.ts'
import { choose, each, preferOurs, SIDES, type Side, type Versions } from './three.ts'
import { isBeyond, type Piece, type Table, type Unit, withGaps } from './units.ts'

/** What a person has to decide. */
export interface MergeConflict {
  /**
   * - `cell`: both sides changed one cell, and both values stand in it now.
   * - `removed`: one side took the task out, the other changed it; it is kept.
   * - `same-id`: both sides added a task of this id; both are kept.
   * - `text`: both sides changed the same lines of prose; git's marks stand around them.
   */
  readonly kind: 'cell' | 'removed' | 'same-id' | 'text'
  readonly task: TaskId | undefined
  /** Name of the column, label or field. */
  readonly cell: string | undefined
  readonly ours: string
  readonly theirs: string
}

export interface MergedUnit {
  readonly text: string
  readonly conflicts: readonly MergeConflict[]
}

type UnitVersions = Versions<Unit | undefined>

/** `undefined`: the versions are too different to be merged piece by piece, and git has to see them. */
export function mergeUnit(
  texts: Versions<string>,
  units: UnitVersions,
  tables: Versions<ReadonlyMap<string, Table>>,
): MergedUnit | undefined {
  const kind = (units.ours ?? units.theirs)?.kind
  if (kind === 'row' || kind === 'header' || kind === 'delimiter') return mergeRow(texts, units, tables)
  return mergeLine(texts, units)
}

function mergeRow(
  texts: Versions<string>,
  units: UnitVersions,
  tables: Versions<ReadonlyMap<string, Table>>,
): MergedUnit | undefined {
  const some = units.ours ?? units.theirs
  const columns = columnsOf(preferOurs(each(units, (unit) => unit?.table?.key)) ?? some?.table?.key ?? '', tables)
  const conflicts: MergeConflict[] = []
  const values = new Map<string, string>()
  const cells = each(units, cellsOf)
  const kept = new Set(columns)
  for (const name of new Set(SIDES.flatMap((side) => [...cells[side].keys()]))) {
    const found = each(cells, (all) => all.get(name))
    if (isLost(found, name, kept)) return undefined
    const value = some?.kind === 'row' ? mergeValue(found, { unit: some, name }, conflicts) : preferOurs(found)
    if (value !== undefined) values.set(name, value)
  }
  const padding = paddingFrom(texts, units)
  const fits = ({ table }: Unit) => JSON.stringify(table?.columns) === JSON.stringify(columns)
  const other = padding === 'ours' ? 'theirs' : 'ours'
  const side = [padding, other].find((each) => {
    const unit = units[each as 'ours' | 'theirs']
    return unit !== undefined && fits(unit)
  })
  const from = (side ?? padding) as 'ours' | 'theirs'
  const unit = units[from]
  return unit === undefined ? undefined : { text: renderRow(texts[from], unit, columns, values), conflicts }
}

/** Columns of a table after the merge; where a version does not have the table, it has no say. */
function columnsOf(key: string, tables: Versions<ReadonlyMap<string, Table>>): readonly string[] {
  const { base, ours, theirs } = each(tables, (table) => table.get(key)?.columns)
  if (ours === undefined || theirs === undefined) return ours ?? theirs ?? base ?? []
  return mergeColumns({ base: base ?? [], ours, theirs })
}

/** A cell of a column that the merged table does not have, although somebody wrote into it. */
function isLost({ base, ours, theirs }: Versions<string | undefined>, name: string, columns: ReadonlySet<string>) {
  if (columns.has(name) || isBeyond(name)) return false
  return [ours, theirs].some((value) => value !== undefined && value !== base)
}

/** Cells by their columns; a row that ends before a column has an empty cell there. */
function cellsOf(unit: Unit | undefined): Map<string, string> {
  const cells = new Map((unit?.table?.columns ?? []).map((column) => [column, '']))
  for (const { name, text } of unit?.pieces ?? []) cells.set(name, text)
  return cells
}

function mergeLine(texts: Versions<string>, units: UnitVersions): MergedUnit | undefined {
  const unit = units.ours ?? units.theirs
  if (unit === undefined) return undefined
  const pieces = alike(texts, units)
  const conflicts: MergeConflict[] = []
  const text = (pieces.ours ?? pieces.theirs ?? [])
    .map(({ name }) => {
      const found = each(pieces, (all) => all?.find((each) => each.name === name)?.text)
      return mergeValue(found, { unit, name }, conflicts) ?? ''
    })
    .join('')
  return { text, conflicts }
}

/** The pieces where all versions have the same ones, else the check mark and what stands around it. */
function alike(texts: Versions<string>, units: UnitVersions): Versions<readonly Piece[] | undefined> {
  const shapes = new Set(SIDES.flatMap((side) => shapeOf(units[side]?.pieces)))
  if (shapes.size <= 1) return each(units, (unit) => unit?.pieces)
  const coarse = each(units, (unit, side: Side) => {
    if (unit === undefined) return undefined
    const mark = unit.pieces.filter(({ name }) => name === 'mark')
    return withGaps(texts[side], unit.span, mark)
  })
  const still = new Set(SIDES.flatMap((side) => shapeOf(coarse[side])))
  return still.size <= 1
    ? coarse
    : each(units, (unit, side) => (unit === undefined ? undefined : withGaps(texts[side], unit.span, [])))
}

function shapeOf(pieces: readonly Piece[] | undefined): string[] {
  return pieces === undefined ? [] : [JSON.stringify(pieces.map(({ name }) => name))]
}

interface Where {
  readonly unit: Unit
  readonly name: string
}

function mergeValue(
  found: Versions<string | undefined>,
  { unit, name }: Where,
  conflicts: MergeConflict[],
): string | undefined {
  const choice = choose(found)
  if (choice.kind === 'chosen') return choice.value
  const { ours = '', theirs = '' } = found
  const isText = unit.kind === 'line' || unit.kind === 'heading'
  const shared = isText ? sharedEnds(ours, theirs) : { head: 0, tail: 0 }
  const middle = (text: string) => text.slice(shared.head, text.length - shared.tail)
  conflicts.push({
    kind: 'cell',
    task: unit.task,
    cell: name,
    ours: middle(ours).trim(),
    theirs: middle(theirs).trim(),
  })
  if (name === 'mark' && unit.kind !== 'row') return CONFLICT_CHECK
  return ours.slice(0, shared.head) + conflictMark(middle(ours), middle(theirs)) + ours.slice(ours.length - shared.tail)
}

/** Lengths of the words that two texts begin and end with, so that a line keeps its form around a conflict. */
function sharedEnds(ours: string, theirs: string): { readonly head: number; readonly tail: number } {
  const most = Math.min(ours.length, theirs.length)
  let head = 0
  while (head < most && ours[head] === theirs[head]) head += 1
  while (head > 0 && !/\s/.test(ours[head - 1] ?? '')) head -= 1
  let tail = 0
  while (tail < most - head && ours.at(-1 - tail) === theirs.at(-1 - tail)) tail += 1
  while (tail > 0 && !/\s/.test(ours.at(-tail) ?? '')) tail -= 1
  return { head, tail }
}

/** Did anything change but padding? A new column without a value is nobody's edit of the row. */
export function isEdited(before: Unit, after: Unit): boolean {
  const old = cellsOf(before)
  return after.pieces.some(({ name, text }) => text.trim() !== (old.get(name) ?? '').trim())
}

/** A task that one side changed and the other took out: held, until a person decides. */
export function keptUnit(text: string, before: Unit, after: Unit, keptBy: 'ours' | 'theirs'): MergedUnit {
  const old = new Map(before.pieces.map((piece) => [piece.name, piece.text]))
  const edited = after.pieces.find(({ name, text: now }) => old.get(name) !== now)
  const at = after.pieces.find(({ name }) => name === after.status) ?? edited ?? after.pieces[0]
  if (at === undefined) return { text: text.slice(after.span.start, after.span.end), conflicts: [] }
  const [ours, theirs] = keptBy === 'ours' ? [at.text, REMOVED] : [REMOVED, at.text]
  const marked = at.name === 'mark' && after.kind !== 'row' ? CONFLICT_CHECK : conflictMark(ours.trim(), theirs.trim())
  return {
    text: text.slice(after.span.start, at.start) + marked + text.slice(at.end, after.span.end),
    conflicts: [{ kind: 'removed', task: after.task, cell: at.name, ours, theirs }],
  }
}

const REMOVED = '(removed)'
