import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeFrame, FrameReader } from '../../../src/adapters/wasm/frame.ts'

const MOST = 1 << 22

test('a message arrives whole, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (header, parts, sizes) => {
        const message = Buffer.concat(encodeFrame({ header, parts }))
        const reader = new FrameReader(MOST)
        let at = 0
        for (let index = 0; at < message.length; index += 1) {
          const size = sizes[index % sizes.length] as number
          const frame = reader.add(message.subarray(at, at + size))
          at += size
          assert.is(frame === undefined, at < message.length)
          if (frame === undefined || frame === 'broken') continue
          assert.equal(
            frame.parts,
            parts.map((part) => Uint8Array.from(part)),
          )
        }
      },
    ),
  )
})

test('a message of single bytes takes no longer than its length', () => {
  const message = Buffer.concat(
    encodeFrame({ header: { text: 'x'.repeat(300_000) }, parts: [new Uint8Array(300_000)] }),
  )
  const reader = new FrameReader(MOST)
  const startedAt = performance.now()
  const answers = Array.from(message, (_, at) => reader.add(message.subarray(at, at + 1)))
  assert.ok(answers.slice(0, -1).every((answer) => answer === undefined))
  assert.type(answers.at(-1), 'object')
  assert.ok(performance.now() - startedAt < 20_000)
})

test('any bytes are a message, a broken one, or not yet one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(40), (bytes, headerBytes) => {
      const prefix = Uint8Array.of(headerBytes, 0, 0, 0)
      const answer = new FrameReader(MOST).add(Uint8Array.from([...prefix, ...bytes]))
      return answer === undefined || answer === 'broken' || typeof answer.header === 'object'
    }),
    { numRuns: 2_000 },
  )
})

test.run()
