/** Ids as boards write them. */
import { isTaskId, type TaskId } from '../model/index.ts'
import { idText } from './inline.ts'

/** A word with a digit such as `P0.1.1`, `F1.10`, `U.1`, `T001`, `AUTH-3`, `#42`, `1.2`. */
const SHAPE = /^#?(?:[\p{L}_][\p{L}\p{N}_]*|\d+[\p{L}]?)(?:[.\-/][\p{L}\p{N}_]+)*$/u

export function isIdShaped(text: string): boolean {
  return text.length <= 64 && /\d/.test(text) && SHAPE.test(text)
}

/** The id in a cell or heading, without marks around it; `undefined` when there is none. */
export function readId(markdown: string): TaskId | undefined {
  if (markdown.length > 1000) return undefined
  const text = idText(markdown)
  return isTaskId(text) ? text : undefined
}

/** Fillers carry `F…` or `U…` with a number: `F1.1`, `U.10`. */
export function isFillerId(id: string): boolean {
  return /^[FU]\.?\d/.test(id)
}

/** `ID: title` or `ID - title` at the head of an item or heading, marks around the id allowed. */
const LEAD = /^[*`]{0,3}(#?[\p{L}\p{N}_][\p{L}\p{N}_.\-/]*?)[*`]{0,3}(?::[*`]{0,3}\s+|\s+[-–—]\s+)(?=\S)/u

export interface LeadingId {
  readonly id: TaskId
  /** Length of the id with its marks and separator: where the title begins. */
  readonly length: number
}

/** The id that a line begins with; only a word of the usual shape counts, so that `Note: …` has none. */
export function leadingId(line: string): LeadingId | undefined {
  const found = LEAD.exec(line.slice(0, 300))
  const id = readId(found?.[1] ?? '')
  return found === null || id === undefined || !isIdShaped(id) ? undefined : { id, length: found[0].length }
}
