/**
 * State shards: `.if-board/state/<00..ff>`, one canonical JSON line per task, sorted by key.
 *
 * Only folds write them. What is not understood is an error with its place, never skipped:
 * a lost line could offer a finished task again.
 */
import {
  clip,
  type DoneRecord,
  IfBoardError,
  isObjectId,
  isSessionName,
  isTaskKey,
  type ObjectId,
  type SessionName,
  type StatusWord,
  type TaskAccount,
  type TaskKey,
  type TaskState,
} from '../model/index.ts'

export const STATE_FOLDER = '.if-board/state'

const WORDS: ReadonlySet<string> = new Set(['available', 'claimed', 'review', 'done', 'blocked', 'paused', 'cancelled'])

/**
 * Parse one shard; `file` names it in errors.
 *
 * @throws IfBoardError `state/invalid` at the line that a fold would not have written
 */
export function parseStateShard(text: string, file: string): TaskState[] {
  const known = new Set<TaskKey>()
  return text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => {
      const state = parseLine(line, (what, cause) => broken({ file, number }, what, cause))
      if (known.has(state.key)) throw broken({ file, number }, 'a task has two lines')
      known.add(state.key)
      return state
    })
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
    state.from === undefined &&
    state.grants === 0 &&
    state.failures === 0 &&
    state.done === undefined &&
    state.account === undefined
  )
}

type Fault = (what: string, cause?: unknown) => IfBoardError

function parseLine(line: string, fault: Fault): TaskState {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw fault('a line is not JSON', cause)
  }
  if (!isRecord(value)) throw fault('a line is not an object')
  const { key, shown, claim, said, grants, failures, done, title, from, account } = value
  if (!isKey(key)) throw fault('`key` is no task')
  if (!isWord(shown)) throw fault('`shown` is no status word')
  if (!isCount(grants) || !isCount(failures)) throw fault('`grants` and `failures` are no counts')
  if (from !== undefined && !isKey(from)) throw fault('`from` is no task')
  if (title !== undefined && typeof title !== 'string') throw fault('`title` is no text')
  return {
    key,
    shown,
    grants,
    failures,
    ...toOid('claim', claim, fault),
    ...toOid('void', value.void, fault),
    ...(said === undefined ? {} : { said: toSaid(said, fault) }),
    ...(title === undefined ? {} : { title: clip(title, 300) }),
    ...(from === undefined ? {} : { from }),
    ...(done === undefined ? {} : { done: toDone(done, fault) }),
    ...(account === undefined ? {} : { account: toAccount(account, fault) }),
  }
}

function toAccount(account: unknown, fault: Fault): TaskAccount {
  const { spent, tried, failed, forgivenEpoch } = isRecord(account) ? account : {}
  if (!isRecord(spent) || !isCount(spent.microUsd) || !isCount(spent.tokens)) throw fault('`spent` is no amount')
  if (!areSessions(tried) || !areSessions(failed)) throw fault('`tried` and `failed` name no sessions')
  if (forgivenEpoch !== undefined && !isCount(forgivenEpoch)) throw fault('`forgivenEpoch` is no count')
  const forgiven = forgivenEpoch === undefined ? {} : { forgivenEpoch }
  return { spent: { microUsd: spent.microUsd, tokens: spent.tokens }, tried, failed, ...forgiven }
}

function areSessions(value: unknown): value is SessionName[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && isSessionName(name))
}

function toSaid(said: unknown, fault: Fault): NonNullable<TaskState['said']> {
  if (isRecord(said) && isWord(said.status) && isOid(said.commit)) return { status: said.status, commit: said.commit }
  throw fault('`said` is no word with a commit')
}

const DONE_TEXTS: readonly (readonly [keyof DoneRecord, number])[] = [
  ['name', 200],
  ['branch', 300],
  ['reference', 1000],
  ['note', 500],
]

function toDone(done: unknown, fault: Fault): DoneRecord {
  const { by, at, costUsd } = isRecord(done) ? done : {}
  if (!isRecord(done) || typeof by !== 'string' || (by !== 'person' && !isSessionName(by)) || !isAmount(at))
    throw fault('`done` does not say who and when')
  if (costUsd !== undefined && !isAmount(costUsd)) throw fault('`costUsd` is no amount')
  const texts = DONE_TEXTS.flatMap(([name, limit]) => {
    const found = done[name]
    if (found !== undefined && typeof found !== 'string') throw fault(`\`${name}\` is no text`)
    return found === undefined ? [] : [[name, found.slice(0, limit)] as const]
  })
  return {
    by: by as DoneRecord['by'],
    at,
    ...Object.fromEntries(texts),
    ...toOid('commit', done.commit, fault),
    ...toOid('seal', done.seal, fault),
    ...(costUsd === undefined ? {} : { costUsd }),
  }
}

/** `{[name]: value}`, or nothing where there is no value. */
function toOid<Name extends string>(name: Name, value: unknown, fault: Fault): { readonly [name in Name]?: ObjectId } {
  if (value === undefined) return {}
  if (!isOid(value)) throw fault(`\`${name}\` is no object id`)
  return { [name]: value } as { readonly [name in Name]?: ObjectId }
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

function isKey(value: unknown): value is TaskKey {
  return typeof value === 'string' && isTaskKey(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
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

function broken(
  { file, number }: { readonly file: string; readonly number: number },
  what: string,
  cause?: unknown,
): IfBoardError {
  return new IfBoardError('state/invalid', `the state of the board cannot be read: ${what}`, {
    place: { file, line: number, column: 1 },
    hint: 'State files are written by folds alone; revert the commit that changed this file by hand',
    cause,
  })
}
