/**
 * The generated part of `AUTONOMOUS-NEXT-TASKS.md`, between two markers that stand on lines of their own.
 *
 * The head is what people wrote. A lone start marker keeps the place of the generated part in it, so
 * that text behind the end marker stays behind: `joinGenerated(head, generated)` gives back the very
 * text that was split. A head without the marker gets the generated part at its end.
 */
import { lineEnd } from './source.ts'

export const GENERATED_START = '<!-- if-board:generated:start -->'
const GENERATED_END = '<!-- if-board:generated:end -->'

/** `generated` is what stands between the line ends at the markers; `undefined` = there is no marker. */
export function splitGenerated(text: string): { head: string; generated: string | undefined } {
  const start = text.indexOf(GENERATED_START)
  if (start < 0) return { head: text, generated: undefined }
  const from = start + GENERATED_START.length
  const end = text.indexOf(GENERATED_END, from)
  const inner = end < 0 ? text.slice(from) : text.slice(from, end)
  const tail = end < 0 ? '' : text.slice(end + GENERATED_END.length)
  const generated = inner.replace(/^(?:\r\n|\n|\r)/, '').replace(/(?:\r\n|\n|\r)$/, '')
  return { head: text.slice(0, from) + tail, generated }
}

export function joinGenerated(head: string, generated: string | undefined): string {
  if (generated === undefined) return head
  const eol = lineEnd(head)
  const body = `${eol}${generated.replace(/\r\n|\n|\r/g, eol)}${eol}${GENERATED_END}`
  const start = head.indexOf(GENERATED_START)
  if (start >= 0) {
    const at = start + GENERATED_START.length
    return head.slice(0, at) + body + head.slice(at)
  }
  const gap = head === '' || /(?:\r\n|\n|\r)$/.test(head) ? '' : eol
  return `${head}${gap}${GENERATED_START}${body}${eol}`
}
