/** One merged row as text: the padding of one version, the merged cells, the merged columns. */
import type { Edit, Span } from '../source.ts'
import { applyEdits } from '../source.ts'
import { choose, preferOurs, type Versions } from './three.ts'
import { isBeyond, type Unit } from './units.ts'

/**
 * The columns that a merged table has. Where both sides changed them: ours, then what is new in theirs,
 * without what theirs took out.
 */
export function mergeColumns({ base, ours, theirs }: Versions<readonly string[]>): readonly string[] {
  const name = (columns: readonly string[]) => JSON.stringify(columns)
  const choice = choose({ base: name(base), ours: name(ours), theirs: name(theirs) })
  if (choice.kind === 'chosen') return choice.value === name(ours) ? ours : theirs
  const went = new Set(base.filter((column) => !theirs.includes(column)))
  const came = theirs.filter((column) => !base.includes(column) && !ours.includes(column))
  return [...ours.filter((column) => !went.has(column)), ...came]
}

/** A row of one version with other values, where its columns are the wanted ones; else a new row. */
export function renderRow(
  text: string,
  unit: Unit,
  columns: readonly string[],
  values: ReadonlyMap<string, string>,
): string {
  const names = [...columns, ...[...values.keys()].filter(isBeyond)]
  if (JSON.stringify(unit.table?.columns) === JSON.stringify(columns)) return rewritten(text, unit, names, values)
  const cells = names.map((column) => values.get(column) ?? (unit.kind === 'delimiter' ? '---' : ''))
  return `| ${cells.join(' | ')} |`
}

function rewritten(
  text: string,
  { span, pieces, row }: Unit,
  names: readonly string[],
  values: ReadonlyMap<string, string>,
): string {
  const edits: Edit[] = []
  const own = new Map(pieces.map((piece) => [piece.name, piece]))
  for (const piece of pieces) {
    const value = values.get(piece.name) ?? ''
    if (value === piece.text) continue
    edits.push({ start: piece.start, end: piece.end, text: spaced(text, piece, value) })
  }
  const last = names.findLastIndex((name) => !own.has(name) && (values.get(name) ?? '') !== '')
  const missing = names.slice(pieces.length, last + 1).map((name) => values.get(name) ?? '')
  if (missing.length > 0) {
    const tail = row?.closed === true ? ` ${missing.join(' | ')} |` : ` | ${missing.join(' | ')}`
    edits.push({ start: span.end, end: span.end, text: tail })
  }
  return shifted(text, span, edits)
}

/** An empty cell has its white space, if any, on one side. */
function spaced(text: string, { start, end }: Span, value: string): string {
  if (start < end) return value
  const before = /\s/.test(text[start - 1] ?? ' ') ? '' : ' '
  return `${before}${value}${text[end] === '|' ? ' ' : ''}`
}

/** The text of a span after edits inside of it. */
function shifted(text: string, { start, end }: { start: number; end: number }, edits: readonly Edit[]): string {
  return applyEdits(
    text.slice(start, end),
    edits.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start })),
  )
}

/** Everything of a row but its cells' values: pipes and padding. */
function skeletonOf(text: string, { span, pieces }: Unit): string {
  return shifted(
    text,
    span,
    pieces.map(({ start, end }) => ({ start, end, text: '\0' })),
  )
}

/** Whose padding a merged row gets: the side's that changed it. */
export function paddingFrom(texts: Versions<string>, units: Versions<Unit | undefined>): 'ours' | 'theirs' {
  const { base, ours, theirs } = units
  if (ours === undefined) return 'theirs'
  if (theirs === undefined) return 'ours'
  const skeletons = {
    base: base === undefined ? undefined : skeletonOf(texts.base, base),
    ours: skeletonOf(texts.ours, ours),
    theirs: skeletonOf(texts.theirs, theirs),
  }
  return preferOurs<string | undefined>(skeletons) === skeletons.ours ? 'ours' : 'theirs'
}
