/** The keys of the configuration, the values they take, and the defaults of those left out. */
import { type Config, isSessionName, printable, type SessionName } from '../model/index.ts'

export const MAX_PAUSE_REASON = 500

type Draft = { -readonly [Key in keyof Config]?: Config[Key] }
/** Takes a value into the draft, or says what it should have been. */
type Setter = (draft: Draft, value: unknown) => string | undefined

const SETTERS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['boards', texts('boards')],
  ['boardId', boardId],
  ['authority', oneOf('authority', ['remote', 'local'])],
  ['refs', oneOf('refs', ['custom', 'heads'])],
  ['leaseMinutes', count('leaseMinutes', 1, 7 * 24 * 60)],
  ['fold.every', count('foldEverySeconds', 1, 24 * 60 * 60)],
  ['doneWhen', oneOf('doneWhen', ['reported', 'merged'])],
  ['baseBranch', branch],
  ['maxTasks', count('maxTasks', 1, 1000)],
  ['maxClaims', count('maxClaims', 1, 100_000)],
  ['doNotTouch', texts('doNotTouch')],
  ['pausedSessions', pausedSessions],
  ['fast.endpoints', endpoints],
  ['implicit', oneOf('implicit', ['phase'])],
])

/** Collects values by key; `null` (a key without a value) counts as left out. */
export class Settings {
  readonly #draft: Draft = {}
  readonly #seen = new Set<string>()

  knows(name: string): boolean {
    return SETTERS.has(name)
  }

  /** What is wrong with the value, `undefined` when it was taken. */
  set(name: string, value: unknown): string | undefined {
    if (value === null) return undefined
    this.#seen.add(name)
    return SETTERS.get(name)?.(this.#draft, value)
  }

  /** What must be there and is not. */
  missing(): string[] {
    const messages: string[] = []
    if (!this.#seen.has('boards')) messages.push('`boards` is missing: a list of patterns such as `TASK-BOARD.md`')
    if (!this.#seen.has('boardId')) messages.push('`boardId` is missing: 32 hexadecimal digits')
    if (this.#draft.doneWhen === 'merged' && !this.#seen.has('baseBranch'))
      messages.push('`doneWhen: merged` needs `baseBranch`')
    return messages
  }

  config(): Config {
    const draft = this.#draft
    const authority = draft.authority ?? 'remote'
    return {
      boards: draft.boards ?? [],
      boardId: draft.boardId ?? '',
      authority,
      refs: draft.refs ?? 'custom',
      leaseMinutes: draft.leaseMinutes ?? 30,
      foldEverySeconds: draft.foldEverySeconds ?? (authority === 'local' ? 5 : 30),
      doneWhen: draft.doneWhen ?? 'reported',
      baseBranch: draft.baseBranch,
      maxTasks: draft.maxTasks ?? 1,
      maxClaims: draft.maxClaims,
      pausedSessions: draft.pausedSessions ?? new Map(),
      doNotTouch: draft.doNotTouch ?? [],
      ...(draft.fastEndpoints === undefined ? {} : { fastEndpoints: draft.fastEndpoints }),
      ...(draft.implicit === undefined ? {} : { implicit: draft.implicit }),
    }
  }
}

function texts(key: 'boards' | 'doNotTouch'): Setter {
  return (draft, value) => {
    const items = Array.isArray(value) ? value : undefined
    if (items === undefined || items.length > 1000 || !items.every((item) => typeof item === 'string' && item !== ''))
      return 'expected a list of texts'
    draft[key] = items.map((item: string) => printable(item))
    return undefined
  }
}

/** A user or a password in an address would be read by everybody who reads the board. */
function endpoints(draft: Draft, value: unknown): string | undefined {
  const isAddress = (item: unknown) => typeof item === 'string' && /^https?:\/\/[^\s@/]{1,300}\/?$/.test(item)
  if (!Array.isArray(value) || value.length === 0 || value.length > 16 || !value.every(isAddress))
    return 'expected a list of addresses such as https://etcd.example:2379, without a user in them'
  draft.fastEndpoints = value
  return undefined
}

function boardId(draft: Draft, value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[0-9a-f]{32}$/.test(value)) return 'expected 32 hexadecimal digits in quotes'
  draft.boardId = value
  return undefined
}

function branch(draft: Draft, value: unknown): string | undefined {
  const bad =
    typeof value !== 'string' || !/^[^\u0000-\u0020\u007f~^:?*[\\-][^\u0000-\u0020\u007f~^:?*[\\]{0,254}$/.test(value)
  if (bad || value.includes('..') || value.includes('@{')) return 'expected the name of a branch'
  draft.baseBranch = value
  return undefined
}

function oneOf<Key extends 'authority' | 'refs' | 'doneWhen' | 'implicit'>(
  key: Key,
  words: readonly NonNullable<Draft[Key]>[],
): Setter {
  return (draft, value) => {
    const word = words.find((each) => each === value)
    if (word === undefined) return `expected ${words.map((each) => `\`${each}\``).join(' or ')}`
    draft[key] = word
    return undefined
  }
}

function count(key: 'leaseMinutes' | 'foldEverySeconds' | 'maxTasks' | 'maxClaims', from: number, to: number): Setter {
  return (draft, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to)
      return `expected a whole number from ${from} to ${to}`
    draft[key] = value
    return undefined
  }
}

function pausedSessions(draft: Draft, value: unknown): string | undefined {
  if (!(value instanceof Map)) return 'expected lines `session: reason`'
  const sessions = new Map<SessionName, string>()
  for (const [name, reason] of value) {
    if (typeof name !== 'string' || !isSessionName(name))
      return `\`${printable(String(name), 40)}\` is not a session name`
    if (reason !== null && typeof reason !== 'string') return `the reason of \`${name}\` is a text`
    sessions.set(name, printable(reason ?? '', MAX_PAUSE_REASON))
  }
  draft.pausedSessions = sessions
  return undefined
}
