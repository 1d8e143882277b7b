import { Writer } from '../../../src/chassis/binary/writer.ts'

/** Eighteen megabytes of jumps between nested blocks. */
export function compileBomb(): Uint8Array {
  const nested = 100
  const jumps = Array.from({ length: 20 }, () => [0x41, 0x01, 0x0e, 0x03, 0x00, 0x09, 0x30, 0x40]).flat()
  const blocks = (pair: readonly number[]) => Array.from({ length: nested }, () => pair).flat()
  const body = [0x00, ...blocks([0x02, 0x40]), ...jumps, ...blocks([0x0b]), 0x0b]
  const functions = 40_000
  const writer = new Writer()
  const section = (id: number, write: (into: Writer) => void) => {
    const into = new Writer()
    write(into)
    writer.byte(id)
    writer.u32(into.length)
    writer.raw(into.written())
  }
  writer.raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
  section(1, (into) => into.raw([0x01, 0x60, 0x00, 0x00]))
  section(3, (into) => {
    into.u32(functions)
    into.raw(new Uint8Array(functions))
  })
  section(7, (into) => {
    into.byte(1)
    into.name('_start')
    into.raw([0x00, 0x00])
  })
  section(10, (into) => {
    into.u32(functions)
    for (let left = functions; left > 0; left -= 1) {
      into.u32(body.length)
      into.raw(body)
    }
  })
  return writer.written()
}
