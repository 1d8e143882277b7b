/**
 * What a dependency cell names: ids, ranges and groups of ids, and everything else as external blockers.
 *
 * Nothing is dropped: text that names no id holds the task back until a person lifts it. An id-shaped
 * word is an id even if this board has none such, because it may stand on another board.
 */
import type { TaskId } from '../model/index.ts'
import { isEmptyMark } from './fields.ts'
import { isIdShaped, readId } from './ids.ts'
import { maskMarks, oneLine, plainText } from './inline.ts'
import type { Span } from './source.ts'

/** What `All above`, `4.x` and the like are resolved against. */
export interface DependencyScope {
  readonly self: TaskId
  has(id: string): boolean
  /** Ids of rows above in the same table or list, else of all tasks above that are no fillers. */
  above(): readonly TaskId[]
  /** Ids that begin with `prefix`, up to a boundary: `P0` has `P0.1` and not `P01`. */
  below(prefix: string): readonly TaskId[]
  /** Ids in sections whose heading names the phrase, such as `Phase 0`. */
  inSections(phrase: string): readonly TaskId[]
  /** Tasks of the board's other sections that are no fillers. */
  otherSections(): readonly TaskId[]
}

export interface Dependency extends Span {
  readonly id: TaskId
}

/** Offsets are those of the cell's text. */
export interface Blocker extends Span {
  readonly text: string
  readonly quoted?: true
}

export interface Dependencies {
  readonly ids: readonly Dependency[]
  readonly blockers: readonly Blocker[]
}

const MAX_RANGE = 256
const MAX_IDS = 5000
/** Parts beyond that are told; all further ones say the same. */
const MAX_LEFT_OVER = 100
const LEAD = /^(?:depends on|blocked by|waiting (?:for|on)|requires|needs|after|on)\b:?\s*/i
const FINISHED = /^(?:\((?:[^()]*)\)|done|complete|completed|finished|merged|[-–—.]|\s)*(?::.*)?$/i

interface Part extends Span {
  readonly text: string
  /** Quoted: an external blocker, word for word. */
  readonly quoted: boolean
  /** The sign in front of it, `''` for the first. */
  readonly separator: string
}

export function parseDependencies(text: string, scope: DependencyScope): Dependencies {
  if (isEmptyMark(text)) return { ids: [], blockers: [] }
  const masked = maskMarks(text)
  const reader: Reader = { text, ids: new Map(), blockers: [], joins: false }
  if (isEmptyMark(oneLine(masked))) return { ids: [], blockers: [] }
  let before: TaskId | undefined
  for (const part of partsOf(masked)) {
    const found = part.quoted ? undefined : readPart(part.text, before, scope)
    if (found === undefined) addBlocker(reader, part)
    else {
      reader.joins = false
      addIds(reader, part, found.ids)
      before = found.ids.at(-1) ?? before
      if (found.rest > 0) addBlocker(reader, { ...part, start: part.end - found.rest })
    }
  }
  return { ids: [...reader.ids.values()], blockers: reader.blockers }
}

interface Reader {
  readonly text: string
  readonly ids: Map<TaskId, Dependency>
  readonly blockers: Blocker[]
  /** The part before was a blocker, so that `Backend + Frontend ready` stays one. */
  joins: boolean
}

/** What has no room any more holds the task back as the text that it is. */
function addIds(reader: Reader, part: Part, found: readonly TaskId[]): void {
  const { ids, blockers } = reader
  const fresh = found.filter((id) => !ids.has(id))
  const room = MAX_IDS - ids.size
  for (const id of fresh.slice(0, room)) ids.set(id, { id, start: part.start, end: part.end })
  if (fresh.length > room && blockers.length < MAX_LEFT_OVER) addBlocker(reader, { ...part, quoted: false })
}

function addBlocker(reader: Reader, part: Part): void {
  const { text, blockers } = reader
  const last = blockers.at(-1)
  const joined = reader.joins && last !== undefined && !part.quoted && /[a-z+&]/i.test(part.separator)
  const start = joined ? last.start : part.start
  const shown = part.quoted ? unquote(text.slice(start, part.end)) : plainText(text.slice(start, part.end), 500)
  if (shown === '') return
  if (joined) blockers.pop()
  blockers.push({ text: shown, start, end: part.end, ...(part.quoted ? { quoted: true } : {}) })
  reader.joins = !part.quoted
}

function unquote(raw: string): string {
  return oneLine(raw.slice(1, -1).replace(/\\([|\\])/g, '$1'))
}

/** Parts between `,`, `;`, `+`, `&`, line ends and `and`; brackets and quotes hold together. */
function partsOf(masked: string): Part[] {
  const parts: Part[] = []
  const token = /"[^"]*"|\([^()]*\)|[,;+&\n\r]|\s(?:and|und|or)\s|[^"(,;+&\s]+|["(]|\s/giu
  let from = 0
  let separator = ''
  const close = (end: number, next: number, sign: string) => {
    const raw = masked.slice(from, end)
    const start = from + (raw.length - raw.trimStart().length)
    const text = raw.trim()
    if (text !== '') parts.push({ text, start, end: start + text.length, quoted: /^"[^"]*"$/.test(text), separator })
    from = next
    separator = sign
  }
  for (const found of masked.matchAll(token)) {
    if (/^(?:[,;+&\n\r]|\s(?:and|und|or)\s)$/i.test(found[0]))
      close(found.index, found.index + found[0].length, found[0])
  }
  close(masked.length, masked.length, '')
  return parts
}

interface PartIds {
  readonly ids: readonly TaskId[]
  /** Length of the words behind the id that say more than that it is done. */
  readonly rest: number
}

function readPart(text: string, before: TaskId | undefined, scope: DependencyScope): PartIds | undefined {
  const whole = readId(text)
  if (whole !== undefined && scope.has(whole)) return only(whole)
  const bare = text.replace(LEAD, '').trim()
  const called = /^task\s+(\S+)$/i.exec(bare)?.[1]
  const words = called !== undefined && scope.has(called) ? called : bare
  if (isEmptyMark(words)) return { ids: [], rest: 0 }
  return (
    readGroup(words, scope) ?? readShort(words, before, scope) ?? readRange(words, scope) ?? readSingle(words, scope)
  )
}

function only(id: TaskId): PartIds {
  return { ids: [id], rest: 0 }
}

function group(ids: readonly TaskId[], scope: DependencyScope): PartIds | undefined {
  const others = ids.filter((id) => id !== scope.self)
  return others.length === 0 ? undefined : { ids: others, rest: 0 }
}

/** `All above`, `All components`, `All P0 tasks`, `Phase 0`, `4.x`. */
function readGroup(words: string, scope: DependencyScope): PartIds | undefined {
  if (/^(?:all|everything)(?: (?:of the )?(?:tasks|rows|items))? above$|^above$/i.test(words))
    return group(scope.above(), scope)
  if (/^(?:all|everything|all (?:other )?(?:components|tasks|sections|others))$/i.test(words))
    return group(scope.otherSections(), scope)
  const phase =
    /^(?:all (?:of )?)?((?:phase|milestone|stage|sprint|wave) (\w{1,20}))(?: tasks| complete[d]?| done)?$/i.exec(words)
  if (phase !== null)
    return group([...new Set([...scope.inSections(phase[1] as string), ...phaseIds(phase[1] as string, scope)])], scope)
  const all = /^all (?:of )?([\p{L}\p{N}][\p{L}\p{N}_.-]{0,40}?)(?:[.-][x*])?(?: tasks| items)?$/iu.exec(words)
  if (all !== null) return group(scope.below(all[1] as string), scope)
  const wildcard = /^([\p{L}\p{N}_.-]{1,60})[.-][xX*]$/u.exec(words)
  return wildcard === null ? undefined : group(scope.below(wildcard[1] as string), scope)
}

/** `Phase 0` also stands for ids `P0…`. */
function phaseIds(phrase: string, scope: DependencyScope): readonly TaskId[] {
  const number = /^phase (\d+)$/i.exec(phrase)?.[1]
  return number === undefined ? [] : scope.below(`P${number}`)
}

/** The `5` of `P2.11.3,5,7` and the `5-7` of `P2.11.3,5-7`: last numbers of ids like the one before. */
function readShort(words: string, before: TaskId | undefined, scope: DependencyScope): PartIds | undefined {
  const found = /^(\d{1,6})(?:\s*[-–—]\s*(\d{1,6}))?$/.exec(words)
  const head = before === undefined ? undefined : /^(.*[^\d])\d+$/.exec(before)?.[1]
  if (found === null || head === undefined) return undefined
  return expand(head, found[1] as string, found[2] ?? (found[1] as string), scope)
}

/** `P0.1.2-5`, `P0.1.1 - P0.1.5`, `T001 through T005`. */
function readRange(words: string, scope: DependencyScope): PartIds | undefined {
  const found = /^(\S{0,60}?)(\d{1,6})\s*(?:[-–—…]|\.\.\.?|\bto\b|\bthrough\b|\bthru\b)\s*(\S{0,60}?)(\d{1,6})$/i.exec(
    words,
  )
  if (found === null) return undefined
  const [, head, first, secondHead, last] = found as unknown as [string, string, string, string, string]
  const spaced = /\s/.test(words)
  const full = secondHead === head
  const short = secondHead === '' && (spaced || head.endsWith('.') || scope.has(`${head}${first}`))
  return (full && (head !== '' || spaced)) || short ? expand(head, first, last, scope) : undefined
}

/** Ids from first to last; inside of a range only those that the board has, if it has any. */
function expand(head: string, first: string, last: string, scope: DependencyScope): PartIds | undefined {
  const [from, to] = [Number(first), Number(last)]
  if (to < from || to - from >= MAX_RANGE) return undefined
  const width = first.startsWith('0') ? first.length : 0
  const ids: TaskId[] = []
  for (let number = from; number <= to; number += 1) {
    const id = readId(`${head}${String(number).padStart(width, '0')}`)
    if (id !== undefined) ids.push(id)
  }
  const known = ids.filter((id) => scope.has(id))
  return {
    ids: known.length === 0 ? ids : ids.filter((id, at) => at === 0 || at === ids.length - 1 || scope.has(id)),
    rest: 0,
  }
}

/** One id, perhaps with a remark behind it; `P0.1/P0.2` are two. */
function readSingle(words: string, scope: DependencyScope): PartIds | undefined {
  const first = /^\S+/.exec(words)?.[0].replace(/[.:]$/, '') ?? ''
  const rest = words.slice(first.length).trim()
  const more = FINISHED.test(rest) ? 0 : rest.length
  const slashed = first.split('/')
  if (slashed.length > 1 && !scope.has(first) && slashed.every(isIdShaped))
    return { ids: slashed.flatMap((word) => readId(word) ?? []), rest: more }
  const id = readId(first)
  if (id === undefined || !(isIdShaped(first) || scope.has(first))) return undefined
  if (!scope.has(first) && more > 0) return undefined
  return { ids: [id], rest: more }
}
