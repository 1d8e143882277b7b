/** Open descriptors of one run. */
import { ALL_RIGHTS, CHANGE_RIGHTS, check, ERRNO, RIGHT, WasiError } from './errno.ts'
import type { DirectoryNode, FileNode, Node } from './store.ts'

interface DescriptorBase {
  rights: bigint
  inheriting: bigint
  /** `fdflags`; only `append` has an effect, since nothing here waits or is cached. */
  flags: number
}

export interface StreamDescriptor extends DescriptorBase {
  readonly kind: 'stdin' | 'stdout' | 'stderr'
}

export interface FileDescriptor extends DescriptorBase {
  readonly kind: 'file'
  readonly node: FileNode
  offset: number
}

export interface DirectoryDescriptor extends DescriptorBase {
  readonly kind: 'directory'
  readonly node: DirectoryNode
  /** The name by which it was open from the beginning. */
  readonly preopen: string | undefined
  /** Entries as they were when reading began, so that a cookie stays what it was. */
  listing: readonly (readonly [string, Node])[]
}

export type Descriptor = StreamDescriptor | FileDescriptor | DirectoryDescriptor

export class Descriptors {
  readonly #open = new Map<number, Descriptor>()
  readonly #most: number

  constructor(most: number, preopens: readonly (readonly [string, DirectoryNode])[]) {
    this.#most = most
    const stream = { inheriting: 0n, flags: 0 }
    this.#open.set(0, { kind: 'stdin', ...stream, rights: RIGHT.read })
    this.#open.set(1, { kind: 'stdout', ...stream, rights: RIGHT.write })
    this.#open.set(2, { kind: 'stderr', ...stream, rights: RIGHT.write })
    for (const [name, node] of preopens)
      this.add({
        kind: 'directory',
        node,
        preopen: name,
        listing: [],
        flags: 0,
        rights: ALL_RIGHTS & ~CHANGE_RIGHTS,
        inheriting: ALL_RIGHTS,
      })
  }

  get hasRoom(): boolean {
    return this.#open.size < this.#most
  }

  /** @returns the lowest number that is free */
  add(descriptor: Descriptor): number {
    check(this.hasRoom, ERRNO.tooManyDescriptors)
    let fd = 0
    while (this.#open.has(fd)) fd += 1
    this.#open.set(fd, descriptor)
    return fd
  }

  get(fd: number): Descriptor {
    const found = this.#open.get(fd)
    if (found === undefined) throw new WasiError(ERRNO.badDescriptor)
    return found
  }

  file(fd: number): FileDescriptor {
    const found = this.get(fd)
    if (found.kind === 'directory') throw new WasiError(ERRNO.isDirectory)
    if (found.kind !== 'file') throw new WasiError(ERRNO.illegalSeek)
    return found
  }

  directory(fd: number): DirectoryDescriptor {
    const found = this.get(fd)
    if (found.kind !== 'directory') throw new WasiError(ERRNO.notDirectory)
    return found
  }

  close(fd: number): void {
    this.get(fd)
    this.#open.delete(fd)
  }

  renumber(from: number, to: number): void {
    const moved = this.get(from)
    this.get(to)
    this.#open.delete(from)
    this.#open.set(to, moved)
  }
}
