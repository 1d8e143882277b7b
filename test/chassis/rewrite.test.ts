import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FUEL_EXPORT, type Rewritten, rewriteModule } from '../../src/chassis/index.ts'
import { bytesOf } from '../support/wat.ts'
import { modules } from './made-modules.ts'
import { metered, runHere, validate } from './run-here.ts'

const isFull = process.env.IF_BOARD_TEST === 'full'
const options = (quick: number, full: number) => ({
  numRuns: isFull ? full : quick,
  ...(process.env.IF_BOARD_SEED === undefined ? {} : { seed: Number(process.env.IF_BOARD_SEED) }),
})

const rewritten = (bytes: Uint8Array): Rewritten =>
  rewriteModule(bytes, { granted: new Set(GRANTED), fuel: 1e6, memoryPages: 20, tableElements: 100, validate })
const GRANTED = ['wasi_snapshot_preview1.proc_exit']

/** Whatever came in, what may run is something that the engine accepts. */
function isSound(result: Rewritten): boolean {
  return result.kind === 'rewritten' ? validate(result.module) : result.reason.length > 0
}

test('any bytes are refused with a reason, or become a module that the engine accepts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, hasHead) => {
      const head = hasHead ? [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] : []
      return isSound(rewritten(Uint8Array.from([...head, ...bytes])))
    }),
    options(2_000, 100_000),
  )
})

test('a module with bytes changed is refused with a reason, or becomes one that the engine accepts', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(modules, fc.array(changes, { minLength: 20, maxLength: 20 }), (wat, all) => {
      const bytes = bytesOf(wat)
      return all.every((change) => {
        const changed = Uint8Array.from(bytes)
        for (const [at, value] of change) changed[at % changed.length] = value
        return isSound(rewritten(changed))
      })
    }),
    options(60, 3_000),
  )
})

test('a module that its engine would not validate is refused even when its parts can be read', () => {
  const unsound = '(module (func (export "_start") (drop (i32.add (i32.const 1) (i64.const 2)))))'
  assert.is(rewritten(bytesOf(unsound)).kind, 'invalid')
  const blind = { granted: new Set<string>(), fuel: 1, memoryPages: 1, tableElements: 1, validate: () => true }
  assert.is(rewriteModule(new Uint8Array(3), blind).kind, 'invalid')
})

test('with its counter a program ends as without, and uses the same fuel each time', () => {
  fc.assert(
    fc.property(modules, (wat) => {
      const bytes = bytesOf(wat)
      const plain = runHere(bytes)
      const counted = metered(bytes)
      const runs = [runHere(counted), runHere(counted), runHere(metered(bytes))]
      for (const run of runs) assert.equal({ ...run, fuel: 0n }, plain)
      assert.is(new Set(runs.map(({ fuel }) => fuel)).size, 1)
    }),
    options(150, 5_000),
  )
})

test('fuel that is just enough is enough, and one unit less is not', () => {
  fc.assert(
    fc.property(modules, (wat) => {
      const counted = metered(bytesOf(wat))
      const { end, fuel } = runHere(counted)
      assert.is(runHere(counted, { fuel: Number(fuel) }).end, end)
      assert.is(runHere(counted, { fuel: Number(fuel) - 1 }).end, 'fuel')
    }),
    options(100, 3_000),
  )
})

const loop = (times: number, body: string) =>
  bytesOf(`(module (memory 1) (table 10 funcref) (func (export "_start") (local i32) (local.set 0 (i32.const ${times}))
    (loop ${body} (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`)
const fuelOf = (module: Uint8Array) => Number(runHere(metered(module)).fuel)
/** Units of one more round, besides the 6 of the loop itself: its head and five instructions. */
const roundOf = (body: string) => fuelOf(loop(11, body)) - fuelOf(loop(10, body)) - 6

test('an instruction costs one unit, whatever block it stands in', () => {
  assert.is(roundOf(''), 0)
  assert.is(roundOf('nop nop nop'), 3)
  assert.is(roundOf('(block nop (block nop))'), 4)
  assert.is(roundOf('(if (i32.const 1) (then nop) (else nop nop nop))'), 3)
  assert.is(roundOf('(if (i32.const 0) (then nop) (else nop nop nop))'), 5)
  assert.is(roundOf('(block (br_if 0 (i32.const 1)) nop nop)'), 3)
  assert.is(roundOf('(block (br_if 0 (i32.const 0)) nop nop)'), 5)
  assert.is(roundOf('(block (block (br_table 0 1 (i32.const 0)) nop) nop)'), 5)
})

test('bulk operations cost a unit for eight bytes, or for an element', () => {
  const fill = (length: number) => roundOf(`(memory.fill (i32.const 0) (i32.const 0) (i32.const ${length}))`)
  const copy = (length: number) => roundOf(`(memory.copy (i32.const 0) (i32.const 8) (i32.const ${length}))`)
  const table = (length: number) => roundOf(`(table.fill 0 (i32.const 0) (ref.null func) (i32.const ${length}))`)
  assert.equal([fill(0), fill(7), fill(800) - fill(0), copy(8000) - copy(0), table(9) - table(0)], [4, 4, 100, 1000, 9])
})

test('a page costs 1,024 units, and growth that fails in the module nothing', () => {
  const grown = (pages: number, most: number) =>
    fuelOf(bytesOf(`(module (memory 1 ${most}) (func (export "_start") (drop (memory.grow (i32.const ${pages})))))`))
  assert.is(grown(3, 9) - grown(0, 9), 3 * 1024)
  assert.is(grown(3, 2), grown(0, 9))
})

const OPEN = { granted: new Set<string>(), fuel: 1, memoryPages: 10, tableElements: 10 }
const LATER: readonly (readonly [string, string])[] = [
  ['a memory of 64 bits', '(memory i64 1)'],
  ['a table of 64 bits', '(table i64 1 funcref)'],
  ['a second memory', '(memory 1) (memory 1)'],
  ['a second memory in an access', '(memory $a 1) (memory $b 1) (func (drop (i32.load $b (i32.const 0))))'],
  ['a shared memory', '(memory 1 1 shared)'],
  ['atomics', '(memory 1 1) (func (drop (i32.atomic.load (i32.const 0))))'],
  ['waiting', '(memory 1 1) (func (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))'],
  ['exceptions', '(tag $t) (func (throw $t))'],
  ['trying', '(tag $t) (func (try (do) (catch $t)))'],
  ['tail calls', '(func $f (return_call $f))'],
  ['relaxed SIMD', '(func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))'],
  ['constants with arithmetic', '(global i32 (i32.add (i32.const 1) (i32.const 2)))'],
]
for (const [name, parts] of LATER)
  test(`what came after 2.0 is refused by the reader itself, whatever its engine knows: ${name}`, () => {
    const bytes = bytesOf(`(module ${parts})`)
    const result = rewriteModule(bytes, { ...OPEN, validate: () => true })
    assert.is(result.kind, 'invalid', JSON.stringify(result))
  })

test('garbage collection and unknown bytes are refused by the reader itself', () => {
  const inBody = (...code: number[]) => [
    ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x0a, code.length + 4, 0x01, code.length + 2, 0x00],
    ...[...code, 0x0b],
  ]
  const struct = [0x01, 0x03, 0x01, 0x5f, 0x00]
  const all = [
    struct,
    inBody(0xfb, 0x1c),
    inBody(0x27),
    inBody(0xff),
    inBody(0xfc, 0x12),
    inBody(0x06, 0x40),
    [0x0e, 0x00],
  ]
  for (const content of all) {
    const bytes = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, ...content])
    assert.is(rewriteModule(bytes, { ...OPEN, validate: () => true }).kind, 'invalid')
  }
  const sound = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, ...inBody(0x01)])
  assert.is(rewriteModule(sound, { ...OPEN, validate: () => true }).kind, 'rewritten')
})

test('a function pays for its locals at each call', () => {
  const calling = (locals: number) =>
    bytesOf(`(module (func $f (local ${'i64 '.repeat(locals)})) (func (export "_start") (call $f)))`)
  assert.is(fuelOf(calling(800)) - fuelOf(calling(0)), 100)
})

test('the counter begins with what was granted', () => {
  for (const fuel of [0, 63, 64, 1e9, Number.MAX_SAFE_INTEGER]) {
    const result = rewriteModule(bytesOf('(module)'), {
      granted: new Set(),
      fuel,
      memoryPages: 1,
      tableElements: 1,
      validate,
    })
    assert.is(result.kind, 'rewritten')
    if (result.kind !== 'rewritten') continue
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(result.module), {})
    assert.is((exports[FUEL_EXPORT] as WebAssembly.Global).value, BigInt(fuel))
  }
})

test('limits are lowered to what is allowed, and never raised', () => {
  const limits = (wat: string) => {
    const result = rewritten(bytesOf(wat))
    assert.is(result.kind, 'rewritten')
    if (result.kind !== 'rewritten') return
    const { memory, table } = new WebAssembly.Instance(new WebAssembly.Module(result.module), {}).exports
    const grow = (what: unknown, by: number) => {
      try {
        return (what as { grow(by: number): number }).grow(by) >= 0
      } catch {
        return false
      }
    }
    return [grow(memory, 1), grow(memory, 18), grow(memory, 1), grow(table, 99), grow(table, 1)]
  }
  const both = (memory: string, table: string) =>
    `(module (memory (export "memory") ${memory}) (table (export "table") ${table} funcref))`
  assert.equal(limits(both('1', '1')), [true, true, false, true, false])
  assert.equal(limits(both('1 60000', '1 4000000')), [true, true, false, true, false])
  assert.equal(limits(both('1 2', '1 50')), [true, false, false, false, true])
})

test('custom sections are dropped, and the rest of a module stays as it was', () => {
  const named = bytesOf('(module (func $name (export "_start") (local $x i32) nop))')
  const custom = Uint8Array.from([...named, 0x00, 0x05, 0x04, 0x6e, 0x61, 0x6d, 0x65])
  assert.equal(metered(custom), metered(named))
})

test.run()
