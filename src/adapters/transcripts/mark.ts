/** Marks: where each file of a transcript was read up to, and what was counted there. Pure. */
import type { TailMark } from './tail.ts'
import { fieldsOf } from './values.ts'

/** What a mark says of one file. */
export interface Kept extends TailMark {
  readonly recent?: unknown
  readonly total?: unknown
  readonly model?: unknown
}

export type Mark = ReadonlyMap<string, Kept>

export function readMark(text: string | undefined, path: string): Mark | undefined {
  if (text === undefined) return undefined
  try {
    const mark = fieldsOf(JSON.parse(text))
    const files = Object.entries(fieldsOf(mark?.files) ?? {})
    const kept = files.filter(([, file]) => typeof (file as Partial<Kept> | null)?.offset === 'number')
    return mark?.path === path ? new Map(kept as [string, Kept][]) : undefined
  } catch {
    return undefined
  }
}

export function markText(path: string, files: ReadonlyMap<string, object>): string {
  return JSON.stringify({ path, files: Object.fromEntries(files) })
}
