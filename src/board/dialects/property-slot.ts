/** Where front matter says a field, and how a value is written there: YAML 1.2 with a list where tools have one. */
import { type Property, propertiesIn } from '../front-matter.ts'
import { lineEnd, type Span } from '../source.ts'
import type { FieldName, Slot, Spelling } from './dialect.ts'

export type Properties = ReadonlyMap<string, Property>

/** Keys by field; the first is the one of Backlog.md. */
export const FIELD_KEYS: readonly (readonly [FieldName, readonly string[]])[] = [
  ['status', ['status', 'state']],
  ['owner', ['assignee', 'owner', 'assigned_to']],
  ['dependencies', ['dependencies', 'depends_on', 'dependson', 'blocked_by']],
  ['priority', ['priority']],
  ['estimate', ['estimate', 'effort']],
  ['model', ['model']],
  ['capabilities', ['capabilities', 'skills']],
  ['budget', ['budget']],
]

/** Backlog.md has a list under these, also of one entry. */
const LISTS: readonly (FieldName | 'title')[] = ['owner', 'dependencies']

export function propertyOf(properties: Properties, field: FieldName | 'title'): Property | undefined {
  return keysOf(field)
    .map((key) => properties.get(key))
    .find((property) => property !== undefined)
}

function keysOf(field: FieldName | 'title'): readonly string[] {
  return field === 'title' ? ['title'] : (FIELD_KEYS.find(([name]) => name === field)?.[1] ?? [])
}

/** `undefined` for a field that has no key. */
export function propertySlot(text: string, frontMatter: Span, field: FieldName | 'title'): Slot | undefined {
  const [key] = keysOf(field)
  if (key === undefined) return undefined
  const eol = lineEnd(text)
  const property = propertyOf(propertiesIn(text, frontMatter), field)
  const below = `${eol}${property?.list?.indent ?? '  '}- `
  const entries = spelledAs(below)
  const isList = LISTS.includes(field)
  if (property === undefined) {
    const before = `${eol}${key}:${isList ? below : ' '}`
    return { kind: 'insert', at: frontMatter.end, before, after: '', spell: isList ? entries : scalarText }
  }
  if (property.list !== undefined) return listSlot(property, property.list, entries)
  const { value } = property
  if (value !== undefined && value.text !== '') return scalarSlot(property, value)
  const before = isList ? below : ' '
  return { kind: 'insert', at: property.lineEnd, before, after: '', spell: isList ? entries : scalarText }
}

function scalarSlot({ key, inner }: Property, { start, end, quoted }: NonNullable<Property['value']>): Slot {
  const span = { start: start - Number(quoted), end: end + Number(quoted) }
  const whole = key === 'title' ? {} : { whole: { start: inner.start, end: span.end } }
  return { kind: 'span', span, inner: span, spell: scalarText, ...whole }
}

function listSlot({ lineEnd: at, end }: Property, list: NonNullable<Property['list']>, entries: Spelling) {
  const { kind, span } = list
  if (list.entries.length === 0)
    return kind === 'flow'
      ? ({ kind: 'insert', at: span.start, before: '', after: '', spell: spelledAs(', ') } as const)
      : undefined
  if (kind === 'flow') return { kind: 'span', span, inner: span, whole: span, spell: spelledAs(', ') } as const
  return { kind: 'span', span, inner: span, whole: { start: at, end }, spell: entries } as const
}

/** Words between commas as entries of a list. */
function spelledAs(separator: string): Spelling {
  return (value) =>
    value
      .split(',')
      .map((word) => scalarText(word.trim()))
      .join(separator)
}

const RESERVED = /^(?:true|false|yes|no|on|off|null|[\d.:_+-]+)$/i

/** A plain scalar where no reader could take it for anything else, else in quotes (YAML 1.2, 7.3). */
export function scalarText(value: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._/()+-]*$/u.test(value) && !RESERVED.test(value)) return value
  return value.includes("'") ? `"${value}"` : `'${value}'`
}
