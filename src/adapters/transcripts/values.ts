/** Values of lines that others wrote: everything may be missing or wrong. Pure. */
import type { ModelUsage } from '../../model/index.ts'

/** A line of a transcript holds a tool's whole output; longer ones hold no usage. */
const LONGEST_LINE = 8 * 1024 * 1024
const LONGEST_NAME = 100

export type Fields = Readonly<Record<string, unknown>>

/** The object of a line; `undefined` for half a line, another value, or a line without `word`, which is not parsed. */
export function objectOf(line: string, word: string): Fields | undefined {
  if (line.length > LONGEST_LINE || !line.includes(word)) return undefined
  try {
    return fieldsOf(JSON.parse(line))
  } catch {
    return undefined
  }
}

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

/** A count of tokens; what is none counts as 0. */
export function tokens(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0
}

export function nameOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_NAME) : ''
}

export type Counts = Omit<ModelUsage, 'model'>

export const KINDS = [
  'freshTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheHourTokens',
  'outputTokens',
] as const satisfies readonly (keyof Counts)[]

export const NOTHING: Counts = {
  freshTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cacheHourTokens: 0,
  outputTokens: 0,
}

/** The same kinds, each by `combine` of both. */
export function combined(a: Counts, b: Counts, combine: (a: number, b: number) => number): Counts {
  const kinds = KINDS.map((kind) => [kind, combine(a[kind], b[kind])])
  return Object.fromEntries(kinds) as unknown as Counts
}

/** Sums by model, without models of which nothing was used. */
export function byModel(all: Iterable<readonly [model: string, counts: Counts]>): ModelUsage[] {
  const sums = new Map<string, Counts>()
  for (const [model, counts] of all)
    sums.set(
      model,
      combined(sums.get(model) ?? NOTHING, counts, (a, b) => a + b),
    )
  return [...sums]
    .map(([model, counts]) => ({ model, ...counts }))
    .filter((usage) => KINDS.some((kind) => usage[kind] > 0))
}
