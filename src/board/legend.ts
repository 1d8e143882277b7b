/**
 * A board's own status words, from its legend:
 *
 *     - 🟡 **CLAIMED** - Someone is working on it
 *     | ⏳ READY TO DEPLOY | Session is available | Claim it |
 */
import type { Block, TableBlock } from './blocks.ts'
import { columnNamed } from './columns.ts'
import { plainText } from './inline.ts'
import type { Section } from './sections.ts'
import { type Source, type Span, trimSpan } from './source.ts'
import {
  type KnownStatus,
  phraseKey,
  readStatus,
  signKey,
  statusSpokenOf,
  type Vocabulary,
  type Wording,
} from './status.ts'

export interface Legend extends Vocabulary {
  /** In the order of the legend. */
  readonly wordings: readonly Wording[]
}

const LEGEND_SECTION = /\b(?:legend|key|status|states?)\b/i
const ENTRY =
  /^(?:((?:\p{Extended_Pictographic}|\p{Regional_Indicator})(?:\ufe0e|\ufe0f|\u200d|\p{Emoji_Modifier}|\p{Extended_Pictographic})*)\s*)?[*_`]{0,3}([\p{L}][\p{L}\p{N}'’_ -]{0,40}?)[*_`]{0,3}\s*(?:[-–—:=]|$)[*_`]{0,3}\s*(.*)$/u
const MAX_ENTRIES = 50

export function readLegend(source: Source, blocks: readonly Block[], sections: readonly Section[]): Legend {
  const wordings: Wording[] = []
  const phrases = new Map<string, KnownStatus>()
  const signs = new Map<string, KnownStatus>()
  for (const block of blocks.filter((_, index) => isLegend(sections[index]))) {
    for (const { entry, explanation } of entriesOf(source, block)) {
      const wording = wordingOf(entry, explanation)
      if (wording !== undefined && wordings.length < MAX_ENTRIES) wordings.push(wording)
    }
  }
  for (const { status, sign, words } of wordings) {
    if (words !== undefined) phrases.set(phraseKey(words), status)
    if (sign !== undefined && !signs.has(signKey(sign))) signs.set(signKey(sign), status)
  }
  return { wordings, phrases, signs }
}

function isLegend(section: Section | undefined): boolean {
  return section !== undefined && section.path.length > 0 && LEGEND_SECTION.test(section.title ?? '')
}

interface Entry {
  readonly entry: string
  readonly explanation: string
}

function entriesOf(source: Source, block: Block): Entry[] {
  if (block.kind === 'item' && block.mark === undefined) return [splitEntry(lineOf(source, block.text))]
  if (block.kind === 'paragraph') {
    const lines = source.text.slice(block.start, block.end).split(/\r\n|\n|\r/)
    return lines.slice(0, MAX_ENTRIES).map((line) => splitEntry(/^[\p{L}*_`]/u.test(line.trim()) ? '' : line))
  }
  return block.kind === 'table' ? tableEntries(source, block) : []
}

function lineOf(source: Source, span: Span): string {
  return source.text.slice(span.start, Math.min(span.end, span.start + 500)).replace(/[\r\n]+/g, ' ')
}

/** `🟡 **CLAIMED** - Someone …`; without a sign or bold words it is prose. */
function splitEntry(line: string): Entry {
  const found = ENTRY.exec(line.trim())
  const plain = found?.[1] === undefined && !/^[*_`]/.test(line.trim())
  if (found === null || plain || columnNamed(found[2] as string) !== undefined) return { entry: '', explanation: '' }
  return { entry: `${found[1] ?? ''} ${found[2]}`, explanation: found[3] ?? '' }
}

/** A table whose first column is a status and that has no ids: `| Status | Meaning |`. */
function tableEntries(source: Source, table: TableBlock): Entry[] {
  const names = table.header.cells.map((cell) => columnNamed(source.text.slice(cell.start, cell.end)))
  if (names[0] !== 'status' || names.includes('id') || names.includes('title')) return []
  return table.rows.slice(0, MAX_ENTRIES).map((row) => {
    const cells = row.cells.map((cell) => source.text.slice(cell.start, cell.end))
    return { entry: cells[0] ?? '', explanation: cells.slice(1).join(' ') }
  })
}

function wordingOf(entry: string, explanation: string): Wording | undefined {
  if (entry.trim() === '') return undefined
  const reading = readStatus(entry, { phrases: new Map(), signs: new Map() })
  const sign = reading.sign === undefined ? undefined : entry.slice(reading.sign.start, reading.sign.end)
  const span = trimSpan(entry, { start: reading.sign?.end ?? 0, end: entry.length })
  const words = plainText(entry.slice(span.start, span.end), 60)
  const whole = reading.words !== undefined && reading.note === undefined
  const status = whole && reading.status !== 'unknown' ? reading.status : statusSpokenOf(`${words}. ${explanation}`)
  return status === undefined || words.includes('|')
    ? undefined
    : { status, sign, words: words === '' ? undefined : words }
}
