/** One process, from its start until nothing of it is left. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CommandLimits, CommandOutcome } from '../../ports/index.ts'
import { killGroup } from '../process/kill-group.ts'
import { killMarked } from '../process/marked.ts'
import { watchMemory } from '../process/memory-watch.ts'
import { STATUS_DESCRIPTOR } from './command-line.ts'

export interface ProcessRun {
  readonly command: readonly [string, ...string[]]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly limits: CommandLimits
  readonly stop: AbortSignal
  /** `NAME=value` in its environment, to find what left its group; `undefined` inside bwrap, which leaves nothing. */
  readonly mark: string | undefined
}

export interface ProcessEnd {
  readonly outcome: CommandOutcome
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** What was written to a pipe by then is read; what holds a pipe open longer than this is not waited for. */
const PATIENCE_MS = 500
/** More than bwrap ever says. */
const MAX_STATUS_BYTES = 64 * 1024

export async function runProcess(run: ProcessRun): Promise<ProcessEnd> {
  const { command, folder, environment, limits, mark } = run
  const [program, ...args] = command
  const isInBwrap = mark === undefined
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...(isInBwrap ? (['pipe'] as const) : [])]
  const child = spawn(program, args, {
    cwd: folder,
    env: environment,
    stdio,
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const output = new Output(limits.outputBytes)
  const early = endEarly(child, run, output)
  const status = isInBwrap ? collect(child.stdio[STATUS_DESCRIPTOR] as Readable) : undefined
  const gone = goneOf(child)
  const closed = closeOf(child)
  const first = await Promise.race([gone, early.ended])
  early.stop()
  killGroup(child)
  if (mark !== undefined) killMarked(mark)
  await within(PATIENCE_MS, closed)
  for (const stream of child.stdio) stream?.destroy()
  const outcome = 'kind' in first ? first : outcomeOf(first, status?.(), output)
  return { outcome, ...output.written() }
}

type Gone = { readonly code: number | null; readonly signal: string | null } | { readonly error: string }

function goneOf(child: ChildProcess): Promise<Gone> {
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ error: message }))
    child.on('exit', (code, signal) => resolve({ code, signal }))
  })
}

function closeOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    if (child.pid === undefined) resolve(undefined)
    child.on('close', resolve)
  })
}

async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const enough = new AbortController()
  await Promise.race([done, sleep(ms, undefined, { signal: enough.signal }).catch(() => undefined)])
  enough.abort()
}

function outcomeOf(gone: Gone, status: string | undefined, output: Output): CommandOutcome {
  if ('error' in gone) return { kind: 'unstartable', reason: gone.error }
  // bwrap tells a status only of a command that it could start.
  if (status !== undefined && !status.includes('"exit-code"')) {
    const said = new TextDecoder().decode(output.written().stderr)
    return { kind: 'unstartable', reason: said.trim().split('\n').at(-1) ?? '' }
  }
  if (gone.signal !== null) return { kind: 'signal', signal: gone.signal }
  return gone.code === 0 ? { kind: 'completed' } : { kind: 'exit', status: gone.code ?? -1 }
}

/** What ends a run from outside: its deadline, its memory, its output, whoever asked for it. */
function endEarly(child: ChildProcess, { limits, stop }: ProcessRun, output: Output) {
  let tell: (outcome: CommandOutcome) => void = () => undefined
  const ended = new Promise<CommandOutcome>((resolve) => {
    tell = resolve
  })
  const { deadlineMs, outputBytes, memoryBytes } = limits
  const timer = setTimeout(
    () => tell({ kind: 'deadline', reason: `it did not end within ${deadlineMs / 1000} s` }),
    deadlineMs,
  )
  const stopWatch = watchMemory(child.pid ?? 0, memoryBytes, (bytes) =>
    tell({ kind: 'memory', reason: `its processes have ${Math.round(bytes / 2 ** 20)} MiB` }),
  )
  const stopped = () => tell({ kind: 'stopped' })
  if (stop.aborted) stopped()
  stop.addEventListener('abort', stopped)
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.on('data', (piece: Buffer) => {
      if (!output.add(name, piece)) tell({ kind: 'output', reason: `it wrote more than ${outputBytes} bytes` })
    })
  return {
    ended,
    stop: () => {
      clearTimeout(timer)
      stopWatch()
      stop.removeEventListener('abort', stopped)
    },
  }
}

/** Both channels, up to one limit. */
class Output {
  readonly #most: number
  readonly #pieces = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  /** `false`: it was too much, and is cut. */
  add(name: 'stdout' | 'stderr', piece: Buffer): boolean {
    const room = this.#most - this.#bytes
    this.#bytes += Math.min(piece.length, room)
    if (room > 0) this.#pieces[name].push(piece.subarray(0, room))
    return piece.length <= room
  }

  written(): { readonly stdout: Uint8Array; readonly stderr: Uint8Array } {
    return { stdout: Buffer.concat(this.#pieces.stdout), stderr: Buffer.concat(this.#pieces.stderr) }
  }
}

function collect(stream: Readable): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (piece: string) => (text = (text + piece).slice(-MAX_STATUS_BYTES)))
  stream.on('error', () => undefined)
  return () => text
}
