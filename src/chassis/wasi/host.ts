/**
 * WASI preview 1 for one run, wholly in memory: what a module sees of the world.
 *
 * Functions and structures are those of `wasi_snapshot_preview1.witx` (WebAssembly/WASI, legacy/preview1). Nothing waits,
 * nothing reaches the host: files are a tree in memory, time moves only when the module sleeps, chance comes from a seed,
 * sockets do not exist.
 */
import { ByteSink } from './byte-sink.ts'
import { descriptorFunctions, writeOutput } from './descriptor-functions.ts'
import { Descriptors } from './descriptors.ts'
import { check, ERRNO, type Errno, WasiError } from './errno.ts'
import { GuestMemory, type LinearMemory } from './guest-memory.ts'
import { pathFunctions } from './path-functions.ts'
import { processFunctions } from './process-functions.ts'
import type { WasiRequest, WasiState, WasiStreams } from './state.ts'
import { type DirectoryNode, type Node, Store } from './store.ts'

export const WASI_MODULE = 'wasi_snapshot_preview1'

export interface WasiHost {
  /** By the names of the specification; each a function that answers an `errno`, `proc_exit` excepted. */
  readonly functions: ReadonlyMap<string, WasiFunction>
  attach(memory: LinearMemory): void
  readonly root: DirectoryNode
  readonly streams: Readonly<WasiStreams>
  /** For code that is no command: as `fd_write` does. @throws RunEnd */
  print(stream: 'stdout' | 'stderr', text: string): void
  /** Replaces a file, or makes it with its folders. @throws WasiError beyond the caps */
  writeFile(path: string, bytes: Uint8Array): void
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
    descriptors: new Descriptors(
      request.limits.descriptors,
      request.folder === undefined ? [] : [[request.folder, store.root]],
    ),
    clock,
    streams: { stdinAt: 0, stdout: new ByteSink(), stderr: new ByteSink() },
  }
  const all = { ...processFunctions(state), ...descriptorFunctions(state), ...pathFunctions(state) }
  return {
    functions: new Map(Object.entries(all).map(([name, work]) => [name, answering(work, request.charge)])),
    attach: (memory) => state.memory.attach(memory),
    root: store.root,
    streams: state.streams,
    print: (stream, text) => void writeOutput(state, stream, [new TextEncoder().encode(text)]),
    writeFile: (path, bytes) => {
      request.charge(bytes.length / 8)
      putFile(store, path, bytes)
    },
  }
}

/** A regular file at a path, through folders alone: no symbolic link that the module made is followed. */
export function fileAt(root: DirectoryNode, path: string): Uint8Array | undefined {
  let here: Node | undefined = root
  for (const name of path.split('/')) here = here?.kind === 'directory' ? here.entries.get(name) : undefined
  return here?.kind === 'file' ? here.bytes.subarray(0, here.size) : undefined
}

/** Folders are made where there are none. @throws WasiError where something else has the place, and beyond the caps */
function putFile(store: Store, path: string, bytes: Uint8Array): void {
  const names = path.split('/')
  const last = names.pop() as string
  let here = store.root
  for (const name of names) {
    const next = here.entries.get(name) ?? store.directory()
    check(next.kind === 'directory', ERRNO.notDirectory)
    here.entries.set(name, next)
    here = next
  }
  const known = here.entries.get(last)
  check(known?.kind !== 'directory', ERRNO.isDirectory)
  if (known !== undefined) store.unlink(known)
  here.entries.set(last, store.file(bytes))
}

/** Every function that there is, for a grant of all of them. */
export const WASI_NAMES: readonly string[] = [
  ...['args_get', 'args_sizes_get', 'environ_get', 'environ_sizes_get', 'clock_res_get', 'clock_time_get'],
  ...['fd_advise', 'fd_allocate', 'fd_close', 'fd_datasync', 'fd_fdstat_get', 'fd_fdstat_set_flags'],
  ...['fd_fdstat_set_rights', 'fd_filestat_get', 'fd_filestat_set_size', 'fd_filestat_set_times', 'fd_pread'],
  ...['fd_prestat_get', 'fd_prestat_dir_name', 'fd_pwrite', 'fd_read', 'fd_readdir', 'fd_renumber', 'fd_seek'],
  ...['fd_sync', 'fd_tell', 'fd_write', 'path_create_directory', 'path_filestat_get', 'path_filestat_set_times'],
  ...['path_link', 'path_open', 'path_readlink', 'path_remove_directory', 'path_rename', 'path_symlink'],
  ...['path_unlink_file', 'poll_oneoff', 'proc_exit', 'proc_raise', 'sched_yield', 'random_get', 'sock_accept'],
  ...['sock_recv', 'sock_send', 'sock_shutdown'],
]

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
