/**
 * What a rule of `lint` is given, by how much it must see:
 *
 * - a `FileRule` one board and its text;
 * - a `ProjectRule` all boards, as they are written;
 * - a rule about the graph (dependencies resolved over all boards) cannot stand in this room: these are
 *   `graph/` (cycles, dependencies that lead nowhere) and `workflows/lint-graph.ts`.
 */
import type { Board, Diagnostic } from '../../model/index.ts'
import type { ReadBoard } from '../document.ts'
import type { Source, Span } from '../source.ts'

export interface LintedFile {
  readonly board: Board
  readonly read: ReadBoard
}

export type FileRule = (file: LintedFile) => Diagnostic[]
export type ProjectRule = (boards: readonly Board[]) => Diagnostic[]

/** Lines of a text that a reader of the board sees: of paragraphs, items, headings and tables, no code and no comments. */
export function* visibleLines({ document }: ReadBoard, kinds?: readonly string[]): Generator<Span> {
  const { text } = document.source
  let done = 0
  for (const block of document.blocks) {
    if (kinds !== undefined && !kinds.includes(block.kind)) continue
    // An item holds its own paragraphs: no line is told twice.
    for (let at = Math.max(block.start, done); at < block.end; at = done) {
      const length = text.slice(at, block.end).search(/[\r\n]/)
      const end = length < 0 ? block.end : at + length
      if (end > at) yield { start: at, end }
      done = end + 1
    }
  }
}

export function sliceOf({ text }: Source, { start, end }: Span): string {
  return text.slice(start, end)
}
