/**
 * The data types that SSH writes keys and signatures with: RFC 4251, section 5 (uint32, string, mpint).
 *
 * Reading is strict: whatever has two spellings is taken in one of them alone, so that a signature has one form.
 */
import { concatBytes } from '../model/index.ts'

/** Reads fields off the front; each answers `undefined` where the bytes are not such a field. */
export class WireReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  take(length: number): Uint8Array | undefined {
    const end = this.#at + length
    if (end > this.#bytes.length) return undefined
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  uint32(): number | undefined {
    const bytes = this.take(4)
    if (bytes === undefined) return undefined
    return bytes.reduce((value, byte) => value * 256 + byte, 0)
  }

  /** A `string`: its length, then so many bytes. */
  bytes(): Uint8Array | undefined {
    const length = this.uint32()
    return length === undefined ? undefined : this.take(length)
  }

  /** A `string` of printable ASCII without spaces, such as the name of an algorithm. */
  name(): string | undefined {
    const bytes = this.bytes()
    if (bytes === undefined || bytes.length > MAX_NAME) return undefined
    return bytes.every((byte) => byte > 0x20 && byte < 0x7f) ? String.fromCharCode(...bytes) : undefined
  }

  /** A positive `mpint` without its sign byte, in as few bytes as it has. */
  positive(): Uint8Array | undefined {
    const bytes = this.bytes()
    const [first, second] = bytes ?? []
    if (bytes === undefined || first === undefined || first > 0x7f) return undefined
    if (first !== 0) return bytes
    // A leading zero stands only where the next byte would else be taken for a sign.
    return second !== undefined && second > 0x7f ? bytes.subarray(1) : undefined
  }
}

/** RFC 4251, section 6. */
const MAX_NAME = 64

/** A `string` field of these bytes, or of a text in ASCII. */
export function wireString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  return concatBytes([uint32(bytes.length), bytes])
}

/** Big-endian number in exactly so many bytes; `undefined` when it is larger. */
export function padded(number: Uint8Array, length: number): Uint8Array | undefined {
  if (number.length > length) return undefined
  const whole = new Uint8Array(length)
  whole.set(number, length - number.length)
  return whole
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
