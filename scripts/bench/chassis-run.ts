/**
 * Measures the chassis: `chassis-run <request as JSON>`; prints one object of JSON.
 *
 * The program of the process lies in `dist/`, which is built before. Slowdown is measured in this very process, on the
 * same code with and without its counter, in turn; the time of compiling is not in it.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { wasmChassis } from '../../src/adapters/wasm/index.ts'
import { FUEL_EXPORT, RunEnd, rewriteModule, START_EXPORT, WASI_MODULE, wasiHost } from '../../src/chassis/index.ts'
import { DEFAULT_LIMITS, type ModuleRun } from '../../src/ports/index.ts'

interface Workload {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly stdinFile: string
}

interface Request {
  readonly guestFile: string
  readonly engineFile: string
  readonly workloads: readonly Workload[]
  readonly rounds: number
  readonly runs: number
  readonly atOnce: number
}

/** `(module (func (export "_start")))` */
const NOTHING = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x07],
  ...[0x0a, 0x01, 0x06, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74, 0x00, 0x00, 0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b],
])

const request: Request = JSON.parse(process.argv[2] ?? '{}')
const slowdowns = request.workloads.map((workload) => ({ name: workload.name, ...slowdown(workload, request.rounds) }))
console.log(JSON.stringify({ slowdowns, cold: await runs(0), ahead: await runs(request.atOnce) }))

/** @returns milliseconds of single runs, and how many a second when several are under way at once */
async function runs(ahead: number): Promise<{ ms: number[]; perSecond: number }> {
  const { guestFile, engineFile, runs: count, atOnce } = request
  const chassis = wasmChassis({ guestFile, engineFile, ahead, bwrap: 'off' })
  const ms: number[] = []
  for (let left = count; left > 0; left -= 1) {
    // So that what waits has booted, as in a program that stays.
    await new Promise((resolve) => setTimeout(resolve, 250))
    const startedAt = performance.now()
    await completed(chassis.run(nothing()))
    ms.push(performance.now() - startedAt)
  }
  const startedAt = performance.now()
  const queue = Array.from({ length: atOnce }, async () => {
    for (let left = count; left > 0; left -= 1) await completed(chassis.run(nothing()))
  })
  await Promise.all(queue)
  const perSecond = (count * atOnce * 1000) / (performance.now() - startedAt)
  await chassis.close()
  return { ms, perSecond }
}

async function completed(report: ReturnType<ReturnType<typeof wasmChassis>['run']>): Promise<void> {
  const { outcome } = await report
  if (outcome.kind !== 'completed') throw new Error(`a run ended as ${outcome.kind}`)
}

function nothing(): ModuleRun {
  const sha256 = createHash('sha256').update(NOTHING).digest('hex')
  return {
    ...{ module: NOTHING, sha256, args: ['nothing'], environment: new Map(), stdin: new Uint8Array(0), inputs: [] },
    ...{ outputs: [], seed: '', clockMs: 0, limits: DEFAULT_LIMITS, demand: [] },
  }
}

function slowdown({ file, args, stdinFile }: Workload, rounds: number): { plain: number[]; metered: number[] } {
  const bytes = new Uint8Array(readFileSync(file))
  const plain = new WebAssembly.Module(bytes)
  const imports = WebAssembly.Module.imports(plain)
  const rewritten = rewriteModule(bytes, {
    granted: new Set(imports.map(({ module, name }) => `${module}.${name}`)),
    fuel: Number.MAX_SAFE_INTEGER,
    memoryPages: 8192,
    tableElements: 1_000_000,
    validate: (module) => WebAssembly.validate(module),
  })
  if (rewritten.kind !== 'rewritten') throw new Error(`${file}: ${rewritten.reason}`)
  const metered = new WebAssembly.Module(rewritten.module)
  const stdin = new Uint8Array(readFileSync(stdinFile))
  const times = { plain: [] as number[], metered: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    times.plain.push(timeOf(plain, args, stdin))
    times.metered.push(timeOf(metered, args, stdin))
  }
  return times
}

/** Milliseconds from the instance to the end, which must be a good one. */
function timeOf(module: WebAssembly.Module, args: readonly string[], stdin: Uint8Array): number {
  let exports: Record<string, unknown> = {}
  const host = wasiHost({
    ...{ args, environment: new Map(), stdin, files: new Map(), folder: '/', clockMs: 0 },
    random: (into) => into.fill(7),
    charge: (units) => {
      const fuel = exports[FUEL_EXPORT]
      if (fuel instanceof WebAssembly.Global) fuel.value = (fuel.value as bigint) - BigInt(Math.ceil(units))
    },
    limits: { outputBytes: 1 << 28, nodes: 1000, fileBytes: 1 << 28, descriptors: 256 },
  })
  const modules: Record<string, Record<string, unknown>> = { [WASI_MODULE]: Object.fromEntries(host.functions) }
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    if (from !== WASI_MODULE) modules[from] = { ...modules[from], [name]: () => 1 }
  const startedAt = performance.now()
  exports = new WebAssembly.Instance(module, modules).exports
  host.attach(exports.memory as WebAssembly.Memory)
  try {
    for (const name of [START_EXPORT, '_start']) (exports[name] as (() => void) | undefined)?.()
  } catch (error) {
    if (!(error instanceof RunEnd) || error.end.kind !== 'exit' || error.end.status !== 0) throw error
  }
  return performance.now() - startedAt
}
