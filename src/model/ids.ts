/**
 * The names of things, as types that only their `to…` function can make.
 *
 * Everything here may come from a board, a ref or a command line, so each `to…`
 * function is the gate: what it lets through can be printed, compared and hashed,
 * and never becomes a path or an option by itself (`refKey` does that).
 */
import { IfBoardError } from './errors.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** Id of a task as its board writes it, such as `P0.1.2`; 1 to 128 characters without control characters. */
export type TaskId = Branded<'TaskId'>
/** Path of a board below the root of the coordination branch, `/` between parts. */
export type BoardName = Branded<'BoardName'>
/** `<board>:<id>`: one task in the whole project. */
export type TaskKey = Branded<'TaskKey'>
/** Name of a session: letters, digits, `.`, `_`, `-`; 1 to 64 characters, starts with a letter or digit. */
export type SessionName = Branded<'SessionName'>
/** Full hexadecimal object id, 40 (SHA-1) or 64 (SHA-256) digits. */
export type ObjectId = Branded<'ObjectId'>
/** Full name of a ref, such as `refs/if-board/c/p0.1.2-1a2b3c4d`. */
export type RefName = Branded<'RefName'>

/** Short name of a branch that may keep the boards, such as `if-board/main`. */
export type BranchName = Branded<'BranchName'>

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number
/** US dollars, as a decimal number. */
export type Usd = number

/** SHA-256 of UTF-8 text, as 64 hexadecimal digits; given by the shell so that the core stays pure. */
export type Sha256 = (text: string) => string

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u
const CONTROL_ALL = new RegExp(CONTROL.source, 'gu')

/** Is this text a task id? Spaces, slashes and dots are allowed: an id is a name, never a path. */
export function isTaskId(text: string): text is TaskId {
  return text.length > 0 && text.length <= 128 && text.trim() === text && !CONTROL.test(text)
}

export function toTaskId(text: string): TaskId {
  if (isTaskId(text)) return text
  throw new IfBoardError('task/invalid-id', `\`${printable(text, 40)}\` is not a task id`, {
    hint: 'Use 1 to 128 printable characters without space at either end, such as `P0.1.2`',
  })
}

/** A relative path of a markdown file: no empty part, `.`, `..`, backslash, colon or control character. */
export function isBoardName(text: string): text is BoardName {
  return (
    text.length > 0 &&
    text.length <= 512 &&
    !CONTROL.test(text) &&
    !/[\\:*?"<>|]/.test(text) &&
    text.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git')
  )
}

export function toBoardName(text: string): BoardName {
  if (isBoardName(text)) return text
  throw new IfBoardError('config/invalid', `\`${printable(text, 60)}\` is not a path of a board on the branch`, {
    hint: 'Use a path such as `TASK-BOARD.md` or `boards/web.md`, with `/` between its parts',
  })
}

export function taskKey(board: BoardName, id: TaskId): TaskKey {
  return `${board}:${id}` as TaskKey
}

/** Is this text a board and an id, with a colon between? */
export function isTaskKey(text: string): text is TaskKey {
  const { board, id } = splitTaskKey(text as TaskKey)
  return isBoardName(board) && isTaskId(id) && text.includes(':')
}

/** Board and id of a key; a board name has no colon, so the first one separates. */
export function splitTaskKey(key: TaskKey): { readonly board: BoardName; readonly id: TaskId } {
  const colon = key.indexOf(':')
  return { board: key.slice(0, colon) as BoardName, id: key.slice(colon + 1) as TaskId }
}

export function isSessionName(text: string): text is SessionName {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) && !text.endsWith('.') && !text.includes('..')
}

export function toSessionName(text: string): SessionName {
  if (isSessionName(text)) return text
  throw new IfBoardError('session/invalid-name', `\`${printable(text, 40)}\` is not a session name`, {
    hint: 'Use up to 64 letters, digits, `.`, `_` and `-`, such as `session-4`',
  })
}

export function isObjectId(text: string): text is ObjectId {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}

export function toObjectId(text: string): ObjectId {
  if (isObjectId(text)) return text
  throw new IfBoardError('git/failed', `expected an object id, found \`${printable(text, 70)}\``)
}

/** A ref name that is safe to hand to git: below `refs/`, without the characters of git-check-ref-format(1). */
export function isRefName(text: string): text is RefName {
  return (
    /^refs\/[^\u0000-\u0020\u007f~^:?*[\\]+$/.test(text) &&
    !text.includes('..') &&
    !text.includes('@{') &&
    text.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock')) &&
    !text.endsWith('.')
  )
}

export function toRefName(text: string): RefName {
  if (isRefName(text)) return text
  throw new IfBoardError('git/failed', `expected a ref name, found \`${printable(text, 100)}\``)
}

/** Where the boards are unless a person says otherwise. */
export const BOARD_BRANCH = 'if-board/main' as BranchName

/** What `if-board/` keeps for claims, sessions, notes and probes on servers that allow branches alone. */
const TAKEN_BRANCHES = /^if-board(?:$|\/(?:(?:c|s|mode|witness)(?:\/|$)|probe-))/

/**
 * A branch that boards may be on: what git-check-ref-format(1) takes with `--branch`, printable,
 * at most 100 characters, and none of the names that claims and sessions need.
 */
export function isBranchName(text: string): text is BranchName {
  return (
    isRefName(`refs/heads/${text}`) &&
    text.length <= 100 &&
    !text.startsWith('-') &&
    text !== 'HEAD' &&
    text !== '@' &&
    printable(text) === text &&
    !TAKEN_BRANCHES.test(text)
  )
}

/** @throws IfBoardError `usage/invalid` */
export function toBranchName(text: string): BranchName {
  if (isBranchName(text)) return text
  throw new IfBoardError('usage/invalid', `\`${printable(text, 100)}\` cannot be the branch of the boards`, {
    hint: 'Choose a branch name such as `coordination` that git accepts and claims do not need: if-board init --branch NAME',
  })
}

export function branchRef(branch: BranchName = BOARD_BRANCH): RefName {
  return `refs/heads/${branch}` as RefName
}

/**
 * One path component for a name that people chose: readable slug, `-`, 8 hexadecimal digits of
 * SHA-256 of the exact name. No directory/file conflict (`P0.1` beside `P0.1.1`), and safe where
 * file names ignore case, because two names that differ in case differ in the digits.
 */
export function refKey(name: string, sha256: Sha256): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 40)
    .replace(/[-.]+$/, '')
  return `${slug === '' ? 'x' : slug}-${sha256(name).slice(0, 8)}`
}

/** Ref component of a task: the slug shows its id alone, the digits cover board and id. */
export function taskRefKey(key: TaskKey, sha256: Sha256): string {
  const slug = refKey(splitTaskKey(key).id, sha256).slice(0, -9)
  return `${slug}-${sha256(key).slice(0, 8)}`
}

/** Shard of the state file that keeps a task: the first byte of the key's hash, as two hexadecimal digits. */
export function shardOf(key: TaskKey, sha256: Sha256): string {
  return sha256(key).slice(0, 2)
}

/**
 * Text from outside, made safe to show: control, bidirectional and zero-width characters become `?`,
 * and at most `limit` characters stay. Tabs and line ends count as control characters.
 */
export function printable(text: string, limit = 500): string {
  const clean = text.replace(CONTROL_ALL, '?')
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1)}…`
}
