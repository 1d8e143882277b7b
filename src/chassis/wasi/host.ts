/**
 * WASI preview 1 for one run, wholly in memory: what a module sees of the world.
 *
 * Functions and structures are those of `wasi_snapshot_preview1.witx` (WebAssembly/WASI, legacy/preview1). Nothing waits,
 * nothing reaches the host: files are a tree in memory, time moves only when the module sleeps, chance comes from a seed,
 * sockets do not exist.
 */
import { descriptorFunctions } from './descriptor-functions.ts'
import { Descriptors } from './descriptors.ts'
import { ERRNO, type Errno, WasiError } from './errno.ts'
import { GuestMemory, type LinearMemory } from './guest-memory.ts'
import { pathFunctions } from './path-functions.ts'
import { processFunctions } from './process-functions.ts'
import type { WasiRequest, WasiState, WasiStreams } from './state.ts'
import { type DirectoryNode, Store } from './store.ts'

export const WASI_MODULE = 'wasi_snapshot_preview1'

export interface WasiHost {
  /** By the names of the specification; each a function that answers an `errno`, `proc_exit` excepted. */
  readonly functions: ReadonlyMap<string, WasiFunction>
  attach(memory: LinearMemory): void
  readonly root: DirectoryNode
  readonly streams: Readonly<WasiStreams>
}

/** i32 come as numbers with a sign, i64 as bigint. */
// biome-ignore lint/suspicious/noExplicitAny: each function of the specification has its own parameters
export type WasiFunction = (...parameters: any[]) => number

/** What the host's side of a call costs, besides one unit for every 8 bytes that it moves. */
const CALL_UNITS = 50

export function wasiHost(request: WasiRequest): WasiHost {
  const clock = { now: BigInt(Math.max(0, Math.floor(request.clockMs))) * 1_000_000n }
  const store = new Store({ nodes: request.limits.nodes + 1, bytes: request.limits.fileBytes }, () => clock.now)
  for (const [path, bytes] of request.files) putFile(store, path, bytes)
  const state: WasiState = {
    request,
    memory: new GuestMemory(),
    store,
    descriptors: new Descriptors(request.limits.descriptors, new Map([[request.folder, store.root]])),
    clock,
    streams: { stdinAt: 0, outputBytes: 0, stdout: [], stderr: [] },
  }
  const all = { ...processFunctions(state), ...descriptorFunctions(state), ...pathFunctions(state) }
  return {
    functions: new Map(Object.entries(all).map(([name, work]) => [name, answering(work, request.charge)])),
    attach: (memory) => state.memory.attach(memory),
    root: store.root,
    streams: state.streams,
  }
}

function putFile(store: Store, path: string, bytes: Uint8Array): void {
  const names = path.split('/')
  const last = names.pop() as string
  let here = store.root
  for (const name of names) {
    const known = here.entries.get(name)
    const next = known?.kind === 'directory' ? known : store.directory()
    here.entries.set(name, next)
    here = next
  }
  here.entries.set(last, store.file(bytes))
}

/** Numbers unsigned; what a function throws as `WasiError` is its answer. */
function answering(work: (...parameters: never[]) => void, charge: (units: number) => void): WasiFunction {
  return (...parameters: (number | bigint)[]): Errno => {
    charge(CALL_UNITS)
    const unsigned = parameters.map((value) => (typeof value === 'number' ? value >>> 0 : BigInt.asUintN(64, value)))
    try {
      work(...(unsigned as never[]))
      return ERRNO.success
    } catch (error) {
      if (error instanceof WasiError) return error.errno
      throw error
    }
  }
}
