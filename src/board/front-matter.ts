/**
 * YAML front matter as task files have it: `key: value`, lists in brackets or one entry a line.
 *
 * Not a YAML reader: one would refuse `assignee: [@ann]`, which Backlog.md writes and reads, and would not say
 * where in the text a value stands. What is not of these forms is no value here.
 */
import { type Span, trimSpan } from './source.ts'

const OPENING = /^\ufeff?---[ \t]*(?:\r\n|\n|\r)/
const CLOSING = /(?:\r\n|\n|\r)(?:---|\.\.\.)[ \t]*(?=[\r\n]|$)/
const LONGEST = 64 * 1024

/** What stands between the `---` lines at the head of a text; `undefined` where that is no list of keys. */
export function frontMatterIn(text: string): Span | undefined {
  const opening = OPENING.exec(text.slice(0, 200))?.[0]
  if (opening === undefined) return undefined
  const body = text.slice(opening.length - 1, opening.length + LONGEST)
  const closing = CLOSING.exec(body)
  if (closing === null || !isMapping(body.slice(0, closing.index))) return undefined
  return { start: opening.length, end: Math.max(opening.length, opening.length - 1 + closing.index) }
}

/** Keys, with entries and further lines below them: a rule with prose or a table below it is none. */
function isMapping(text: string): boolean {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  return (
    lines.some((line) => KEY.test(line)) && lines.every((line) => KEY.test(line) || /^(?:[ \t]+\S|-[ \t])/.test(line))
  )
}

/** Offset of the end of the line that closes front matter. */
export function frontMatterEnd(text: string, { end }: Span): number {
  return end + (/^(?:\r\n|\n|\r)?[^\r\n]*/.exec(text.slice(end, end + 300))?.[0].length ?? 0)
}

/** The text with front matter and the lines around it as spaces: for markdown it would be a heading. */
export function withoutFrontMatter(text: string, frontMatter: Span | undefined): string {
  if (frontMatter === undefined) return text
  const end = frontMatterEnd(text, frontMatter)
  const from = text.charCodeAt(0) === 0xfeff ? 1 : 0
  return text.slice(0, from) + text.slice(from, end).replace(/[^\r\n]/g, ' ') + text.slice(end)
}

export interface Entry extends Span {
  /** As it stands: without quotes, comment and white space around it. */
  readonly text: string
  /** Does a quote stand on either side? */
  readonly quoted: boolean
}

export interface Property {
  readonly key: string
  /** Offset of the end of the key's line, and of its last entry's. */
  readonly lineEnd: number
  readonly end: number
  /** Behind the colon, to the end of the line. */
  readonly inner: Span
  /** `undefined` for a list. */
  readonly value: Entry | undefined
  readonly list:
    | {
        readonly kind: 'flow' | 'block'
        readonly span: Span
        readonly entries: readonly Entry[]
        readonly indent: string
      }
    | undefined
}

const KEY = /^([A-Za-z_][\w-]{0,60})[ \t]*:(?=[ \t]|$)/
const ITEM = /^([ \t]*)-[ \t]+/

/** The keys at column 0, each once: the first counts. */
export function propertiesIn(text: string, { start, end }: Span): Map<string, Property> {
  const properties = new Map<string, Property>()
  const lines = linesOf(text, { start, end })
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as Span
    const found = KEY.exec(text.slice(line.start, line.end))
    if (found === null) continue
    const inner = { start: line.start + found[0].length, end: line.end }
    const below: Span[] = []
    while (at + 1 < lines.length && isItem(text, lines[at + 1] as Span)) {
      at += 1
      below.push(lines[at] as Span)
    }
    const key = (found[1] as string).toLowerCase()
    if (!properties.has(key)) properties.set(key, property(text, key, { line, inner, below }))
  }
  return properties
}

function property(
  text: string,
  key: string,
  { line, inner, below }: { line: Span; inner: Span; below: readonly Span[] },
): Property {
  const base = { key, lineEnd: line.end, end: below.at(-1)?.end ?? line.end, inner }
  if (below.length > 0) {
    const entries = below.map((each) => scalar(text, afterMarker(text, each))).filter((entry) => entry.text !== '')
    const indent = ITEM.exec(text.slice((below[0] as Span).start, (below[0] as Span).end))?.[1] ?? ''
    const [first, last] = [entries[0], entries.at(-1)]
    const span =
      first === undefined || last === undefined
        ? { start: base.end, end: base.end }
        : { start: first.start - Number(first.quoted), end: last.end + Number(last.quoted) }
    return { ...base, value: undefined, list: { kind: 'block', span, entries, indent } }
  }
  const value = scalar(text, inner)
  const flow = /^\[([^[\]]*)\]/.exec(text.slice(value.start, inner.end))
  if (flow === null) return { ...base, value, list: undefined }
  const span = { start: value.start + 1, end: value.start + 1 + (flow[1] as string).length }
  return {
    ...base,
    value: undefined,
    list: { kind: 'flow', span: trimSpan(text, span), entries: flowEntries(text, span), indent: '' },
  }
}

function flowEntries(text: string, { start, end }: Span): Entry[] {
  const entries: Entry[] = []
  for (const found of text.slice(start, end).matchAll(/"[^"]*"|'[^']*'|[^,"']+/g)) {
    const entry = scalar(text, { start: start + found.index, end: start + found.index + found[0].length })
    if (entry.text !== '') entries.push(entry)
  }
  return entries
}

/** A plain or quoted scalar (YAML 1.2, 7.3): quotes are left outside, ` #` begins a comment. */
function scalar(text: string, span: Span): Entry {
  const { start, end } = trimSpan(text, span)
  const raw = text.slice(start, end)
  const quoted = /^(?:"([^"]*)"|'([^']*)')/.exec(raw)
  if (quoted !== null) {
    const inner = quoted[1] ?? quoted[2] ?? ''
    return { start: start + 1, end: start + 1 + inner.length, text: inner, quoted: true }
  }
  const comment = raw.startsWith('#') ? 0 : raw.search(/[ \t]#/)
  const plain = trimSpan(text, { start, end: comment < 0 ? end : start + comment })
  return { ...plain, text: text.slice(plain.start, plain.end), quoted: false }
}

function isItem(text: string, line: Span): boolean {
  return ITEM.test(text.slice(line.start, line.end))
}

function afterMarker(text: string, line: Span): Span {
  return { start: line.start + (ITEM.exec(text.slice(line.start, line.end))?.[0].length ?? 0), end: line.end }
}

function linesOf(text: string, { start, end }: Span): Span[] {
  const lines: Span[] = []
  let from = start
  for (const found of text.slice(start, end).matchAll(/\r\n|\n|\r/g)) {
    lines.push({ start: from, end: start + found.index })
    from = start + found.index + found[0].length
  }
  lines.push({ start: from, end })
  return lines
}
