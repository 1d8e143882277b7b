/** Functions of WASI preview 1 on open descriptors, `fd_*`. */
import type { Descriptor, FileDescriptor } from './descriptors.ts'
import { check, ERRNO, FD_FLAG, FILE_TYPE, RIGHT, SET_TIME, WasiError } from './errno.ts'
import { RunEnd, type WasiState } from './state.ts'
import type { Node } from './store.ts'

const FDSTAT_BYTES = 24
const FILESTAT_BYTES = 64
const DIRENT_BYTES = 24
/** To look at one buffer of a read or write. */
const UNITS_PER_BUFFER = 4
const WHENCE = { set: 0, current: 1, end: 2 } as const

export function descriptorFunctions(state: WasiState) {
  const { descriptors, memory, store } = state
  const buffers = (at: number, count: number) => {
    state.request.charge(count * UNITS_PER_BUFFER)
    return memory.vectors(at, count)
  }
  return {
    fd_advise: (fd: number, _offset: bigint, _length: bigint, advice: number) => {
      check(advice <= 5, ERRNO.invalid)
      descriptors.file(fd)
    },
    fd_allocate: (fd: number, offset: bigint, length: bigint) => {
      const file = writable(descriptors.file(fd))
      check(length > 0n, ERRNO.invalid)
      const size = toSize(offset + length)
      if (size > file.node.size) store.resize(file.node, size)
    },
    fd_close: (fd: number) => {
      const node = nodeOf(descriptors.get(fd))
      descriptors.close(fd)
      if (node !== undefined) store.closed(node)
    },
    fd_datasync: (fd: number) => void descriptors.get(fd),
    fd_sync: (fd: number) => void descriptors.get(fd),
    fd_fdstat_get: (fd: number, at: number) => {
      const descriptor = descriptors.get(fd)
      const view = memory.view(at, FDSTAT_BYTES)
      view.setUint8(0, descriptorType(descriptor))
      view.setUint8(1, 0)
      view.setUint16(2, descriptor.flags, true)
      view.setUint32(4, 0, true)
      view.setBigUint64(8, descriptor.rights, true)
      view.setBigUint64(16, descriptor.inheriting, true)
    },
    fd_fdstat_set_flags: (fd: number, flags: number) => {
      check(flags <= FD_FLAG.all, ERRNO.invalid)
      descriptors.get(fd).flags = flags
    },
    fd_fdstat_set_rights: (fd: number, rights: bigint, inheriting: bigint) => {
      const descriptor = descriptors.get(fd)
      const isLess = (rights & ~descriptor.rights) === 0n && (inheriting & ~descriptor.inheriting) === 0n
      check(isLess, ERRNO.notCapable)
      descriptor.rights = rights
      descriptor.inheriting = inheriting
    },
    fd_filestat_get: (fd: number, at: number) => writeFileStat(state, nodeOf(descriptors.get(fd)), at),
    fd_filestat_set_size: (fd: number, size: bigint) => {
      store.resize(writable(descriptors.file(fd)).node, toSize(size))
    },
    fd_filestat_set_times: (fd: number, accessed: bigint, modified: bigint, flags: number) => {
      const node = nodeOf(descriptors.get(fd))
      if (node !== undefined) setTimes(state, node, { accessed, modified, flags })
    },
    fd_prestat_get: (fd: number, at: number) => {
      const { preopen } = preopened(state, fd)
      memory.setU32(at, 0)
      memory.setU32(at + 4, preopen.length)
    },
    fd_prestat_dir_name: (fd: number, at: number, length: number) => {
      const { preopen } = preopened(state, fd)
      check(length >= preopen.length, ERRNO.nameTooLong)
      memory.bytes(at, preopen.length).set(preopen)
    },
    fd_pread: (fd: number, at: number, count: number, offset: bigint, doneAt: number) => {
      memory.setU32(doneAt, readFile(state, descriptors.file(fd), buffers(at, count), toOffset(offset)))
    },
    fd_pwrite: (fd: number, at: number, count: number, offset: bigint, doneAt: number) => {
      memory.setU32(doneAt, writeFile(state, descriptors.file(fd), buffers(at, count), toOffset(offset)))
    },
    fd_read: (fd: number, at: number, count: number, doneAt: number) => {
      memory.setU32(doneAt, read(state, descriptors.get(fd), buffers(at, count)))
    },
    fd_write: (fd: number, at: number, count: number, doneAt: number) => {
      memory.setU32(doneAt, write(state, descriptors.get(fd), buffers(at, count)))
    },
    fd_readdir: (fd: number, at: number, length: number, cookie: bigint, usedAt: number) => {
      memory.setU32(usedAt, readDirectory(state, fd, memory.bytes(at, length), cookie))
    },
    fd_renumber: (from: number, to: number) => {
      const replaced = nodeOf(descriptors.get(to))
      descriptors.renumber(from, to)
      if (replaced !== undefined && from !== to) store.closed(replaced)
    },
    fd_seek: (fd: number, offset: bigint, whence: number, at: number) => {
      memory.setU64(at, BigInt(seek(descriptors.file(fd), BigInt.asIntN(64, offset), whence)))
    },
    fd_tell: (fd: number, at: number) => memory.setU64(at, BigInt(descriptors.file(fd).offset)),
  }
}

function nodeOf(descriptor: Descriptor): Node | undefined {
  return descriptor.kind === 'file' || descriptor.kind === 'directory' ? descriptor.node : undefined
}

function descriptorType(descriptor: Descriptor): number {
  if (descriptor.kind === 'file') return FILE_TYPE.file
  return descriptor.kind === 'directory' ? FILE_TYPE.directory : FILE_TYPE.characterDevice
}

function nodeType(node: Node | undefined): number {
  return node === undefined ? FILE_TYPE.characterDevice : FILE_TYPE[node.kind]
}

/** Of a stream: zeros but for its type. */
export function writeFileStat({ memory }: WasiState, node: Node | undefined, at: number): void {
  const view = memory.view(at, FILESTAT_BYTES)
  for (let offset = 0; offset < FILESTAT_BYTES; offset += 8) view.setBigUint64(offset, 0n, true)
  view.setUint8(16, nodeType(node))
  if (node === undefined) return
  view.setBigUint64(0, 1n, true)
  view.setBigUint64(8, node.inode, true)
  view.setBigUint64(24, BigInt(node.links), true)
  view.setBigUint64(32, BigInt(sizeOf(node)), true)
  view.setBigUint64(40, node.accessed, true)
  view.setBigUint64(48, node.modified, true)
  view.setBigUint64(56, node.changed, true)
}

function sizeOf(node: Node): number {
  if (node.kind === 'file') return node.size
  return node.kind === 'link' ? new TextEncoder().encode(node.target).length : 0
}

export interface Times {
  readonly accessed: bigint
  readonly modified: bigint
  readonly flags: number
}

export function setTimes({ clock }: WasiState, node: Node, { accessed, modified, flags }: Times): void {
  const both = (one: number, other: number) => (flags & one) !== 0 && (flags & other) !== 0
  check(!both(SET_TIME.access, SET_TIME.accessNow) && !both(SET_TIME.modified, SET_TIME.modifiedNow), ERRNO.invalid)
  if (flags & SET_TIME.access) node.accessed = accessed
  if (flags & SET_TIME.accessNow) node.accessed = clock.now
  if (flags & SET_TIME.modified) node.modified = modified
  if (flags & SET_TIME.modifiedNow) node.modified = clock.now
  node.changed = clock.now
}

function preopened({ descriptors }: WasiState, fd: number): { readonly preopen: Uint8Array } {
  const descriptor = descriptors.get(fd)
  const name = descriptor.kind === 'directory' ? descriptor.preopen : undefined
  if (name === undefined) throw new WasiError(ERRNO.badDescriptor)
  return { preopen: new TextEncoder().encode(name) }
}

/** A position that a number can hold exactly. */
function toOffset(value: bigint): number {
  check(value <= BigInt(Number.MAX_SAFE_INTEGER), ERRNO.invalid)
  return Number(value)
}

function toSize(value: bigint): number {
  check(value <= BigInt(Number.MAX_SAFE_INTEGER), ERRNO.fileTooBig)
  return Number(value)
}

function writable(file: FileDescriptor): FileDescriptor {
  check((file.rights & RIGHT.write) !== 0n, ERRNO.badDescriptor)
  return file
}

function read(state: WasiState, descriptor: Descriptor, into: readonly Uint8Array[]): number {
  if (descriptor.kind === 'stdin') return readInput(state, into)
  check(descriptor.kind !== 'directory', ERRNO.isDirectory)
  check(descriptor.kind === 'file', ERRNO.badDescriptor)
  const length = readFile(state, descriptor, into, descriptor.offset)
  descriptor.offset += length
  return length
}

function readInput({ request, streams }: WasiState, into: readonly Uint8Array[]): number {
  const length = copyOut(request.stdin, streams.stdinAt, into)
  streams.stdinAt += length
  request.charge(length / 8)
  return length
}

function readFile(state: WasiState, file: FileDescriptor, into: readonly Uint8Array[], offset: number): number {
  check((file.rights & RIGHT.read) !== 0n, ERRNO.badDescriptor)
  const length = copyOut(file.node.bytes.subarray(0, file.node.size), offset, into)
  state.request.charge(length / 8)
  return length
}

function copyOut(from: Uint8Array, offset: number, into: readonly Uint8Array[]): number {
  let at = offset
  for (const buffer of into) {
    const piece = from.subarray(at, at + buffer.length)
    buffer.set(piece)
    at += piece.length
    if (piece.length < buffer.length) break
  }
  return at - offset
}

function write(state: WasiState, descriptor: Descriptor, from: readonly Uint8Array[]): number {
  if (descriptor.kind === 'stdout' || descriptor.kind === 'stderr') return writeOutput(state, descriptor.kind, from)
  check(descriptor.kind === 'file', ERRNO.badDescriptor)
  const isAppend = (descriptor.flags & FD_FLAG.append) !== 0
  const offset = isAppend ? descriptor.node.size : descriptor.offset
  const length = writeFile(state, descriptor, from, offset)
  descriptor.offset = offset + length
  return length
}

/** @throws RunEnd when it is more than allowed */
export function writeOutput(
  { streams, request }: WasiState,
  kind: 'stdout' | 'stderr',
  from: readonly Uint8Array[],
): number {
  let length = 0
  for (const piece of from) {
    length += piece.length
    const whole = streams.stdout.length + streams.stderr.length + piece.length
    if (whole > request.limits.outputBytes) throw new RunEnd({ kind: 'output' })
    streams[kind].add(piece)
  }
  request.charge(length / 8)
  return length
}

function writeFile(state: WasiState, descriptor: FileDescriptor, from: readonly Uint8Array[], offset: number): number {
  const file = writable(descriptor)
  let at = offset
  for (const piece of from) {
    state.request.charge(piece.length / 8)
    state.store.write(file.node, at, piece)
    at += piece.length
  }
  return at - offset
}

function seek(file: FileDescriptor, offset: bigint, whence: number): number {
  check(whence <= WHENCE.end, ERRNO.invalid)
  const base = whence === WHENCE.set ? 0 : whence === WHENCE.current ? file.offset : file.node.size
  const target = BigInt(base) + offset
  check(target >= 0n, ERRNO.invalid)
  file.offset = toOffset(target)
  return file.offset
}

/** Fills the buffer with `dirent` entries, the last one cut where it is full. @returns bytes used */
function readDirectory(state: WasiState, fd: number, into: Uint8Array, cookie: bigint): number {
  const directory = state.descriptors.directory(fd)
  if (cookie === 0n || directory.listing.length === 0)
    directory.listing = [['.', directory.node], ['..', directory.node], ...directory.node.entries]
  let used = 0
  const first = cookie > BigInt(directory.listing.length) ? directory.listing.length : Number(cookie)
  for (let index = first; index < directory.listing.length && used < into.length; index += 1) {
    const [name, node] = directory.listing[index] as readonly [string, Node]
    const entry = directoryEntry(name, node, index + 1).subarray(0, into.length - used)
    into.set(entry, used)
    used += entry.length
  }
  state.request.charge(used / 8 + directory.listing.length)
  return used
}

function directoryEntry(name: string, node: Node, next: number): Uint8Array {
  const text = new TextEncoder().encode(name)
  const entry = new Uint8Array(DIRENT_BYTES + text.length)
  const view = new DataView(entry.buffer)
  view.setBigUint64(0, BigInt(next), true)
  view.setBigUint64(8, node.inode, true)
  view.setUint32(16, text.length, true)
  view.setUint8(20, nodeType(node))
  entry.set(text, DIRENT_BYTES)
  return entry
}
