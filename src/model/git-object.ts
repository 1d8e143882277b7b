/**
 * The object formats of git that we write byte for byte: commits and trees.
 *
 * Sources: git's Documentation/gitformat-*.txt and gitdatamodel; the header of an object
 * is `<type> <size>\0`, its id the hash of header and body. Hashing is the caller's.
 */
import { IfBoardError, invariant } from './errors.ts'
import { isObjectId, type ObjectId } from './ids.ts'

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'

export interface GitObject {
  readonly type: ObjectType
  readonly body: Uint8Array
}

/** SHA-1 or SHA-256 of bytes as lower-case hexadecimal, as the repository's object format asks. */
export type ObjectHash = (bytes: Uint8Array) => string

const utf8 = new TextEncoder()

/** Object id of a body: hash of `<type> <size>\0<body>`. */
export function objectId({ type, body }: GitObject, hash: ObjectHash): ObjectId {
  const header = utf8.encode(`${type} ${body.length}\0`)
  const whole = new Uint8Array(header.length + body.length)
  whole.set(header)
  whole.set(body, header.length)
  const oid = hash(whole)
  invariant(isObjectId(oid), 'an object hash has 40 or 64 hexadecimal digits')
  return oid
}

export interface CommitSource {
  readonly tree: ObjectId
  readonly parents: readonly ObjectId[]
  readonly name: string
  readonly email: string
  /** Seconds since 1970; the zone is always +0000. */
  readonly seconds: number
  readonly message: string
}

/** The bytes of a commit whose author is its committer. */
export function encodeCommit({ tree, parents, name, email, seconds, message }: CommitSource): GitObject {
  const who = `${name} <${email}> ${Math.floor(seconds)} +0000`
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who}`, `committer ${who}`]
  return { type: 'commit', body: utf8.encode(`${lines.join('\n')}\n\n${message}`) }
}

export interface ParsedCommit {
  readonly tree: ObjectId
  readonly parents: readonly ObjectId[]
  /** `Name <mail>` and seconds of the author. */
  readonly author: { readonly name: string; readonly email: string; readonly seconds: number }
  readonly message: string
}

/** Read a commit; `undefined` when the bytes are none. */
export function parseCommit(body: Uint8Array): ParsedCommit | undefined {
  const text = new TextDecoder().decode(body)
  const blank = text.indexOf('\n\n')
  const headers = (blank < 0 ? text : text.slice(0, blank)).split('\n')
  const tree = headers[0]?.startsWith('tree ') ? headers[0].slice(5) : ''
  if (!isObjectId(tree)) return undefined
  const parents = headers
    .filter((line) => line.startsWith('parent '))
    .map((line) => line.slice(7))
    .filter(isObjectId)
  const author = headers.find((line) => line.startsWith('author '))
  const match = author === undefined ? null : /^author (.*) <([^>]*)> (-?\d+) [+-]\d{4}$/.exec(author)
  return {
    tree,
    parents,
    author: { name: match?.[1] ?? '', email: match?.[2] ?? '', seconds: Number(match?.[3] ?? 0) },
    message: blank < 0 ? '' : text.slice(blank + 2),
  }
}

export interface TreeEntry {
  /** `100644`, `100755`, `120000`, `160000` or `40000`. */
  readonly mode: string
  readonly name: string
  readonly oid: ObjectId
}

/** The entries of a tree object; names are decoded as UTF-8. */
export function parseTree(body: Uint8Array, oidBytes: 20 | 32): TreeEntry[] {
  const entries: TreeEntry[] = []
  let at = 0
  while (at < body.length) {
    const space = body.indexOf(0x20, at)
    const zero = body.indexOf(0, space)
    if (space < 0 || zero < 0 || zero + 1 + oidBytes > body.length)
      throw new IfBoardError('git/failed', 'a tree object ends in the middle of an entry')
    const decoder = new TextDecoder()
    const mode = decoder.decode(body.subarray(at, space))
    const name = decoder.decode(body.subarray(space + 1, zero))
    const oid = Array.from(body.subarray(zero + 1, zero + 1 + oidBytes), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join('')
    entries.push({ mode, name, oid: oid as ObjectId })
    at = zero + 1 + oidBytes
  }
  return entries
}

/** The bytes of a tree, in git's order: by bytes of the name, a directory as if it ended in `/`. */
export function encodeTree(entries: readonly TreeEntry[]): GitObject {
  const sorted = entries
    .map((entry) => ({ entry, order: utf8.encode(entry.mode === '40000' ? `${entry.name}/` : entry.name) }))
    .sort((a, b) => compareBytes(a.order, b.order))
  const parts: number[] = []
  for (const { entry } of sorted) {
    for (const byte of utf8.encode(`${entry.mode} ${entry.name}`)) parts.push(byte)
    parts.push(0)
    for (let at = 0; at < entry.oid.length; at += 2) parts.push(Number.parseInt(entry.oid.slice(at, at + 2), 16))
  }
  return { type: 'tree', body: Uint8Array.from(parts) }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at += 1) {
    const difference = (a[at] as number) - (b[at] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
