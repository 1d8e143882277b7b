/** Our block in the instructions that coding tools read: between two marks, everything around it stays. Pure. */
import { BLOCK_BEGIN, BLOCK_END } from './texts.ts'

/** With the block: where one is it is replaced, else it comes last. */
export function withBlock(text: string, lines: string): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const block = [BLOCK_BEGIN, ...lines.split('\n'), BLOCK_END].join(eol)
  const place = placeOf(text)
  if (place !== undefined) return text.slice(0, place.from) + block + text.slice(place.to)
  if (text === '') return block + eol
  const gap = text.endsWith('\n') ? eol : eol + eol
  return text + gap + block + eol
}

/** Without it; where it came last, without the empty line before it. */
export function withoutBlock(text: string): string {
  const place = placeOf(text)
  if (place === undefined) return text
  const before = text.slice(0, place.from)
  const after = text.slice(place.to).replace(/^\r?\n/, '')
  return after === '' ? before.replace(/\r?\n$/, '') : before + after
}

/** The marks are found as they begin, so that words in the first one may change. */
function placeOf(text: string): { readonly from: number; readonly to: number } | undefined {
  const from = text.indexOf('<!-- if-board:begin')
  const end = from < 0 ? -1 : text.indexOf(BLOCK_END, from)
  return end < 0 ? undefined : { from, to: end + BLOCK_END.length }
}
