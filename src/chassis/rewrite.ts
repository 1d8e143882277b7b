/**
 * Makes of a WebAssembly module one that counts its fuel and cannot grow beyond its limits.
 *
 * Nothing that is there moves: types, functions and globals of ours stand behind the module's own, so no index changes.
 * Added are one type, guards (`guards.ts`), two globals and their exports; the start function becomes an export, so that
 * the host hears of its counter whatever it does. Custom sections are dropped.
 */

import { InvalidModule, type Reader } from './binary/reader.ts'
import {
  type Entries,
  type Import,
  type Limits,
  PREAMBLE,
  passData,
  passElement,
  passGlobal,
  passType,
  readEntries,
  readExport,
  readImport,
  readMemory,
  readSections,
  readTable,
  SECTION,
  SECTION_ORDER,
  type Table,
} from './binary/sections.ts'
import { Writer } from './binary/writer.ts'
import { bytesGuard, GUARD_TYPE, itemsGuard, memoryGuard, tableGuard } from './guards.ts'
import { meterBody, type Places } from './meter.ts'

/** Export and import names that begin with this are ours alone. */
const RESERVED = 'if-board:'
/** Mutable i64: what is left, below zero after the end. */
export const FUEL_EXPORT = `${RESERVED}fuel`
/** Mutable i32: 1 after a growth beyond the limits ended the run. */
export const REFUSED_EXPORT = `${RESERVED}refused`
/** The module's start function, if it has one. */
export const START_EXPORT = `${RESERVED}start`

export interface RewriteRequest {
  /** What the module may import, each as `module.name`: functions alone. */
  readonly granted: ReadonlySet<string>
  /** What the counter begins with; an integer of at most 53 bits. */
  readonly fuel: number
  /** Pages of 64 KiB that its memory may have. */
  readonly memoryPages: number
  /** Elements that each of its tables may have. */
  readonly tableElements: number
  /** The engine's own validation (`WebAssembly.validate`). */
  readonly validate: (module: Uint8Array) => boolean
}

export type Rewritten =
  | { readonly kind: 'rewritten'; readonly module: Uint8Array }
  /** No module of WebAssembly 2.0, or one that uses a reserved name or is beyond a cap. */
  | { readonly kind: 'invalid'; readonly reason: string }
  /** It imports what was not granted; names are as the module has them: show them through `printable`. */
  | { readonly kind: 'denied'; readonly reason: string }
  /** It begins with a larger memory or table than it may have. */
  | { readonly kind: 'memory'; readonly reason: string }

/** Any bytes; never throws for what is in them. Deterministic; time and space grow with the length of the module. */
export function rewriteModule(bytes: Uint8Array, request: RewriteRequest): Rewritten {
  if (!request.validate(bytes)) return { kind: 'invalid', reason: 'the engine does not accept it' }
  try {
    const parts = readParts(bytes)
    const refusal = judge(parts, request)
    if (refusal !== undefined) return refusal
    const module = write(parts, request)
    // The engine's limits on sizes may be met only now.
    return request.validate(module)
      ? { kind: 'rewritten', module }
      : { kind: 'invalid', reason: 'with its counter, the engine does not accept it' }
  } catch (error) {
    if (error instanceof InvalidModule) return { kind: 'invalid', reason: error.message }
    throw error
  }
}

const MAX_TABLES = 16
const MAX_FUNCTIONS = 200_000
const MOST_PAGES = 65_536
const MOST_ELEMENTS = 2 ** 32 - 1

interface Parts {
  readonly bytes: Uint8Array
  readonly types: Entries
  readonly imports: readonly Import[]
  readonly importEntries: Entries
  readonly functions: Entries
  readonly tables: readonly Table[]
  readonly memory: Limits | undefined
  readonly globals: Entries
  readonly exportNames: readonly string[]
  readonly exports: Entries
  readonly start: number | undefined
  readonly elements: Entries
  readonly dataCount: number | undefined
  /** Its bodies are read when they are written. */
  readonly code: Reader | undefined
  readonly data: Entries
}

function readParts(bytes: Uint8Array): Parts {
  const sections = readSections(bytes)
  const section = (name: keyof typeof SECTION) => sections.get(SECTION[name])
  const imports: Import[] = []
  const tables: Table[] = []
  const memories: Limits[] = []
  const exportNames: string[] = []
  const parts = {
    bytes,
    types: readEntries(section('type'), passType),
    imports,
    importEntries: readEntries(section('import'), (reader) => imports.push(readImport(reader))),
    functions: readEntries(section('function'), (reader) => reader.u32()),
    tables,
    globals: readEntries(section('global'), passGlobal),
    exportNames,
    exports: readEntries(section('export'), (reader) => exportNames.push(readExport(reader))),
    start: section('start')?.u32(),
    elements: readEntries(section('element'), passElement),
    dataCount: section('dataCount')?.u32(),
    code: section('code'),
    data: readEntries(section('data'), passData),
  }
  readEntries(section('table'), (reader) => tables.push(readTable(reader)))
  readEntries(section('memory'), (reader) => memories.push(readMemory(reader)))
  if (memories.length > 1) throw new InvalidModule('it has a second memory')
  if (tables.length > MAX_TABLES) throw new InvalidModule(`it has more than ${MAX_TABLES} tables`)
  if (parts.functions.count > MAX_FUNCTIONS) throw new InvalidModule(`it has more than ${MAX_FUNCTIONS} functions`)
  return { ...parts, memory: memories[0] }
}

/** @returns why this module must not run, or nothing */
function judge({ imports, exportNames, memory, tables }: Parts, request: RewriteRequest): Rewritten | undefined {
  const isReserved = (name: string) => name.startsWith(RESERVED)
  if (imports.some(({ module, name }) => isReserved(module) || isReserved(name)) || exportNames.some(isReserved))
    return { kind: 'invalid', reason: `it uses a name that begins with ${RESERVED}` }
  const strange = imports.find(
    ({ kind, module, name }) => kind !== 'function' || !request.granted.has(`${module}.${name}`),
  )
  if (strange !== undefined)
    return { kind: 'denied', reason: `it imports the ${strange.kind} ${strange.module}.${strange.name}` }
  if (memory !== undefined && memory.min > request.memoryPages)
    return { kind: 'memory', reason: `its memory begins with ${memory.min} pages, at most ${request.memoryPages}` }
  const table = tables.find(({ min }) => min > request.tableElements)
  if (table !== undefined)
    return { kind: 'memory', reason: `a table begins with ${table.min} elements, at most ${request.tableElements}` }
  return undefined
}

/** A function of ours, or a bound, for each thing that can grow. */
function guardsOf({ tables, memory, globals }: Parts, { memoryPages, tableElements }: RewriteRequest): Uint8Array[] {
  const ours = { fuel: globals.count, refused: globals.count + 1 }
  return [
    bytesGuard(ours),
    itemsGuard(ours),
    ...(memory === undefined ? [] : [memoryGuard(ours, { allowed: memoryPages, declared: memory.max ?? MOST_PAGES })]),
    ...tables.map(({ max }, table) =>
      tableGuard(ours, { allowed: tableElements, declared: max ?? MOST_ELEMENTS }, table),
    ),
  ]
}

function placesOf({ imports, functions, tables, memory, globals }: Parts): Places {
  const first = imports.length + functions.count
  const firstTable = first + (memory === undefined ? 2 : 3)
  return {
    fuel: globals.count,
    bytesGuard: first,
    itemsGuard: first + 1,
    memoryGuard: first + 2,
    tableGuards: tables.map((_, index) => firstTable + index),
  }
}

function write(parts: Parts, request: RewriteRequest): Uint8Array {
  const guards = guardsOf(parts, request)
  const writer = new Writer(parts.bytes.length * 2)
  writer.raw(PREAMBLE)
  for (const id of SECTION_ORDER) {
    const content = new Writer()
    if (!writeContent(id, content, parts, guards, request)) continue
    writer.byte(id)
    writer.u32(content.length)
    writer.raw(content.written())
  }
  return writer.written()
}

/** @returns whether the module has this section */
function writeContent(id: number, into: Writer, parts: Parts, guards: Uint8Array[], request: RewriteRequest): boolean {
  switch (id) {
    case SECTION.type:
      return extend(into, parts, parts.types, [GUARD_TYPE])
    case SECTION.import:
      return extend(into, parts, parts.importEntries)
    case SECTION.function:
      return extend(
        into,
        parts,
        parts.functions,
        guards.map(() => number(parts.types.count)),
      )
    case SECTION.table:
      return writeTables(into, parts.tables, request.tableElements)
    case SECTION.memory:
      return writeMemory(into, parts.memory, request.memoryPages)
    case SECTION.global:
      return extend(into, parts, parts.globals, ourGlobals(request.fuel))
    case SECTION.export:
      return extend(into, parts, parts.exports, ourExports(parts))
    case SECTION.element:
      return extend(into, parts, parts.elements)
    case SECTION.dataCount:
      if (parts.dataCount !== undefined) into.u32(parts.dataCount)
      return parts.dataCount !== undefined
    case SECTION.code:
      return writeCode(into, parts, guards)
    case SECTION.data:
      // A data count promises the section, also an empty one.
      return extend(into, parts, parts.data) || parts.dataCount === 0
    default:
      return false
  }
}

/** Entries as they stood, and more behind them. */
function extend(into: Writer, { bytes }: Parts, entries: Entries, more: readonly ArrayLike<number>[] = []): boolean {
  into.u32(entries.count + more.length)
  into.slice(bytes, entries.from, entries.to)
  for (const entry of more) into.raw(entry)
  return entries.count + more.length > 0
}

/** A mutable i64 with what is granted, and a mutable i32 that is zero. */
function ourGlobals(fuel: number): Uint8Array[] {
  const counter = new Writer()
  counter.raw([0x7e, 0x01, 0x42])
  counter.signed(BigInt(fuel))
  counter.byte(0x0b)
  return [counter.written(), Uint8Array.of(0x7f, 0x01, 0x41, 0x00, 0x0b)]
}

function ourExports({ globals, start }: Parts): Uint8Array[] {
  return [
    ...(start === undefined ? [] : [exported(START_EXPORT, 0x00, start)]),
    exported(FUEL_EXPORT, 0x03, globals.count),
    exported(REFUSED_EXPORT, 0x03, globals.count + 1),
  ]
}

function exported(name: string, kind: number, index: number): Uint8Array {
  const writer = new Writer()
  writer.name(name)
  writer.byte(kind)
  writer.u32(index)
  return writer.written()
}

function number(value: number): Uint8Array {
  const writer = new Writer()
  writer.u32(value)
  return writer.written()
}

function writeTables(into: Writer, tables: readonly Table[], mostElements: number): boolean {
  into.u32(tables.length)
  for (const { type, min, max } of tables) {
    into.byte(type)
    writeLimits(into, min, Math.min(max ?? mostElements, mostElements))
  }
  return tables.length > 0
}

function writeMemory(into: Writer, memory: Limits | undefined, mostPages: number): boolean {
  if (memory === undefined) return false
  into.u32(1)
  writeLimits(into, memory.min, Math.min(memory.max ?? mostPages, mostPages))
  return true
}

function writeLimits(into: Writer, min: number, max: number): void {
  into.byte(0x01)
  into.u32(min)
  into.u32(max)
}

function writeCode(into: Writer, parts: Parts, guards: readonly Uint8Array[]): boolean {
  const places = placesOf(parts)
  into.u32(parts.functions.count + guards.length)
  const entries = readEntries(parts.code, (reader) => {
    const body = reader.part(reader.u32())
    const metered = new Writer(body.end - body.at + 256)
    meterBody(body, metered, places)
    into.u32(metered.length)
    into.raw(metered.written())
  })
  if (entries.count !== parts.functions.count) throw new InvalidModule('a function has no body')
  for (const guard of guards) {
    into.u32(guard.length)
    into.raw(guard)
  }
  return true
}
