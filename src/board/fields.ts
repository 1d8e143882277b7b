/** Small values that people write into cells, labels and brackets: estimates, priorities, models, owners, sums. */
import type { Priority, Usd } from '../model/index.ts'
import { idText, plainText } from './inline.ts'

const EMPTY = new Set([
  '',
  '-',
  '--',
  '---',
  '–',
  '—',
  '_',
  'none',
  'n/a',
  'na',
  'nil',
  'null',
  'nothing',
  'no',
  'tbd',
  '?',
])
const NOBODY = new Set(['unclaimed', 'unassigned', 'nobody', 'no one', 'any', 'anyone', 'open', 'free', 'available'])
const MINUTES = new Map([
  ['m', 1],
  ['h', 60],
  ['d', 8 * 60],
  ['w', 5 * 8 * 60],
])
const ESTIMATE =
  /(\d{1,6}(?:\.\d{1,4})?)(?:\s*(?:-|–|to)\s*(\d{1,6}(?:\.\d{1,4})?))?\s*(m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?)(?![\p{L}\p{N}])/iuy

/**
 * Minutes of `1h`, `1h 30m`, `20-30 min` (the upper bound), `2d` (days of 8 hours), `1w` (5 days).
 * `undefined` when the text does not begin with such a time.
 */
export function estimateMinutes(markdown: string): number | undefined {
  const text = plainText(markdown, 100).replace(/^(?:~|≈|<|>|about|approx\.?|est\.?:?)\s*/i, '')
  let minutes: number | undefined
  ESTIMATE.lastIndex = 0
  for (let found = ESTIMATE.exec(text); found !== null; found = ESTIMATE.exec(text)) {
    const unit = MINUTES.get((found[3] as string)[0]?.toLowerCase() ?? '') ?? 0
    minutes = (minutes ?? 0) + Number(found[2] ?? found[1]) * unit
    const gap = /[\s,+]*/y
    gap.lastIndex = ESTIMATE.lastIndex
    gap.test(text)
    ESTIMATE.lastIndex = gap.lastIndex
  }
  return minutes === undefined ? undefined : Math.round(minutes)
}

const PRIORITIES: readonly [RegExp, Priority][] = [
  [/^(?:critical|urgent|highest|high|p0|p1)$/i, 'high'],
  [/^(?:medium|med|normal|moderate|p2)$/i, 'medium'],
  [/^(?:lowest|low|minor|p3|p4)$/i, 'low'],
]

/** A priority that stands alone in a cell or bracket, such as `High` or `🔥 high`. */
export function priorityWord(markdown: string): Priority | undefined {
  const word = plainText(markdown, 60)
    .replace(/[^\p{L}\p{N} ]/gu, ' ')
    .replace(/\bpriority\b/i, ' ')
    .trim()
  return PRIORITIES.find(([pattern]) => pattern.test(word))?.[1]
}

/** A priority that a heading names with the word itself: `(Low priority, Haiku)`, `Priority: High`. */
export function priorityPhrase(title: string): Priority | undefined {
  const found = /\b([a-z]+\d?)[- ]priority\b|\bpriority\s*:?\s+([a-z]+\d?)\b/i.exec(title)
  return found === null ? undefined : priorityWord(found[1] ?? found[2] ?? '')
}

const MODEL = /^(?:haiku|sonnet|opus|claude|gpt|o\d|gemini|llama|mistral|qwen|deepseek|grok|codex)(?:[\w. :-]{0,40})$/i

/** A model that stands alone in a bracket; a column may name any model. */
export function modelWord(text: string): string | undefined {
  const word = text.trim()
  return MODEL.test(word) ? word : undefined
}

export function isEmptyMark(text: string): boolean {
  return EMPTY.has(text.toLowerCase().replace(/\.$/, ''))
}

/** Text of a cell, `undefined` for `-`, `None` and other empty marks. */
export function valueText(markdown: string | undefined, limit = 1000): string | undefined {
  if (markdown === undefined) return undefined
  const text = plainText(markdown, limit)
  return isEmptyMark(text) ? undefined : text
}

export function ownerText(markdown: string | undefined): string | undefined {
  const text = valueText(markdown, 200)?.replace(/^@(?=[\p{L}\p{N}])/u, '')
  return text === undefined || NOBODY.has(text.toLowerCase()) ? undefined : text
}

const SUM = String.raw`\$?\s?(\d{1,9}(?:\.\d{1,6})?|\d{1,3}(?:,\d{3}){1,2}(?:\.\d{1,6})?)`
/** Whole: what goes on as another currency, an exponent or a `k` is another sum. A remark stands in brackets. */
const BUDGET = new RegExp(String.raw`^(?:USD ?)?${SUM}(?: ?[-–] ?${SUM})?(?: ?(?:USD|dollars?))?(?: ?\(.*)?$`, 'i')

/** Dollars of `$12.50`, `3 USD`, `$1,200` or `$3-5` (the upper bound); `undefined` for every other text. */
export function budgetUsd(markdown: string | undefined): Usd | undefined {
  const found = markdown === undefined ? null : BUDGET.exec(plainText(markdown, 60))
  return found === null ? undefined : Number((found[2] ?? found[1] ?? '').replaceAll(',', ''))
}

/**
 * What a check or a body names, as it stands between code marks: `*` has a meaning in it that is not markdown's. Letters
 * that nobody sees stay, so that they are refused instead of passed over.
 */
export function jobText(markdown: string | undefined): string | undefined {
  if (markdown === undefined) return undefined
  const text = idText(markdown.slice(0, MAX_JOB)).replace(/\s+/g, ' ').trim()
  return isEmptyMark(text) ? undefined : text
}

/** More than `parseJob` takes, so that what is cut is not understood either. */
const MAX_JOB = 4000

/** Words of one list that count. */
export const MAX_WORDS = 50

/** Words between commas or semicolons, at most `MAX_WORDS`. */
export function wordList(markdown: string | undefined): string[] {
  const text = valueText(markdown)
  if (text === undefined) return []
  const words = text.split(/[,;]/).map((word) => word.trim())
  return words.filter((word) => word !== '').slice(0, MAX_WORDS)
}
