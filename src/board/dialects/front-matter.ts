/**
 * A task as a file, such as Backlog.md keeps them: YAML front matter with `id`, `title`, `status`, `assignee`,
 * `dependencies`, `priority`, then sections with `- [ ] #1 …` as acceptance.
 *
 * Source: Backlog.md, `src/markdown/parser.ts` and its own `backlog/tasks/*.md`. Such a file is a board with one
 * task; whatever else stands in it belongs to that task. Backlog.md compares statuses, so only words are written.
 */
import type { AcceptanceItem, TaskId } from '../../model/index.ts'
import { acceptanceItem, isBox, MAX_ACCEPTANCE } from '../acceptance.ts'
import type { Block } from '../blocks.ts'
import { type Property, propertiesIn } from '../front-matter.ts'
import { readId } from '../ids.ts'
import { plainText } from '../inline.ts'
import { ROOT, type Section } from '../sections.ts'
import { lineEnd, type Span } from '../source.ts'
import type { Wording } from '../status.ts'
import type { BoardDocument, Dialect, Draft, Field, FieldName, Reading, Slot } from './dialect.ts'
import { FIELD_KEYS, type Properties, propertyOf, propertySlot } from './property-slot.ts'

export const frontMatterDialect: Dialect = {
  name: 'front-matter',
  read(document: BoardDocument): Reading {
    const { frontMatter, source, blocks } = document
    if (frontMatter === undefined) return NOTHING
    const properties = propertiesIn(source.text, frontMatter)
    const id = readId(scalarOf(properties, 'id'))
    if (id === undefined || !(properties.has('status') || properties.has('title'))) return NOTHING
    const draft = fileDraft(document, frontMatter, { id, properties })
    return { drafts: [draft], taken: blocks, diagnostics: [], wordings: wordingsFor(scalarOf(properties, 'status')) }
  },
  slot: ({ source, frontMatter }, _draft, field) =>
    frontMatter === undefined ? undefined : propertySlot(source.text, frontMatter, field),
}

const NOTHING: Reading = { drafts: [], taken: [], diagnostics: [] }
/** The statuses that Backlog.md sets up. */
const BACKLOG: readonly Wording[] = [
  { status: 'available', sign: undefined, words: 'To Do' },
  { status: 'claimed', sign: undefined, words: 'In Progress' },
  { status: 'done', sign: undefined, words: 'Done' },
]
function scalarOf(properties: Properties, key: string): string {
  return properties.get(key)?.value?.text ?? ''
}

/** A file in lower or upper case has conventions of its own. */
function wordingsFor(status: string): readonly Wording[] {
  return status === '' || /^\p{Lu}\p{Ll}/u.test(status) ? BACKLOG : []
}

interface FileTask {
  readonly id: TaskId
  readonly properties: Properties
}

function fileDraft(document: BoardDocument, frontMatter: Span, { id, properties }: FileTask): Draft {
  const { source, blocks, sections } = document
  const title = plainText(scalarOf(properties, 'title'), 500)
  const heading = blocks.find((block) => block.kind === 'heading' && block.depth === 1)
  const section: Section = {
    ...(sections[0] ?? ROOT),
    path: [],
    heading: undefined,
    title: undefined,
    explains: false,
    filler: false,
  }
  const fields = fieldsOf(source.text, properties)
  const description = descriptionOf(document)
  if (description !== undefined) fields.set('description', description)
  return {
    role: 'task',
    origin: 'front-matter',
    id,
    title: title === '' && heading?.kind === 'heading' ? plainText(heading.text, 500) : title,
    section,
    start: frontMatter.start,
    end: frontMatter.end,
    fields,
    slots: {
      status: statusSlot(source.text, frontMatter, properties),
      dependencies: dependencySlot(source.text, frontMatter, properties),
    },
    acceptance: acceptanceOf(document),
    inline: {},
    group: section,
  }
}

function fieldsOf(text: string, properties: Properties): Map<FieldName, Field> {
  const fields = new Map<FieldName, Field>()
  for (const [name] of FIELD_KEYS) {
    const property = propertyOf(properties, name)
    if (property?.value !== undefined) fields.set(name, property.value)
    else if (property?.list !== undefined) fields.set(name, listField(text, property.list))
  }
  return fields
}

/**
 * The entries of a list in their places, `,` behind each; what stands between them are spaces, so offsets hold.
 * A quoted entry that is no single word stays quoted: it is an external blocker, word for word.
 */
function listField(text: string, { span, entries }: NonNullable<Property['list']>): Field {
  const characters = [...' '.repeat(span.end - span.start)]
  const put = (offset: number, character: string) => {
    if (offset >= span.start && offset < span.end) characters[offset - span.start] = character
  }
  entries.forEach((entry, at) => {
    const isSentence = entry.quoted && /[\s,;]/.test(entry.text)
    for (let offset = entry.start; offset < entry.end; offset += 1)
      put(offset, text[offset] === '"' ? "'" : (text[offset] as string))
    if (isSentence) for (const offset of [entry.start - 1, entry.end]) put(offset, '"')
    if (at < entries.length - 1) put(entry.end + Number(entry.quoted), ',')
  })
  return { start: span.start, end: span.end, text: characters.join('') }
}

function statusSlot(text: string, { start }: Span, properties: Properties): Slot {
  const property = propertyOf(properties, 'status')
  if (property?.value !== undefined)
    return { kind: 'span', span: property.value, inner: property.inner, wordsOnly: true }
  const at = properties.get('title')?.end ?? properties.get('id')?.end ?? start
  return { kind: 'line', at, lead: `${lineEnd(text)}status: ` }
}

/** An entry of its own where the list has lines; else inside of the brackets, or a list of the first entry. */
function dependencySlot(text: string, frontMatter: Span, properties: Properties): Slot {
  const eol = lineEnd(text)
  const property = propertyOf(properties, 'dependencies')
  if (property === undefined) return { kind: 'line', at: frontMatter.end, lead: `${eol}dependencies:${eol}  - ` }
  const { list, value, inner } = property
  if (list?.kind === 'flow') return { kind: 'span', span: list.span, inner: list.span }
  if (list?.kind === 'block') return { kind: 'line', at: property.end, lead: `${eol}${list.indent}- ` }
  if (value === undefined || value.text === '') return { kind: 'line', at: property.lineEnd, lead: `${eol}  - ` }
  return { kind: 'span', span: value, inner }
}

function acceptanceOf({ source, blocks, sections }: BoardDocument): AcceptanceItem[] {
  return blocks
    .filter((_, index) => /\bacceptance\b/i.test(sections[index]?.title ?? ''))
    .filter(isBox)
    .slice(0, MAX_ACCEPTANCE)
    .map((box) => acceptanceItem(source, box))
    .map((item) => ({ ...item, text: item.text.replace(/^#\d{1,6}\s+/, '') }))
}

/** Paragraphs below `## Description`, else those before the first heading. */
function descriptionOf({ source, blocks, sections }: BoardDocument): Field | undefined {
  const isBelow = (wanted: RegExp) => (_: Block, index: number) => wanted.test(sections[index]?.title ?? '')
  const own = blocks.filter(isBelow(/^description$/i))
  const paragraphs = (
    own.length > 0 ? own : blocks.filter((_, index) => sections[index]?.heading === undefined)
  ).filter(({ kind }) => kind === 'paragraph')
  const [first, last] = [paragraphs[0], paragraphs.at(-1)]
  if (first === undefined || last === undefined) return undefined
  return { start: first.start, end: last.end, text: source.text.slice(first.start, last.end) }
}
