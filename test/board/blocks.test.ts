import * as fc from 'fast-check'
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readBlocks } from '../../src/board/blocks.ts'
import { lineStarts } from '../../src/board/source.ts'
import { board, boardTexts, runs } from './support.ts'

type Found = [string, number, number]

const COMPARED = new Map([
  ['paragraph', 'paragraph'],
  ['heading', 'heading'],
  ['table', 'table'],
  ['tableRow', 'row'],
  ['listItem', 'item'],
])

/** The same blocks from one parser run over the whole text, with every construct on. */
function wholeParse(text: string): Found[] {
  const found: Found[] = []
  const visit = (node: Nodes, parent: Nodes) => {
    const [start, end] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]
    const kind = COMPARED.get(node.type)
    if (kind !== undefined && (kind !== 'paragraph' || parent.type === 'root')) found.push([kind, start, end])
    if (node.type !== 'blockquote' && 'children' in node) for (const child of node.children) visit(child, node)
  }
  const root = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  visit(root, root)
  return found
}

function pieceByPiece(text: string, length: number): Found[] {
  return readBlocks(text, lineStarts({ name: board, text }), length).blocks.flatMap((block): Found[] => {
    if (block.kind === 'paragraph') return block.level > 0 ? [] : [['paragraph', block.start, block.end]]
    const rows =
      block.kind === 'table' ? [block.header, ...block.rows].map(({ start, end }): Found => ['row', start, end]) : []
    return [[block.kind, block.start, block.end], ...rows]
  })
}

/** Row spans of the parser include white space at their ends in some cases; only their begin is compared. */
const begins = (found: readonly Found[]) =>
  found.map(([kind, start, end]) => (kind === 'row' ? [kind, start] : [kind, start, kind === 'table' ? 0 : end]))

const LINES = [
  '',
  '',
  '# heading',
  'plain text',
  'more text here',
  '| a | b |',
  '|---|---|',
  '| 1 | 2 |',
  '| 1 |',
  'a | b',
  '-- | --',
  '- item',
  '- [ ] F1: x',
  '- [x] y',
  '- é | b',
  '- a',
  '* [ ] z ',
  '+ [/] **w** `v',
  '- [ ]* optional',
  '  - [ ] nested box',
  '  - nested',
  '1. one',
  '> quote',
  '```',
  '~~~~',
  '    code',
  '<!-- open',
  '-->',
  '<div>',
  '</div>',
  '---',
  '===',
  '<script>',
  '</script>',
  '| > |',
  'text > text',
  '\ttab',
  '* * *',
  '## two',
  '| - | x |',
  '| a | b | c |',
  '| a \\| b | c |',
  '| a \\\\| b |',
  '|a|b|',
  '|-|-|',
  '|:-:|--:|',
  '| | |',
  '||',
  '|',
  '| 1 | 2 |  ',
  '|---|---| ',
  '| a | b',
  '# closed #',
  '### three ',
  '#no heading',
  '####### seven',
  '**Status:** open',
  '**Bold** a | b',
  '** no bold',
  '**',
  '***',
  'text with blanks  ',
  'text\\',
  'é text',
  '(text)',
  '[text] more',
  '# <!-- x',
  'a <div> b',
  '__under__ score',
]

test('reading piece by piece, with lines left out, finds the blocks of the whole text', () => {
  const texts = fc.array(fc.constantFrom(...LINES), { maxLength: 40 }).map((parts) => parts.join('\n'))
  fc.assert(
    fc.property(texts, fc.constantFrom(1, 20, 80), (text, length) => {
      assert.equal(begins(pieceByPiece(text, length)), begins(wholeParse(text)), JSON.stringify(text))
    }),
    { ...runs, numRuns: runs.numRuns * 10 },
  )
})

test('and so it does on every board there is', () => {
  for (const [name, text] of boardTexts()) assert.equal(begins(pieceByPiece(text, 400)), begins(wholeParse(text)), name)
})

test.run()
