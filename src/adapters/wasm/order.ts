/** The order that a supervisor gives to its process, as a message and back. */
import type { ChassisLayer, ModuleRun, RunLimits } from '../../ports/index.ts'
import type { Frame } from './frame.ts'

/** Held open by the supervisor as long as it lives. */
export const LIFELINE_FD = 3

export interface Order {
  /** The module, or the engine of the script. */
  readonly module: Uint8Array
  /** JavaScript; `undefined`: the module is a command. */
  readonly script: string | undefined
  /** Functions of WASI, by name. */
  readonly granted: readonly string[]
  /** Functions of other modules, by `module.name`, and what they answer. */
  readonly answers: readonly (readonly [string, number])[]
  readonly args: readonly string[]
  readonly environment: readonly (readonly [string, string])[]
  readonly stdin: Uint8Array
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly outputs: readonly string[]
  readonly folder: string
  readonly seed: string
  readonly clockMs: number
  readonly limits: RunLimits
  readonly demand: readonly ChassisLayer[]
  /** May it ask for HTTP? Whom and how often is for the supervisor to know. */
  readonly mayAsk: boolean
}

type OrderHeader = Omit<Order, 'module' | 'script' | 'stdin' | 'files'> & { readonly paths: readonly string[] }

/** @param engine  what runs a script; `undefined` for a command */
export function orderFrame(run: ModuleRun, granted: readonly string[], engine: Uint8Array | undefined): Frame {
  const { args, outputs, seed, clockMs, limits, demand, inputs } = run
  const header: OrderHeader = {
    ...{ granted, args, outputs, seed, clockMs, limits, demand },
    answers: [...(run.answers ?? [])],
    environment: [...run.environment],
    folder: run.folder ?? '/',
    mayAsk: run.http !== undefined,
    paths: inputs.map(({ path }) => path),
  }
  const code = engine === undefined ? [run.module, new Uint8Array(0)] : [engine, run.module]
  const isScript = engine !== undefined
  return { header: { ...header, isScript }, parts: [...code, run.stdin, ...inputs.map(({ bytes }) => bytes)] }
}

/** Of what `orderFrame` made. */
export function readOrder({ header, parts }: Frame): Order {
  const { paths, isScript, ...rest } = header as unknown as OrderHeader & { readonly isScript: boolean }
  const [module, script, stdin, ...inputs] = parts as [Uint8Array, Uint8Array, Uint8Array, ...Uint8Array[]]
  const files = new Map(paths.map((path, index) => [path, inputs[index] as Uint8Array]))
  return { ...rest, module, script: isScript ? new TextDecoder().decode(script) : undefined, stdin, files }
}
