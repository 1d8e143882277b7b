/** The sections of a module (core specification 2.0, section 5.5), as far as the rewriter has to know them. */
import { passReferenceType, passValueType } from './instructions.ts'
import { InvalidModule, Reader } from './reader.ts'

export const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

/** In the order in which they must stand (section 5.5.16). */
export const SECTION_ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11]

/** `\0asm` and version 1 (section 5.5.16). */
export const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

/** Entries as they stand: `count` and the bytes from the first to the last. */
export interface Entries {
  readonly count: number
  readonly from: number
  readonly to: number
}

/** Sizes in pages or elements (section 5.3.5). */
export interface Limits {
  readonly min: number
  readonly max: number | undefined
}

export interface Table extends Limits {
  readonly type: number
}

export interface Import {
  readonly module: string
  readonly name: string
  readonly kind: 'function' | 'table' | 'memory' | 'global'
}

/** Where each section's content lies; custom sections are left out. @throws InvalidModule */
export function readSections(bytes: Uint8Array): ReadonlyMap<number, Reader> {
  const reader = new Reader(bytes)
  for (const expected of PREAMBLE)
    if (reader.byte() !== expected) throw new InvalidModule('it is no module of version 1')
  const sections = new Map<number, Reader>()
  let last = -1
  while (!reader.done) {
    const id = reader.byte()
    const content = reader.part(reader.u32())
    if (id === 0) continue
    const place = SECTION_ORDER.indexOf(id)
    if (place < 0) throw new InvalidModule(`section ${id} is not understood`)
    if (place <= last) throw new InvalidModule(`section ${id} stands twice or too late`)
    last = place
    sections.set(id, content)
  }
  return sections
}

/** Reads every entry of a section, and that nothing follows the last; an absent section is empty. */
export function readEntries(section: Reader | undefined, pass: (reader: Reader) => void): Entries {
  if (section === undefined) return { count: 0, from: 0, to: 0 }
  const count = section.u32()
  const from = section.at
  for (let left = count; left > 0; left -= 1) pass(section)
  if (!section.done) throw new InvalidModule('a section is longer than its entries')
  return { count, from, to: section.end }
}

/** Section 5.5.4: function types alone. */
export function passType(reader: Reader): void {
  if (reader.byte() !== 0x60) throw new InvalidModule('a type is not one of a function')
  for (let list = 0; list < 2; list += 1) for (let left = reader.u32(); left > 0; left -= 1) passValueType(reader)
}

const IMPORT_KINDS = ['function', 'table', 'memory', 'global'] as const

/** Section 5.5.5. */
export function readImport(reader: Reader): Import {
  const module = reader.name()
  const name = reader.name()
  const kind = IMPORT_KINDS[reader.byte()]
  if (kind === undefined) throw new InvalidModule('an import is of a kind that is not understood')
  if (kind === 'function') reader.u32()
  else if (kind === 'table') readTable(reader)
  else if (kind === 'memory') readMemory(reader)
  else passGlobalType(reader)
  return { module, name, kind }
}

/** Section 5.5.7. */
export function readTable(reader: Reader): Table {
  const type = passReferenceType(reader)
  return { type, ...readLimits(reader) }
}

/** Section 5.5.8. */
export function readMemory(reader: Reader): Limits {
  return readLimits(reader)
}

/** Section 5.3.5; larger flags are those of shared and of 64-bit memories. */
function readLimits(reader: Reader): Limits {
  const flags = reader.byte()
  if (flags > 1) throw new InvalidModule('a memory or table is shared, or has 64 bits')
  return { min: reader.u32(), max: flags === 1 ? reader.u32() : undefined }
}

function passGlobalType(reader: Reader): void {
  passValueType(reader)
  if (reader.byte() > 1) throw new InvalidModule('a global is of a kind that is not understood')
}

/** Section 5.5.9. */
export function passGlobal(reader: Reader): void {
  passGlobalType(reader)
  passConstant(reader)
}

/** Section 5.5.10. @returns the name */
export function readExport(reader: Reader): string {
  const name = reader.name()
  if (reader.byte() > 3) throw new InvalidModule('an export is of a kind that is not understood')
  reader.u32()
  return name
}

/** Section 5.5.12; the flags say which of the eight forms it is. */
export function passElement(reader: Reader): void {
  const flags = reader.u32()
  if (flags > 7) throw new InvalidModule('an element segment is of a form that is not understood')
  const isActive = (flags & 1) === 0
  const hasIndexOrIsPassive = (flags & 2) !== 0
  const hasExpressions = (flags & 4) !== 0
  if (isActive) {
    if (hasIndexOrIsPassive) reader.u32()
    passConstant(reader)
  }
  if (!isActive || hasIndexOrIsPassive) {
    if (hasExpressions) passReferenceType(reader)
    else if (reader.byte() !== 0) throw new InvalidModule('an element segment is of a kind that is not understood')
  }
  for (let left = reader.u32(); left > 0; left -= 1) {
    if (hasExpressions) passConstant(reader)
    else reader.u32()
  }
}

/** Section 5.5.14. */
export function passData(reader: Reader): void {
  const flags = reader.u32()
  if (flags > 2) throw new InvalidModule('a data segment is of a form that is not understood')
  if (flags === 2) reader.u32()
  if (flags !== 1) passConstant(reader)
  reader.skip(reader.u32())
}

/** A constant expression (section 3.3.10 of 2.0): one constant, `ref.null`, `ref.func` or `global.get`. */
function passConstant(reader: Reader): void {
  const opcode = reader.byte()
  if (opcode === 0x41) reader.skipSigned(32)
  else if (opcode === 0x42) reader.skipSigned(64)
  else if (opcode === 0x43) reader.skip(4)
  else if (opcode === 0x44) reader.skip(8)
  else if (opcode === 0xd0) passReferenceType(reader)
  else if (opcode === 0x23 || opcode === 0xd2) reader.u32()
  else if (opcode === 0xfd && reader.u32() === 12) reader.skip(16)
  else throw new InvalidModule('a constant is of a form that is not understood')
  if (reader.byte() !== 0x0b) throw new InvalidModule('a constant is of a form that is not understood')
}
