/** Writes the binary format of WebAssembly (core specification 2.0, chapter 5) into a buffer that grows. */
export class Writer {
  #bytes: Uint8Array
  #length = 0

  constructor(expectedBytes = 256) {
    this.#bytes = new Uint8Array(Math.max(expectedBytes, 16))
  }

  get length(): number {
    return this.#length
  }

  /** What was written; valid until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  raw(bytes: ArrayLike<number>): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Bytes `from` to `to` of a source; short runs are copied without making a view. */
  slice(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from)
    if (to - from > 32) {
      this.#bytes.set(source.subarray(from, to), this.#length)
      this.#length += to - from
      return
    }
    for (let at = from; at < to; at += 1) this.#bytes[this.#length++] = source[at] as number
  }

  /** Unsigned LEB128 (section 5.2.2). */
  u32(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  /** Signed LEB128 of at most 64 bits (section 5.2.2). */
  signed(value: bigint): void {
    let rest = value
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    this.byte(Number(rest & 0x7fn))
  }

  name(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.u32(bytes.length)
    this.raw(bytes)
  }

  /**
   * A non-negative number as signed LEB128 in exactly `PADDED_LENGTH` bytes, so that it can be set later; the
   * specification allows the padding.
   *
   * @returns where it stands, for `setPadded`
   */
  padded(): number {
    const at = this.#length
    this.raw([0x80, 0x80, 0x80, 0x80, 0x00])
    return at
  }

  setPadded(at: number, value: number): void {
    let rest = value
    for (let index = 0; index < PADDED_LENGTH; index += 1) {
      const isLast = index === PADDED_LENGTH - 1
      this.#bytes[at + index] = (rest % 0x80) | (isLast ? 0 : 0x80)
      rest = Math.floor(rest / 0x80)
    }
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    larger.set(this.written())
    this.#bytes = larger
  }
}

/** Room for 2^34: more than any function has instructions. */
const PADDED_LENGTH = 5
