/**
 * A command that a watcher of this clone answers; loaded only where one left its note.
 *
 * Whatever is not as it should be ends in "do it yourself", within a second after the last sign of the watcher. Nothing
 * is printed before all is answered, so a command that was cut off and done again is printed once.
 */
import { statSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { PassThrough } from 'node:stream'
import { isatty } from 'node:tty'
import { ownBuild } from './build.ts'
import {
  type Ask,
  FIRST_ANSWER_MS,
  type FromWatcher,
  fromWatcher,
  lineOf,
  lineReader,
  type Said,
  SILENCE_MS,
} from './messages.ts'
import { parseNote } from './note.ts'
import { steeringDigest, takenFrom } from './variables.ts'

type Outcome =
  | { readonly kind: 'ended'; readonly status: number; readonly said: readonly Said[] }
  /** `task`: what a command that may have been carried out was about. */
  | { readonly kind: 'own'; readonly task: string | undefined }

/** As `main.ts` has them: a second signal ends at once, the first lets the command stop by itself, for a moment. */
const INTERRUPTED = 130
const STOP_PATIENCE_MS = 150

const INPUT_PATIENCE_MS = 1_000
const MAX_INPUT_BYTES = 1 << 20

/** `true`: it was answered, and this process ends. `false`: what was typed is still to be done, by this process. */
export async function askWatcher(text: string): Promise<boolean> {
  const note = parseNote(text)
  const build = ownBuild()
  if (note === undefined || build === undefined || note.build !== build || !isOurs(note.path)) return false
  const input = process.argv[2] === 'hook' ? await takeInput() : null
  if (input === undefined) return false
  const outcome = await talk(note.path, askOf(build, input))
  if (outcome.kind === 'ended') {
    print(outcome.said, outcome.status)
    return true
  }
  if (outcome.task !== undefined) nameTask(outcome.task)
  return false
}

/**
 * A socket is believed only in a folder that nobody else can put one into: what it answers is shown to a session.
 * On Windows the name of the pipe is random, and known from the note alone.
 */
function isOurs(path: string): boolean {
  if (process.getuid === undefined) return true
  const folder = statSync(dirname(path), { throwIfNoEntry: false })
  return folder !== undefined && folder.uid === process.getuid() && (folder.mode & 0o077) === 0
}

function askOf(build: string, input: string | null): Ask {
  const terminal = isatty(1)
  return {
    build,
    words: process.argv.slice(2),
    cwd: process.cwd(),
    variables: takenFrom(process.env),
    steering: steeringDigest(process.env),
    terminal,
    color: terminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    columns: terminal ? (process.stdout.columns ?? null) : null,
    rows: terminal ? (process.stdout.rows ?? null) : null,
    startedAt: Math.round(performance.timeOrigin),
    input,
  }
}

function talk(path: string, ask: Ask): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let task: string | undefined
    let silence: NodeJS.Timeout | undefined
    const end = (outcome: Outcome) => {
      clearTimeout(silence)
      unhear()
      socket.destroy()
      resolve(outcome)
    }
    const own = () => end({ kind: 'own', task })
    let words = 0
    /** After a stop of this process, words may wait that came in time: they are read before it gives up. */
    const unlessHeard = (before: number) => setImmediate(() => words === before && own())
    const within = (ms: number) => {
      clearTimeout(silence)
      silence = setTimeout(unlessHeard, ms, words)
    }
    const unhear = onSignals(() => socket.write(lineOf({ kind: 'stop' })))
    const hear = (message: FromWatcher | undefined) => {
      switch (message?.kind) {
        case 'taken':
          return void socket.write(lineOf({ kind: 'go' }))
        case 'beat':
          return
        case 'about':
          task = message.task
          return
        case 'ended':
          return end(message)
        default:
          return own()
      }
    }
    const read = lineReader((line) => hear(fromWatcher(line)))
    within(FIRST_ANSWER_MS)
    socket.on('data', (piece) => {
      words += 1
      within(SILENCE_MS)
      return read(piece) || own()
    })
    socket.on('error', own)
    socket.on('close', own)
    socket.write(lineOf({ kind: 'ask', ...ask }))
  })
}

/** Answers how to hear them no more: a command that does its work itself has its own way with them. */
function onSignals(first: () => void): () => void {
  let heard = false
  const hear = () => {
    if (heard) process.exit(INTERRUPTED)
    heard = true
    first()
    setTimeout(() => process.exit(INTERRUPTED), STOP_PATIENCE_MS)
  }
  process.on('SIGINT', hear).on('SIGTERM', hear)
  return () => void process.off('SIGINT', hear).off('SIGTERM', hear)
}

/**
 * All that a hook is told, in base64. What was read is given back to `process.stdin`, for the case that this process
 * does the work itself; `undefined`: it is longer, or comes later, than any tool's.
 */
async function takeInput(): Promise<string | undefined> {
  const stdin = process.stdin
  const chunks: Buffer[] = []
  let bytes = 0
  let settle: (whole: boolean) => void = () => undefined
  const whole = new Promise<boolean>((resolve) => {
    settle = resolve
  })
  const take = (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_INPUT_BYTES) settle(false)
  }
  const over = () => settle(true)
  const timer = setTimeout(() => settle(false), INPUT_PATIENCE_MS)
  stdin.on('data', take).on('end', over).on('error', over)
  const isWhole = await whole
  clearTimeout(timer)
  stdin.off('data', take).off('end', over)
  const again = new PassThrough()
  for (const chunk of chunks) again.write(chunk)
  if (isWhole) again.end()
  else stdin.pipe(again)
  Object.defineProperty(process, 'stdin', { value: again, configurable: true })
  return isWhole ? Buffer.concat(chunks).toString('base64') : undefined
}

/** `done` without an id meant the task that was held then: done again, it must not mean one that was taken since. */
function nameTask(task: string): void {
  if (!process.argv.includes('--')) process.argv.push('--')
  process.argv.push(task)
}

function print(said: readonly Said[], status: number): void {
  process.exitCode = status
  const endQuietly = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(status)
    throw error
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endQuietly)
  for (const [stream, text] of said) (stream === 'data' ? process.stdout : process.stderr).write(text)
}
