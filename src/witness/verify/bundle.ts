/**
 * The facts of a log as a file that anybody can verify offline: JSON lines, `verify.mjs` beside them.
 *
 *     {"bundle":"if-board-witness/1","boardId":"…","emptyTree":"…","sealedTree":"…"}     first
 *     {"board":{"commit":"…","author":"…","isFold":true,"notesBefore":"…"}}              newest first
 *     {"notes":{"commit":"…","message":"…"}}                                              newest first
 *     {"sealed":{…}} {"done":{…}} {"chain":{…}} {"claim":{…}} {"replaced":"refs/replace/…"}
 *     {"note":{"board":"…","text":"…"}}                                                   one per fold
 *     {"end":{"lines":123}}                                                               last
 *
 * Lines may come from anybody: what has another shape refuses the bundle with its line number.
 */
import {
  isObjectId,
  isSessionName,
  isTaskId,
  type ObjectId,
  type RefName,
  type SignedEvent,
  splitTaskKey,
  type TaskKey,
} from '../../model/index.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { CarriedEvent } from '../chain.ts'
import { isSignedEvent } from '../event-shape.ts'
import { parseSealedLine } from '../sealed-sessions.ts'
import type { BoardCommitFacts, ChainFacts, ClaimFacts, DoneFacts, LogFacts, NotesCommitFacts } from './facts.ts'

const FORMAT = 'if-board-witness/1'
/** UTF-16 code units of one line: a note, with what JSON adds. */
const MAX_LINE = 64 * 1024 * 1024

/** The lines, without their ends. Notes are read one at a time. */
export async function* bundleLines(facts: LogFacts, boards: readonly ObjectId[]): AsyncGenerator<string> {
  const { boardId, emptyTree, sealedTree } = facts
  let lines = 0
  const line = (value: unknown): string => {
    lines += 1
    return lineOf(value)
  }
  yield line({ bundle: FORMAT, boardId, emptyTree, sealedTree })
  for (const board of facts.board) yield line({ board })
  for (const notes of facts.notes) yield line({ notes })
  for (const sealed of facts.sealed) yield line({ sealed })
  for (const done of facts.done) yield line({ done })
  for (const chain of facts.chains) yield line({ chain })
  for (const claim of facts.claims) yield line({ claim })
  for (const replaced of facts.replaced) yield line({ replaced })
  if (facts.registry !== undefined) yield line({ registry: facts.registry })
  for (const board of boards) {
    const text = await facts.note(board)
    if (text !== undefined) yield line({ note: { board, text } })
  }
  yield lineOf({ end: { lines } })
}

/** Readers of lines may end one at U+2028 and U+2029 too, which JSON lets stand in texts. */
function lineOf(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

export type BundleOutcome =
  | { readonly kind: 'facts'; readonly facts: LogFacts }
  | { readonly kind: 'refused'; readonly line: number; readonly reason: string }

interface Draft {
  boardId?: string
  emptyTree?: ObjectId
  sealedTree?: ObjectId | undefined
  registry?: string
  end?: number
  readonly board: BoardCommitFacts[]
  readonly notes: NotesCommitFacts[]
  readonly sealed: LogFacts['sealed'][number][]
  readonly done: DoneFacts[]
  readonly chains: ChainFacts[]
  readonly claims: ClaimFacts[]
  readonly replaced: RefName[]
  readonly texts: Map<ObjectId, string>
}

/** Anchors are the reader's own and never come from the bundle. */
export async function readBundle(
  lines: AsyncIterable<string> | Iterable<string>,
  own: Pick<LogFacts, 'anchors' | 'operators'>,
): Promise<BundleOutcome> {
  const draft: Draft = {
    board: [],
    notes: [],
    sealed: [],
    done: [],
    chains: [],
    claims: [],
    replaced: [],
    texts: new Map(),
  }
  let number = 0
  for await (const text of lines) {
    number += 1
    if (text === '' && draft.end !== undefined) continue
    const reason = draft.end === undefined ? readLine(text, number, draft) : 'something follows the last line'
    if (reason !== undefined) return { kind: 'refused', line: number, reason }
  }
  const { boardId, emptyTree, end } = draft
  if (boardId === undefined || emptyTree === undefined)
    return { kind: 'refused', line: 1, reason: 'there is no first line' }
  if (end === undefined) return { kind: 'refused', line: number, reason: 'the last line is missing: the file was cut' }
  const { texts, ...rest } = draft
  const { sealedTree, registry } = draft
  const facts: LogFacts = {
    ...rest,
    ...own,
    boardId,
    emptyTree,
    sealedTree,
    registry,
    isWhole: true,
    note: async (board) => texts.get(board),
  }
  return { kind: 'facts', facts }
}

/** Why a line is refused; `undefined`: it was read. */
function readLine(text: string, number: number, draft: Draft): string | undefined {
  if (text.length > MAX_LINE) return 'the line is longer than any note'
  const value = parsed(text)
  if (value === undefined) return 'the line is no JSON object with one key'
  if (number === 1) return readHeader(value, draft) ? undefined : `the first line is no \`${FORMAT}\``
  const [kind = '', ...others] = Object.keys(value)
  const read = READERS.get(kind)
  if (read === undefined || others.length > 0) return 'the line is of no kind that is known'
  return read(value[kind], draft, number) ? undefined : `the \`${kind}\` of this line has another shape`
}

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    // Whatever it is, it is not ours; the caller names the line.
    return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readHeader({ bundle, boardId, emptyTree, sealedTree }: Fields, draft: Draft): boolean {
  if (bundle !== FORMAT || !isText(boardId, 64) || !isOid(emptyTree)) return false
  if (sealedTree !== undefined && !isOid(sealedTree)) return false
  draft.boardId = boardId
  draft.emptyTree = emptyTree
  draft.sealedTree = sealedTree
  return true
}

const READERS: ReadonlyMap<string, (value: unknown, draft: Draft, line: number) => boolean> = new Map([
  ['board', (value: unknown, { board }: Draft) => push(board, boardFrom(value))],
  ['notes', (value: unknown, { notes }: Draft) => push(notes, notesFrom(value))],
  ['sealed', (value: unknown, { sealed }: Draft) => push(sealed, parseSealedLine(canonical(value)))],
  ['done', (value: unknown, { done }: Draft) => push(done, doneFrom(value))],
  ['chain', (value: unknown, { chains }: Draft) => push(chains, chainFrom(value))],
  ['claim', (value: unknown, { claims }: Draft) => push(claims, claimFrom(value))],
  [
    'replaced',
    (value: unknown, { replaced }: Draft) => push(replaced, isText(value, 1000) ? (value as RefName) : undefined),
  ],
  [
    'registry',
    (value: unknown, draft: Draft) => {
      if (typeof value !== 'string') return false
      draft.registry = value
      return true
    },
  ],
  [
    'note',
    (value: unknown, { texts }: Draft) => {
      if (!isFields(value) || !isOid(value.board) || typeof value.text !== 'string') return false
      texts.set(value.board, value.text)
      return true
    },
  ],
  [
    'end',
    (value: unknown, draft: Draft, line: number) => {
      if (!isFields(value) || value.lines !== line - 1) return false
      draft.end = line
      return true
    },
  ],
])

function push<Item>(list: Item[], item: Item | undefined): boolean {
  if (item === undefined) return false
  list.push(item)
  return true
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most
}

function isOid(value: unknown): value is ObjectId {
  return typeof value === 'string' && isObjectId(value)
}

function canonical(value: unknown): string {
  try {
    return canonicalJson(value)
  } catch {
    // What has no canonical form is no end of a chain either.
    return ''
  }
}

function boardFrom(value: unknown): BoardCommitFacts | undefined {
  if (!isFields(value)) return undefined
  const { commit, author, isFold, notesBefore } = value
  if (!isOid(commit) || !isText(author, 200) || typeof isFold !== 'boolean') return undefined
  if (notesBefore !== undefined && notesBefore !== 'none' && !isOid(notesBefore)) return undefined
  return { commit, author, isFold, notesBefore }
}

function notesFrom(value: unknown): NotesCommitFacts | undefined {
  if (!isFields(value) || !isOid(value.commit) || typeof value.message !== 'string') return undefined
  return { commit: value.commit, message: value.message }
}

function doneFrom(value: unknown): DoneFacts | undefined {
  if (!isFields(value)) return undefined
  const { key, by, at, seal, costUsd, branch, commit, note, reference, name } = value
  if (!isKey(key) || typeof at !== 'number' || typeof by !== 'string') return undefined
  if (by !== 'person' && !isSessionName(by)) return undefined
  if ([seal, commit].some((oid) => oid !== undefined && !isOid(oid))) return undefined
  if (costUsd !== undefined && typeof costUsd !== 'number') return undefined
  if ([branch, note, reference, name].some((text) => text !== undefined && typeof text !== 'string')) return undefined
  return value as unknown as DoneFacts
}

function isKey(value: unknown): value is TaskKey {
  if (typeof value !== 'string' || !value.includes(':')) return false
  return isTaskId(splitTaskKey(value as TaskKey).id)
}

function chainFrom(value: unknown): ChainFacts | undefined {
  if (!isFields(value)) return undefined
  const { ref, events, isReadable } = value
  if (!isText(ref, 1000) || typeof isReadable !== 'boolean' || !Array.isArray(events)) return undefined
  const isCarried = (one: unknown): one is CarriedEvent => isFields(one) && isOid(one.oid) && isSignedEvent(one.event)
  return events.every(isCarried) ? { ref: ref as RefName, events, isReadable } : undefined
}

function claimFrom(value: unknown): ClaimFacts | undefined {
  if (!isFields(value)) return undefined
  const { ref, oid, event } = value
  if (!isText(ref, 1000) || !isOid(oid) || (event !== undefined && !isSignedEvent(event))) return undefined
  return { ref: ref as RefName, oid, event: event as SignedEvent | undefined }
}
