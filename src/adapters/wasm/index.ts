/**
 * The chassis on Node's own WebAssembly, in a hardened single-use process (docs/chassis.md).
 *
 * `guestFile` is the program of that process, one file that needs no other: it may read itself alone.
 */
import { realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { invariant } from '../../model/index.ts'
import {
  type Chassis,
  type ChassisLayer,
  DEFAULT_LIMITS,
  type ModuleOutcome,
  type ModuleReport,
  type ModuleRun,
} from '../../ports/index.ts'
import { findBwrap } from '../process/bwrap.ts'
import { canWatchMemory, watchMemory } from '../process/memory-watch.ts'
import { succeeds } from '../process/succeeds.ts'
import { CallDesk } from './call-desk.ts'
import { converse } from './converse.ts'
import { nodeCommand, withBwrap } from './guest-command.ts'
import { type GuestEnd, GuestProcess } from './guest-process.ts'
import { grantedFunctions, judgeRun } from './judge-run.ts'
import { orderFrame } from './order.ts'
import { readReport } from './report.ts'

export interface WasmChassisOptions {
  readonly guestFile: string
  /** QuickJS as a module, for scripts: `quickjs.wasm` of the package quickjs-wasi. */
  readonly engineFile: string
  /** Processes that are started ahead, for a program that stays; each has the default memory. */
  readonly ahead?: number
  /** `probe` uses bubblewrap where it works. */
  readonly bwrap?: 'probe' | 'off'
}

export function wasmChassis({ guestFile, engineFile, ahead = 0, bwrap = 'probe' }: WasmChassisOptions): Chassis {
  return new WasmChassis({ guestFile: realpathSync(guestFile), engineFile, ahead, bwrap })
}

/** What Node, the rewriter and compiled code may need besides the module's memory and its files: generous. */
const OWN_BYTES = 400 * 2 ** 20
const BYTES_PER_MODULE_BYTE = 16
/** Of a message: its header, beyond the output. */
const HEADER_BYTES = 1 << 20
/** `setTimeout` fires at once for anything longer (Node's timers documentation). */
const LONGEST_TIMER_MS = 2 ** 31 - 1

class WasmChassis implements Chassis {
  readonly #guestFile: string
  readonly #engineFile: string
  readonly #ahead: number
  readonly #waiting: GuestProcess[] = []
  readonly #running = new Set<(outcome: ModuleOutcome) => void>()
  readonly #bwrap: Promise<string | undefined>
  #engineBytes: Promise<Uint8Array> | undefined
  #isClosed = false

  constructor({ guestFile, engineFile, ahead, bwrap }: Required<WasmChassisOptions>) {
    this.#guestFile = guestFile
    this.#engineFile = engineFile
    this.#ahead = ahead
    this.#bwrap = bwrap === 'probe' ? workingBwrap(guestFile) : Promise.resolve(undefined)
    void this.#refill()
  }

  async run(run: ModuleRun): Promise<ModuleReport> {
    invariant(Number.isSafeInteger(run.limits.fuel) && run.limits.fuel >= 0, 'fuel is a whole number')
    const startedAt = performance.now()
    if (this.#isClosed) return without({ kind: 'stopped' }, [])
    const layers = await this.#layers()
    const missing = run.demand.filter((layer) => !layers.includes(layer))
    if (missing.length > 0) return without({ kind: 'unavailable', layers: missing }, layers)
    const refusal = judgeRun(run)
    if (refusal !== undefined) return without(refusal, layers)
    const guest = await this.#take(run.limits.memoryBytes)
    try {
      return await this.#ask(guest, run, {
        layers,
        deadlineMs: run.limits.deadlineMs - (performance.now() - startedAt),
      })
    } finally {
      await guest.end()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const stop of this.#running) stop({ kind: 'stopped' })
    await Promise.all(this.#waiting.splice(0).map((guest) => guest.end()))
  }

  async #ask(
    guest: GuestProcess,
    run: ModuleRun,
    { layers, deadlineMs }: { readonly layers: readonly ChassisLayer[]; readonly deadlineMs: number },
  ): Promise<ModuleReport> {
    if (this.#isClosed) return without({ kind: 'stopped' }, layers)
    const watch = this.#endEarly(guest, run, deadlineMs)
    const desk = run.http === undefined ? undefined : new CallDesk(run.http)
    const over = new AbortController()
    try {
      const engine = run.language === 'script' ? await this.#engine() : undefined
      const end = converse(guest, {
        order: orderFrame(run, grantedFunctions(run), engine),
        mostBytes: run.limits.outputBytes + HEADER_BYTES,
        desk,
        stop: over.signal,
      })
      const first = await Promise.race([end, watch.ended])
      const report = isOutcome(first) ? without(first, layers) : reportOf(first, run, layers)
      return { ...report, http: desk?.uses ?? [] }
    } finally {
      over.abort()
      watch.stop()
    }
  }

  #engine(): Promise<Uint8Array> {
    this.#engineBytes ??= readFile(this.#engineFile)
    return this.#engineBytes
  }

  /** What ends a run from outside: its deadline, its memory, `close`. */
  #endEarly(guest: GuestProcess, { limits, module }: ModuleRun, deadlineMs: number) {
    let tell: (outcome: ModuleOutcome) => void = () => undefined
    const ended = new Promise<ModuleOutcome>((resolve) => {
      tell = resolve
    })
    const timer = setTimeout(
      () => tell({ kind: 'deadline', reason: `it did not end within ${limits.deadlineMs} ms` }),
      Math.min(Math.max(0, deadlineMs), LONGEST_TIMER_MS),
    )
    const mostBytes = OWN_BYTES + 2 * limits.memoryBytes + BYTES_PER_MODULE_BYTE * module.length
    const stopWatch = watchMemory(guest.pid ?? 0, mostBytes, (bytes) =>
      tell({ kind: 'memory', reason: `its process has ${Math.round(bytes / 2 ** 20)} MiB` }),
    )
    this.#running.add(tell)
    const stop = () => {
      clearTimeout(timer)
      stopWatch()
      this.#running.delete(tell)
    }
    return { ended, stop }
  }

  /** A process that waits, or a new one. */
  async #take(memoryBytes: number): Promise<GuestProcess> {
    const usable = memoryBytes <= DEFAULT_LIMITS.memoryBytes
    const guest = usable ? this.#waiting.shift() : undefined
    void this.#refill()
    return guest === undefined || guest.hasEnded ? this.#start(memoryBytes) : guest
  }

  async #refill(): Promise<void> {
    const bwrap = await this.#bwrap
    while (!this.#isClosed && this.#waiting.length < this.#ahead)
      this.#waiting.push(this.#startWith(DEFAULT_LIMITS.memoryBytes, bwrap))
  }

  async #start(memoryBytes: number): Promise<GuestProcess> {
    return this.#startWith(memoryBytes, await this.#bwrap)
  }

  #startWith(memoryBytes: number, bwrap: string | undefined): GuestProcess {
    const command = this.#nodeCommand(memoryBytes)
    return new GuestProcess(bwrap === undefined ? command : withBwrap(bwrap, command, this.#guestFile))
  }

  #nodeCommand(memoryBytes: number): [string, ...string[]] {
    return nodeCommand(this.#guestFile, memoryBytes)
  }

  async #layers(): Promise<readonly ChassisLayer[]> {
    return [
      ...(['process', 'permission', 'fuel'] as const),
      ...(canWatchMemory ? (['memory-watch'] as const) : []),
      ...((await this.#bwrap) === undefined ? [] : (['bwrap'] as const)),
    ]
  }
}

/** Linux may forbid namespaces to users, and a container to anybody: only a try tells. */
async function workingBwrap(guestFile: string): Promise<string | undefined> {
  const bwrap = findBwrap(process.env.PATH)
  if (bwrap === undefined) return undefined
  return (await succeeds(withBwrap(bwrap, [process.execPath, '--version'], guestFile))) ? bwrap : undefined
}

function isOutcome(end: GuestEnd | ModuleOutcome): end is ModuleOutcome {
  return typeof end === 'object' && 'kind' in end
}

function reportOf(end: GuestEnd, run: ModuleRun, layers: readonly ChassisLayer[]): ModuleReport {
  if ('broken' in end) return without({ kind: 'crashed', reason: end.broken }, layers)
  if ('gone' in end) return without({ kind: 'crashed', reason: `its process ended: ${end.gone}` }, layers)
  const report = readReport(end, run)
  if (report === undefined)
    return without({ kind: 'crashed', reason: 'its process gave an answer that is none' }, layers)
  const { permission, ...rest } = report
  return { ...rest, http: [], layers: permission ? layers : layers.filter((layer) => layer !== 'permission') }
}

function without(outcome: ModuleOutcome, layers: readonly ChassisLayer[]): ModuleReport {
  const nothing = new Uint8Array(0)
  return {
    outcome,
    layers,
    fuel: undefined,
    memoryBytes: undefined,
    stdout: nothing,
    stderr: nothing,
    outputs: new Map(),
    http: [],
  }
}
