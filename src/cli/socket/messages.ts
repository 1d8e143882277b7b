/**
 * What a command and the watcher say to each other: one JSON object a line. docs/socket.md has the states.
 *
 * Both ends are the same build, so a line that is not one of these is no older form but an accident, and ends the talk.
 */

/** From the command. `go`: it still waits for the answer; `stop`: its user typed Ctrl-C. */
export type FromCommand = ({ readonly kind: 'ask' } & Ask) | { readonly kind: 'go' } | { readonly kind: 'stop' }

export interface Ask {
  readonly build: string
  /** What was typed behind `if-board`. */
  readonly words: readonly string[]
  readonly cwd: string
  /** Who asks, and how it wants to be answered: `variables.ts` has the names. */
  readonly variables: Readonly<Record<string, string>>
  /** Digest of what else of its environment steers git and the program. */
  readonly steering: string
  readonly terminal: boolean
  readonly color: boolean
  readonly columns: number | null
  readonly rows: number | null
  /** When its process started, milliseconds since 1970. */
  readonly startedAt: number
  /** All of its standard input, for a hook; base64. */
  readonly input: string | null
}

export type Said = readonly [stream: 'data' | 'talk', text: string]

export type FromWatcher =
  /** Nothing was done: do it yourself. */
  | { readonly kind: 'declined' }
  /** Say `go`, and it begins. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'beat' }
  /** This task is what the command ends; said before it does, so that a repetition means the same one. */
  | { readonly kind: 'about'; readonly task: string }
  | { readonly kind: 'ended'; readonly status: number; readonly said: readonly Said[] }
  /** It may have been done: do it yourself, again. */
  | { readonly kind: 'given-up' }

/** A hook's input is at most 1 MiB, in base64; all else is short. */
export const MAX_LINE_BYTES = 2 << 20

/** Without a word of the other end for this long, a command does its work itself. */
export const SILENCE_MS = 1_000
/** Nothing was begun yet: there is nothing to wait for. */
export const FIRST_ANSWER_MS = 500
/** What the watcher allows itself of `SILENCE_MS`: beyond it, no move is begun any more. */
export const HOLD_MS = 500
export const BEAT_EVERY_MS = 100

export function lineOf(message: FromCommand | FromWatcher): string {
  return `${JSON.stringify(message)}\n`
}

/**
 * Lines out of pieces as they come; the longest is `MAX_LINE_BYTES`. Answers `false` for one that is longer: nothing
 * that comes behind it is understood.
 */
export function lineReader(each: (line: string) => void): (piece: Buffer) => boolean {
  let waiting: Buffer[] = []
  let bytes = 0
  return (piece) => {
    let from = 0
    for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, from)) {
      const line = Buffer.concat([...waiting, piece.subarray(from, end)])
      if (line.length > MAX_LINE_BYTES) return false
      waiting = []
      bytes = 0
      from = end + 1
      each(line.toString('utf8'))
    }
    const rest = piece.subarray(from)
    if (rest.length > 0) waiting.push(rest)
    bytes += rest.length
    return bytes <= MAX_LINE_BYTES
  }
}

/** `undefined`: not a message of a command. */
export function fromCommand(line: string): FromCommand | undefined {
  const value = parse(line)
  if (value?.kind === 'go' || value?.kind === 'stop') return { kind: value.kind }
  return value?.kind === 'ask' && isAsk(value) ? { ...value, kind: 'ask' } : undefined
}

/** `undefined`: not a message of a watcher. */
export function fromWatcher(line: string): FromWatcher | undefined {
  const value = parse(line)
  switch (value?.kind) {
    case 'declined':
    case 'taken':
    case 'beat':
    case 'given-up':
      return { kind: value.kind }
    case 'about':
      return typeof value.task === 'string' ? { kind: 'about', task: value.task } : undefined
    case 'ended':
      return isEnded(value) ? { kind: 'ended', status: value.status, said: value.said } : undefined
    default:
      return undefined
  }
}

type Fields<T> = { readonly [K in keyof T]?: unknown } & { readonly kind?: unknown }

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isAsk(value: Fields<Ask>): value is Ask & { readonly kind: 'ask' } {
  const { build, words, cwd, variables, steering, terminal, color, columns, rows, startedAt, input } = value
  const texts = [build, cwd, steering]
  return (
    texts.every(isText) &&
    Array.isArray(words) &&
    words.every(isText) &&
    typeof variables === 'object' &&
    variables !== null &&
    Object.values(variables).every(isText) &&
    typeof terminal === 'boolean' &&
    typeof color === 'boolean' &&
    [columns, rows].every((size) => size === null || Number.isSafeInteger(size)) &&
    Number.isFinite(startedAt) &&
    (input === null || isText(input))
  )
}

function isEnded(value: Fields<{ status: number; said: readonly Said[] }>): value is {
  readonly kind: 'ended'
  readonly status: number
  readonly said: readonly Said[]
} {
  const { status, said } = value
  const isSaid = (one: unknown) =>
    Array.isArray(one) && one.length === 2 && (one[0] === 'data' || one[0] === 'talk') && isText(one[1])
  return Number.isSafeInteger(status) && Array.isArray(said) && said.every(isSaid)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
