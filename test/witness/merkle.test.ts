import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfBytes as hash } from '../../src/adapters/process/hashes.ts'
import {
  appendLeaf,
  EMPTY_FRONTIER,
  type Frontier,
  frontierRoot,
  leafHash,
  subtreesOf,
} from '../../src/witness/index.ts'
import { seeded } from './samples.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function grow(leaves: readonly Uint8Array[], from: Frontier = EMPTY_FRONTIER): Frontier {
  return leaves.reduce((frontier, leaf) => appendLeaf(frontier, leafHash(leaf, hash), hash), from)
}

/** MTH of RFC 6962 §2.1, straight from its recursive definition. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return hash(new Uint8Array(0))
  if (leaves.length === 1) return hash(Buffer.concat([Buffer.from([0]), leaves[0] as Uint8Array]))
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return hash(Buffer.concat([Buffer.from([1]), mth(leaves.slice(0, split)), mth(leaves.slice(split))]))
}

test('the roots of the eight leaves that Certificate Transparency tests with', () => {
  const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const roots = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]
  roots.forEach((root, size) => {
    const frontier = grow(leaves.slice(0, size).map((leaf) => Buffer.from(leaf, 'hex')))
    assert.is(hex(frontierRoot(frontier, hash)), root)
  })
})

test('the frontier gives the root of the recursive definition at every size up to 130', () => {
  const leaves = Array.from({ length: 130 }, (_, at) => Buffer.from(`leaf ${at}`))
  let frontier: Frontier = EMPTY_FRONTIER
  leaves.forEach((leaf, at) => {
    frontier = appendLeaf(frontier, leafHash(leaf, hash), hash)
    assert.is(frontier.hashes.length, subtreesOf(at + 1))
    assert.is(hex(frontierRoot(frontier, hash)), hex(mth(leaves.slice(0, at + 1))))
  })
})

test('appending in two parts gives the tree of appending at once, and leaves the first part as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 70 }), fc.nat(70), (leaves, cut) => {
      const first = grow(leaves.slice(0, cut))
      const before = first.hashes.map(hex)
      const whole = grow(leaves.slice(cut), first)
      assert.is(hex(frontierRoot(whole, hash)), hex(mth(leaves)))
      assert.equal(first.hashes.map(hex), before)
    }),
    seeded,
  )
})

test('a tree larger than 32 bits can count still knows its subtrees', () => {
  assert.is(subtreesOf(2 ** 40 + 2 ** 33 + 1), 3)
  assert.is(subtreesOf(Number.MAX_SAFE_INTEGER), 53)
})

test.run()
