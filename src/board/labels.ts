/** Bold labels: `**Status:** text`, `**Dependencies**: text`, `- **Owner:** text`. */

import { columnNamed } from './columns.ts'
import type { FieldName } from './dialects/dialect.ts'
import type { Source, Span } from './source.ts'
import { trimSpan } from './source.ts'

export interface Label {
  /** `undefined` for a label that names no field, such as `Testing`. */
  readonly field: FieldName | undefined
  readonly name: string
  readonly value: Span
  /** From the end of the label's mark to the end of the line. */
  readonly inner: Span
}

const LABEL = /^[ \t]*(?:[-*+][ \t]+)?(?:(\*\*|__)([^*_\r\n]{1,60}?)(:?)\1(:?))[ \t]*/

/** The labels at the heads of the lines in `span`. A value goes to the end of its line. */
export function labelsIn(source: Source, span: Span): Label[] {
  const labels: Label[] = []
  for (let at = span.start; at < span.end; ) {
    const { end, next } = lineAt(source.text, at, span.end)
    const found = LABEL.exec(source.text.slice(at, Math.min(end, at + 200)))
    if (found !== null && (found[3] === ':' || found[4] === ':')) {
      const name = (found[2] as string).trim()
      const inner = { start: at + found[0].length, end }
      labels.push({ field: fieldNamed(name), name, value: trimSpan(source.text, inner), inner })
    }
    at = next
  }
  return labels
}

function lineAt(text: string, from: number, limit: number): { end: number; next: number } {
  let end = from
  while (end < limit && text[end] !== '\n' && text[end] !== '\r') end += 1
  const next = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1
  return { end, next }
}

function fieldNamed(name: string): FieldName | undefined {
  const column = columnNamed(name)
  return column === 'id' || column === 'title' ? undefined : column
}
