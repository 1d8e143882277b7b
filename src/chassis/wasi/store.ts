/**
 * The files of one run: a tree in memory, with caps on what it may hold. Nothing here knows any file of the host.
 */
import { check, ERRNO, WasiError } from './errno.ts'

interface NodeBase {
  readonly inode: bigint
  links: number
  /** Descriptors of it. */
  opens: number
  /** Nanoseconds of the run's clock. */
  accessed: bigint
  modified: bigint
  changed: bigint
}

export interface FileNode extends NodeBase {
  readonly kind: 'file'
  /** May be longer than `size`; all behind it is zero. */
  bytes: Uint8Array
  size: number
}

export interface DirectoryNode extends NodeBase {
  readonly kind: 'directory'
  readonly entries: Map<string, Node>
}

export interface LinkNode extends NodeBase {
  readonly kind: 'link'
  readonly target: string
}

export type Node = FileNode | DirectoryNode | LinkNode

export interface StoreLimits {
  /** Files, folders and symbolic links that exist at once; what was given counts. */
  readonly nodes: number
  /** Bytes of all files at once. */
  readonly bytes: number
}

export class Store {
  readonly root: DirectoryNode
  readonly #limits: StoreLimits
  readonly #now: () => bigint
  #nodes = 0
  #bytes = 0
  #made = 0n

  constructor(limits: StoreLimits, now: () => bigint) {
    this.#limits = limits
    this.#now = now
    this.root = this.directory()
  }

  directory(): DirectoryNode {
    return { kind: 'directory', ...this.#base(), entries: new Map() }
  }

  file(bytes: Uint8Array = new Uint8Array(0)): FileNode {
    const node: FileNode = { kind: 'file', ...this.#base(), bytes: new Uint8Array(0), size: 0 }
    if (bytes.length > 0) this.write(node, 0, bytes)
    return node
  }

  link(target: string): LinkNode {
    return { kind: 'link', ...this.#base(), target }
  }

  /** One name less. */
  unlink(node: Node): void {
    node.links -= 1
    node.changed = this.#now()
    this.#release(node)
  }

  /** One descriptor less. */
  closed(node: Node): void {
    node.opens -= 1
    this.#release(node)
  }

  write(node: FileNode, at: number, bytes: Uint8Array): void {
    const end = at + bytes.length
    if (end > node.size && bytes.length > 0) this.resize(node, end)
    node.bytes.set(bytes, at)
    node.modified = this.#now()
    node.changed = node.modified
  }

  resize(node: FileNode, size: number): void {
    check(size <= this.#limits.bytes, ERRNO.fileTooBig)
    const more = size - node.size
    check(this.#bytes + more <= this.#limits.bytes, ERRNO.noSpace)
    this.#bytes += more
    if (size > node.bytes.length) {
      const larger = new Uint8Array(Math.min(Math.max(size, node.bytes.length * 2), this.#limits.bytes))
      larger.set(node.bytes.subarray(0, node.size))
      node.bytes = larger
    } else if (more < 0) node.bytes.fill(0, size, node.size)
    node.size = size
    node.modified = this.#now()
    node.changed = node.modified
  }

  /** With its last name and its last descriptor, a node's room is free again. */
  #release(node: Node): void {
    if (node.links > 0 || node.opens > 0) return
    this.#nodes -= 1
    if (node.kind === 'file') this.#bytes -= node.size
  }

  #base(): NodeBase {
    if (this.#nodes >= this.#limits.nodes) throw new WasiError(ERRNO.noSpace)
    this.#nodes += 1
    this.#made += 1n
    const now = this.#now()
    return { inode: this.#made, links: 1, opens: 0, accessed: now, modified: now, changed: now }
  }
}
