/**
 * What stands behind the title of a list item: brackets, `@owner`, `!high`, `^id`, and the signs of Obsidian Tasks.
 *
 * Read from the end, word by word, until one is part of the title. Sources: Obsidian Tasks, "Tasks Emoji Format",
 * "Dataview Format" and "Task Dependencies" (its fields stand at the end of the line, ids are letters, digits,
 * `_` and `-`); Obsidian help, "Link to a block" (`^id` at the very end); pandoc's `{#id}`; GitHub's `#42`.
 */
import type { Priority, TaskId } from '../model/index.ts'
import type { Field, FieldName, StatusNote } from './dialects/dialect.ts'
import { estimateMinutes, modelWord, priorityWord } from './fields.ts'
import { readId } from './ids.ts'
import { noteStatus } from './marks.ts'
import { type Span, trimSpan } from './source.ts'

export interface Tail {
  readonly title: Span
  readonly fields: Map<FieldName, Field>
  /** Dependencies beside those of `fields`: none is dropped. */
  readonly more: Field[]
  readonly inline: { priority?: Priority; model?: string }
  /** Where what `inline` means stands. */
  readonly words: Map<FieldName, Field>
  /** `^id`, `{#id}`, `🆔 id`, `[id:: id]`: written to be one. */
  readonly id: TaskId | undefined
  /** Where `id` stands. */
  readonly idWord: Field | undefined
  /** `#42`, which may be the id or name an issue. */
  readonly issue: TaskId | undefined
  readonly note: StatusNote | undefined
  /** Behind the last word of `(15 min, Low)`. */
  readonly remarksEnd: number | undefined
  /** Where words are added: behind the title, in front of ids and fields that tools expect at the end. */
  readonly at: number
  /** Where an id is added: behind all of it. */
  readonly end: number
}

/** What a token behind the title did: it stays at the end of the line, it may stand before added words, or it is no token. */
type Taken = 'last' | 'movable' | undefined
type Reading = { -readonly [Key in keyof Tail]: Tail[Key] }
interface Token {
  readonly pattern: RegExp
  /** May be the last name of a list: behind `blocked by` or a comma it is none of the item's own. */
  readonly isName?: true
  read(tail: Reading, value: string, place: TokenPlace): Taken
}
/** Of the pattern's first group in the text, and of all that would go with it. */
interface TokenPlace extends Span {
  readonly whole: Span
}

/** Text behind the title that is looked at, in UTF-16 code units, and words in it. */
const WINDOW = 2100
const MAX_TOKENS = 24

/** Read the text of `span` from its end. */
export function readTail(text: string, span: Span): Tail {
  const whole = trimSpan(text, span)
  const tail: Reading = {
    title: whole,
    fields: new Map(),
    more: [],
    inline: {},
    words: new Map(),
    id: undefined,
    idWord: undefined,
    issue: undefined,
    note: undefined,
    remarksEnd: undefined,
    at: whole.end,
    end: whole.end,
  }
  let isLast = true
  for (let count = 0; count < MAX_TOKENS; count += 1) {
    const taken = takeToken(text, tail) ?? takePhrase(text, tail)
    if (taken === undefined) break
    if (taken === 'movable') isLast = false
    if (isLast) tail.at = tail.title.end
  }
  return tail
}

function takeToken(text: string, tail: Reading): Taken {
  const { start, end } = tail.title
  const from = Math.max(start, end - WINDOW)
  const window = text.slice(from, end)
  for (const { pattern, read, isName } of tokensFor(window.at(-1))) {
    const found = pattern.exec(window)
    if (found === null) continue
    const rest = trimSpan(text, { start, end: from + found.index })
    if (rest.start >= rest.end) continue // an item is never all signs: this is its title
    if (isName && NAMED.test(text.slice(Math.max(rest.start, rest.end - 20), rest.end))) continue
    const value = found[1] ?? ''
    const valueStart = from + found.index + found[0].lastIndexOf(value)
    const whole = { start: rest.end, end }
    const taken = read(tail, value, { start: valueStart, end: valueStart + value.length, whole })
    if (taken === undefined) continue
    tail.title = rest
    return taken
  }
  return undefined
}

function tokensFor(last: string | undefined): readonly Token[] {
  if (last === ')') return BRACKETS
  if (last === ']') return DATAVIEW
  return last === '}' ? ATTRIBUTE : WORDS
}

const BRACKETS: readonly Token[] = [
  { pattern: /(?:^|\s)\(([A-Za-z]{1,20}::[^()]{0,500})\)$/, read: readDataview },
  { pattern: /(?:^|\s)\(([^()]{1,2000})\)$/, read: readBracket },
]
const DATAVIEW: readonly Token[] = [{ pattern: /(?:^|\s)\[([A-Za-z]{1,20}::[^[\]]{0,500})\],?$/, read: readDataview }]
const ATTRIBUTE: readonly Token[] = [{ pattern: /(?:^|\s)\{#([^\s{}]{1,128})\}$/, read: readOwnId }]
const WORDS: readonly Token[] = [
  { pattern: /(?:^|\s)\^([\p{L}\p{N}][\p{L}\p{N}_.-]{0,127})$/u, isName: true, read: readOwnId },
  { pattern: /(?:^|\s)🆔\ufe0f? *([A-Za-z0-9_-]{1,128})$/u, read: readOwnId },
  {
    pattern: /(?:^|\s)⛔\ufe0f? *([A-Za-z0-9_-]+(?: *, *[A-Za-z0-9_-]+)*)$/u,
    read: (tail, value, place) => putDependencies(tail, { ...place, text: value, idsOnly: true }, 'last'),
  },
  { pattern: /(?:^|\s)([🔺⏫🔼🔽⏬])\ufe0f?$/u, read: readSign },
  { pattern: /(?:^|\s)[📅📆🗓⏳⌛🛫➕✅❌]\ufe0f? *(\d{4}-\d{2}-\d{2})$/u, read: () => 'last' },
  { pattern: /(?:^|\s)🔁\ufe0f? *([A-Za-z0-9, ]{1,100})$/u, read: () => 'last' },
  { pattern: /(?:^|\s)🏁\ufe0f? *([A-Za-z]{1,20})$/u, read: () => 'last' },
  { pattern: /(?:^|\s)@([\p{L}\p{N}][\p{L}\p{N}_./-]{0,99})$/u, read: readOwner },
  { pattern: /(?:^|\s)!([A-Za-z]{3,8})$/, read: readPriority },
  { pattern: /(?:^|\s)(P[0-4])$/, isName: true, read: readPriority },
  { pattern: /(?:^|\s)(#\d{1,10})$/, isName: true, read: readIssue },
  { pattern: /(?:^|\s)#(\p{L}[\p{L}\p{N}_/-]{0,99})$/u, read: () => 'movable' },
]
const NAMED = /(?:[,;+&]|(?<![\p{L}\p{N}])(?:and|by|on|needs|requires|after):?)$/iu
/** Those of Obsidian Tasks ("Priority"); it has five, of which the outer ones count as their neighbours. */
export const PRIORITY_SIGNS: ReadonlyMap<string, Priority> = new Map([
  ['🔺', 'high'],
  ['⏫', 'high'],
  ['🔼', 'medium'],
  ['🔽', 'low'],
  ['⏬', 'low'],
])

function readOwnId(tail: Reading, value: string, place: TokenPlace): Taken {
  const id = readId(value)
  if (id === undefined || tail.id !== undefined) return undefined
  tail.id = id
  tail.idWord = { ...place, text: value }
  return 'last'
}

function readIssue(tail: Reading, value: string): Taken {
  const id = readId(value)
  if (id === undefined || tail.issue !== undefined) return undefined
  tail.issue = id
  return 'movable'
}

function readOwner(tail: Reading, value: string, place: TokenPlace): Taken {
  if (!tail.fields.has('owner')) tail.fields.set('owner', { ...place, text: value })
  return 'movable'
}

function readPriority(tail: Reading, value: string, place: TokenPlace): Taken {
  const priority = priorityWord(value)
  if (priority === undefined) return undefined
  putPriority(tail, priority, { ...place, text: value })
  return 'movable'
}

function readSign(tail: Reading, value: string, place: TokenPlace): Taken {
  const priority = PRIORITY_SIGNS.get(value)
  if (priority !== undefined) putPriority(tail, priority, { ...place, text: value })
  return 'last'
}

function putPriority({ inline, words }: Reading, priority: Priority, word: Field): void {
  if (inline.priority !== undefined) return
  inline.priority = priority
  words.set('priority', word)
}

/** `id:: x`, `dependsOn:: a, b`, `priority:: high`; other fields are passed over. */
function readDataview(tail: Reading, content: string, { start, whole }: TokenPlace): Taken {
  const [key, ...rest] = content.split('::') as [string, ...string[]]
  const raw = rest.join('::')
  const value = raw.trim()
  const from = start + key.length + 2 + (raw.length - raw.trimStart().length)
  const place = { start: from, end: from + value.length, whole }
  const name = key.toLowerCase()
  if (name === 'id') return readOwnId(tail, value, place)
  if (name === 'dependson') return putDependencies(tail, { ...place, text: value, idsOnly: true }, 'last')
  if (name === 'priority') readPriority(tail, value, place)
  return 'last'
}

const WAITS = /^\s*(?:depends on|needs|requires|blocked by|after)\b:?\s*/i

/** `(depends on T1)`, `(claimed by session-4)`, `(15 min, Low, Haiku)`, `(#42)`. */
function readBracket(tail: Reading, content: string, place: TokenPlace): Taken {
  const lead = WAITS.exec(content)?.[0]
  if (lead !== undefined) {
    const field = { ...place, start: place.start + lead.length, text: content.slice(lead.length) }
    const isCapability = /needs:/i.test(lead) && putCapabilities(tail, field)
    return isCapability ? 'movable' : putDependencies(tail, field, 'movable')
  }
  const status = noteStatus(content)
  if (status !== undefined && tail.note === undefined) {
    tail.note = { ...place.whole, text: content, status }
    return 'movable'
  }
  if (/^#\d{1,10}$/.test(content)) return readIssue(tail, content)
  return readRemarks(tail, content, place)
}

function putDependencies({ fields, more }: Reading, field: Field, taken: Taken): Taken {
  if (fields.has('dependencies')) more.push(field)
  else fields.set('dependencies', field)
  return taken
}

/** Words with a digit may be ids, and a task that waits does less harm than one that should. */
function putCapabilities({ fields }: Reading, field: Field): boolean {
  if (/\d/.test(field.text) || fields.has('capabilities')) return false
  fields.set('capabilities', field)
  return true
}

/** Taken when every word of the bracket is an estimate, a priority or a model, and one of the first two is there. */
function readRemarks(tail: Reading, content: string, place: TokenPlace): Taken {
  const words = remarksIn(content, place)
  const estimate = words.find(({ text }) => estimateMinutes(text) !== undefined)
  const priority = words.find(({ text }) => priorityWord(text) !== undefined)
  const model = words.find(({ text }) => modelWord(text) !== undefined)
  const isKnown = words.every((word) => [estimate, priority, model].includes(word))
  if (!isKnown || words.length !== content.split(/[,;]/).length) return undefined
  if (estimate === undefined && priority === undefined) return undefined
  if (estimate !== undefined) tail.fields.set('estimate', estimate)
  if (priority !== undefined) {
    tail.inline.priority = priorityWord(priority.text) as Priority
    tail.words.set('priority', priority)
  }
  if (model !== undefined) {
    tail.inline.model = model.text
    tail.words.set('model', model)
  }
  tail.remarksEnd = words.at(-1)?.end
  return 'movable'
}

/** The words between commas; one that is taken away takes the comma beside it along, the last one its bracket. */
function remarksIn(content: string, { start, whole }: TokenPlace): Field[] {
  const words = [...content.matchAll(/[^,;\s](?:[^,;]*[^,;\s])?/g)].map(({ 0: text, index }) => ({
    start: start + index,
    end: start + index + text.length,
    text,
  }))
  return words.map((word, at) => {
    const [before, after] = [words[at - 1], words[at + 1]]
    if (before !== undefined) return { ...word, whole: { start: before.end, end: word.end } }
    return { ...word, whole: after === undefined ? whole : { start: word.start, end: after.start } }
  })
}

function withoutComma(text: string, { start, end }: Span): Span {
  const { start: from, end: to } = trimSpan(text, { start, end })
  return /[,;:–—]/.test(text[to - 1] ?? '') ? trimSpan(text, { start: from, end: to - 1 }) : { start: from, end: to }
}

const PHRASE = /(?:^|[\s,;–—])(blocked by|depends on|waits for|needs|requires)(:?)\s+/gi
/** One word or quotation, or a list of them: what names tasks where no colon says so. */
const NAME = String.raw`(?:"[^"]*"|\^?[\p{L}\p{N}#][\p{L}\p{N}#_.\-/]*)`
const NAMES = new RegExp(String.raw`^${NAME}(?:(?:\s*[,;+&]\s*|\s+and\s+)${NAME})*$`, 'u')

/**
 * Without brackets: `… blocked by T1, T2`, `… depends on: the flour`, `… needs: rust`. Only `blocked by` and
 * `depends on` go without a colon, and then each name is one word. `needs:` names capabilities, as the column
 * does, unless one of its words has a digit, as ids have.
 */
function takePhrase(text: string, tail: Reading): Taken {
  const { start, end } = tail.title
  const from = Math.max(start, end - WINDOW)
  for (const found of text.slice(from, end).matchAll(PHRASE)) {
    const valueStart = from + found.index + found[0].length
    const value = text.slice(valueStart, end)
    const [, words, colon] = found as unknown as [string, string, string]
    const isNamed = colon === ':' || (/^(?:blocked by|depends on)$/i.test(words) && NAMES.test(value))
    const title = withoutComma(text, { start, end: from + found.index })
    if (!isNamed || value.trim() === '' || title.end === title.start) continue
    const field = { start: valueStart, end, text: value, whole: { start: title.end, end } }
    const isCapability = /^needs$/i.test(words) && putCapabilities(tail, field)
    if (!isCapability) putDependencies(tail, field, 'movable')
    tail.title = title
    return 'movable'
  }
  return undefined
}
