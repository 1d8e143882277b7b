/**
 * The name in a ClientHello, read before anything is connected.
 *
 * Source: RFC 8446 sections 4.1.2 and 5.1 (handshake messages in records), RFC 6066 section 3 (server_name),
 * RFC 9849 (encrypted ClientHello, extension 0xfe0d): with that one, the name that can be read need not be the one meant.
 */
import { concatBytes } from '../model/index.ts'

export type Hello =
  | { readonly kind: 'more' }
  | { readonly kind: 'strange' }
  | { readonly kind: 'hello'; readonly serverName: string | undefined; readonly isEncrypted: boolean }

const HANDSHAKE = 22
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const ENCRYPTED_HELLO = 0xfe0d
const MAX_RECORD = 16_384
/** More than any client sends, keys of post-quantum exchanges included. */
export const MAX_HELLO_BYTES = 32 * 1024

const STRANGE: Hello = { kind: 'strange' }

export function readClientHello(bytes: Uint8Array): Hello {
  const handshake = handshakeOf(bytes)
  if (handshake === undefined || (handshake.length > 0 && handshake[0] !== CLIENT_HELLO)) return STRANGE
  if (handshake.length < 4) return { kind: 'more' }
  const end = 4 + ((handshake[1] as number) << 16) + uint16(handshake, 2)
  if (end > MAX_HELLO_BYTES) return STRANGE
  return handshake.length < end ? { kind: 'more' } : readHello(handshake.subarray(4, end))
}

/** What the records that are there carry, a half one at the end too; `undefined`: these are no records of a handshake. */
function handshakeOf(bytes: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE || (at + 1 < bytes.length && bytes[at + 1] !== 3)) return undefined
    if (at + 5 > bytes.length) break
    const length = uint16(bytes, at + 3)
    if (length === 0 || length > MAX_RECORD) return undefined
    parts.push(bytes.subarray(at + 5, at + 5 + length))
    at += 5 + length
  }
  return concatBytes(parts)
}

/** Any field that ends beyond the message makes it strange. */
function readHello(body: Uint8Array): Hello {
  try {
    const reader = new Reader(body)
    reader.skip(2 + 32)
    reader.skip(reader.uint8())
    reader.skip(reader.uint16())
    reader.skip(reader.uint8())
    if (reader.isAtEnd) return { kind: 'hello', serverName: undefined, isEncrypted: false }
    return readExtensions(reader.part(reader.uint16()))
  } catch {
    return STRANGE
  }
}

function readExtensions(reader: Reader): Hello {
  let serverName: string | undefined
  let isEncrypted = false
  const seen = new Set<number>()
  while (!reader.isAtEnd) {
    const type = reader.uint16()
    const data = reader.part(reader.uint16())
    if (seen.has(type)) return STRANGE
    seen.add(type)
    if (type === ENCRYPTED_HELLO) isEncrypted = true
    if (type === SERVER_NAME) {
      const list = data.part(data.uint16())
      if (list.uint8() !== 0) return STRANGE
      serverName = new TextDecoder('latin1').decode(list.bytes(list.uint16()))
      if (!list.isAtEnd) return STRANGE
    }
  }
  return { kind: 'hello', serverName: serverName?.toLowerCase(), isEncrypted }
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  bytes(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('the message ends before its fields')
    const part = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return part
  }

  skip(length: number): void {
    this.bytes(length)
  }

  part(length: number): Reader {
    return new Reader(this.bytes(length))
  }

  uint8(): number {
    return this.bytes(1)[0] as number
  }

  uint16(): number {
    return uint16(this.bytes(2), 0)
  }
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}
