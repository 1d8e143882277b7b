/** What every ObjectStore promises; run for each adapter. */
import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeCommit, encodeTree, type GitObject, type ObjectId, objectId } from '../../src/model/index.ts'
import type { ObjectStore } from '../../src/ports/index.ts'

export interface ObjectStoreWorld {
  /** Another store on the same objects. */
  open(): ObjectStore
  close(): Promise<void>
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const blob = (text: string): GitObject => ({ type: 'blob', body: bytes(text) })

export function objectStoreContract(name: string, build: () => Promise<ObjectStoreWorld>): void {
  const test = suite<{ world: ObjectStoreWorld; store: ObjectStore }>(`ObjectStore: ${name}`)
  test.before(async (context) => {
    context.world = await build()
    context.store = context.world.open()
  })
  test.after(async ({ world, store }) => {
    await store.close()
    await world.close()
  })

  test('objects of every type come back byte for byte, with ids in their order', async ({ store }) => {
    const file = blob('a\0b\r\n\u00e4')
    const tree = encodeTree([{ mode: '100644', name: 'file', oid: objectId(file, store.hash) }])
    const commit = encodeCommit({
      tree: objectId(tree, store.hash),
      parents: [],
      name: 'Test',
      email: 'test@example.invalid',
      seconds: 1,
      message: 'one\n',
    })
    const tag: GitObject = {
      type: 'tag',
      body: bytes(
        `object ${objectId(commit, store.hash)}\ntype commit\ntag t\ntagger Test <t@example.invalid> 1 +0000\n\nt\n`,
      ),
    }
    const objects = [commit, tree, file, tag]
    const ids = await store.write(objects)
    assert.equal(
      ids,
      objects.map((object) => objectId(object, store.hash)),
    )
    for (const [at, oid] of ids.entries()) same(await store.read(oid), objects[at] as GitObject)
  })

  test('empty, tiny and large bodies keep their size', async ({ store }) => {
    const sizes = [0, 1, 15, 16, 17, 2047, 2048, 65_535, 300_000]
    const objects = sizes.map((size): GitObject => ({ type: 'blob', body: randomBytes(size) }))
    const ids = await store.write(objects)
    for (const [at, oid] of ids.entries()) same(await store.read(oid), objects[at] as GitObject)
  })

  test('what is not here is undefined, and may be written and read afterwards', async ({ store }) => {
    const late = blob(`late ${name}`)
    const oid = objectId(late, store.hash)
    assert.is(await store.read(oid), undefined)
    await store.write([late])
    same(await store.read(oid), late)
  })

  test('what one store writes another one that was open before reads', async ({ world, store }) => {
    const reader = world.open()
    assert.is(await reader.read('0123456789'.repeat(store.oidBytes / 5) as ObjectId), undefined)
    const [oid] = await store.write([blob('shared')])
    same(await reader.read(oid as ObjectId), blob('shared'))
    await reader.close()
  })

  test('writing the same object twice, in one call or two, changes nothing', async ({ store }) => {
    const [first, second] = await store.write([blob('twice'), blob('twice')])
    const [third] = await store.write([blob('twice')])
    assert.equal([second, third], [first, first])
    same(await store.read(first as ObjectId), blob('twice'))
  })

  test('many reads and writes at once all get their own answer', async ({ store }) => {
    const texts = Array.from({ length: 60 }, (_, at) => `object ${at} ${'x'.repeat(at * 50)}`)
    const written = await Promise.all(texts.map((text) => store.write([blob(text)])))
    const read = await Promise.all(written.map(([oid]) => store.read(oid as ObjectId)))
    for (const [at, object] of read.entries()) same(object, blob(texts[at] as string))
  })

  test('writing nothing gives no id', async ({ store }) => {
    assert.equal(await store.write([]), [])
  })

  test('a body above the limit is refused, and other reads at the same time are answered', async ({ store }) => {
    const [small, large] = await store.write([
      blob('small'),
      { type: 'blob', body: new Uint8Array(64 * 1024 * 1024 + 1) },
    ])
    const answers = await Promise.allSettled([small, large, small, small].map((oid) => store.read(oid as ObjectId)))
    assert.equal(
      answers.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    )
    assert.is((answers[1] as PromiseRejectedResult).reason.code, 'board/too-large')
    same(await store.read(small as ObjectId), blob('small'))
  })

  test.run()
}

function same(found: GitObject | undefined, expected: GitObject): void {
  assert.is(found?.type, expected.type)
  assert.ok(Buffer.from(found?.body ?? []).equals(Buffer.from(expected.body)))
}
