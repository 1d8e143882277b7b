/** What every run has, whatever its code is: a world, a counter, and an end with a name. */
import {
  FUEL_EXPORT,
  type HttpHost,
  httpHost,
  REFUSED_EXPORT,
  RunEnd,
  type WasiHost,
  wasiHost,
} from '../../../chassis/index.ts'
import type { ModuleOutcome } from '../../../ports/index.ts'
import type { Order } from '../order.ts'
import { askSupervisor } from './pipe.ts'
import { seededRandom } from './seeded-random.ts'

const DESCRIPTORS = 256

export class RunState {
  readonly host: WasiHost
  readonly http: HttpHost
  readonly #fuel: number
  #exports: Readonly<Record<string, unknown>> = {}
  #stopped: { readonly end: RunEnd; readonly left: number } | undefined

  constructor(order: Order) {
    const { fuel, outputBytes, files: nodes, memoryBytes: fileBytes } = order.limits
    this.#fuel = fuel
    const charge = (units: number) => this.charge(units)
    this.http = httpHost({ charge, ask: askSupervisor })
    this.host = wasiHost({
      ...order,
      environment: new Map(order.environment),
      random: seededRandom(order.seed),
      charge,
      limits: { outputBytes, nodes, fileBytes, descriptors: DESCRIPTORS },
    })
  }

  /** The instance is there; nothing of it has run. */
  attach(exports: Readonly<Record<string, unknown>>): void {
    this.#exports = exports
    if (!(exports.memory instanceof WebAssembly.Memory)) return
    this.host.attach(exports.memory)
    this.http.attach(exports.memory)
  }

  charge(units: number): void {
    const fuel = this.#global(FUEL_EXPORT)
    if (fuel === undefined) return
    fuel.value = (fuel.value as bigint) - BigInt(Math.ceil(units))
    if (fuel.value < 0n) throw new RunEnd({ kind: 'fuel' })
  }

  /** Ends code that may catch what it is thrown: it runs into an empty counter. */
  stop(end: RunEnd): void {
    this.#stopped ??= { end, left: this.#left() }
    const fuel = this.#global(FUEL_EXPORT)
    if (fuel !== undefined) fuel.value = -1n
  }

  get usedFuel(): number {
    return this.#fuel - Math.max(this.#stopped?.left ?? this.#left(), 0)
  }

  get memoryBytes(): number {
    const { memory } = this.#exports
    return memory instanceof WebAssembly.Memory ? memory.buffer.byteLength : 0
  }

  /** @param error  what ended it; `undefined`: it returned */
  outcome(error: unknown): ModuleOutcome {
    if (this.#stopped !== undefined) return endOf(this.#stopped.end)
    if (this.#left() < 0) return outOfFuel
    if (this.#global(REFUSED_EXPORT)?.value === 1) return { kind: 'memory', reason: 'it asked for more memory' }
    return error === undefined ? { kind: 'completed' } : outcomeOf(error)
  }

  #global(name: string): WebAssembly.Global | undefined {
    const found = this.#exports[name]
    return found instanceof WebAssembly.Global ? found : undefined
  }

  #left(): number {
    return Number(this.#global(FUEL_EXPORT)?.value ?? this.#fuel)
  }
}

const outOfFuel: ModuleOutcome = { kind: 'fuel', reason: 'it used up its fuel' }

function outcomeOf(error: unknown): ModuleOutcome {
  if (error instanceof RunEnd) return endOf(error)
  if (error instanceof WebAssembly.LinkError) return { kind: 'invalid', reason: error.message }
  if (error instanceof WebAssembly.RuntimeError) return { kind: 'trap', reason: error.message }
  if (error instanceof RangeError) return rangeOutcome(error.message)
  // A function of WASI that the module declared with other types than it has.
  if (error instanceof TypeError) return { kind: 'trap', reason: 'it called a function with wrong types' }
  throw error
}

/** V8's words for a full stack, and for what it could not allocate. */
function rangeOutcome(message: string): ModuleOutcome {
  return /call stack/.test(message)
    ? { kind: 'trap', reason: 'its stack is full' }
    : { kind: 'memory', reason: message }
}

function endOf({ end }: RunEnd): ModuleOutcome {
  if (end.kind === 'exit') return end.status === 0 ? { kind: 'completed' } : { kind: 'exit', status: end.status }
  return end.kind === 'fuel' ? outOfFuel : { kind: 'output', reason: 'it wrote more than it may' }
}
