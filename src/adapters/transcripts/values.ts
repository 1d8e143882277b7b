/** Values of lines that others wrote: everything may be missing or wrong. Pure. */
/** A line of a transcript holds a tool's whole output; longer ones hold no usage. */
const LONGEST_LINE = 8 * 1024 * 1024
const LONGEST_NAME = 100

export type Fields = Readonly<Record<string, unknown>>

/** The object of a line, a byte order mark before it or not; `undefined` for half a line, another value, or a line without `word`, which is not parsed. */
export function objectOf(line: string, word: string): Fields | undefined {
  if (line.length > LONGEST_LINE || !line.includes(word)) return undefined
  try {
    return fieldsOf(JSON.parse(line.replace(/^\uFEFF/, '')))
  } catch {
    return undefined
  }
}

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

export function nameOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_NAME) : ''
}
