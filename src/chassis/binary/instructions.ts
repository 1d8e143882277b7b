/**
 * Passes one instruction of WebAssembly 2.0 (core specification 2.0, section 5.4), or refuses it.
 *
 * The list is an allow-list. Threads (0xFE), garbage collection (0xFB), exceptions, tail calls, 64-bit and several
 * memories, and relaxed SIMD (whose results differ between processors) are not understood, hence refused.
 */
import { InvalidModule, type Reader } from './reader.ts'

/** What the metering has to know of an instruction; all else is `plain`. */
export type InstructionKind =
  | 'plain'
  | 'block'
  | 'loop'
  | 'if'
  | 'else'
  | 'end'
  | 'leaves'
  | 'branches'
  | 'memory-grow'
  | 'table-grow'
  | 'bulk-bytes'
  | 'bulk-items'

const VALUE_TYPES = new Set([0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f])
const REFERENCE_TYPES = new Set([0x70, 0x6f])
const EMPTY_BLOCK = 0x40

/** A value type (section 5.3.4): numbers, vectors, `funcref`, `externref`. */
export function passValueType(reader: Reader): void {
  const type = reader.byte()
  if (!VALUE_TYPES.has(type)) throw new InvalidModule(`type 0x${type.toString(16)} is not understood`)
}

/** @returns the reference type (section 5.3.3) */
export function passReferenceType(reader: Reader): number {
  const type = reader.byte()
  if (!REFERENCE_TYPES.has(type)) throw new InvalidModule(`reference type 0x${type.toString(16)} is not understood`)
  return type
}

/** For `table.grow`, the last number that was read is its table. */
export interface Instruction {
  readonly kind: InstructionKind
  readonly operand: number
}

const plain: Instruction = { kind: 'plain', operand: 0 }
const kinds = new Map<InstructionKind, Instruction>()
function of(kind: InstructionKind): Instruction {
  const known = kinds.get(kind) ?? { kind, operand: 0 }
  kinds.set(kind, known)
  return known
}

/** Passes one instruction. @throws InvalidModule where it is none that is understood */
export function passInstruction(reader: Reader): Instruction {
  const opcode = reader.byte()
  if (opcode >= 0x45 && opcode <= 0xc4) return plain
  if (opcode >= 0x28 && opcode <= 0x3e) return passMemoryAccess(reader)
  if (opcode >= 0x20 && opcode <= 0x26) return passNumbers(reader, 1)
  return opcode <= 0x11 ? passControl(reader, opcode) : passOther(reader, opcode)
}

/** Section 5.4.1. */
function passControl(reader: Reader, opcode: number): Instruction {
  switch (opcode) {
    case 0x00:
    case 0x0f:
      return of('leaves')
    case 0x01:
      return plain
    case 0x02:
      return passBlockType(reader, 'block')
    case 0x03:
      return passBlockType(reader, 'loop')
    case 0x04:
      return passBlockType(reader, 'if')
    case 0x05:
      return of('else')
    case 0x0b:
      return of('end')
    case 0x0c:
      return passNumbers(reader, 1, 'leaves')
    case 0x0d:
      return passNumbers(reader, 1, 'branches')
    case 0x0e:
      return passNumbers(reader, reader.u32() + 1, 'leaves')
    case 0x10:
      return passNumbers(reader, 1)
    case 0x11:
      return passNumbers(reader, 2)
    default:
      return refuse(opcode)
  }
}

/** Sections 5.4.2 to 5.4.7, without what `passInstruction` knows by its range. */
function passOther(reader: Reader, opcode: number): Instruction {
  switch (opcode) {
    case 0x1a:
    case 0x1b:
    case 0xd1:
      return plain
    case 0x1c:
      for (let left = reader.u32(); left > 0; left -= 1) passValueType(reader)
      return plain
    case 0x3f:
      return passZeros(reader, 1)
    case 0x40:
      return passZeros(reader, 1, 'memory-grow')
    case 0x41:
      reader.skipSigned(32)
      return plain
    case 0x42:
      reader.skipSigned(64)
      return plain
    case 0x43:
      reader.skip(4)
      return plain
    case 0x44:
      reader.skip(8)
      return plain
    case 0xd0:
      passReferenceType(reader)
      return plain
    case 0xd2:
      return passNumbers(reader, 1)
    case 0xfc:
      return passPrefixed(reader)
    case 0xfd:
      return passVector(reader)
    default:
      return refuse(opcode)
  }
}

/** A block type (section 5.4.1): empty, one value type, or the index of a function type. */
function passBlockType(reader: Reader, kind: InstructionKind): Instruction {
  const first = reader.bytes[reader.at] ?? 0
  if (first === EMPTY_BLOCK || VALUE_TYPES.has(first)) reader.skip(1)
  // One byte with the sign bit is a type that is not of 2.0.
  else if (first >= 0x40 && first < 0x80) refuse(first)
  else reader.skipSigned(33)
  return of(kind)
}

function passNumbers(reader: Reader, count: number, kind: InstructionKind = 'plain'): Instruction {
  for (let left = count; left > 0; left -= 1) reader.u32()
  return of(kind)
}

/** Where 2.0 has only the one memory, its index is a zero byte. */
function passZeros(reader: Reader, count: number, kind: InstructionKind = 'plain'): Instruction {
  for (let left = count; left > 0; left -= 1) {
    if (reader.byte() !== 0) throw new InvalidModule('it names a second memory')
  }
  return of(kind)
}

/** An alignment and an offset (section 5.4.6); a larger exponent would be the flag of a second memory. */
function passMemoryAccess(reader: Reader): Instruction {
  if (reader.u32() >= 32) throw new InvalidModule('it names a second memory')
  reader.u32()
  return plain
}

/** Opcodes behind 0xFC (sections 5.4.4, 5.4.5 and 5.4.7). */
function passPrefixed(reader: Reader): Instruction {
  const opcode = reader.u32()
  switch (opcode) {
    case 8:
      reader.u32()
      return passZeros(reader, 1, 'bulk-bytes')
    case 9:
    case 13:
    case 16:
      return passNumbers(reader, 1)
    case 10:
      return passZeros(reader, 2, 'bulk-bytes')
    case 11:
      return passZeros(reader, 1, 'bulk-bytes')
    case 12:
    case 14:
      return passNumbers(reader, 2, 'bulk-items')
    case 15:
      return { kind: 'table-grow', operand: reader.u32() }
    case 17:
      return passNumbers(reader, 1, 'bulk-items')
    default:
      return opcode < 8 ? plain : refuse(0xfc, opcode)
  }
}

/** Opcodes behind 0xFD (section 5.4.8); from 256 on they are relaxed SIMD. */
function passVector(reader: Reader): Instruction {
  const opcode = reader.u32()
  if (opcode > 255) return refuse(0xfd, opcode)
  if (opcode <= 11 || (opcode >= 84 && opcode <= 93)) passMemoryAccess(reader)
  if (opcode === 12 || opcode === 13) reader.skip(16)
  if ((opcode >= 21 && opcode <= 34) || (opcode >= 84 && opcode <= 91)) reader.skip(1)
  return plain
}

function refuse(...opcodes: readonly number[]): never {
  throw new InvalidModule(
    `instruction ${opcodes.map((opcode) => `0x${opcode.toString(16)}`).join(' ')} is not understood`,
  )
}
