/** The order that a supervisor gives to its process, as a message and back. */
import type { ChassisLayer, ModuleRun, RunLimits } from '../../ports/index.ts'
import type { Frame } from './frame.ts'

/** Held open by the supervisor as long as it lives. */
export const LIFELINE_FD = 3

export interface Order {
  readonly module: Uint8Array
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
}

type OrderHeader = Omit<Order, 'module' | 'stdin' | 'files'> & { readonly paths: readonly string[] }

export function orderFrame(run: ModuleRun, granted: readonly string[]): Frame {
  const { args, outputs, seed, clockMs, limits, demand, inputs } = run
  const header: OrderHeader = {
    ...{ granted, args, outputs, seed, clockMs, limits, demand },
    answers: [...(run.answers ?? [])],
    environment: [...run.environment],
    folder: run.folder ?? '/',
    paths: inputs.map(({ path }) => path),
  }
  return { header: { ...header }, parts: [run.module, run.stdin, ...inputs.map(({ bytes }) => bytes)] }
}

/** Of what `orderFrame` made. */
export function readOrder({ header, parts }: Frame): Order {
  const { paths, ...rest } = header as unknown as OrderHeader
  const [module, stdin, ...inputs] = parts as [Uint8Array, Uint8Array, ...Uint8Array[]]
  return { ...rest, module, stdin, files: new Map(paths.map((path, index) => [path, inputs[index] as Uint8Array])) }
}
