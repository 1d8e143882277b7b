/**
 * What a note is about, without reading its events: who looks for one task among thousands of notes reads the few
 * that name it.
 *
 * Events and records are canonical JSON (RFC 8785): no white space, and a quotation mark within a text has a backslash
 * before it. So a search for `"subject":"` finds every field of that name. It may also find one of a nested object;
 * a note too many is read then, never one too few.
 */

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
  /** Earliest and latest time in it, RFC 3339 UTC; `''` where nothing has one. */
  readonly from: string
  readonly until: string
}

const FIELD = /"(subject|key|session|author|type|kind|time|happened)":"((?:[^"\\]|\\.)*)"/g
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
  return { ...countLines(text), keys: [...found.keys], names: [...found.names], types: [...found.types], from, until }
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
