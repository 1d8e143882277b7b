/**
 * Status words: what a cell says, and how a board says it.
 *
 * Words win over emoji, because one emoji means different things on different boards. A board's own
 * words come first (its legend, then its cells), then the words that everybody uses. What is not
 * understood is `unknown` and is never guessed: a task nobody offers does less harm than a task done twice.
 */
import type { StatusWord } from '../model/index.ts'

/** Every meaning that can be written. */
export type KnownStatus = Exclude<StatusWord, 'unknown'>

const PHRASES: readonly (readonly [KnownStatus, readonly string[]])[] = [
  [
    'available',
    [
      'available',
      'open',
      'todo',
      'to do',
      'ready',
      'ready to claim',
      'ready to start',
      'not started',
      'not yet started',
      'unclaimed',
      'unassigned',
      'unstarted',
      'free',
      'new',
      'pending',
      'planned',
      'queued',
      'backlog',
      'reopened',
    ],
  ],
  [
    'claimed',
    [
      'claimed',
      'in progress',
      'in work',
      'wip',
      'doing',
      'started',
      'working',
      'working on it',
      'active',
      'ongoing',
      'underway',
      'assigned',
      'taken',
    ],
  ],
  [
    'review',
    ['review', 'in review', 'ready for review', 'needs review', 'under review', 'reviewing', 'testing', 'in testing'],
  ],
  ['done', ['done', 'complete', 'completed', 'finished', 'closed', 'merged', 'resolved', 'shipped']],
  ['blocked', ['blocked', 'waiting', 'stuck', 'stalled']],
  ['paused', ['paused', 'on hold', 'hold', 'deferred', 'postponed', 'parked', 'suspended']],
  [
    'cancelled',
    [
      'cancelled',
      'canceled',
      "won't do",
      'wont do',
      "won't fix",
      'wont fix',
      'wontfix',
      'will not do',
      'skipped',
      'skip',
      'dropped',
      'abandoned',
      'obsolete',
      'rejected',
    ],
  ],
]
const COMMON = new Map(PHRASES.flatMap(([status, phrases]) => phrases.map((phrase) => [phrase, status] as const)))

/** Only signs that hardly anybody uses otherwise; coloured circles mean what a board says they mean. */
const COMMON_SIGNS = new Map<string, KnownStatus>([
  ['✅', 'done'],
  ['✔', 'done'],
  ['☑', 'done'],
  ['⏸', 'paused'],
  ['🚧', 'claimed'],
  ['🔄', 'claimed'],
  ['⛔', 'blocked'],
  ['🚫', 'blocked'],
  ['❌', 'cancelled'],
])

/** A pictograph with its modifiers; a keycap or a digit is none. */
const SIGN =
  /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator})(?:\ufe0e|\ufe0f|\u200d|\p{Emoji_Modifier}|\p{Extended_Pictographic})*/u
const WORDS = /[\p{L}\p{N}][\p{L}\p{N}'’_ -]{0,60}/uy

/** One way in which a board writes a status. */
export interface Wording {
  readonly status: KnownStatus
  /** As it stands, with variation selector. */
  readonly sign: string | undefined
  readonly words: string | undefined
}

/** What a board says of its own words and signs; keys are normalised by `phraseKey` and `signKey`. */
export interface Vocabulary {
  readonly phrases: ReadonlyMap<string, KnownStatus>
  readonly signs: ReadonlyMap<string, KnownStatus>
}

export interface StatusReading {
  readonly status: StatusWord
  /** Offsets within the text: the sign, and the words that were understood. */
  readonly sign: { readonly start: number; readonly end: number } | undefined
  readonly words: { readonly start: number; readonly end: number } | undefined
  /** Text behind them. */
  readonly note: string | undefined
}

/** Lower case, `-` and `_` as spaces, one apostrophe, one space between words. */
export function phraseKey(words: string): string {
  return words
    .toLowerCase()
    .replace(/’/g, "'")
    .replace(/[\s_-]+/g, ' ')
    .trim()
}

/** The sign without variation selectors. */
export function signKey(sign: string): string {
  return sign.replace(/\ufe0e|\ufe0f/g, '')
}

/** Read a status text such as `🟡 **CLAIMED** (session-4), see #12`. Never throws. */
export function readStatus(text: string, vocabulary: Vocabulary): StatusReading {
  const shown = text.length > 2000 ? text.slice(0, 2000) : text
  const start = leadEnd(shown)
  const found = SIGN.exec(shown.slice(start, start + 16))
  const sign = found === null ? undefined : { start, end: start + found[0].length }
  const from = leadEnd(shown, sign?.end ?? start)
  const words = understoodWords(shown, from, vocabulary)
  if (words !== undefined) {
    const behind = sign ?? signBehind(shown, words.end)
    const rest = shown.slice(Math.max(words.end, behind?.end ?? 0)).replace(/^[*_~`]+/, '')
    const note = rest.replace(/^\s*[-–—:;,.]?\s*/, '').trim()
    const spans = { sign: behind, words: { start: words.start, end: words.end } }
    return { status: words.status, ...spans, note: note === '' ? undefined : note }
  }
  const rest = shown.slice(sign?.end ?? start).replace(/[*_~`\s]|\ufe0f/g, '')
  if (sign !== undefined && rest === '') {
    const key = signKey(shown.slice(sign.start, sign.end))
    const status = vocabulary.signs.get(key) ?? COMMON_SIGNS.get(key) ?? 'unknown'
    return { status, sign, words: undefined, note: undefined }
  }
  const empty = sign === undefined && /^[-–—_*~`\s]*$/.test(shown)
  return { status: empty ? 'available' : 'unknown', sign, words: undefined, note: undefined }
}

/** The sign of `Completed ✅`. */
function signBehind(text: string, end: number): StatusReading['sign'] {
  const gap = /^[*_~`]*\s*/.exec(text.slice(end, end + 20))?.[0].length ?? 0
  const found = SIGN.exec(text.slice(end + gap, end + gap + 16))
  return found === null ? undefined : { start: end + gap, end: end + gap + found[0].length }
}

/** Skip white space, marks and what is struck out. */
function leadEnd(text: string, from = 0): number {
  const skip = /(?:[\s*_`[]|\ufe0f|\u200d|~~[^~]{1,200}~~)*/y
  skip.lastIndex = from
  skip.test(text)
  return skip.lastIndex
}

/** The longest known phrase that the text begins with, ending at a word's end. */
function understoodWords(text: string, from: number, vocabulary: Vocabulary) {
  WORDS.lastIndex = from
  const candidate = WORDS.exec(text)?.[0]
  if (candidate === undefined) return undefined
  for (let length = candidate.length; length > 0; length -= 1) {
    const next = candidate[length]
    const last = candidate[length - 1] as string
    if ((next !== undefined && /[\p{L}\p{N}'’]/u.test(next)) || /[\s_-]/.test(last)) continue
    const key = phraseKey(candidate.slice(0, length))
    const status = vocabulary.phrases.get(key) ?? COMMON.get(key)
    if (status !== undefined) return { start: from, end: from + length, status }
  }
  return undefined
}

/** The first status word anywhere in a text; for the explanations of a legend. */
export function statusSpokenOf(text: string): KnownStatus | undefined {
  const nothing: Vocabulary = { phrases: new Map(), signs: new Map() }
  for (const found of text.slice(0, 500).matchAll(/[\p{L}\p{N}'’]+/gu)) {
    const words = understoodWords(text, found.index, nothing)
    if (words !== undefined) return words.status
  }
  return undefined
}
