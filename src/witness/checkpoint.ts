/**
 * The checkpoint of a fold: the head of the log of sealed events, signed by the folder.
 *
 * Sources: C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint) for the lines, C2SP signed-note
 * (c2sp.org/signed-note) for the signature, RFC 6962 for the root. The text is
 *
 *     if-board/<board id>              origin
 *     <number of sealed events>        tree size
 *     <base64>                         RFC 6962 root over the events, oldest first
 *     fold <n>                         extension lines from here; the first fold is 1
 *     board <commit>                   board commit that the fold made
 *     sealed-tree <tree>               id of `.if-board/state/sealed/` there; absent while it is empty
 *     folder <session> <public key>    who folded; Ed25519 key, base64url
 *     frontier <base64>                subtree roots, largest first, one per 1 bit of the size
 *     sealed <JSON>                    where a chain ends that this fold sealed, one per session
 *     granted <commit>                 a claim event of this fold that was granted: claims are requests
 *     record <JSON>                    a person’s edit of the board, or the fold itself; `more` counts what is not listed
 *
 *     — if-board/<board id> <base64 of key id and signature>
 *
 * Each line ends with a newline; the signature covers all lines before the blank one. The key id is
 * the first 4 bytes of SHA-256(origin ‖ 0x0A ‖ 0x01 ‖ public key). Verifiers of signed notes read it as it is.
 */

import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../model/base64.ts'
import {
  invariant,
  isBoardName,
  isObjectId,
  isSessionName,
  isTaskId,
  type ObjectId,
  type SealedSession,
  type SessionName,
  type TaskKey,
} from '../model/index.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import { type Frontier, HASH_BYTES, type RawHash, subtreesOf } from './merkle.ts'
import { parseSealedLine } from './sealed-sessions.ts'
import { parseTime } from './time.ts'

export interface Checkpoint {
  readonly boardId: string
  /** 1 for the first fold of a board, then +1 each. */
  readonly fold: number
  /** Board commit that the fold made. */
  readonly board: ObjectId
  readonly frontier: Frontier
  readonly root: Uint8Array
  readonly sealedTree: ObjectId | undefined
  readonly sealed: readonly SealedSession[]
  /** Commits of this fold's claim and steal events that were granted. */
  readonly granted: readonly ObjectId[]
  readonly records: readonly BoardRecord[]
  readonly folder: { readonly session: SessionName; readonly key: string }
}

/** A change of the boards: a person's commit, or what the fold itself wrote. */
export interface BoardRecord {
  readonly kind: 'edit' | 'fold'
  readonly commit: ObjectId
  readonly author: string
  /** RFC 3339 UTC with milliseconds. */
  readonly time: string
  readonly changes: readonly FieldChange[]
  /** Changes of this commit that are not listed; absent: none. */
  readonly more?: number
}

/** `from` absent: there was nothing before; `to` absent: there is nothing now. */
export interface FieldChange {
  readonly key: TaskKey
  readonly field: string
  readonly from?: string
  readonly to?: string
}

export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint
  /** 8 hexadecimal digits. */
  readonly keyId: string
  /** Ed25519 over the checkpoint's text, base64url without padding. */
  readonly signature: string
}

/** What goes before the folder's key in a key id: Ed25519 of signed-note. */
const SIGNATURE_TYPE = 1
const KEY_ID_BYTES = 4
const SIGNATURE_BYTES = 64
const BOARD_ID = /^[0-9A-Za-z._-]{1,64}$/

/** The lines that are signed, each with its newline. */
export function checkpointText(checkpoint: Checkpoint): string {
  const { boardId, frontier, root, sealedTree, folder } = checkpoint
  const lines = [
    originOf(boardId),
    String(frontier.size),
    toBase64(root),
    `fold ${checkpoint.fold}`,
    `board ${checkpoint.board}`,
    ...(sealedTree === undefined ? [] : [`sealed-tree ${sealedTree}`]),
    `folder ${folder.session} ${folder.key}`,
    ...frontier.hashes.map((hash) => `frontier ${toBase64(hash)}`),
    ...checkpoint.sealed.map((sealed) => `sealed ${canonicalJson(sealed)}`),
    ...checkpoint.granted.map((commit) => `granted ${commit}`),
    ...checkpoint.records.map((record) => `record ${canonicalJson(record)}`),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** Sign as the folder; `sign` gives base64url without padding. */
export async function signCheckpoint(
  checkpoint: Checkpoint,
  sign: (text: string) => Promise<string>,
  hash: RawHash,
): Promise<SignedCheckpoint> {
  const text = checkpointText(checkpoint)
  invariant(parseCheckpoint(text) !== undefined, 'a checkpoint is written only in the form that readers accept')
  return { checkpoint, keyId: keyIdOf(checkpoint, hash), signature: await sign(text) }
}

/** Did the named folder sign this checkpoint? Whether that key may fold is the reader's question. */
export function verifyCheckpoint(
  { checkpoint, keyId, signature }: SignedCheckpoint,
  verify: (publicKey: string, text: string, signature: string) => boolean,
  hash: RawHash,
): boolean {
  return keyId === keyIdOf(checkpoint, hash) && verify(checkpoint.folder.key, checkpointText(checkpoint), signature)
}

/** The signed note: text, blank line, signature line. */
export function renderSignedCheckpoint({ checkpoint, keyId, signature }: SignedCheckpoint): string {
  const bytes = [...hexBytes(keyId), ...fromBase64Url(signature)]
  const line = `— ${originOf(checkpoint.boardId)} ${toBase64(Uint8Array.from(bytes))}\n`
  return `${checkpointText(checkpoint)}\n${line}`
}

/** A signed checkpoint from its text; `undefined` for anything that `renderSignedCheckpoint` would not write so. */
export function parseSignedCheckpoint(text: string): SignedCheckpoint | undefined {
  const blank = text.indexOf('\n\n')
  const checkpoint = blank < 0 ? undefined : parseCheckpoint(text.slice(0, blank + 1))
  const match = /^— \S+ ([A-Za-z0-9+/=]+)\n$/.exec(text.slice(blank + 2))
  const bytes = match === null ? undefined : fromBase64(match[1] as string)
  if (checkpoint === undefined || bytes?.length !== KEY_ID_BYTES + SIGNATURE_BYTES) return undefined
  const keyId = hexOf(bytes.subarray(0, KEY_ID_BYTES))
  const signed = { checkpoint, keyId, signature: toBase64Url(bytes.subarray(KEY_ID_BYTES)) }
  // Written again it must be the same text: no line twice, none out of order, one spelling of each value.
  return renderSignedCheckpoint(signed) === text ? signed : undefined
}

interface Draft {
  fold?: number
  board?: ObjectId
  sealedTree?: ObjectId
  folder?: Checkpoint['folder']
  readonly frontier: Uint8Array[]
  readonly sealed: SealedSession[]
  readonly granted: ObjectId[]
  readonly records: BoardRecord[]
}

/** The values of the lines, whatever their order; the caller compares the text. */
function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', size = '', root = '', ...extensions] = text.split('\n').slice(0, -1)
  const draft: Draft = { frontier: [], sealed: [], granted: [], records: [] }
  const boardId = origin.startsWith('if-board/') ? origin.slice(9) : ''
  const rootBytes = hashFrom(root)
  const leaves = numberFrom(size)
  if (!BOARD_ID.test(boardId) || leaves === undefined || rootBytes === undefined) return undefined
  if (!extensions.every((line) => readExtension(line, draft))) return undefined
  const { fold, board, folder, frontier: hashes, sealedTree, sealed, granted, records } = draft
  if (fold === undefined || board === undefined || folder === undefined) return undefined
  if (hashes.length !== subtreesOf(leaves)) return undefined
  const frontier = { size: leaves, hashes }
  return { boardId, fold, board, frontier, root: rootBytes, sealedTree, sealed, granted, records, folder }
}

/** Put one extension line into the draft; `false` refuses the whole text. */
function readExtension(line: string, draft: Draft): boolean {
  const space = line.indexOf(' ')
  const read = EXTENSIONS.get(line.slice(0, space))
  return read?.(line.slice(space + 1), draft) ?? false
}

const EXTENSIONS: ReadonlyMap<string, (value: string, draft: Draft) => boolean> = new Map([
  ['fold', (value: string, draft: Draft) => set(draft, 'fold', positive(value))],
  ['board', (value: string, draft: Draft) => set(draft, 'board', isObjectId(value) ? value : undefined)],
  ['sealed-tree', (value: string, draft: Draft) => set(draft, 'sealedTree', isObjectId(value) ? value : undefined)],
  ['folder', (value: string, draft: Draft) => set(draft, 'folder', folderFrom(value))],
  ['frontier', (value: string, draft: Draft) => push(draft.frontier, hashFrom(value))],
  ['sealed', (value: string, draft: Draft) => push(draft.sealed, parseSealedLine(value))],
  ['granted', (value: string, draft: Draft) => push(draft.granted, isObjectId(value) ? value : undefined)],
  ['record', (value: string, draft: Draft) => push(draft.records, recordFrom(value))],
])

function set<Key extends keyof Draft>(draft: Draft, key: Key, value: Draft[Key] | undefined): boolean {
  if (value === undefined) return false
  draft[key] = value
  return true
}

function push<Item>(list: Item[], item: Item | undefined): boolean {
  if (item === undefined) return false
  list.push(item)
  return true
}

function numberFrom(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined
}

function positive(text: string): number | undefined {
  return text === '0' ? undefined : numberFrom(text)
}

function hashFrom(text: string): Uint8Array | undefined {
  const bytes = fromBase64(text)
  return bytes?.length === HASH_BYTES ? bytes : undefined
}

function folderFrom(text: string): Checkpoint['folder'] | undefined {
  const [session = '', key = '', ...more] = text.split(' ')
  if (!isSessionName(session) || !/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(key) || more.length > 0) return undefined
  return { session, key }
}

function recordFrom(text: string): BoardRecord | undefined {
  const value = parseCanonicalJson(text) as Partial<Record<keyof BoardRecord, unknown>> | undefined | null
  if (typeof value !== 'object' || value === null) return undefined
  const { kind, commit, author, time, changes, more, ...others } = value
  if (Object.keys(others).length > 0) return undefined
  if ((kind !== 'edit' && kind !== 'fold') || typeof commit !== 'string' || !isObjectId(commit)) return undefined
  if (typeof author !== 'string' || typeof time !== 'string' || parseTime(time) === undefined) return undefined
  if (!Array.isArray(changes) || !changes.every(isFieldChange)) return undefined
  if (more === undefined) return { kind, commit, author, time, changes }
  return Number.isSafeInteger(more) && (more as number) > 0
    ? { kind, commit, author, time, changes, more: more as number }
    : undefined
}

function isFieldChange(value: unknown): value is FieldChange {
  if (typeof value !== 'object' || value === null) return false
  const { key, field, from, to, ...more } = value as Record<string, unknown>
  if (typeof key !== 'string' || typeof field !== 'string' || Object.keys(more).length > 0) return false
  const colon = key.indexOf(':')
  return (
    isBoardName(key.slice(0, Math.max(colon, 0))) &&
    isTaskId(key.slice(colon + 1)) &&
    [from, to].every((side) => side === undefined || typeof side === 'string')
  )
}

function originOf(boardId: string): string {
  return `if-board/${boardId}`
}

function keyIdOf({ boardId, folder }: Checkpoint, hash: RawHash): string {
  const name = new TextEncoder().encode(`${originOf(boardId)}\n`)
  const named = Uint8Array.from([...name, SIGNATURE_TYPE, ...fromBase64Url(folder.key)])
  return hexOf(hash(named).subarray(0, KEY_ID_BYTES))
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function hexBytes(hex: string): number[] {
  return Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16))
}
