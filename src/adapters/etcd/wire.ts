/**
 * Messages of Protocol Buffers ↔ values, by tables of fields; only what etcd's API needs.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/ (varints, tags, length-delimited records). Packed lists,
 * groups, maps and signed `sint` do not occur there. What comes from the network is hostile: lengths are checked
 * against what is there, nesting is as deep as the tables, unknown fields are passed over.
 */

/** What stands on the wire is no message of its table. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** How one value is written after its tag. `wireType` 0 is a varint, 2 a length and that many bytes. */
interface Kind<T> {
  readonly wireType: 0 | 2
  readonly absent: T
  write(writer: Writer, value: T): void
  read(reader: Reader): T
}

export interface Field<T> {
  readonly number: number
  readonly kind: Kind<unknown>
  readonly isList: boolean
  /** Carries the type alone. */
  readonly type?: T
}

type Fields = Readonly<Record<string, Field<unknown>>>
type ValueOf<F> = F extends Field<infer T> ? T : never

/** All fields, those that were absent with the value that proto3 gives them; absent messages are `undefined`. */
export type Read<M> = M extends MessageType<infer F> ? { readonly [K in keyof F]: ValueOf<F[K]> } : never
/** What is left out is not written. What is given is written even if it is a default: in a `oneof` it is a choice. */
export type Written<M> =
  M extends MessageType<infer F> ? { readonly [K in keyof F]?: WrittenValue<F[K]> | undefined } : never
type WrittenValue<F> = F extends { readonly written?: infer W } ? W : ValueOf<F>

export interface MessageType<F extends Fields> {
  readonly fields: F
  encode(value: Written<MessageType<F>>): Buffer
  /** As part of a longer message. */
  write(writer: Writer, value: Written<MessageType<F>>): void
  /** @throws WireError */
  decode(bytes: Uint8Array): Read<MessageType<F>>
}

// biome-ignore lint/suspicious/noExplicitAny: a bound that every table meets
export type AnyMessage = MessageType<any>

/** A message by its fields. */
export function message<F extends Fields>(fields: F): MessageType<F> {
  const byNumber = new Map(Object.entries(fields).map(([name, field]) => [field.number, { name, ...field }]))
  const entries = Object.entries(fields)
  const lastFirst = entries.toReversed()
  const write = (writer: Writer, value: object) => {
    const given = value as Readonly<Record<string, unknown>>
    for (const [name, field] of lastFirst) {
      const content = given[name]
      if (content === undefined) continue
      if (!field.isList) writer.field(field, content)
      else
        for (let at = (content as unknown[]).length - 1; at >= 0; at -= 1)
          writer.field(field, (content as unknown[])[at])
    }
  }
  return {
    fields,
    write,
    encode: (value) => SCRATCH.written((writer) => write(writer, value)),
    decode(bytes) {
      const result: Record<string, unknown> = {}
      for (const [name, { isList, kind }] of entries) result[name] = isList ? [] : kind.absent
      const reader = new Reader(bytes)
      while (!reader.atEnd) {
        const { number, wireType } = reader.tag()
        const field = byNumber.get(number)
        if (field === undefined || field.kind.wireType !== wireType) reader.skip(wireType)
        else if (field.isList) (result[field.name] as unknown[]).push(field.kind.read(reader))
        else result[field.name] = field.kind.read(reader)
      }
      return result as Read<MessageType<F>>
    },
  }
}

const BYTES: Kind<Uint8Array> = {
  wireType: 2,
  absent: new Uint8Array(0),
  write: (writer, value: Uint8Array | string) => (typeof value === 'string' ? writer.text(value) : writer.block(value)),
  read: (reader) => reader.block(),
}
const TEXT: Kind<string> = {
  wireType: 2,
  absent: '',
  write: (writer, value) => writer.text(value),
  read: (reader) => Buffer.from(reader.block()).toString('utf8'),
}
const FLAG: Kind<boolean> = {
  wireType: 0,
  absent: false,
  write: (writer, value) => writer.varint(value ? 1n : 0n),
  read: (reader) => reader.varint() !== 0n,
}
const COUNT: Kind<number> = {
  wireType: 0,
  absent: 0,
  write: (writer, value) => writer.count(value),
  read: (reader) => reader.count(),
}
const ID: Kind<bigint> = {
  wireType: 0,
  absent: 0n,
  write: (writer, value) => writer.varint(BigInt.asUintN(64, value)),
  read: (reader) => BigInt.asIntN(64, reader.varint()),
}

/** A text is written as UTF-8, without a copy of its own. */
export const bytes = (number: number): FieldWritten<Uint8Array, Uint8Array | string> => ({
  number,
  kind: BYTES as Kind<unknown>,
  isList: false,
})
export const text = (number: number): Field<string> => ({ number, kind: TEXT as Kind<unknown>, isList: false })
export const flag = (number: number): Field<boolean> => ({ number, kind: FLAG as Kind<unknown>, isList: false })
/** An integer that a number can hold: revisions, seconds, sizes, enumerations. More is a `WireError`. */
export const count = (number: number): Field<number> => ({ number, kind: COUNT as Kind<unknown>, isList: false })
/** 64 bits that are only compared: ids of leases and members. */
export const id = (number: number): Field<bigint> => ({ number, kind: ID as Kind<unknown>, isList: false })

interface FieldWritten<R, W> extends Field<R> {
  readonly written?: W
}

export function one<M extends AnyMessage>(number: number, type: M): FieldWritten<Read<M> | undefined, Written<M>> {
  return { number, kind: nested(type), isList: false }
}

export function many<M extends AnyMessage>(
  number: number,
  type: M,
): FieldWritten<readonly Read<M>[], readonly Written<M>[]> {
  return { number, kind: nested(type), isList: true }
}

function nested(type: AnyMessage): Kind<unknown> {
  return {
    wireType: 2,
    absent: undefined,
    write: (writer, value) => writer.nested(() => type.write(writer, value as never)),
    read: (reader) => type.decode(reader.block()),
  }
}

/**
 * Writes a message from its end to its beginning: the length of what is nested is known when its place comes, so all is
 * written once, into one buffer that is kept for the next message.
 */
class Writer {
  #buffer = Buffer.allocUnsafe(4096)
  /** What is written stands from here to the end. */
  #at = this.#buffer.length

  /** A copy of what `write` wrote. */
  written(write: (writer: Writer) => void): Buffer {
    this.#at = this.#buffer.length
    write(this)
    return Buffer.from(this.#buffer.subarray(this.#at))
  }

  field({ number, kind }: Field<unknown>, value: unknown): void {
    kind.write(this, value)
    this.count(number * 8 + kind.wireType)
  }

  block(content: Uint8Array): void {
    const at = this.#room(content.length)
    this.#buffer.set(content, at)
    this.count(content.length)
  }

  text(content: string): void {
    const length = Buffer.byteLength(content)
    const at = this.#room(length)
    this.#buffer.write(content, at, length, 'utf8')
    this.count(length)
  }

  nested(write: () => void): void {
    const fromEnd = this.#buffer.length - this.#at
    write()
    this.count(this.#buffer.length - this.#at - fromEnd)
  }

  /** A whole number ≥ 0. */
  count(value: number): void {
    let length = 1
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1
    let at = this.#room(length)
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[at++] = (rest % 0x80) | 0x80
    this.#buffer[at] = rest
  }

  varint(value: bigint): void {
    let length = 1
    for (let rest = value; rest >= 0x80n; rest >>= 7n) length += 1
    let at = this.#room(length)
    let rest = value
    for (; rest >= 0x80n; rest >>= 7n) this.#buffer[at++] = Number(rest & 0x7fn) | 0x80
    this.#buffer[at] = Number(rest)
  }

  /** Where so many bytes more begin. */
  #room(more: number): number {
    if (more > this.#at) {
      const used = this.#buffer.subarray(this.#at)
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used.length + more))
      larger.set(used, larger.length - used.length)
      this.#buffer = larger
      this.#at = larger.length - used.length
    }
    this.#at -= more
    return this.#at
  }
}

/** Nothing waits while a message is written, so one writer serves all. */
const SCRATCH = new Writer()

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(content: Uint8Array) {
    this.#bytes = content
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  tag(): { number: number; wireType: number } {
    const tag = this.count()
    return { number: Math.floor(tag / 8), wireType: tag % 8 }
  }

  block(): Uint8Array {
    const end = this.count() + this.#at
    if (end > this.#bytes.length) throw new WireError('a field ends after its message')
    const content = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return content
  }

  /** A whole number ≥ 0 that is exact. */
  count(): number {
    let value = 0
    let unit = 1
    for (let length = 0; length < 8; length += 1, unit *= 0x80) {
      const byte = this.#byte()
      value += (byte & 0x7f) * unit
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
    }
    throw new WireError('a number is negative or too large')
  }

  varint(): bigint {
    let value = 0n
    for (let length = 0n; length < 10n; length += 1n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << (7n * length)
      if (byte < 0x80) return value
    }
    throw new WireError('a varint is longer than ten bytes')
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint()
    else if (wireType === 1) this.#pass(8)
    else if (wireType === 2) this.block()
    else if (wireType === 5) this.#pass(4)
    else throw new WireError(`no field has the wire type ${wireType}`)
  }

  #pass(length: number): void {
    if (this.#at + length > this.#bytes.length) throw new WireError('a field ends after its message')
    this.#at += length
  }

  #byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new WireError('the message ends within a number')
    this.#at += 1
    return byte
  }
}
