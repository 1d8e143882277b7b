/** A report as it comes out of a process that ran what nobody trusts: believed in nothing that can be checked. */
import { createHash } from 'node:crypto'
import type { ModuleOutcome, ModuleOutput, ModuleRun } from '../../ports/index.ts'
import type { Frame } from './frame.ts'

export interface GuestReport {
  readonly outcome: ModuleOutcome
  /** The process says that Node's permission model holds it. */
  readonly permission: boolean
  readonly fuel: number | undefined
  readonly memoryBytes: number | undefined
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly outputs: ReadonlyMap<string, ModuleOutput>
}

const WITH_REASON = new Set(['fuel', 'memory', 'output', 'trap', 'invalid', 'denied'])
const MAX_REASON = 1000

/** @returns `undefined` for one that cannot be */
export function readReport({ header, parts }: Frame, { outputs, limits }: ModuleRun): GuestReport | undefined {
  const outcome = readOutcome(header.outcome)
  const [stdout, stderr, ...files] = parts
  const paths = header.outputs
  if (outcome === undefined || stdout === undefined || stderr === undefined) return undefined
  if (!Array.isArray(paths) || paths.length !== files.length || new Set(paths).size !== paths.length) return undefined
  if (!paths.every((path) => outputs.includes(path))) return undefined
  if (parts.reduce((sum, { length }) => sum + length, 0) > limits.outputBytes) return undefined
  return {
    outcome,
    permission: header.permission === true,
    fuel: count(header.fuel, limits.fuel),
    memoryBytes: count(header.memoryBytes, limits.memoryBytes),
    stdout,
    stderr,
    outputs: new Map(paths.map((path, index) => [path, output(files[index] as Uint8Array)])),
  }
}

function output(bytes: Uint8Array): ModuleOutput {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}

function count(value: unknown, most: number): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most
    ? (value as number)
    : undefined
}

function readOutcome(value: unknown): ModuleOutcome | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { kind, reason, status, layers } = value as Record<string, unknown>
  if (kind === 'completed') return { kind }
  if (kind === 'exit') return count(status, 2 ** 32 - 1) === undefined ? undefined : { kind, status: status as number }
  if (kind === 'unavailable')
    return Array.isArray(layers) && layers[0] === 'permission' ? { kind, layers: ['permission'] } : undefined
  if (typeof kind !== 'string' || !WITH_REASON.has(kind) || typeof reason !== 'string') return undefined
  return { kind, reason: reason.slice(0, MAX_REASON) } as ModuleOutcome
}
