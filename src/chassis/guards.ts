/**
 * Functions of ours in a rewritten module. Each takes a length, charges for it, ends the run where it must not be, and
 * gives it back, so that it can stand before the instruction whose work has that length: type `(i32) -> (i32)`.
 */
import { Writer } from './binary/writer.ts'
import { writeFuelCheck } from './meter.ts'

/** One unit of fuel for so many bytes that are copied, as a power of two: a copy moves 8 bytes in an instruction's time. */
const BYTES_PER_UNIT_LOG2 = 3
/** A page that is added costs 1,024 units: it has to be found and zeroed by the system. */
const UNITS_PER_PAGE_LOG2 = 10

/** `(i32) -> (i32)`, for the type section. */
export const GUARD_TYPE = [0x60, 0x01, 0x7f, 0x01, 0x7f]

/** Indices of the two globals of ours. */
export interface GuardGlobals {
  readonly fuel: number
  readonly refused: number
}

export function bytesGuard({ fuel }: GuardGlobals): Uint8Array {
  return body((writer) => chargeLength(writer, fuel, { shift: 'right', by: BYTES_PER_UNIT_LOG2 }))
}

export function itemsGuard({ fuel }: GuardGlobals): Uint8Array {
  return body((writer) => chargeLength(writer, fuel, { shift: 'left', by: 0 }))
}

/** `allowed`: where growth ends the run; `declared`: where it fails as the module itself wants, and costs nothing. */
export interface GrowthBound {
  readonly allowed: number
  readonly declared: number
}

/** Pages of the memory. */
export function memoryGuard(globals: GuardGlobals, bound: GrowthBound): Uint8Array {
  return growthGuard(globals, bound, [0x3f, 0x00], UNITS_PER_PAGE_LOG2)
}

/** Elements of one table. */
export function tableGuard(globals: GuardGlobals, bound: GrowthBound, table: number): Uint8Array {
  const size = new Writer()
  size.raw([0xfc, 0x10])
  size.u32(table)
  return growthGuard(globals, bound, size.written(), 0)
}

/**
 * ```text
 * if (size + length <= declared) {
 *   if (size + length > allowed) { refused = 1; trap }
 *   charge
 * }
 * ```
 */
function growthGuard(
  globals: GuardGlobals,
  bound: GrowthBound,
  size: ArrayLike<number>,
  unitsLog2: number,
): Uint8Array {
  return body((writer) => {
    const compareSum = (constant: number, comparison: number) => {
      writer.raw(size)
      writer.raw([0xad, 0x20, 0x00, 0xad, 0x7c, 0x42])
      writer.setPadded(writer.padded(), constant)
      writer.raw([comparison, 0x04, 0x40])
    }
    compareSum(bound.declared, I64_LE_U)
    compareSum(bound.allowed, I64_GT_U)
    writer.raw([0x41, 0x01, 0x24])
    writer.u32(globals.refused)
    writer.raw([0x00, 0x0b])
    chargeLength(writer, globals.fuel, { shift: 'left', by: unitsLog2 })
    writer.byte(0x0b)
  })
}

const I64_GT_U = 0x56
const I64_LE_U = 0x58

/** `fuel = fuel - (length shifted)`, then the check. */
function chargeLength(writer: Writer, fuel: number, { shift, by }: { shift: 'left' | 'right'; by: number }): void {
  writer.byte(0x23)
  writer.u32(fuel)
  writer.raw([0x20, 0x00, 0xad, 0x42, by, shift === 'left' ? 0x86 : 0x88, 0x7d, 0x24])
  writer.u32(fuel)
  writeFuelCheck(writer, fuel)
}

/** A body without locals that ends with its parameter on the stack. */
function body(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer()
  writer.byte(0x00)
  write(writer)
  writer.raw([0x20, 0x00, 0x0b])
  return writer.written()
}
