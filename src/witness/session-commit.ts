/** What the commits of events and of beats have in common: identity, limits, the shape of the message. */
import { type ObjectId, type ParsedCommit, type SessionName, toObjectId } from '../model/index.ts'

/** No commit of ours is larger, so no reader parses more of a stranger's. */
export const MAX_COMMIT_BYTES = 64 * 1024

/** Ids of the tree without entries in both object formats (`git hash-object -t tree /dev/null`). */
export const EMPTY_TREES: { readonly sha1: ObjectId; readonly sha256: ObjectId } = {
  sha1: toObjectId('4b825dc642cb6eb9a060e54bf8d69288fbee4904'),
  sha256: toObjectId('6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'),
}

/** `.invalid` is never anybody's domain (RFC 2606). */
export function sessionEmail(session: SessionName): string {
  return `${session}@if-board.invalid`
}

/** The JSON line of a message `<line>\n\n<json>\n` on an empty tree; the caller compares the whole commit. */
export function jsonLineOf({ tree, message }: ParsedCommit): string | undefined {
  if (tree !== EMPTY_TREES.sha1 && tree !== EMPTY_TREES.sha256) return undefined
  const lines = message.split('\n')
  return lines.length === 4 && lines[1] === '' && lines[3] === '' ? lines[2] : undefined
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
