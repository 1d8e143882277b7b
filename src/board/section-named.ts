/** The section that a person means by the words of its heading. */
import { IfBoardError, printable } from '../model/index.ts'
import type { HeadingBlock } from './blocks.ts'
import type { ReadBoard } from './document.ts'
import { plainText } from './inline.ts'
import type { Span } from './source.ts'

export interface NamedSection {
  readonly heading: HeadingBlock
  /** From its heading to the next one of its depth or above. */
  readonly span: Span
}

const NAMED = 8

/** @throws IfBoardError `board/no-such-section`, also when the words fit several */
export function findSection(board: ReadBoard, words: string): NamedSection {
  const headings = headingsOf(board)
  const wanted = plainText(words, 200).toLowerCase()
  const fits: ((title: string) => boolean)[] = [
    (title) => title === wanted,
    (title) => title.startsWith(wanted),
    (title) => title.includes(wanted),
  ]
  for (const fit of fits) {
    const found = headings.filter(({ text }) => fit(plainText(text, 200).toLowerCase()))
    if (found.length > 1 && wanted !== '') throw several(words, found)
    const [heading] = found
    if (heading !== undefined && wanted !== '') return { heading, span: spanOf(board, heading) }
  }
  throw new IfBoardError(
    'board/no-such-section',
    `\`${board.source.name}\` has no section \`${printable(words, 60)}\``,
    {
      hint: headings.length === 0 ? 'It has no headings: leave --under out' : `Its sections: ${titles(headings)}`,
    },
  )
}

/** Where text right below a heading ends: before the next heading, whatever its depth. */
export function sectionEnd({ document, source }: ReadBoard, { heading }: NamedSection): number {
  const next = document.blocks.find((block) => block.kind === 'heading' && block.start > heading.start)
  return next?.start ?? source.text.length
}

function headingsOf({ document, tasks }: ReadBoard): HeadingBlock[] {
  const details = new Set(tasks.flatMap(({ all }) => all.map(({ start }) => start)))
  return document.blocks.filter((block): block is HeadingBlock => block.kind === 'heading' && !details.has(block.start))
}

function spanOf({ document, source }: ReadBoard, { start, depth }: HeadingBlock): Span {
  const next = document.blocks.find((block) => block.kind === 'heading' && block.start > start && block.depth <= depth)
  return { start, end: next?.start ?? source.text.length }
}

function several(words: string, found: readonly HeadingBlock[]): IfBoardError {
  return new IfBoardError('board/no-such-section', `several sections fit \`${printable(words, 60)}\``, {
    hint: `Write one of them out: ${titles(found)}`,
  })
}

function titles(headings: readonly HeadingBlock[]): string {
  const named = headings.slice(0, NAMED).map(({ text }) => `\`${printable(plainText(text, 80), 80)}\``)
  return [...named, ...(headings.length > NAMED ? ['…'] : [])].join(', ')
}
