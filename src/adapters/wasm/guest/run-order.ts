/** One order to its end: judged, rewritten, compiled, run, reported. */
import {
  FUEL_EXPORT,
  fileAt,
  REFUSED_EXPORT,
  RunEnd,
  rewriteModule,
  START_EXPORT,
  WASI_MODULE,
  type WasiHost,
  wasiHost,
} from '../../../chassis/index.ts'
import type { ModuleOutcome } from '../../../ports/index.ts'
import type { Frame } from '../frame.ts'
import type { Order } from '../order.ts'
import { hasPermissionModel } from './inside.ts'
import { seededRandom } from './seeded-random.ts'

const PAGE_BYTES = 65_536
const TABLE_ELEMENTS = 1_000_000
const DESCRIPTORS = 256

/** Never rejects for what a module does. */
export async function runOrder(order: Order): Promise<Frame> {
  const permission = hasPermissionModel()
  if (order.demand.includes('permission') && !permission)
    return refusal({ kind: 'unavailable', layers: ['permission'] }, permission)
  const { memoryBytes } = order.limits
  const rewritten = rewriteModule(order.module, {
    granted: new Set([
      ...order.granted.map((name) => `${WASI_MODULE}.${name}`),
      ...order.answers.map(([name]) => name),
    ]),
    memoryPages: Math.floor(memoryBytes / PAGE_BYTES),
    tableElements: TABLE_ELEMENTS,
    validate: (module) => WebAssembly.validate(module),
  })
  if (rewritten.kind !== 'rewritten') return refusal(rewritten, permission)
  const module = await WebAssembly.compile(rewritten.module)
  if (!WebAssembly.Module.exports(module).some(({ name, kind }) => name === '_start' && kind === 'function'))
    return refusal({ kind: 'invalid', reason: 'it exports no function `_start`' }, permission)
  return report(order, new Run(order, module).toEnd(), permission)
}

function refusal(outcome: ModuleOutcome, permission: boolean): Frame {
  return { header: { outcome, permission, outputs: [] }, parts: [new Uint8Array(0), new Uint8Array(0)] }
}

interface Ended {
  readonly outcome: ModuleOutcome
  readonly fuel: number
  readonly memoryBytes: number
  readonly host: WasiHost
}

function report({ outputs, limits }: Order, { outcome, fuel, memoryBytes, host }: Ended, permission: boolean): Frame {
  const { stdout, stderr } = host.streams
  const endedItself = outcome.kind === 'completed' || outcome.kind === 'exit'
  const found = endedItself
    ? outputs.flatMap((path) => {
        const bytes = fileAt(host.root, path)
        return bytes === undefined ? [] : [{ path, bytes }]
      })
    : []
  const whole = found.reduce((sum, { bytes }) => sum + bytes.length, stdout.length + stderr.length)
  const isTooMuch = whole > limits.outputBytes
  const given = isTooMuch ? [] : found
  return {
    header: {
      outcome: isTooMuch ? { kind: 'output', reason: `its outputs have ${whole} bytes` } : outcome,
      permission,
      fuel,
      memoryBytes,
      outputs: given.map(({ path }) => path),
    },
    parts: [stdout.whole(), stderr.whole(), ...given.map(({ bytes }) => bytes)],
  }
}

class Run {
  readonly #order: Order
  readonly #module: WebAssembly.Module
  readonly #host: WasiHost
  #exports: Record<string, unknown> = {}

  constructor(order: Order, module: WebAssembly.Module) {
    this.#order = order
    this.#module = module
    this.#host = wasiHost({
      ...order,
      environment: new Map(order.environment),
      random: seededRandom(order.seed),
      charge: (units) => this.#charge(units),
      limits: {
        outputBytes: order.limits.outputBytes,
        nodes: order.limits.files,
        fileBytes: order.limits.memoryBytes,
        descriptors: DESCRIPTORS,
      },
    })
  }

  toEnd(): Ended {
    const outcome = this.#outcome()
    const memory = this.#exports.memory
    return {
      outcome,
      fuel: this.#order.limits.fuel - Math.max(this.#left(), 0),
      memoryBytes: memory instanceof WebAssembly.Memory ? memory.buffer.byteLength : 0,
      host: this.#host,
    }
  }

  #outcome(): ModuleOutcome {
    try {
      this.#run()
      return this.#left() < 0 ? outOfFuel : { kind: 'completed' }
    } catch (error) {
      if (this.#left() < 0) return outOfFuel
      if (this.#global(REFUSED_EXPORT)?.value === 1) return { kind: 'memory', reason: 'it asked for more memory' }
      return outcomeOf(error)
    }
  }

  /** Nothing of the module has run before its counter is filled. */
  #run(): void {
    this.#exports = new WebAssembly.Instance(this.#module, this.#imports()).exports
    const { memory } = this.#exports
    if (memory instanceof WebAssembly.Memory) this.#host.attach(memory)
    const fuel = this.#global(FUEL_EXPORT)
    if (fuel !== undefined) fuel.value = BigInt(this.#order.limits.fuel)
    for (const name of [START_EXPORT, '_start']) {
      const start = this.#exports[name]
      if (typeof start === 'function') start()
    }
  }

  /** Only what was granted, whatever was checked before. */
  #imports(): Record<string, Record<string, unknown>> {
    const { granted, answers } = this.#order
    const wasi = granted.map((name) => [name, this.#host.functions.get(name)] as const)
    const modules = new Map<string, [string, unknown][]>([[WASI_MODULE, wasi.map(([name, work]) => [name, work])]])
    for (const [name, answer] of answers) {
      const dot = name.indexOf('.')
      const module = name.slice(0, dot)
      modules.set(module, [...(modules.get(module) ?? []), [name.slice(dot + 1), () => answer]])
    }
    return Object.fromEntries([...modules].map(([module, functions]) => [module, Object.fromEntries(functions)]))
  }

  #global(name: string): WebAssembly.Global | undefined {
    const found = this.#exports[name]
    return found instanceof WebAssembly.Global ? found : undefined
  }

  /** Units that are left; all of them before the module was there. */
  #left(): number {
    return Number(this.#global(FUEL_EXPORT)?.value ?? this.#order.limits.fuel)
  }

  #charge(units: number): void {
    const fuel = this.#global(FUEL_EXPORT)
    if (fuel === undefined) return
    fuel.value = (fuel.value as bigint) - BigInt(Math.ceil(units))
    if (fuel.value < 0n) throw new RunEnd({ kind: 'fuel' })
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
