/**
 * The blocks of a markdown text that can hold tasks, in order, with their offsets.
 *
 * Structure comes from micromark (CommonMark 0.31, GFM tables); inline constructs are switched off,
 * because nobody needs them here and they are what hostile lines make expensive. Code, HTML, comments
 * and quotations are left out: an example in them is never a task.
 */
import type { List, ListItem, Nodes, Paragraph, Root, Table } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { type Row, splitRow } from './cells.ts'
import { Outline, type Piece, type SimpleBlock } from './outline.ts'
import type { Span } from './source.ts'

export interface HeadingBlock extends Span {
  readonly kind: 'heading'
  readonly depth: number
  /** Raw markdown of the heading without its marks. */
  readonly text: string
}

export interface TableBlock extends Span {
  readonly kind: 'table'
  readonly header: Row
  readonly delimiter: Row
  readonly rows: readonly Row[]
}

export interface ItemBlock extends Span {
  readonly kind: 'item'
  /** The character between the brackets of a checkbox; `optional` for Kiro's `[ ]*`. */
  readonly mark: (Span & { readonly character: string; readonly optional: boolean }) | undefined
  /** First paragraph behind marker and checkbox. */
  readonly text: Span
  /** Number of list items around this one. */
  readonly level: number
}

export interface ParagraphBlock extends Span {
  readonly kind: 'paragraph'
  /** Number of list items around it. */
  readonly level: number
}

export type Block = HeadingBlock | TableBlock | ItemBlock | ParagraphBlock

const INLINE_AND_REFERENCES = [
  'attention',
  'autolink',
  'characterEscape',
  'characterReference',
  'codeText',
  'definition',
  'emailAutolink',
  'gfmFootnoteCall',
  'gfmFootnoteDefinition',
  'gfmPotentialFootnoteCall',
  'hardBreakEscape',
  'htmlText',
  'labelEnd',
  'labelStartImage',
  'labelStartLink',
  'protocolAutolink',
  'strikethrough',
  'tasklistCheck',
  'wwwAutolink',
]
const syntax = [gfm(), { disable: { null: INLINE_AND_REFERENCES } }]
/** Without the extension's transforms, which search the whole tree for addresses. */
const tree = gfmFromMarkdown().map(({ enter, exit }) => ({ ...(enter && { enter }), ...(exit && { exit }) }))

export interface Reading {
  readonly blocks: Block[]
  /** Parts without blank line, heading or checkbox that are too long to be read. */
  readonly unread: readonly Span[]
}

/** Read the blocks of a text whose lines begin at `starts`; a byte order mark at its head is skipped. */
export function readBlocks(text: string, starts: readonly number[], pieceLength?: number): Reading {
  const outline = new Outline(text, text.charCodeAt(0) === 0xfeff ? [1, ...starts.slice(1)] : starts, pieceLength)
  const reading = { blocks: [] as Block[], unread: [] as Span[] }
  for (let next = outline.next(); next !== undefined; next = outline.next()) {
    if ('unread' in next) {
      reading.unread.push(next.unread)
      continue
    }
    if ('simple' in next) {
      for (const block of next.simple) reading.blocks.push(simpleBlock(outline, text, block))
      continue
    }
    const { piece } = next
    const root = fromMarkdown(piece.text, { extensions: syntax, mdastExtensions: tree })
    visit({ text, outline, piece, blocks: reading.blocks }, root, 0)
    const last = root.children.at(-1)
    if (last !== undefined)
      outline.after(last.type, piece.text.slice(last.position?.start.offset, last.position?.end.offset))
  }
  return reading
}

interface Reader {
  readonly text: string
  readonly outline: Outline
  readonly piece: Piece
  readonly blocks: Block[]
}

function visit(reader: Reader, parent: Root | List | ListItem, level: number): void {
  for (const node of parent.children) {
    if (node.type === 'heading') {
      const span = spanOf(reader, node)
      reader.blocks.push({
        kind: 'heading',
        depth: node.depth,
        text: headingText(reader, span, node.children),
        ...span,
      })
    } else if (node.type === 'table') reader.blocks.push(tableBlock(reader, node))
    else if (node.type === 'paragraph') reader.blocks.push({ kind: 'paragraph', level, ...spanOf(reader, node) })
    else if (node.type === 'list') visit(reader, node, level)
    else if (node.type === 'listItem') visitItem(reader, node, level)
  }
}

function visitItem(reader: Reader, node: ListItem, level: number): void {
  const span = spanOf(reader, node)
  const first = node.children[0]
  const text = first?.type === 'paragraph' ? spanOf(reader, first) : { start: span.end, end: span.end }
  reader.blocks.push({ kind: 'item', level, ...span, ...checkbox(reader.text, text) })
  const rest = first?.type === 'paragraph' ? node.children.slice(1) : node.children
  visit(reader, { ...node, children: rest }, level + 1)
}

function simpleBlock(outline: Outline, text: string, { kind, start, end }: SimpleBlock): Block {
  switch (kind) {
    case 'item':
      return { kind, level: 0, start, end, ...checkbox(text, { start: start + 2, end }) }
    case 'paragraph':
      return { kind, level: 0, start, end }
    case 'heading': {
      const depth = text.slice(start, end).indexOf(' ')
      return { kind, depth, text: text.slice(start + depth + 1, end), start, end }
    }
    case 'table':
      return tableOf(text, { start, end }, outline.linesIn({ start, end }))
  }
}

/**
 * GFM "Task list items": `[`, one character, `]`, white space. Other marks than ` ` and `x` are read too,
 * and a star behind the box, which is no GFM but Kiro's sign of an optional task.
 */
function checkbox(text: string, { start, end }: Span): Pick<ItemBlock, 'mark' | 'text'> {
  const found = /^\[([^[\]\s]{1,4}|[ \t])\](\*?)(?=\s)[ \t]*/u.exec(text.slice(start, Math.min(end, start + 40)))
  if (found === null) return { mark: undefined, text: { start, end } }
  const character = found[1] as string
  const mark = { start: start + 1, end: start + 1 + character.length, character, optional: found[2] === '*' }
  return { mark, text: { start: start + found[0].length, end } }
}

/** A table at column 0 has rows that the parser was not shown. */
function tableBlock(reader: Reader, node: Table): TableBlock {
  const { text, outline } = reader
  const span = spanOf(reader, node)
  const lines = outline.linesIn(span)
  if (lines[0]?.start === span.start) return tableOf(text, span, lines)
  const [header, ...rows] = node.children.map((row) => splitRow(text, spanOf(reader, row))) as [Row, ...Row[]]
  return { kind: 'table', ...span, header, delimiter: delimiterRow(text, header), rows }
}

/** All lines of a table at column 0 are its rows. */
function tableOf(text: string, span: Span, lines: readonly Span[]): TableBlock {
  const [header, delimiter, ...rows] = lines.map((line) => splitRow(text, line)) as [Row, Row, ...Row[]]
  return { kind: 'table', ...span, header, delimiter, rows }
}

/** The line behind the header; mdast keeps no node for it. A container's prefix is left out. */
function delimiterRow(text: string, header: Row): Row {
  const rest = text.slice(header.end, header.end + 70_000)
  const found = /^[^\r\n]*(?:\r\n|\n|\r)([ \t>]*)([^\r\n]*)/.exec(rest)
  const start = header.end + (found === null ? 0 : found[0].length - (found[2] as string).length)
  return splitRow(text, { start, end: header.end + (found?.[0].length ?? 0) })
}

function headingText(reader: Reader, span: Span, children: readonly Nodes[]): string {
  const [first, last] = [children[0], children.at(-1)]
  if (first === undefined || last === undefined) return ''
  return reader.text.slice(spanOf(reader, first).start, Math.min(span.end, spanOf(reader, last).end))
}

function spanOf({ piece }: Reader, node: Nodes | Paragraph): Span {
  const start = piece.original(node.position?.start.offset ?? 0)
  return { start, end: piece.original(node.position?.end.offset ?? 0) }
}
