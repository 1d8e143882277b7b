/** Bytes that come in pieces, in one buffer: a module that writes them one by one costs no object each. */
export class ByteSink {
  #bytes = new Uint8Array(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2, 1024))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(piece, this.#length)
    this.#length = length
  }

  /** Valid until the next `add`. */
  whole(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}
