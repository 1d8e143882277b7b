/**
 * Runs a command of this machine that was allowed already, once, and says how it ended (docs/executor.md).
 *
 * ```text
 * asked ─▶ pinned ─▶ layered ─▶ running ─▶ completed · exit · signal
 *            │          │          └────▶ deadline · output · memory · stopped
 *            │          └───────────────▶ unavailable · unstartable
 *            └──────────────────────────▶ denied
 * ```
 *
 * An adapter must give:
 *
 * 1. No shell, ever: the program gets the words as they are. `run` never rejects for what a command does.
 * 2. What is started is the file that was pinned, or nothing. Folder and paths are inside the work tree, links followed,
 *    when they are looked at, just before.
 * 3. Its environment is what the request names and what docs/executor.md lists, and nothing of this process.
 * 4. When the promise settles, nothing of the run is left, as far as the layers reach that the report names; home and
 *    temporary folder are gone.
 * 5. `deadlineMs` counts from the start; the promise settles at most two seconds after it.
 * 6. A layer that was demanded and is not there ends the run before anything is started.
 *
 * `test/adapters/executor/` attacks it.
 */
import type { ExecutorLayer } from '../model/index.ts'

export interface Executor {
  /** Which file a program is here now. @throws IfBoardError `executor/cannot-pin` */
  find(program: string, workTree: string): Promise<ProgramPin>
  /** What can be had on this machine. */
  layers(): Promise<readonly ExecutorLayer[]>
  run(run: CommandRun): Promise<CommandReport>
}

/** Which file a program is. */
export interface ProgramPin {
  /** Its name. */
  readonly program: string
  /** Absolute: as it was found, and without symbolic links. Programs look at the name by which they were called. */
  readonly path: string
  readonly realPath: string
  /** Of the file's bytes, 64 hex digits. */
  readonly sha256: string
  /** What the system says of the file without reading it, where that is enough to know its bytes. */
  readonly state?: string
}

export interface CommandRun {
  readonly pin: ProgramPin
  /** Behind the program's name. */
  readonly args: readonly string[]
  /** Absolute. */
  readonly folder: string
  readonly tree: WorkTree
  /** Words among `args` that have to lead to files inside the work tree. */
  readonly paths: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  /** Layers without which it must not run. */
  readonly demand: readonly ExecutorLayer[]
  readonly network: 'none' | 'host'
  /** Absolute, or `~/…`: what it can read inside bwrap beside the system's folders. */
  readonly reads: readonly string[]
  readonly writes: 'workTree' | 'nothing'
  readonly limits: CommandLimits
  readonly stop: AbortSignal
}

export interface WorkTree {
  /** Absolute. */
  readonly root: string
  /** What git keeps of it, absolute: read-only inside bwrap. */
  readonly gitFolders: readonly string[]
  /** Not there at all inside bwrap: keys of sessions. */
  readonly hidden: readonly string[]
}

export interface CommandLimits {
  readonly deadlineMs: number
  /** Standard output and standard error together. */
  readonly outputBytes: number
  readonly memoryBytes: number
}

/** Reasons are for `printable`. */
export type CommandOutcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'exit'; readonly status: number }
  /** A signal ended it that was not the executor's. Inside bwrap that is `exit` with 128 and its number (bwrap(1)). */
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'deadline' | 'output' | 'memory'; readonly reason: string }
  | { readonly kind: 'denied'; readonly rule: DenialRule; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly layers: readonly ExecutorLayer[] }
  | { readonly kind: 'unstartable'; readonly reason: string }
  | { readonly kind: 'stopped' }

export type DenialRule = 'folder' | 'path' | 'pin'

export interface CommandReport {
  readonly outcome: CommandOutcome
  readonly layers: readonly ExecutorLayer[]
  readonly ms: number
  /** What it wrote, as far as the limit goes; a program chose it. */
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** Which files the granted programs are, as a person pinned them in this clone. */
export interface CommandPins {
  /** By the name of the grant. @throws IfBoardError `executor/pins-unreadable`, also where others may write them */
  read(): Promise<ReadonlyMap<string, ProgramPin>>
  write(pins: ReadonlyMap<string, ProgramPin>): Promise<void>
}
