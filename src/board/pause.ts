/** `**Paused:** reason` at the head of a board: above its first task and its second heading. */
import type { Block } from './blocks.ts'
import type { ReadBoard } from './document.ts'
import { frontMatterEnd } from './front-matter.ts'
import { plainText } from './inline.ts'
import { type Label, labelsIn } from './labels.ts'
import { applyEdits, lineEnd } from './source.ts'

/** The reason of a pause, `''` made into `paused`; `undefined` when the board is not paused. */
export function pauseReason(board: ReadBoard): string | undefined {
  const label = pauseLabel(board)
  if (label === undefined) return undefined
  const text = plainText(board.source.text.slice(label.value.start, label.value.end), 500)
  if (/^(?:no|false|-|–|—)$/i.test(text)) return undefined
  return text === '' ? 'paused' : text
}

function pauseLabel({ source, document }: ReadBoard): Label | undefined {
  for (const block of headBlocks(document.blocks)) {
    if (block.kind !== 'paragraph' && block.kind !== 'item') continue
    const span = block.kind === 'item' ? { start: block.text.start, end: block.text.end } : block
    const found = labelsIn(source, span).find(({ name }) => /^paused$/i.test(name))
    if (found !== undefined) return found
  }
  return undefined
}

/** Blocks before the first heading below the title. */
function headBlocks(blocks: readonly Block[]): readonly Block[] {
  const second = blocks.findIndex((block, index) => block.kind === 'heading' && (index > 0 || block.depth > 1))
  return second < 0 ? blocks : blocks.slice(0, second)
}

/** Write, change or (with `undefined`) lift the pause of a board; everything else keeps its bytes. */
export function withPause(board: ReadBoard, reason: string | undefined): string {
  const { text } = board.source
  const label = pauseLabel(board)
  const eol = lineEnd(text)
  if (reason === undefined) return label === undefined ? text : applyEdits(text, [removeLine(text, label)])
  const value = plainText(reason, 500) || 'paused'
  if (label !== undefined)
    return applyEdits(text, [{ start: label.inner.start, end: label.value.end, text: spaced(text, label, value) }])
  const at = headEnd(board)
  const line = `**Paused:** ${value}`
  return applyEdits(text, [{ start: at, end: at, text: at > 1 ? `${eol}${eol}${line}` : `${line}${eol}${eol}` }])
}

/** Behind the title or front matter, else at the very head. */
function headEnd({ source: { text }, document: { blocks, frontMatter } }: ReadBoard): number {
  const first = blocks[0]
  if (first?.kind === 'heading' && first.depth === 1) return first.end
  if (frontMatter !== undefined) return frontMatterEnd(text, frontMatter)
  return text.charCodeAt(0) === 0xfeff ? 1 : 0
}

function spaced(text: string, { inner }: Label, value: string): string {
  return /\s/.test(text[inner.start - 1] ?? '') ? value : ` ${value}`
}

/** The label's whole line; with a blank line on both sides, one of the two goes as well. */
function removeLine(text: string, { inner }: Label) {
  let start = inner.start
  while (start > 0 && text[start - 1] !== '\n' && text[start - 1] !== '\r' && text.charCodeAt(start - 1) !== 0xfeff)
    start -= 1
  const line = /^[^\r\n]*(?:\r\n|\n|\r|$)/.exec(text.slice(start))?.[0].length ?? 0
  const after = /^[ \t]*(?:\r\n|\n|\r)/.exec(text.slice(start + line))?.[0].length ?? 0
  const blankBefore =
    start <= 1 || /(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)$/.test(text.slice(Math.max(0, start - 200), start))
  return { start, end: start + line + (blankBefore ? after : 0), text: '' }
}
