import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cachedReads } from '../../../src/adapters/isomorphic/read-cache.ts'
import type { GitObject, ObjectId } from '../../../src/model/index.ts'
import type { ObjectStore } from '../../../src/ports/index.ts'

/** Counts what is asked of it. */
function counting(sizes: ReadonlyMap<string, number>) {
  const asked: string[] = []
  const store: ObjectStore = {
    async read(oid): Promise<GitObject | undefined> {
      asked.push(oid)
      const size = sizes.get(oid)
      return size === undefined ? undefined : { type: 'blob', body: new Uint8Array(size).fill(oid.length) }
    },
    write: async () => [],
    hash: () => '',
    oidBytes: 20,
    close: async () => undefined,
  }
  return { store, asked }
}

const id = (name: string) => name as ObjectId

test('what was read is not asked for again, until as much else was read', async () => {
  const { store, asked } = counting(new Map(['a', 'b', 'c', 'd'].map((name) => [name, 40])))
  const cached = cachedReads(store, 100)
  for (const name of ['a', 'b', 'a', 'b', 'a', 'c']) await cached.read(id(name))
  assert.equal(asked, ['a', 'b', 'c'])
  await cached.read(id('a'))
  assert.equal(asked, ['a', 'b', 'c'], 'b was read least recently')
  await cached.read(id('b'))
  assert.equal(asked, ['a', 'b', 'c', 'b'])
})

test('that there is nothing is asked anew: a fetch may bring it', async () => {
  const sizes = new Map<string, number>()
  const { store, asked } = counting(sizes)
  const cached = cachedReads(store, 100)
  assert.is(await cached.read(id('a')), undefined)
  sizes.set('a', 1)
  assert.is((await cached.read(id('a')))?.body.length, 1)
  assert.equal(asked, ['a', 'a'])
})

test('it answers as what it stands before, whatever is read, and remembers what was read last', async () => {
  const sizes = new Map(Array.from({ length: 20 }, (_, at) => [`${at}`, at * 10]))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 100 }), async (reads) => {
      const { store, asked } = counting(sizes)
      const cached = cachedReads(store, 200)
      const recent: string[] = []
      for (const read of reads) {
        const name = `${read}`
        const before = asked.length
        assert.is((await cached.read(id(name)))?.body.length, sizes.get(name))
        if (asked.length === before) assert.ok(recent.includes(name), 'remembered from a read before')
        recent.push(name)
        const afterwards = asked.length
        if (sizes.has(name)) await cached.read(id(name))
        assert.is(asked.length, afterwards, 'what was read last fits')
      }
    }),
  )
})

test.run()
