/** Calls and answers in the memory of a module: any bytes, and back. */
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readCall, writeAnswer } from '../../src/chassis/http/message.ts'
import { type CallAnswer, callProblem, type HttpCall } from '../../src/model/index.ts'

const seed = process.env.IF_BOARD_SEED === undefined ? {} : { seed: Number(process.env.IF_BOARD_SEED) }
const bytes = (text: string) => new TextEncoder().encode(text)
const text = (all: Uint8Array) => new TextDecoder().decode(all)
const word = (alphabet: string, most: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: most })

const calls: fc.Arbitrary<HttpCall> = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST', 'M-SEARCH'),
  alias: word('abc-', 20),
  path: word('/abc?=&%2E', 40).map((rest) => `/${rest}`),
  headers: fc.array(
    fc.tuple(
      word('xyz-', 10),
      word('abc :,"', 20).map((value) => value.trim()),
    ),
    { maxLength: 5 },
  ),
  body: fc.uint8Array({ maxLength: 300 }),
})

function written({ method, alias, path, headers, body }: HttpCall): Uint8Array {
  const head = [`${method} ${alias} ${path}`, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\n')
  return Buffer.concat([bytes(head), body])
}

test('a call that is written as the page says is read as it was meant', () => {
  fc.assert(
    fc.property(calls, (call) => {
      const read = readCall(written(call))
      assert.equal(read && { ...read, body: [...read.body] }, { ...call, body: [...call.body] })
      assert.is(callProblem(call), undefined)
    }),
    seed,
  )
})

test('of any bytes there is a call or none, and what passes has no line end, no other host, no header of ours', () => {
  const pieces = fc.constantFrom(
    'GET',
    ' ',
    'search',
    '/',
    '\n',
    '\n\n',
    ': ',
    'host',
    'a',
    '\r',
    '\u0000',
    'é',
    'proxy-x',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(pieces).map((all) => bytes(all.join(''))),
      ),
      (all) => {
        const call = readCall(all)
        if (call === undefined || callProblem(call) !== undefined) return
        const head = [call.method, call.alias, call.path, ...call.headers.flat()]
        assert.ok(head.every((one) => !/[\r\n\0]/.test(one)) && call.path.startsWith('/'))
        assert.ok(call.headers.every(([name]) => name !== 'host' && !name.startsWith('proxy-')))
      },
    ),
    { ...seed, numRuns: 2_000 },
  )
})

test('a head without an end is not searched through', () => {
  const endless = new Uint8Array(64 * 2 ** 20).fill(0x61)
  const startedAt = performance.now()
  assert.is(readCall(endless), undefined)
  assert.ok(performance.now() - startedAt < 500)
})

test('bounds of a call hold at the last one', () => {
  const call: HttpCall = { method: 'GET', alias: 'a', path: '/', headers: [], body: new Uint8Array(0) }
  const problem = (more: Partial<HttpCall>) => callProblem({ ...call, ...more })
  const fields = (count: number, value = 'b') => Array.from({ length: count }, () => ['a', value] as const)
  for (const [fits, not] of [
    [{ body: new Uint8Array(2 ** 20) }, { body: new Uint8Array(2 ** 20 + 1) }],
    [{ path: `/${'a'.repeat(3_999)}` }, { path: `/${'a'.repeat(4_000)}` }],
    [{ alias: 'a'.repeat(63) }, { alias: 'a'.repeat(64) }],
    [{ headers: fields(64) }, { headers: fields(65) }],
    [{ headers: fields(1, 'b'.repeat(8_189)) }, { headers: fields(1, 'b'.repeat(8_190)) }],
  ] as const) {
    assert.is(problem(fits), undefined)
    assert.type(problem(not), 'string')
  }
})

test('an answer is text up to its body, and the body as it came', () => {
  const body = Uint8Array.of(0, 255, 10, 10)
  const answer: CallAnswer = {
    kind: 'answered',
    status: 404,
    headers: [
      ['a', 'b'],
      ['c', ''],
    ],
    body,
  }
  const all = writeAnswer(answer)
  assert.is(text(all.subarray(0, -4)), '404\na: b\nc: \n\n')
  assert.equal([...all.subarray(-4)], [...body])
  assert.is(text(writeAnswer({ kind: 'denied', rule: 'path', reason: 'it is not listed' })), 'path\nit is not listed')
  assert.is(text(writeAnswer({ kind: 'cut', reason: 'half' })), 'half')
})

test.run()
