import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256OfText } from '../../src/adapters/process/hashes.ts'
import { taskKey, toTaskId } from '../../src/model/index.ts'
import { parseTraceparent, spanIdOf, traceIdOf, traceparent } from '../../src/witness/index.ts'
import { board, claimEvent, seeded } from './samples.ts'

const key = taskKey(board, toTaskId('P0.1.2'))
const SPAN = '00f067aa0ba902b7'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

test('the trace id of a task is part of the format: it follows from board id and key alone', () => {
  // printf 'if-board-trace\nb1\nTASK-BOARD.md:P0.1.2' | sha256sum | cut -c 1-32
  assert.is(traceIdOf('b1', key, sha256OfText), 'c0b45c0a55cf1e47a56fe1c56eb1b8cc')
  assert.is.not(traceIdOf('b2', key, sha256OfText), traceIdOf('b1', key, sha256OfText))
})

test('the example of the specification is read and written as it stands there', () => {
  const text = `00-${TRACE}-${SPAN}-01`
  assert.equal(parseTraceparent(text), { traceId: TRACE, spanId: SPAN })
  assert.is(traceparent(TRACE, SPAN), text)
})

test('whatever has another spelling is no trace: versions, flags, capitals, ids of zeros alone', () => {
  const good = `00-${TRACE}-${SPAN}-01`
  for (const text of [
    '',
    `01-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-00`,
    `00-${TRACE}-${SPAN}-03`,
    `${good}-more`,
    `${good}\n`,
    good.toUpperCase(),
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
  ])
    assert.is(parseTraceparent(text), undefined, text)
})

test('what is written is read again, and no other text of the same length is read as the same', () => {
  const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits - 1}}[1-9a-f]$`))
  fc.assert(
    fc.property(hex(32), hex(16), fc.nat({ max: 54 }), fc.nat({ max: 127 }), (traceId, spanId, at, code) => {
      const text = traceparent(traceId, spanId)
      assert.equal(parseTraceparent(text), { traceId, spanId })
      const other = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1)
      const read = parseTraceparent(other)
      assert.ok(other === text || read === undefined || read.traceId !== traceId || read.spanId !== spanId)
    }),
    seeded,
  )
})

test('the span of an event is its own, or that of the grant that it ends', async () => {
  const grant = await claimEvent({ traceparent: traceparent(TRACE, SPAN) })
  const id = 'fedcba98765432100123456789abcdef'
  assert.is(spanIdOf(id, undefined), 'fedcba9876543210')
  assert.is(spanIdOf(id, grant), SPAN)
})

test.run()
