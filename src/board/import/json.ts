/** JSON from outside (RFC 8259): values of unknown shape, asked for one by one. */

export type JsonRecord = Readonly<Record<string, unknown>>

/** `undefined` when the text is no JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text.replace(/^\ufeff/, '')) as unknown }
  } catch {
    return undefined // no JSON, or nested deeper than the parser goes
  }
}

export function asRecord(value: unknown): JsonRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined
}

/** The records among these values. */
export function recordsIn(values: readonly unknown[]): JsonRecord[] {
  return values.map(asRecord).filter((record) => record !== undefined)
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** An own value alone: `__proto__` and its like are names as any other. */
export function own(record: JsonRecord, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

/** Texts, and numbers and truth values as they are written. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

export function ownText(record: JsonRecord, name: string): string | undefined {
  return textOf(own(record, name))
}

/** Names that hold something and are not among these. */
export function otherNames(record: JsonRecord, known: ReadonlySet<string>): string[] {
  return Object.keys(record).filter((name) => !known.has(name) && !isEmpty(record[name]))
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}
