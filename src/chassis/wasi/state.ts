/** What the functions of one run's host share, and what the run was asked for. */
import type { ByteSink } from './byte-sink.ts'
import type { Descriptors } from './descriptors.ts'
import type { GuestMemory } from './guest-memory.ts'
import type { Store } from './store.ts'

export interface WasiRequest {
  /** The first is the module's own name. */
  readonly args: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly stdin: Uint8Array
  /** By paths that `pathProblem` finds nothing wrong with. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The name by which the module finds its one folder; without a name it has none. */
  readonly folder: string | undefined
  /** Milliseconds since 1970 that the module's clock begins with. */
  readonly clockMs: number
  /** Fills the bytes, the same for the same seed and the same calls. */
  readonly random: (bytes: Uint8Array) => void
  /** Takes fuel for what the host does for the module. */
  readonly charge: (units: number) => void
  readonly limits: WasiLimits
}

export interface WasiLimits {
  /** Bytes of standard output and error together, and later of the outputs. */
  readonly outputBytes: number
  /** Files, folders and links, those that were given too. */
  readonly nodes: number
  /** Bytes of all files. */
  readonly fileBytes: number
  readonly descriptors: number
}

/** Ends a run from inside a call of the host. */
export class RunEnd extends Error {
  readonly end: { readonly kind: 'exit'; readonly status: number } | { readonly kind: 'output' | 'fuel' }

  constructor(end: RunEnd['end']) {
    super(end.kind)
    this.end = end
  }
}

/** What all functions share. */
export interface WasiState {
  readonly request: WasiRequest
  readonly memory: GuestMemory
  readonly store: Store
  readonly descriptors: Descriptors
  /** Nanoseconds. */
  readonly clock: { now: bigint }
  readonly streams: WasiStreams
}

export interface WasiStreams {
  stdinAt: number
  readonly stdout: ByteSink
  readonly stderr: ByteSink
}
