/**
 * What the supervisor and its process say to each other: one message each way, a header in JSON and parts of bytes.
 *
 * ```text
 * u32 length of the header | header | the parts, one after the other
 * ```
 * Numbers are little-endian; the header's `lengths` are those of the parts.
 */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>
  readonly parts: readonly Uint8Array[]
}

const MAX_HEADER_BYTES = 1 << 20
const PREFIX_BYTES = 4

/** The pieces of a message, which are not copied. */
export function encodeFrame({ header, parts }: Frame): Uint8Array[] {
  const text = new TextEncoder().encode(JSON.stringify({ ...header, lengths: parts.map(({ length }) => length) }))
  const prefix = new Uint8Array(PREFIX_BYTES)
  new DataView(prefix.buffer).setUint32(0, text.length, true)
  return [prefix, text, ...parts]
}

/** Collects a message from whoever may not be trusted. */
export class FrameReader {
  readonly #mostBytes: number
  #pieces: Uint8Array[] = []
  #length = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** @returns `undefined` while the message may still go on */
  add(piece: Uint8Array): Frame | 'broken' | undefined {
    this.#length += piece.length
    if (this.#length > this.#mostBytes) return 'broken'
    this.#pieces.push(piece)
    const whole = this.#needed()
    if (whole === undefined || whole > this.#length) return undefined
    return decodeFrame(Buffer.concat(this.#pieces))
  }

  /** Bytes of the message, as soon as its header is there. */
  #needed(): number | undefined {
    if (this.#length < PREFIX_BYTES) return undefined
    const start = this.#start(PREFIX_BYTES)
    const headerBytes = start.readUInt32LE(0)
    // What is too long is decoded now, and found broken.
    if (headerBytes > MAX_HEADER_BYTES) return 0
    if (this.#length < PREFIX_BYTES + headerBytes) return undefined
    this.#whole ??= PREFIX_BYTES + headerBytes + sum(lengthsOf(this.#start(PREFIX_BYTES + headerBytes)) ?? [])
    return this.#whole
  }

  #whole: number | undefined

  /** The first bytes; what came in pieces is joined at most twice, however small they are. */
  #start(length: number): Buffer {
    if ((this.#pieces[0]?.length ?? 0) < length) this.#pieces = [Buffer.concat(this.#pieces)]
    const first = this.#pieces[0] ?? new Uint8Array(0)
    return Buffer.from(first.buffer, first.byteOffset, length)
  }
}

function lengthsOf(start: Buffer): readonly number[] | undefined {
  const header = parseHeader(start.subarray(PREFIX_BYTES))
  const lengths = header?.lengths
  const isLength = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  return Array.isArray(lengths) && lengths.every(isLength) ? lengths : undefined
}

function parseHeader(text: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Of a whole message; more bytes than it says are as wrong as fewer. */
function decodeFrame(bytes: Buffer): Frame | 'broken' {
  const headerBytes = bytes.readUInt32LE(0)
  if (headerBytes > MAX_HEADER_BYTES) return 'broken'
  const start = bytes.subarray(0, PREFIX_BYTES + headerBytes)
  const header = parseHeader(start.subarray(PREFIX_BYTES))
  const lengths = lengthsOf(start)
  if (header === undefined || lengths === undefined || start.length + sum(lengths) !== bytes.length) return 'broken'
  const parts: Uint8Array[] = []
  let at = start.length
  for (const length of lengths) {
    parts.push(new Uint8Array(bytes.buffer, bytes.byteOffset + at, length))
    at += length
  }
  return { header, parts }
}

const sum = (lengths: readonly number[]) => lengths.reduce((whole, length) => whole + length, 0)
