/** How a board would write a status: its legend first, then its cells, then a default in its manner. */
import type { ReadBoard } from './document.ts'
import { statusOf, statusText } from './parse.ts'
import { type KnownStatus, phraseKey, readStatus, type StatusReading, signKey, type Wording } from './status.ts'

export interface StatusWriter {
  /** A whole status text, for a cell that is empty. */
  write(status: KnownStatus, by: string | undefined): string
  /** `text` with its status changed; the person's note behind it stays, a note of ours goes. */
  rewrite(text: string, status: KnownStatus, by: string | undefined): string
}

const DEFAULT_SIGNS: ReadonlyMap<KnownStatus, readonly string[]> = new Map([
  ['available', ['🔵', '⚪']],
  ['claimed', ['🟡', '🔄']],
  ['review', ['🟣', '🔍']],
  ['done', ['🟢', '✅']],
  ['blocked', ['🔴', '⛔']],
  ['paused', ['⏸️', '🟠']],
  ['cancelled', ['❌', '🚫']],
])
const DEFAULT_WORDS: ReadonlyMap<KnownStatus, string> = new Map([
  ['available', 'AVAILABLE'],
  ['claimed', 'CLAIMED'],
  ['review', 'REVIEW'],
  ['done', 'COMPLETED'],
  ['blocked', 'BLOCKED'],
  ['paused', 'PAUSED'],
  ['cancelled', 'CANCELLED'],
])
/** Words that go with another: a board with the first speaks like this. */
const FAMILIES: readonly (readonly [string, ReadonlyMap<KnownStatus, string>])[] = [
  ['in progress', new Map([['done', 'COMPLETE']])],
  ['complete', new Map([['claimed', 'IN PROGRESS']])],
  ['done', new Map([['claimed', 'IN PROGRESS']])],
  [
    'todo',
    new Map([
      ['claimed', 'IN PROGRESS'],
      ['done', 'DONE'],
    ]),
  ],
  [
    'to do',
    new Map([
      ['claimed', 'IN PROGRESS'],
      ['done', 'DONE'],
    ]),
  ],
  [
    'open',
    new Map([
      ['claimed', 'IN PROGRESS'],
      ['done', 'DONE'],
    ]),
  ],
  [
    'not started',
    new Map([
      ['claimed', 'IN PROGRESS'],
      ['done', 'DONE'],
    ]),
  ],
]

export function statusWriter(board: ReadBoard): StatusWriter {
  const wordings = wordingsOf(board)
  const known = new Map<KnownStatus, Wording>()
  const wordingFor = (status: KnownStatus): Wording => {
    const wording = known.get(status) ?? chooseWording(wordings, status)
    known.set(status, wording)
    return wording
  }
  return {
    write: (status, by) => wholeText(wordingFor(status), by),
    rewrite: (text, status, by) =>
      rewrite(text, readStatus(text, board.legend), { wording: wordingFor(status), status, by }),
  }
}

interface Wordings {
  /** Legend first, then cells; only those whose words are understood. */
  readonly all: readonly Wording[]
  /** Do statuses on this board carry a sign? */
  readonly signed: boolean
}

function wordingsOf(board: ReadBoard): Wordings {
  const cells: Wording[] = []
  for (const task of board.tasks) {
    if (task.statusSlot.kind !== 'span') continue
    const text = statusText(board, task)
    const reading = statusOf(board, task)
    if (reading.status === 'unknown' || (reading.sign ?? reading.words) === undefined) continue
    const part = (span: StatusReading['sign']) => (span === undefined ? undefined : text.slice(span.start, span.end))
    cells.push({ status: reading.status, sign: part(reading.sign), words: part(reading.words) })
  }
  const { wordings } = board.legend
  const speaking = cells.length > 0 ? cells : wordings
  return { all: [...wordings, ...cells, ...board.wordings], signed: speaking.some(({ sign }) => sign !== undefined) }
}

function chooseWording({ all, signed }: Wordings, status: KnownStatus): Wording {
  const own = all.filter((wording) => wording.status === status)
  const words = own.find((wording) => wording.words !== undefined)?.words ?? defaultWords(all, status)
  const sign = own.find((wording) => wording.sign !== undefined)?.sign ?? defaultSign(all, status)
  return { status, words, sign: signed ? sign : undefined }
}

function defaultWords(all: readonly Wording[], status: KnownStatus): string {
  const spoken = new Set(all.map(({ words }) => phraseKey(words ?? '')))
  const family = FAMILIES.find(([key, words]) => spoken.has(key) && words.has(status))
  const words = family?.[1].get(status) ?? (DEFAULT_WORDS.get(status) as string)
  const sample = all.find((wording) => wording.words !== undefined)?.words ?? 'UPPER'
  if (sample === sample.toUpperCase()) return words
  if (sample === sample.toLowerCase()) return words.toLowerCase()
  return words[0] + words.slice(1).toLowerCase()
}

/** A sign that this board does not use for something else. */
function defaultSign(all: readonly Wording[], status: KnownStatus): string | undefined {
  const used = new Set(all.filter((wording) => wording.status !== status).map(({ sign }) => signKey(sign ?? '')))
  return DEFAULT_SIGNS.get(status)?.find((sign) => !used.has(signKey(sign)))
}

function wholeText({ sign, words }: Wording, by: string | undefined): string {
  return `${sign === undefined ? '' : `${sign} `}${words}${noteText(by)}`
}

function noteText(by: string | undefined): string {
  return by === undefined ? '' : ` (${by})`
}

interface Wanted {
  readonly wording: Wording
  readonly status: KnownStatus
  readonly by: string | undefined
}

function rewrite(text: string, reading: StatusReading, { wording, status, by }: Wanted): string {
  if (reading.status === status && by === undefined) return text
  if (reading.words === undefined) return rewriteSign(text, reading, { wording, status, by })
  const { sign, words } = reading
  const same = reading.status === status
  const swap = same ? undefined : { sign: wording.sign, words: wording.words ?? '' }
  const spoken = swap?.words ?? text.slice(words.start, words.end)
  const isBehind = sign !== undefined && sign.start >= words.end
  const end = isBehind ? sign.end : words.end
  const marks = /^[*_~`]*/.exec(text.slice(end))?.[0] ?? ''
  const rest = text.slice(end + marks.length)
  const tail = `${marks}${noteText(by)}${rest.slice(ownNote(rest, reading.status).length)}`
  if (sign === undefined || swap === undefined)
    return text.slice(0, words.start) + spoken + text.slice(words.end, end) + tail
  if (!isBehind) return withSign(text, sign, words.start, swap.sign) + spoken + tail
  const between = text.slice(words.end, sign.start)
  return (
    text.slice(0, words.start) + spoken + (swap.sign === undefined ? between.trimEnd() : between + swap.sign) + tail
  )
}

/** What stands before the words, with another sign or, where this status has none, without one. */
function withSign(text: string, span: { start: number; end: number }, until: number, sign: string | undefined): string {
  const between = text.slice(span.end, until)
  return text.slice(0, span.start) + (sign === undefined ? between.trimStart() : sign + between)
}

/** A cell with a sign alone stays so, where the board has a sign for the new status. */
function rewriteSign(text: string, { sign }: StatusReading, { wording, by }: Wanted): string {
  const alone = sign !== undefined && /^[*_~`\s]*$/.test(text.slice(0, sign.start) + text.slice(sign.end))
  if (!alone || sign === undefined || wording.sign === undefined) return wholeText(wording, by)
  return `${text.slice(0, sign.start)}${wording.sign}${text.slice(sign.end)}${noteText(by)}`
}

/** A note in brackets that an earlier change of ours wrote: a session's name, or the reason of a pause. */
function ownNote(behind: string, status: string): string {
  const found = /^\s*\(([^()]*)\)/.exec(behind)
  if (found === null) return ''
  const session = status === 'claimed' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(found[1] as string)
  return session || status === 'paused' ? found[0] : ''
}
