import type { HttpGrant, HttpUse, RunLayer, RunLimits } from '../model/index.ts'
import type { Egress } from './egress.ts'

/**
 * Runs a module that nobody trusts, once, and says how it ended.
 *
 * A run is one way through these states; every end has a name:
 *
 * ```text
 * asked ─▶ judged ─▶ booted ─▶ compiled ─▶ running ─▶ completed · exit
 *            │          │          │           └────▶ fuel · memory · output · trap
 *            │          │          └────────────────▶ invalid · denied · memory
 *            │          └───────────────────────────▶ unavailable
 *            └──────────────────────────────────────▶ denied
 *                    any of them ───────────────────▶ deadline · memory · crashed · stopped
 * ```
 *
 * An adapter must give:
 *
 * 1. `run` never rejects for what a module, an input or a declaration does: that is an outcome.
 * 2. The module reads its arguments, environment, standard input, inputs, seed and clock, and nothing else of this
 *    machine; it changes nothing. Outputs are those regular files that were declared, taken only from a run that ended
 *    by itself.
 * 3. When the promise settles, nothing of the run is left: no process, no file.
 * 4. `deadlineMs` counts from the call, compiling included; the promise settles at most a second after it.
 * 5. The same request ends in the same outcome with the same fuel and the same bytes, unless the outcome is `deadline`,
 *    `crashed` or `stopped`, the stack overflows, NaN bits are looked at, or a service was asked.
 * 6. A layer that was demanded and is not there ends the run before the module is looked at.
 * 7. The module asks services by `http.egress` alone, one after the other, those that were granted and as often; what it
 *    asks beyond that is denied. It never sees by what it is let through.
 *
 * `test/adapters/wasm/` attacks it.
 */
export interface Chassis {
  run(request: ModuleRun): Promise<ModuleReport>
  /** Ends what was started ahead; runs under way end `stopped`. */
  close(): Promise<void>
}

export interface ModuleRun {
  /** `wasm`: a command of WASI preview 1. `script`: JavaScript in UTF-8, which sees what docs/chassis.md lists. */
  readonly language?: 'wasm' | 'script'
  readonly module: Uint8Array
  /** SHA-256 of the module or script that was granted, 64 hex digits. */
  readonly sha256: string
  /** Functions of WASI preview 1 that were granted; `undefined`: all that there are. */
  readonly imports?: ReadonlySet<string>
  /** Functions of other modules that were granted as a number that they always answer, each as `module.name`. */
  readonly answers?: ReadonlyMap<string, number>
  /** The first is the name by which the module is called. */
  readonly args: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly stdin: Uint8Array
  readonly inputs: readonly ModuleInput[]
  /** Paths of files that the module may give back. */
  readonly outputs: readonly string[]
  /** The name by which the module finds its folder: `/` for a program that opens paths. */
  readonly folder?: string
  /** Any text; chance is made of it. */
  readonly seed: string
  /** Milliseconds since 1970 that the module's clock begins with; it moves when the module sleeps. */
  readonly clockMs: number
  readonly limits: RunLimits
  /** Layers without which the module must not run. */
  readonly demand: readonly ChassisLayer[]
  /** Services that it may ask; left out: none, and it has no way to ask. */
  readonly http?: ModuleHttp | undefined
}

export interface ModuleHttp extends HttpGrant {
  readonly egress: Egress
}

/** A file as a git tree names it. */
export interface ModuleInput {
  readonly path: string
  /** Octal, as git writes it; only regular files, `100644` and `100755`, are let in. */
  readonly mode: string
  readonly bytes: Uint8Array
}

export type { RunLimits } from '../model/job.ts'

export const DEFAULT_LIMITS: RunLimits = {
  memoryBytes: 256 * 2 ** 20,
  fuel: 1e9,
  deadlineMs: 30_000,
  outputBytes: 2 ** 20,
  files: 256,
  moduleBytes: 16 * 2 ** 20,
}

/**
 * What stands between a module and this machine.
 *
 * - `process`: a single-use process with an empty environment, in a group of its own.
 * - `permission`: Node's permission model without files, programs, addons (the grant of its own program excepted).
 * - `fuel`: the counter in the module's code, and its limits of memory and tables.
 * - `memory-watch`: the process is ended when its resident memory goes beyond what the limits explain.
 * - `bwrap`: namespaces of Linux without network and without the user's files.
 */
export type ChassisLayer = RunLayer

export type ModuleOutcome =
  /** `_start` returned, or exit status 0. */
  | { readonly kind: 'completed' }
  /** Another exit status; 32 bits, unsigned. */
  | { readonly kind: 'exit'; readonly status: number }
  /** What was granted is used up. */
  | { readonly kind: 'fuel' | 'deadline' | 'memory' | 'output'; readonly reason: string }
  /** It did what the specification ends: unreachable, a bad address, a division by zero, a stack that is full. */
  | { readonly kind: 'trap'; readonly reason: string }
  /** No module that is understood. */
  | { readonly kind: 'invalid'; readonly reason: string }
  /** Not what was granted: another module, another import, a path that leads elsewhere. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** A layer that was demanded cannot be had here. */
  | { readonly kind: 'unavailable'; readonly layers: readonly ChassisLayer[] }
  /** The process ended without an answer, or with one that is none. */
  | { readonly kind: 'crashed'; readonly reason: string }
  | { readonly kind: 'stopped' }

/** Texts in it are for `printable`: a module chose some of them. */
export interface ModuleReport {
  readonly outcome: ModuleOutcome
  readonly layers: readonly ChassisLayer[]
  /** Units that were used; `undefined` when the process gave no answer. */
  readonly fuel: number | undefined
  /** The module's memory when it ended, which is also its largest: it never shrinks. */
  readonly memoryBytes: number | undefined
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** By declared path; SHA-256 of the bytes. */
  readonly outputs: ReadonlyMap<string, ModuleOutput>
  /** What it asked of services, as its supervisor counted it; a run that asked cannot be repeated. */
  readonly http: readonly HttpUse[]
}

export interface ModuleOutput {
  readonly bytes: Uint8Array
  readonly sha256: string
}
