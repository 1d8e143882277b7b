/** A board's text with its places: offsets count UTF-16 code units, lines and columns count from 1. */
import type { BoardName, Place } from '../model/index.ts'

export interface Source {
  readonly name: BoardName
  readonly text: string
}

/** A part of the text, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Replace `text.slice(start, end)` by `text`; edits of one list never overlap. */
export interface Edit extends Span {
  readonly text: string
}

const startsOf = new WeakMap<Source, readonly number[]>()

/** Offset of the first character of each line; `\r\n`, `\n` and `\r` end a line. */
export function lineStarts(source: Source): readonly number[] {
  const known = startsOf.get(source)
  if (known !== undefined) return known
  const starts = [0]
  const { text } = source
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1)
  }
  startsOf.set(source, starts)
  return starts
}

export function placeAt(source: Source, offset: number): Place {
  const starts = lineStarts(source)
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] as number) <= offset) low = middle
    else high = middle - 1
  }
  const bom = low === 0 && source.text.charCodeAt(0) === 0xfeff ? 1 : 0
  return { file: source.name, line: low + 1, column: Math.max(1, offset - (starts[low] as number) + 1 - bom) }
}

/** The line end that the text uses first; `\n` where it has none. */
export function lineEnd(text: string): string {
  const found = /\r\n|\n|\r/.exec(text)
  return found === null ? '\n' : found[0]
}

/** The line around an offset, without its line end and without a byte order mark. */
export function lineSpan(text: string, offset: number): Span {
  let start = offset
  while (start > 0 && !/[\r\n\ufeff]/.test(text[start - 1] as string)) start -= 1
  const end = /[\r\n]/.exec(text.slice(offset))?.index
  return { start, end: end === undefined ? text.length : offset + end }
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end)
  const parts: string[] = []
  let kept = 0
  for (const edit of sorted) {
    parts.push(text.slice(kept, edit.start), edit.text)
    kept = edit.end
  }
  parts.push(text.slice(kept))
  return parts.join('')
}

/** The span without white space at either end. */
export function trimSpan(text: string, { start, end }: Span): Span {
  let from = start
  let to = end
  while (from < to && isSpace(text.charCodeAt(from))) from += 1
  while (to > from && isSpace(text.charCodeAt(to - 1))) to -= 1
  return { start: from, end: to }
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}
