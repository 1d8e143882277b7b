/** Small programs of WebAssembly, made by chance: they end, and say what they computed. */
import fc from 'fast-check'

const LOCALS = 4
const local = fc.nat(LOCALS - 1).map((index) => `$v${index}`)
const OPERATORS = ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shr_u', 'rotl', 'lt_u', 'eq']

interface Statements {
  expression: string
  statement: string
  statements: string
}

const { statements } = fc.letrec<Statements>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.integer({ min: -1000, max: 1000 }).map((value) => `(i32.const ${value})`),
    local.map((name) => `(local.get ${name})`),
    fc
      .tuple(fc.constantFrom(...OPERATORS), tie('expression'), tie('expression'))
      .map(([operator, one, other]) => `(i32.${operator} ${one} ${other})`),
    tie('expression').map((at) => `(i32.load (i32.and ${at} (i32.const 0xfff0)))`),
    tie('expression').map((value) => `(call $twice ${value})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([one, other, choice]) => `(if (result i32) ${choice} (then ${one}) (else ${other}))`),
  ),
  statement: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.tuple(local, tie('expression')).map(([name, value]) => `(local.set ${name} ${value})`),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map(([at, value]) => `(i32.store (i32.and ${at} (i32.const 0xfff0)) ${value})`),
    fc.tuple(tie('expression'), tie('statements')).map(([when, then]) => `(if ${when} (then ${then}))`),
    fc.tuple(tie('expression'), tie('statements')).map(([when, rest]) => `(block (br_if 0 ${when}) ${rest})`),
    fc
      .tuple(tie('expression'), tie('statements'), tie('statements'))
      .map(([which, one, other]) => `(block (block (br_table 0 1 ${which}) ${one}) ${other} (br 0) ${one})`),
    // The counter of a loop is out of the reach of what it repeats.
    fc
      .tuple(fc.integer({ min: 1, max: 5 }), tie('statements'))
      .map(([times, body]) => `(call $push (i32.const ${times})) (loop ${body} (br_if 0 (call $again)))`),
    fc
      .tuple(tie('expression'), fc.nat(400))
      .map(([at, length]) => `(memory.fill (i32.and ${at} (i32.const 0x7fff)) (i32.const 7) (i32.const ${length}))`),
    fc.constant('(drop (memory.grow (i32.const 1)))'),
    fc.constant('(drop (table.grow 0 (ref.null func) (i32.const 3)))'),
  ),
  statements: fc.array(tie('statement'), { maxLength: 4 }).map((all) => all.join(' ')),
}))

/** A stack of loop counters lies behind what programs write to. */
const HELPERS = `
  (global $top (mut i32) (i32.const 131072))
  (func $push (param i32) (i32.store (global.get $top) (local.get 0)) (global.set $top (i32.add (global.get $top) (i32.const 4))))
  (func $again (result i32) (local $left i32)
    (local.set $left (i32.sub (i32.load (i32.sub (global.get $top) (i32.const 4))) (i32.const 1)))
    (i32.store (i32.sub (global.get $top) (i32.const 4)) (local.get $left))
    (if (i32.eqz (local.get $left)) (then (global.set $top (i32.sub (global.get $top) (i32.const 4)))))
    (local.get $left))
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))`

/** Ends with a number that depends on its variables and on its memory. */
export const modules: fc.Arbitrary<string> = statements.map(
  (body) => `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 3 20) (table 1 50 funcref) ${HELPERS}
  (func $main ${Array.from({ length: LOCALS }, (_, index) => `(local $v${index} i32)`).join(' ')} ${body}
    ${Array.from({ length: LOCALS }, (_, index) => `(i32.store (i32.const ${index * 4}) (local.get $v${index}))`).join(' ')})
  (func (export "_start") (local $at i32) (local $sum i32)
    (call $main)
    (loop (local.set $sum (i32.add (i32.rotl (local.get $sum) (i32.const 5)) (i32.load (local.get $at))))
      (br_if 0 (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 0x10000))))
    (call $exit (i32.add (local.get $sum) (i32.add (memory.size) (table.size 0))))))`,
)
