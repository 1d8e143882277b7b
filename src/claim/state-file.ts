/**
 * State shards: `.if-board/state/<00..ff>`, one canonical JSON line per task, sorted by key.
 *
 * Only folds write them. What is not understood is an error with its place, never skipped:
 * a lost line could offer a finished task again.
 */
import {
  type DoneRecord,
  IfBoardError,
  isObjectId,
  isSessionName,
  type ObjectId,
  type StatusWord,
  type TaskKey,
  type TaskState,
} from '../model/index.ts'

export const STATE_FOLDER = '.if-board/state'

const WORDS: ReadonlySet<string> = new Set(['available', 'claimed', 'review', 'done', 'blocked', 'paused', 'cancelled'])

/** Parse one shard; `file` names it in errors. */
export function parseStateShard(text: string, file: string): TaskState[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => parseLine(line, file, number))
}

/** The shard's text; entries in order of their keys. */
export function renderStateShard(states: readonly TaskState[]): string {
  return [...states]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map((state) => `${JSON.stringify(sortedKeys(state))}\n`)
    .join('')
}

/** An entry that says nothing beyond the default needs no line. */
export function isDefaultState(state: TaskState): boolean {
  return (
    state.shown === 'available' &&
    state.said === undefined &&
    state.void === undefined &&
    state.grants === 0 &&
    state.failures === 0 &&
    state.done === undefined
  )
}

function parseLine(line: string, file: string, number: number): TaskState {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw broken(file, number, 'a line is not JSON', cause)
  }
  if (!isRecord(value)) throw broken(file, number, 'a line is not an object')
  const { key, shown, claim, said, grants, failures, done, title } = value
  if (typeof key !== 'string' || !key.includes(':') || key.length > 700) throw broken(file, number, '`key` is no task')
  if (!isWord(shown)) throw broken(file, number, '`shown` is no status word')
  return {
    key: key as TaskKey,
    shown,
    grants: toCount(grants),
    failures: toCount(failures),
    ...(isOid(claim) ? { claim } : {}),
    ...(isOid(value.void) ? { void: value.void } : {}),
    ...(isRecord(said) && isWord(said.status) && isOid(said.commit)
      ? { said: { status: said.status, commit: said.commit } }
      : {}),
    ...(typeof title === 'string' ? { title: title.slice(0, 300) } : {}),
    ...(isRecord(done) ? { done: toDone(done, file, number) } : {}),
  }
}

function toDone(done: Record<string, unknown>, file: string, number: number): DoneRecord {
  const { by, at } = done
  if (typeof by !== 'string' || (by !== 'person' && !isSessionName(by)) || typeof at !== 'number')
    throw broken(file, number, '`done` does not say who and when')
  const text = (name: string, limit: number) => {
    const found = done[name]
    return typeof found === 'string' ? { [name]: found.slice(0, limit) } : {}
  }
  return {
    by: by as DoneRecord['by'],
    at,
    ...text('name', 200),
    ...text('branch', 300),
    ...text('reference', 1000),
    ...text('note', 500),
    ...(isOid(done.commit) ? { commit: done.commit } : {}),
    ...(isOid(done.seal) ? { seal: done.seal } : {}),
    ...(typeof done.costUsd === 'number' ? { costUsd: done.costUsd } : {}),
  }
}

function sortedKeys(value: unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, child]) => [name, sortedKeys(child)]),
  )
}

function toCount(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

function isWord(value: unknown): value is StatusWord {
  return typeof value === 'string' && WORDS.has(value)
}

function isOid(value: unknown): value is ObjectId {
  return typeof value === 'string' && isObjectId(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function broken(file: string, line: number, what: string, cause?: unknown): IfBoardError {
  return new IfBoardError('state/invalid', `the state of the board cannot be read: ${what}`, {
    place: { file, line, column: 1 },
    hint: 'State files are written by folds alone; revert the commit that changed this file by hand',
    cause,
  })
}
