/** From git's merge of lines to the text: what its conflicts are in the eyes of a board, and each line once. Pure. */
import { type Entry, type Hunk, hunkText, linesOf, mergeEntries, type Part } from './hunks.ts'
import type { MergeConflict } from './pieces.ts'
import { each, type Side, type Versions } from './three.ts'

export interface KnownLines {
  /** Key of each line that is a row, an item or a heading of a task, by its text in the version. */
  readonly keys: Versions<ReadonlyMap<string, string>>
  /** Keys of what both sides have in one and the same line. */
  readonly shared: ReadonlySet<string>
}

interface Finished {
  readonly text: string
  readonly conflicts: readonly MergeConflict[]
}

/** `ours` is that version as git saw it. */
export function finish(parts: readonly Part[], known: KnownLines & { readonly ours: string }): Finished {
  const conflicts: MergeConflict[] = []
  const texts = parts.map((part) => {
    if (part.kind === 'lines') return part.lines.join('')
    const merged = mergedRows(part, known)
    if (merged !== undefined) return merged
    const words = (lines: readonly string[]) => lines.join('').trim()
    conflicts.push({
      kind: 'text',
      task: undefined,
      cell: undefined,
      ours: words(part.ours),
      theirs: words(part.theirs),
    })
    return hunkText(part)
  })
  return { text: withoutRepeats(texts.join(''), known), conflicts }
}

function mergedRows(hunk: Hunk, known: KnownLines): string | undefined {
  const { base, ours, theirs } = each(hunk, (lines, side) => entriesOf(lines, side, known))
  if (base === undefined || ours === undefined || theirs === undefined) return undefined
  return mergeEntries({ base, ours, theirs })
    ?.map(({ line }) => line)
    .join('')
}

/** `undefined` where a line has no key. Empty lines are told apart by their number. */
function entriesOf(lines: readonly string[], side: Side, { keys }: KnownLines): Entry[] | undefined {
  const entries: Entry[] = []
  let empty = 0
  for (const line of lines) {
    const text = line.trimEnd()
    if (text === '') empty += 1
    const key = text === '' ? `empty ${empty}` : keys[side].get(text)
    if (key === undefined) return undefined
    entries.push({ key, line: line.endsWith('\n') ? line : `${line}\n` })
  }
  return entries
}

/** A line that both sides moved, each to another place, stays where ours has it. */
function withoutRepeats(text: string, { keys, shared, ours }: KnownLines & { readonly ours: string }): string {
  const lines = linesOf(text)
  const counts = new Map<string, number>()
  for (const line of lines.map((each) => each.trimEnd()))
    if (shared.has(keys.ours.get(line) ?? '')) counts.set(line, (counts.get(line) ?? 0) + 1)
  if ([...counts.values()].every((count) => count === 1)) return text
  const before = linesAbove(ours)
  const places = new Map<string, number>()
  lines.forEach((line, index) => {
    const same = line.trimEnd()
    if ((counts.get(same) ?? 0) < 2) return
    if (!places.has(same) || before.get(same) === lines[index - 1]?.trimEnd()) places.set(same, index)
  })
  return lines.filter((line, index) => (places.get(line.trimEnd()) ?? index) === index).join('')
}

function linesAbove(text: string): Map<string, string | undefined> {
  const lines = linesOf(text).map((line) => line.trimEnd())
  return new Map(lines.map((line, index) => [line, lines[index - 1]]))
}
