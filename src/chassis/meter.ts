/**
 * Puts the fuel counter into the body of one function.
 *
 * A body is cut into basic blocks: runs of instructions that are entered at the top and left at the bottom. Before the
 * first instruction of each, its price is taken from the counter. Whether the counter went below zero is asked where
 * nothing can run for ever without passing: at the entry of a function and at the head of a loop. Between two such places
 * lies at most one function's text, so that a run ends at most that much after its fuel.
 *
 * Instructions whose work depends on a length pass it to a guard first (`guards.ts`).
 */
import { type Instruction, passInstruction, passValueType } from './binary/instructions.ts'
import { InvalidModule, type Reader } from './binary/reader.ts'
import type { Writer } from './binary/writer.ts'

/** Where the pieces of ours stand in the module that is written. */
export interface Places {
  readonly fuel: number
  readonly bytesGuard: number
  readonly itemsGuard: number
  readonly memoryGuard: number
  /** By table. */
  readonly tableGuards: readonly number[]
}

/** What engines take as one body (V8, `wasm-limits.h`). */
const MAX_BODY_BYTES = 7_654_321
/** Deeper than compilers nest. */
const MAX_NESTING = 10_000
/** Locals are zeroed at each call: so many for the price of one instruction. */
const LOCALS_PER_UNIT = 8
/** What engines take (V8, `wasm-limits.h`). */
const MAX_LOCALS = 50_000

/** Reads one body from `reader` (core specification 2.0, section 5.5.13) and writes it with its counter. */
export function meterBody(reader: Reader, writer: Writer, places: Places): void {
  const locals = passLocals(reader)
  const start = writer.length
  writer.slice(reader.bytes, locals.from, reader.at)
  const meter = new BodyMeter(reader, writer, places)
  meter.enterFunction(Math.ceil(locals.count / LOCALS_PER_UNIT))
  while (!reader.done) meter.next()
  meter.finish()
  if (writer.length - start > MAX_BODY_BYTES) throw new InvalidModule('a function is too long')
}

function passLocals(reader: Reader): { from: number; count: number } {
  const from = reader.at
  let count = 0
  for (let left = reader.u32(); left > 0; left -= 1) {
    count += reader.u32()
    if (count > MAX_LOCALS) throw new InvalidModule('a function has too many locals')
    passValueType(reader)
  }
  return { from, count }
}

class BodyMeter {
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #places: Places
  /** Price of the block that is being written. */
  #cost = 0
  /** Where that price will stand; `undefined` until the block has an instruction that costs anything. */
  #priceAt: number | undefined
  #depth = 1

  constructor(reader: Reader, writer: Writer, places: Places) {
    this.#reader = reader
    this.#writer = writer
    this.#places = places
  }

  enterFunction(price: number): void {
    this.#charge(price + 1)
    writeFuelCheck(this.#writer, this.#places.fuel)
  }

  next(): void {
    if (this.#depth === 0) throw new InvalidModule('a function goes on after its end')
    const from = this.#reader.at
    const instruction = passInstruction(this.#reader)
    const isFree = instruction.kind === 'end' || instruction.kind === 'else' || instruction.kind === 'loop'
    if (!isFree) this.#charge(1)
    this.#guard(instruction)
    this.#writer.slice(this.#reader.bytes, from, this.#reader.at)
    this.#follow(instruction)
  }

  finish(): void {
    if (this.#depth !== 0) throw new InvalidModule('a function does not end')
  }

  /** What an instruction does to nesting and blocks. */
  #follow({ kind }: Instruction): void {
    switch (kind) {
      case 'block':
        this.#nest()
        return
      case 'loop':
        this.#nest()
        this.#endBlock()
        this.#charge(1)
        writeFuelCheck(this.#writer, this.#places.fuel)
        return
      case 'if':
        this.#nest()
        this.#endBlock()
        return
      case 'end':
        this.#depth -= 1
        this.#endBlock()
        return
      case 'else':
      case 'branches':
      case 'leaves':
        this.#endBlock()
    }
  }

  #nest(): void {
    this.#depth += 1
    if (this.#depth > MAX_NESTING) throw new InvalidModule('blocks are nested too deeply')
  }

  /** A guard takes the length from the top of the stack and gives it back. */
  #guard({ kind, operand }: Instruction): void {
    const guard = this.#guardOf(kind, operand)
    if (guard === undefined) return
    this.#writer.byte(0x10)
    this.#writer.u32(guard)
  }

  #guardOf(kind: Instruction['kind'], operand: number): number | undefined {
    switch (kind) {
      case 'bulk-bytes':
        return this.#places.bytesGuard
      case 'bulk-items':
        return this.#places.itemsGuard
      case 'memory-grow':
        return this.#places.memoryGuard
      case 'table-grow':
        return this.#places.tableGuards[operand]
      default:
        return undefined
    }
  }

  #charge(price: number): void {
    this.#priceAt ??= writePrice(this.#writer, this.#places.fuel)
    this.#cost += price
    this.#writer.setPadded(this.#priceAt, this.#cost)
  }

  #endBlock(): void {
    this.#cost = 0
    this.#priceAt = undefined
  }
}

/** `fuel = fuel - price`. @returns where the price stands, for `setPadded` */
function writePrice(writer: Writer, fuel: number): number {
  writer.byte(0x23)
  writer.u32(fuel)
  writer.byte(0x42)
  const at = writer.padded()
  writer.byte(0x7d)
  writer.byte(0x24)
  writer.u32(fuel)
  return at
}

/** `if (fuel < 0) trap` */
export function writeFuelCheck(writer: Writer, fuel: number): void {
  writer.byte(0x23)
  writer.u32(fuel)
  writer.raw([0x42, 0x00, 0x53, 0x04, 0x40, 0x00, 0x0b])
}
