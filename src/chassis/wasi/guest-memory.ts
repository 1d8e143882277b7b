/** Reads and writes the module's memory. An address outside it is `fault`, never an exception of the host. */
import { check, ERRNO, WasiError } from './errno.ts'

/** What WebAssembly.Memory is, as far as it is used: its buffer is another one after it grew. */
export interface LinearMemory {
  readonly buffer: ArrayBufferLike
}

/** Buffers of one read or write; more than any C library passes (IOV_MAX). */
const MAX_VECTORS = 1024
/** Of a path (Linux: PATH_MAX). */
const MAX_TEXT_BYTES = 4096

export class GuestMemory {
  #memory: LinearMemory | undefined

  attach(memory: LinearMemory): void {
    this.#memory = memory
  }

  bytes(at: number, length: number): Uint8Array {
    const buffer = this.#buffer()
    check(at + length <= buffer.byteLength, ERRNO.fault)
    return new Uint8Array(buffer, at, length)
  }

  /** A view that starts at `at` and is `length` long; numbers in it are little-endian. */
  view(at: number, length: number): DataView {
    const buffer = this.#buffer()
    check(at + length <= buffer.byteLength, ERRNO.fault)
    return new DataView(buffer, at, length)
  }

  setU32(at: number, value: number): void {
    this.view(at, 4).setUint32(0, value, true)
  }

  setU64(at: number, value: bigint): void {
    this.view(at, 8).setBigUint64(0, value, true)
  }

  /** A path or a link's target: UTF-8 that may not be broken. */
  text(at: number, length: number): string {
    check(length <= MAX_TEXT_BYTES, ERRNO.nameTooLong)
    const bytes = this.bytes(at, length)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw new WasiError(ERRNO.badSequence)
    }
  }

  /** The buffers of an `iovec` or `ciovec` array: address and length, 32 bits each. */
  vectors(at: number, count: number): Uint8Array[] {
    check(count <= MAX_VECTORS, ERRNO.invalid)
    const table = this.view(at, count * 8)
    return Array.from({ length: count }, (_, index) =>
      this.bytes(table.getUint32(index * 8, true), table.getUint32(index * 8 + 4, true)),
    )
  }

  #buffer(): ArrayBufferLike {
    check(this.#memory !== undefined, ERRNO.fault)
    return this.#memory.buffer
  }
}
