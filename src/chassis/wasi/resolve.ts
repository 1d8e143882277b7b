/**
 * From a path to what it names, below one directory.
 *
 * Every step is taken in the tree in memory, `..` and symbolic links too: a path that would leave its directory is
 * refused (`notPermitted`), as is an absolute one, wherever a link put it.
 */
import { check, ERRNO, WasiError } from './errno.ts'
import type { DirectoryNode, Node } from './store.ts'

const MAX_LINKS = 32
const MAX_NAME_BYTES = 255

/** The directory that holds it, its name there, and what stands there now; `name` is `.` for a directory itself. */
export interface Place {
  readonly parent: DirectoryNode
  readonly name: string
  readonly node: Node | undefined
  /** The path ended with a slash. */
  readonly wantsDirectory: boolean
}

export interface ResolveOptions {
  /** Whether a symbolic link at the end is what it points to. */
  readonly follow: boolean
  /** Hears of the path and of every link's target before it is walked. */
  readonly pass: (path: string) => void
}

export function resolvePath(base: DirectoryNode, path: string, { follow, pass }: ResolveOptions): Place {
  check(path.length > 0, ERRNO.notFound)
  check(!path.includes('\0'), ERRNO.invalid)
  const wantsDirectory = path.endsWith('/')
  const walk = new Walk(base, pass)
  walk.push(path)
  for (;;) {
    const step = walk.next()
    if (step === undefined) return { ...walk.end(), wantsDirectory }
    const isLast = walk.isAtEnd
    const node = walk.here.entries.get(step)
    if (node?.kind === 'link' && (!isLast || follow || wantsDirectory)) walk.push(node.target, { isLink: true })
    else if (isLast) return { parent: walk.here, name: step, node, wantsDirectory }
    else walk.enter(node)
  }
}

class Walk {
  /** From the base to where we are. */
  readonly #directories: DirectoryNode[]
  /** Names to come, the next one last. */
  #names: string[] = []
  #links = 0

  readonly #pass: ResolveOptions['pass']

  constructor(base: DirectoryNode, pass: ResolveOptions['pass']) {
    this.#pass = pass
    this.#directories = [base]
  }

  get here(): DirectoryNode {
    return this.#directories.at(-1) as DirectoryNode
  }

  get isAtEnd(): boolean {
    return this.#names.length === 0
  }

  push(path: string, { isLink = false } = {}): void {
    if (isLink) this.#links += 1
    check(this.#links <= MAX_LINKS, ERRNO.loop)
    this.#pass(path)
    check(!path.startsWith('/'), ERRNO.notPermitted)
    const names = path.split('/').filter((name) => name !== '' && name !== '.')
    check(
      names.every((name) => new TextEncoder().encode(name).length <= MAX_NAME_BYTES),
      ERRNO.nameTooLong,
    )
    this.#names.push(...names.reverse())
  }

  /** The next name that is no `..`; `undefined` after the last. */
  next(): string | undefined {
    for (;;) {
      const name = this.#names.pop()
      if (name !== '..') return name
      check(this.#directories.length > 1, ERRNO.notPermitted)
      this.#directories.pop()
    }
  }

  enter(node: Node | undefined): void {
    if (node === undefined) throw new WasiError(ERRNO.notFound)
    check(node.kind === 'directory', ERRNO.notDirectory)
    this.#directories.push(node)
  }

  end(): Omit<Place, 'wantsDirectory'> {
    return { parent: this.here, name: '.', node: this.here }
  }
}
