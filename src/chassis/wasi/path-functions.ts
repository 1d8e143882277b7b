/** Functions of WASI preview 1 on paths, `path_*`. */
import { setTimes, writeFileStat } from './descriptor-functions.ts'
import type { Descriptor } from './descriptors.ts'
import { CHANGE_RIGHTS, check, DIRECTORY_RIGHTS, ERRNO, LOOKUP_FOLLOW, OPEN, RIGHT, WasiError } from './errno.ts'
import { type Place, resolvePath } from './resolve.ts'
import type { WasiState } from './state.ts'
import type { DirectoryNode, LinkNode, Node } from './store.ts'

/** Every step of a path is a look-up; targets of links are paths too. */
const UNITS_PER_PATH_CHARACTER = 4

export function pathFunctions(state: WasiState) {
  const { memory, store } = state
  const at = (fd: number, path: number, length: number, follow = false) => resolve(state, { fd, path, length, follow })
  return {
    path_create_directory: (fd: number, path: number, length: number) => {
      const place = at(fd, path, length)
      check(place.node === undefined, ERRNO.exists)
      put(place, store.directory())
    },
    path_filestat_get: (fd: number, flags: number, path: number, length: number, into: number) => {
      writeFileStat(state, existing(at(fd, path, length, follows(flags))), into)
    },
    path_filestat_set_times: (
      fd: number,
      lookup: number,
      path: number,
      length: number,
      accessed: bigint,
      modified: bigint,
      flags: number,
    ) => setTimes(state, existing(at(fd, path, length, follows(lookup))), { accessed, modified, flags }),
    path_link: (
      fd: number,
      lookup: number,
      path: number,
      length: number,
      toFd: number,
      toPath: number,
      toLength: number,
    ) => {
      // POSIX leaves it open whether a link is followed; preview 1 hosts do not support it.
      check(!follows(lookup), ERRNO.invalid)
      link(existing(at(fd, path, length)), at(toFd, toPath, toLength))
    },
    path_open: (
      fd: number,
      lookup: number,
      path: number,
      length: number,
      how: number,
      rights: bigint,
      inheriting: bigint,
      flags: number,
      into: number,
    ) => {
      const place = at(fd, path, length, follows(lookup))
      memory.setU32(into, open(state, fd, place, { how, rights, inheriting, flags }))
    },
    path_readlink: (fd: number, path: number, length: number, into: number, size: number, usedAt: number) => {
      const node = existing(at(fd, path, length))
      check(node.kind === 'link', ERRNO.invalid)
      const target = new TextEncoder().encode(node.target).subarray(0, size)
      memory.bytes(into, target.length).set(target)
      memory.setU32(usedAt, target.length)
    },
    path_remove_directory: (fd: number, path: number, length: number) => {
      const place = at(fd, path, length)
      const node = existing(place)
      check(node.kind === 'directory', ERRNO.notDirectory)
      check(node.entries.size === 0, ERRNO.notEmpty)
      remove(state, place, node)
    },
    path_rename: (fd: number, path: number, length: number, toFd: number, toPath: number, toLength: number) =>
      rename(state, at(fd, path, length), at(toFd, toPath, toLength)),
    path_symlink: (target: number, targetLength: number, fd: number, path: number, length: number) => {
      const text = linkTarget(memory.text(target, targetLength))
      const place = at(fd, path, length)
      check(place.node === undefined, ERRNO.exists)
      check(!place.wantsDirectory, ERRNO.notFound)
      put(place, store.link(text))
    },
    path_unlink_file: (fd: number, path: number, length: number) => {
      const place = at(fd, path, length)
      const node = existing(place)
      check(node.kind !== 'directory', ERRNO.isDirectory)
      check(!place.wantsDirectory, ERRNO.notDirectory)
      remove(state, place, node)
    },
  }
}

function linkTarget(text: string): string {
  check(text.length > 0, ERRNO.notFound)
  check(!text.includes('\0'), ERRNO.invalid)
  check(!text.startsWith('/'), ERRNO.notPermitted)
  return text
}

const follows = (lookup: number) => (lookup & LOOKUP_FOLLOW) !== 0

interface PathArgument {
  readonly fd: number
  readonly path: number
  readonly length: number
  readonly follow: boolean
}

function resolve({ memory, descriptors, request }: WasiState, { fd, path, length, follow }: PathArgument): Place {
  const { node } = descriptors.directory(fd)
  const pass = (text: string) => request.charge(text.length * UNITS_PER_PATH_CHARACTER)
  return resolvePath(node, memory.text(path, length), { follow, pass })
}

function existing({ node, wantsDirectory }: Place): Node {
  if (node === undefined) throw new WasiError(ERRNO.notFound)
  check(!wantsDirectory || node.kind === 'directory', ERRNO.notDirectory)
  return node
}

/** A directory that was removed while it was open takes nothing new. */
function put({ parent, name }: Place, node: Node): void {
  check(parent.links > 0, ERRNO.notFound)
  parent.entries.set(name, node)
  parent.modified = node.changed
}

function remove({ store, clock }: WasiState, { parent, name }: Place, node: Node): void {
  check(name !== '.', ERRNO.invalid)
  parent.entries.delete(name)
  parent.modified = clock.now
  store.unlink(node)
}

function link(node: Node, to: Place): void {
  check(node.kind !== 'directory', ERRNO.notPermitted)
  check(to.node === undefined, ERRNO.exists)
  check(!to.wantsDirectory, ERRNO.notFound)
  put(to, node)
  node.links += 1
}

interface OpenRequest {
  readonly how: number
  readonly rights: bigint
  readonly inheriting: bigint
  readonly flags: number
}

function open(state: WasiState, base: number, place: Place, request: OpenRequest): number {
  const { descriptors, store } = state
  const node = place.node ?? create(state, place, request)
  check(
    place.node === undefined || (request.how & OPEN.exclusive) === 0 || (request.how & OPEN.create) === 0,
    ERRNO.exists,
  )
  check(node.kind !== 'link', ERRNO.loop)
  check(!place.wantsDirectory || node.kind === 'directory', ERRNO.notDirectory)
  const { rights: own, inheriting: inherited } = descriptors.directory(base)
  const truncates = node.kind === 'file' && (request.how & OPEN.truncate) !== 0
  check(!truncates || (own & RIGHT.truncatePath) !== 0n, ERRNO.notCapable)
  const descriptor = describe(node, {
    ...request,
    rights: request.rights & inherited,
    inheriting: request.inheriting & inherited,
  })
  const fd = descriptors.add(descriptor)
  node.opens += 1
  if (truncates) store.resize(node, 0)
  return fd
}

function create({ store, descriptors }: WasiState, place: Place, { how }: OpenRequest): Node {
  check((how & OPEN.create) !== 0, ERRNO.notFound)
  check((how & OPEN.directory) === 0, ERRNO.invalid)
  check(!place.wantsDirectory, ERRNO.isDirectory)
  check(descriptors.hasRoom, ERRNO.tooManyDescriptors)
  const file = store.file()
  put(place, file)
  return file
}

function describe(node: Exclude<Node, LinkNode>, { how, rights, inheriting, flags }: OpenRequest): Descriptor {
  if (node.kind === 'file') {
    check((how & OPEN.directory) === 0, ERRNO.notDirectory)
    return { kind: 'file', node, offset: 0, flags, inheriting: 0n, rights: rights & ~DIRECTORY_RIGHTS }
  }
  check((rights & RIGHT.write) === 0n, ERRNO.isDirectory)
  check((how & (OPEN.truncate | OPEN.create)) === 0, ERRNO.isDirectory)
  const own = rights & ~(CHANGE_RIGHTS | RIGHT.seek | RIGHT.tell)
  return { kind: 'directory', node, preopen: undefined, listing: [], flags, inheriting, rights: own }
}

/** POSIX rename(): what stands at the new name is replaced if it is of the same kind, a directory only if it is empty. */
function rename(state: WasiState, from: Place, to: Place): void {
  const node = existing(from)
  check(from.name !== '.' && to.name !== '.', ERRNO.invalid)
  check(!to.wantsDirectory || node.kind === 'directory', ERRNO.notDirectory)
  if (to.node === node) return
  check(node.kind !== 'directory' || !contains(node, to.parent), ERRNO.invalid)
  if (to.node !== undefined) makeRoom(state, node, { ...to, node: to.node })
  put(to, node)
  from.parent.entries.delete(from.name)
  from.parent.modified = state.clock.now
}

function makeRoom(state: WasiState, node: Node, to: Place & { node: Node }): void {
  if (to.node.kind === 'directory') {
    check(node.kind === 'directory', ERRNO.isDirectory)
    check(to.node.entries.size === 0, ERRNO.notEmpty)
  } else check(node.kind !== 'directory', ERRNO.notDirectory)
  remove(state, to, to.node)
}

/** Is `inner` the directory itself or somewhere below it? */
function contains(outer: DirectoryNode, inner: DirectoryNode): boolean {
  const open: DirectoryNode[] = [outer]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === inner) return true
    for (const child of next.entries.values()) if (child.kind === 'directory') open.push(child)
  }
  return false
}
