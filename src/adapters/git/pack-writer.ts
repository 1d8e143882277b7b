/**
 * A pack of whole objects, so that any number of objects of any type is written by one command.
 *
 * gitformat-pack(5): `PACK`, version 2, number of objects (4 bytes each, big-endian); for each
 * object a header of type and inflated size in groups of 4 and then 7 bits, low bits first, and
 * the zlib stream of its body; at the end the hash of all that.
 */
import { deflateSync } from 'node:zlib'
import type { GitObject, ObjectHash, ObjectType } from '../../model/index.ts'

const TYPE_NUMBER: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 }

export function encodePack(objects: readonly GitObject[], hash: ObjectHash): Uint8Array {
  const head = Buffer.alloc(12)
  head.write('PACK', 'latin1')
  head.writeUInt32BE(2, 4)
  head.writeUInt32BE(objects.length, 8)
  const entries = objects.flatMap(({ type, body }) => [entryHeader(type, body.length), deflateSync(body)])
  const content = Buffer.concat([head, ...entries])
  return Buffer.concat([content, Buffer.from(hash(content), 'hex')])
}

function entryHeader(type: ObjectType, size: number): Uint8Array {
  const bytes: number[] = []
  let byte = (TYPE_NUMBER[type] << 4) | (size % 16)
  // Division, not shifts: a size may need more than 32 bits.
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80)
    byte = rest % 128
  }
  bytes.push(byte)
  return Uint8Array.from(bytes)
}
