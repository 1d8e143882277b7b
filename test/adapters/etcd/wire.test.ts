import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bytes, count, flag, id, many, message, one, text, WireError } from '../../../src/adapters/etcd/wire.ts'

const Inner = message({ size: count(1), name: text(2) })
const Outer = message({ key: bytes(1), lease: id(3), isLast: flag(4), inner: one(5, Inner), all: many(16, Inner) })
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

test('the examples of the encoding guide are written and read', () => {
  // https://protobuf.dev/programming-guides/encoding/: 150 in field 1, "testing" in field 2, a submessage in field 3.
  assert.is(hex(message({ a: count(1) }).encode({ a: 150 })), '089601')
  assert.is(hex(message({ b: text(2) }).encode({ b: 'testing' })), '120774657374696e67')
  const Nested = message({ c: one(3, message({ a: count(1) })) })
  assert.is(hex(Nested.encode({ c: { a: 150 } })), '1a03089601')
  assert.equal(Nested.decode(Buffer.from('1a03089601', 'hex')), { c: { a: 150 } })
})

test('what is absent has the value that proto3 gives it', () => {
  const { key, ...rest } = Outer.decode(new Uint8Array(0))
  assert.is(key.length, 0)
  assert.equal(rest, { lease: 0n, isLast: false, inner: undefined, all: [] })
})

test('all 64 bits of an id come back, and numbers that are not exact are refused', () => {
  const Id = message({ id: id(1) })
  for (const value of [0n, 1n, 2n ** 63n - 1n, -1n, -(2n ** 63n)])
    assert.is(Id.decode(Id.encode({ id: value })).id, value)
  const Count = message({ n: count(1) })
  assert.is(Count.decode(Count.encode({ n: Number.MAX_SAFE_INTEGER })).n, Number.MAX_SAFE_INTEGER)
  for (const value of [-1n, 2n ** 53n]) assert.throws(() => Count.decode(Id.encode({ id: value })), isWireError)
})

test('fields that no table has are passed over, whatever their kind', () => {
  const wide = `080111${'00'.repeat(8)}1a02ffff25${'00'.repeat(4)}120161`
  assert.equal(Inner.decode(Buffer.from(wide, 'hex')), { size: 1, name: 'a' })
})

test('a message that ends too early, or says what cannot be, is refused', () => {
  for (const broken of ['08', '0880', '1205', '12ffffffff0f61', '0b', '0c', `08${'80'.repeat(11)}00`])
    assert.throws(() => Inner.decode(Buffer.from(broken, 'hex')), isWireError, broken)
})

const plain = { noNullPrototype: true }
const inner = fc.record({ size: fc.maxSafeNat(), name: fc.string({ unit: 'binary' }) }, plain)
const outer = fc.record({
  key: fc.uint8Array(),
  lease: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  isLast: fc.boolean(),
  inner: fc.option(inner, { nil: undefined }),
  all: fc.array(inner),
})

const options = { seed: Number(process.env.IF_BOARD_SEED ?? 20260101) }

test('what is written is read', () => {
  fc.assert(
    fc.property(outer, (value) => {
      const { key, ...rest } = Outer.decode(Outer.encode(value))
      assert.is(hex(key), hex(value.key))
      assert.equal(rest, { lease: value.lease, isLast: value.isLast, inner: value.inner, all: value.all })
    }),
    options,
  )
})

test('a message longer than any before it is written whole, and the next one without traces of it', () => {
  for (let size = 1; size <= 2 ** 20; size *= 8) {
    const all = [
      { size, name: 'x'.repeat(size) },
      { size: 1, name: '' },
    ]
    const { key, ...rest } = Outer.decode(Outer.encode({ key: Buffer.alloc(size, 7), all }))
    assert.is(hex(key), '07'.repeat(size))
    assert.equal(rest.all, all)
  }
  const first = Inner.encode({ size: 1, name: 'first' })
  Inner.encode({ size: 2, name: 'other' })
  assert.equal(Inner.decode(first), { size: 1, name: 'first' })
})

test('any bytes are a message or a WireError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
      try {
        Outer.decode(garbage)
      } catch (error) {
        assert.ok(isWireError(error))
      }
    }),
    options,
  )
})

function isWireError(error: unknown): boolean {
  return error instanceof WireError
}

test.run()
