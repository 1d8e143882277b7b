/**
 * What a note is about, without reading its events: who looks for one task among thousands of notes reads the few
 * that name it.
 *
 * Events and records are canonical JSON (RFC 8785): no white space, and a quotation mark within a text has a backslash
 * before it. So a search for `"subject":"` finds every field of that name. It may also find one of a nested object;
 * a note too many is read then, never one too few.
 */
import { isObjectId, type ObjectId } from '../model/index.ts'

export interface NoteSummary {
  readonly events: number
  readonly records: number
  /** Events of the log up to and with this note, by its checkpoint: also those that were pruned. */
  readonly size: number
  /** Keys of tasks that events or changes of the boards are about. */
  readonly keys: readonly string[]
  /** Sessions that speak, and authors of changes. */
  readonly names: readonly string[]
  /** Types of the events without their prefix, and kinds of records. */
  readonly types: readonly string[]
  /** Keys that rows got and had before, where a person gave them another id. */
  readonly renames: readonly (readonly [now: string, before: string])[]
  /** Earliest and latest time in it, RFC 3339 UTC; `''` where nothing has one. */
  readonly from: string
  readonly until: string
}

/**
 * Fold and board commit by the title of a commit of the notes ref (`renderNotesMessage`), without the checkpoint under
 * it: the note itself says later whether that is true.
 */
export function sealTitle(message: string): { readonly fold: number; readonly board: ObjectId } | undefined {
  const [, fold = '', board = ''] = /^Seal fold ([1-9]\d{0,14}) of ([0-9a-f]{40,64})\n\n/.exec(message) ?? []
  return isObjectId(board) ? { fold: Number(fold), board } : undefined
}

const FIELD = /"(subject|key|session|author|type|kind|time|happened)":"((?:[^"\\]|\\.)*)"/g
/** A change of the field `id`: its names are in the order of canonical JSON. */
const RENAME = /\{"field":"id","from":"((?:[^"\\]|\\.)*)","key":"((?:[^"\\]|\\.)*)"/g
const TYPE_PREFIX = 'if-board.'

export function summarizeNote(text: string): NoteSummary {
  const found = { keys: new Set<string>(), names: new Set<string>(), types: new Set<string>() }
  let from = ''
  let until = ''
  for (const [, field, raw = ''] of text.matchAll(FIELD)) {
    if (field === 'time' || field === 'happened') {
      if (from === '' || raw < from) from = raw
      if (raw > until) until = raw
    } else found[SETS[field as keyof typeof SETS]].add(field === 'type' ? typeOf(raw) : unescaped(raw))
  }
  const { keys, names, types } = found
  const lists = { keys: [...keys], names: [...names], types: [...types], renames: renamesIn(text) }
  return { ...countLines(text), ...lists, from, until }
}

function renamesIn(text: string): [string, string][] {
  return [...text.matchAll(RENAME)].map(([, id = '', key = '']) => {
    const now = unescaped(key)
    return [now, `${now.slice(0, now.indexOf(':'))}:${unescaped(id)}`]
  })
}

const SETS = { subject: 'keys', key: 'keys', session: 'names', author: 'names', type: 'types', kind: 'types' } as const

function typeOf(raw: string): string {
  return raw.startsWith(TYPE_PREFIX) ? raw.slice(TYPE_PREFIX.length) : raw
}

function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw
  try {
    return String(JSON.parse(`"${raw}"`))
  } catch {
    return raw // no JSON: the parser refuses that note
  }
}

function countLines(text: string): Pick<NoteSummary, 'events' | 'records' | 'size'> {
  const lines = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  const size = /^if-board\/[^\n]*\n(\d{1,15})$/m.exec(text)?.[1]
  return { events: lines(/^\{/gm), records: lines(/^record \{/gm), size: Number(size ?? 0) }
}
