/**
 * Texts as they may be signed and pushed: without the secrets that are known as such, and not too long.
 *
 * First masked, then cut: half a secret is found by no rule. What names something (ids, boards, sessions, objects)
 * stays as it is, or it would name something else.
 */
import { clip, type EventData, type EventType } from '../model/index.ts'
import { MAX_MASKED_LENGTH } from '../ports/index.ts'
import type { Masked, Masking } from './toolbox.ts'

/** Fields that name something, at any depth; every other text is taken for words. */
const NAMES: ReadonlySet<string> = new Set([
  'board',
  'id',
  'boardBlob',
  'replaces',
  'commit',
  'from',
  'failedBy',
  'trigger',
  'source',
  'verdict',
  'rule',
  'happened',
  'saw',
  'statement',
  'of',
  'name',
  'to',
  'forgiven',
  'purpose',
  'command',
  'program',
  'sha256',
  'outcome',
  'signal',
  'layers',
  'alias',
  'method',
  'proxy',
  'claim',
  'module',
])

/** UTF-16 code units by field. */
const LIMITS: ReadonlyMap<string, number> = new Map([
  ['title', 300],
  ['branch', 300],
  ['note', 500],
  ['reference', 1000],
  ['reason', 1000],
  ['blocker', 1000],
  ['why', 200],
  ['model', 100],
  ['words', 500],
])
const OTHER_LIMIT = 4000

const PLACES: ReadonlyMap<string, string> = new Map([
  ['title', 'the title'],
  ['branch', 'the name of the branch'],
  ['note', 'the note'],
  ['reference', 'the evidence'],
  ['reason', 'the reason'],
  ['blocker', 'what it waits for'],
  ['words', 'the words of the command'],
])

/** The data of an event, every text of it made sayable. */
export async function sayableData(box: Masking, type: EventType, data: EventData): Promise<EventData> {
  const sayable = async (value: unknown, field: string): Promise<unknown> => {
    if (typeof value === 'string') return NAMES.has(field) ? value : sayableField(box, type, field, value)
    if (Array.isArray(value)) return Promise.all(value.map((item) => sayable(item, field)))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(async ([name, item]) => [name, await sayable(item, name)] as const)
    return Object.fromEntries(await Promise.all(entries))
  }
  return (await sayable(data, 'data')) as EventData
}

/** What a session gives as a blocker: the same words go into the event and onto the board. */
export function sayableBlocker(box: Masking, blocker: string): Promise<string> {
  return sayableField(box, 'block', 'blocker', blocker)
}

function sayableField(box: Masking, type: EventType, field: string, text: string): Promise<string> {
  const place = type === 'note' && field === 'reason' ? 'the note' : (PLACES.get(field) ?? `\`${field}\``)
  const source = field === 'title' ? 'board' : 'command'
  return sayableText(box, { text, place, source, limit: LIMITS.get(field) ?? OTHER_LIMIT })
}

export interface Words {
  readonly text: string
  readonly place: string
  readonly source: Masked['source']
  /** UTF-16 code units of what comes out. */
  readonly limit: number
}

/** @throws IfBoardError `secrets/unavailable` */
export async function sayableText(box: Masking, words: Words): Promise<string> {
  return (await sayableTexts(box, [words]))[0] as string
}

/** @throws IfBoardError `secrets/unavailable` */
export async function sayableTexts(box: Masking, all: readonly Words[]): Promise<string[]> {
  const masked = await box.secrets.mask(all.map(({ text }) => upTo(text, MAX_MASKED_LENGTH)))
  return all.map(({ place, source, limit }, at) => {
    const { text, kinds } = masked[at] as (typeof masked)[number]
    if (kinds.length > 0) box.tellMasked({ place, source, kinds })
    return clip(text, limit)
  })
}

/** Cut between two words, because half a secret is found by no rule; a word that is longer than all goes whole. */
function upTo(text: string, limit: number): string {
  if (text.length <= limit) return text
  let end = limit
  while (end > 0 && !/\s/.test(text.charAt(end))) end -= 1
  return text.slice(0, end)
}
