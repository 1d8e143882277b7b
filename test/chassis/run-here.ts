/** A module in this very process, with and without its counter: for modules that are known to end. */
import {
  FUEL_EXPORT,
  fileAt,
  RunEnd,
  rewriteModule,
  START_EXPORT,
  WASI_MODULE,
  wasiHost,
} from '../../src/chassis/index.ts'

export interface RunHere {
  readonly args?: readonly string[]
  readonly environment?: ReadonlyMap<string, string>
  readonly stdin?: Uint8Array
  readonly files?: ReadonlyMap<string, Uint8Array>
  readonly folder?: string | undefined
  readonly outputs?: readonly string[]
  readonly fuel?: number
  /** Functions of other modules, by `module.name`. */
  readonly others?: ReadonlyMap<string, (...parameters: never[]) => unknown>
}

export interface EndHere {
  /** Exit status, or how else it ended. */
  readonly end: number | string
  readonly stdout: string
  readonly stderr: string
  readonly outputs: readonly (string | undefined)[]
  /** What was used; nothing without the counter. */
  readonly fuel: bigint
}

const PAGES = 4096

export const validate = (module: Uint8Array) => WebAssembly.validate(module)

/** The same module with its counter; throws where it is refused. */
export function metered(module: Uint8Array): Uint8Array {
  const granted = new Set(WebAssembly.Module.imports(moduleOf(module)).map(({ module, name }) => `${module}.${name}`))
  const rewritten = rewriteModule(module, { granted, fuel: 0, memoryPages: PAGES, tableElements: 1_000_000, validate })
  if (rewritten.kind !== 'rewritten') throw new Error(`${rewritten.kind}: ${rewritten.reason}`)
  return rewritten.module
}

const moduleOf = (bytes: Uint8Array) => new WebAssembly.Module(bytes)

/** As an engine and a host run it, whether or not it has a counter. */
export function runHere(bytes: Uint8Array, request: RunHere = {}): EndHere {
  const granted = BigInt(request.fuel ?? Number.MAX_SAFE_INTEGER)
  let counter: WebAssembly.Global | undefined
  const host = wasiHost({
    args: request.args ?? ['program'],
    environment: request.environment ?? new Map(),
    stdin: request.stdin ?? new Uint8Array(0),
    files: request.files ?? new Map(),
    folder: 'folder' in request ? request.folder : '/',
    clockMs: 1_000_000,
    random: (into) => into.set(Uint8Array.from(into, (_, index) => (index * 37) % 251)),
    charge: (units) => {
      if (counter !== undefined) counter.value = (counter.value as bigint) - BigInt(Math.ceil(units))
    },
    limits: { outputBytes: 64 << 20, nodes: 5_000, fileBytes: 256 << 20, descriptors: 256 },
  })
  const others: Record<string, Record<string, unknown>> = {}
  for (const [name, work] of request.others ?? []) {
    const [module = '', ...rest] = name.split('.')
    others[module] = { ...others[module], [rest.join('.')]: work }
  }
  const instance = new WebAssembly.Instance(moduleOf(bytes), {
    ...others,
    [WASI_MODULE]: Object.fromEntries(host.functions),
  })
  if (instance.exports.memory instanceof WebAssembly.Memory) host.attach(instance.exports.memory)
  const fuel = instance.exports[FUEL_EXPORT]
  if (fuel instanceof WebAssembly.Global) {
    counter = fuel
    fuel.value = granted
  }
  const ended = endOf(instance.exports)
  const end = counter !== undefined && (counter.value as bigint) < 0n ? 'fuel' : ended
  return {
    end,
    stdout: text(host.streams.stdout.whole()),
    stderr: text(host.streams.stderr.whole()),
    outputs: (request.outputs ?? []).map((path) => textOr(fileAt(host.root, path))),
    fuel: counter === undefined ? 0n : granted - (counter.value as bigint),
  }
}

function endOf(exports: Record<string, unknown>): number | string {
  try {
    for (const name of [START_EXPORT, '_start']) {
      const start = exports[name]
      if (typeof start === 'function') start()
    }
    return 0
  } catch (error) {
    if (error instanceof RunEnd) return error.end.kind === 'exit' ? error.end.status : error.end.kind
    if (error instanceof WebAssembly.RuntimeError) return error.message
    throw error
  }
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const textOr = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : text(bytes))
