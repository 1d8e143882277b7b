/**
 * The Merkle tree over all sealed events, kept as its frontier.
 *
 * Source: RFC 6962 §2.1. A leaf's hash is H(0x00 ‖ data), a node's H(0x01 ‖ left ‖ right), the root of
 * no leaves H(""). A tree of n leaves splits at the largest power of two below n, so its left
 * parts never change: the roots of the perfect subtrees that n falls apart into (one per 1 bit of n,
 * largest first) are all that is needed to append and to give the root. Each seal carries them.
 */
import { concatBytes, invariant } from '../model/index.ts'

/** SHA-256 of bytes, given by the shell. */
export type RawHash = (bytes: Uint8Array) => Uint8Array

export const HASH_BYTES = 32

/** A tree of `size` leaves: the roots of its perfect subtrees, largest (oldest) first. */
export interface Frontier {
  readonly size: number
  readonly hashes: readonly Uint8Array[]
}

export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] }

export function leafHash(data: Uint8Array, hash: RawHash): Uint8Array {
  return hash(concatBytes([Uint8Array.of(0), data]))
}

function nodeHash(left: Uint8Array, right: Uint8Array, hash: RawHash): Uint8Array {
  return hash(concatBytes([Uint8Array.of(1), left, right]))
}

/** The tree with one more leaf behind; amortised two hashes. */
export function appendLeaf({ size, hashes }: Frontier, leaf: Uint8Array, hash: RawHash): Frontier {
  invariant(size < Number.MAX_SAFE_INTEGER && hashes.length === subtreesOf(size), 'a frontier fits its size')
  const next = [...hashes]
  let subtree = leaf
  // Like carrying in binary addition: each trailing 1 bit is a subtree as large as the one at hand.
  for (let bits = size; bits % 2 === 1; bits = Math.floor(bits / 2)) {
    subtree = nodeHash(next.pop() as Uint8Array, subtree, hash)
  }
  return { size: size + 1, hashes: [...next, subtree] }
}

/** RFC 6962 root of the tree. */
export function frontierRoot({ hashes }: Frontier, hash: RawHash): Uint8Array {
  return hashes.length === 0
    ? hash(new Uint8Array(0))
    : hashes.reduceRight((right, left) => nodeHash(left, right, hash))
}

/** How many perfect subtrees a tree of that size has: the number of 1 bits. */
export function subtreesOf(size: number): number {
  let ones = 0
  // By division, because bit operators cut numbers to 32 bits.
  for (let bits = size; bits > 0; bits = Math.floor(bits / 2)) ones += bits % 2
  return ones
}
