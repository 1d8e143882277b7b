/**
 * Reads the binary format of WebAssembly (core specification 2.0, chapter 5 "Binary Format").
 *
 * What does not fit throws `InvalidModule`, which never leaves this room: `rewriteModule` makes it a value.
 */
export class InvalidModule extends Error {}

const decoder = new TextDecoder('utf-8', { fatal: true })

export class Reader {
  readonly bytes: Uint8Array
  readonly end: number
  at: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get done(): boolean {
    return this.at >= this.end
  }

  byte(): number {
    if (this.at >= this.end) throw new InvalidModule('it ends in the middle of something')
    return this.bytes[this.at++] as number
  }

  skip(length: number): void {
    if (length > this.end - this.at) throw new InvalidModule('it ends in the middle of something')
    this.at += length
  }

  /** Unsigned LEB128 of at most 32 bits (section 5.2.2): at most 5 bytes, unused bits zero. */
  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      if (shift === 28 && byte > 0x0f) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new InvalidModule('a number has more than 32 bits')
  }

  /** Passes a signed LEB128; the engine's own validation judged its unused bits. `bits` is 32, 33 or 64. */
  skipSigned(bits: number): void {
    const longest = Math.ceil(bits / 7)
    for (let length = 1; length <= longest; length += 1) if (this.byte() < 0x80) return
    throw new InvalidModule(`a number has more than ${bits} bits`)
  }

  /** A name (section 5.2.4): UTF-8 after its length in bytes. */
  name(): string {
    const length = this.u32()
    const from = this.at
    this.skip(length)
    try {
      return decoder.decode(this.bytes.subarray(from, this.at))
    } catch {
      throw new InvalidModule('a name is not UTF-8')
    }
  }

  /** A reader of the next `length` bytes alone, which this one passes. */
  part(length: number): Reader {
    const from = this.at
    this.skip(length)
    return new Reader(this.bytes, from, this.at)
  }
}
