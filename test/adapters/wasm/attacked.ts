/** A chassis of the built program, with a run whose limits are small. */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { wasmChassis } from '../../../src/adapters/wasm/index.ts'
import type { Chassis, ModuleReport, ModuleRun, RunLimits } from '../../../src/ports/index.ts'
import { DEFAULT_LIMITS } from '../../../src/ports/index.ts'

/** `dist/` is built before tests run. */
export const guestFile = fileURLToPath(new URL('../../../dist/chassis-guest.cjs', import.meta.url))

export const engineFile = fileURLToPath(new URL('../../../dist/chassis-quickjs.wasm', import.meta.url))

/** One for a whole test file. */
export const open = (bwrap: 'probe' | 'off' = 'off', ahead = 0): Chassis =>
  wasmChassis({ guestFile, engineFile, bwrap, ahead })

const SMALL: RunLimits = {
  ...DEFAULT_LIMITS,
  memoryBytes: 16 * 2 ** 20,
  fuel: 5e7,
  deadlineMs: 20_000,
  outputBytes: 65_536,
}

export type Asked = Partial<Omit<ModuleRun, 'limits'>> & { readonly limits?: Partial<RunLimits> }

export function request(module: Uint8Array, asked: Asked = {}): ModuleRun {
  return {
    module,
    sha256: createHash('sha256').update(module).digest('hex'),
    args: ['module'],
    environment: new Map(),
    stdin: new Uint8Array(0),
    inputs: [],
    outputs: [],
    seed: 'a seed',
    clockMs: 1_700_000_000_000,
    demand: [],
    ...asked,
    limits: { ...SMALL, ...asked.limits },
  }
}

export const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The outcome in a word, with the status of an exit. */
export function wordOf({ outcome }: ModuleReport): string {
  return outcome.kind === 'exit' ? `exit ${outcome.status}` : outcome.kind
}

/** A command: imports that most attacks need, a memory, and its body. Names of imports as in the specification. */
export function command(body: string, more = ''): string {
  const parameters = new Map([
    ['fd_write', '(param i32 i32 i32 i32) (result i32)'],
    ['fd_read', '(param i32 i32 i32 i32) (result i32)'],
    ['fd_pwrite', '(param i32 i32 i32 i64 i32) (result i32)'],
    ['path_open', '(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)'],
    ['path_symlink', '(param i32 i32 i32 i32 i32) (result i32)'],
    ['path_create_directory', '(param i32 i32 i32) (result i32)'],
    ['poll_oneoff', '(param i32 i32 i32 i32) (result i32)'],
    ['proc_exit', '(param i32)'],
    ['environ_sizes_get', '(param i32 i32) (result i32)'],
    ['clock_time_get', '(param i32 i64 i32) (result i32)'],
    ['random_get', '(param i32 i32) (result i32)'],
    ['sock_send', '(param i32 i32 i32 i32 i32) (result i32)'],
  ])
  const used = [...parameters].filter(([name]) => `${body}${more}`.includes(`$${name}`))
  const imports = used.map(([name, type]) => `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`)
  return `(module ${imports.join('\n')} ${more} ${more.includes('(memory') ? '' : '(memory (export "memory") 1)'}
    (func (export "_start") ${body}))`
}
