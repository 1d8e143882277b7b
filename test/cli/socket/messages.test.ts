import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Ask,
  type FromWatcher,
  fromCommand,
  fromWatcher,
  lineOf,
  lineReader,
  MAX_LINE_BYTES,
} from '../../../src/cli/socket/messages.ts'
import { seed } from '../../support/clones.ts'

const ASK: Ask = {
  build: 'b',
  words: ['done', '--note', 'a\nb'],
  cwd: '/x',
  variables: { IF_BOARD_SESSION: 'ann' },
  steering: 'd',
  terminal: false,
  color: false,
  columns: null,
  rows: null,
  startedAt: 1,
  input: null,
}

test('lines come out whole, however they are cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.nat({ max: 7 })), (texts, cuts) => {
      const lines = texts.map((text) => JSON.stringify(text))
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8')
      const read: string[] = []
      const take = lineReader((line) => read.push(line))
      let from = 0
      for (const cut of cuts) {
        assert.is(take(bytes.subarray(from, from + cut)), true)
        from += cut
      }
      take(bytes.subarray(from))
      assert.equal(read, lines)
    }),
    { seed },
  )
})

test('a line beyond the limit is refused before it ends, and nothing of it is kept', () => {
  const read: string[] = []
  const take = lineReader((line) => read.push(line))
  const piece = Buffer.alloc(MAX_LINE_BYTES / 4, 'x')
  assert.equal(
    [1, 2, 3, 4].map(() => take(piece)),
    [true, true, true, true],
  )
  assert.is(take(Buffer.from('x')), false)
  assert.equal(read, [])
})

test('messages mean at the other end what they meant at this one', () => {
  assert.equal(fromCommand(lineOf({ kind: 'ask', ...ASK })), { kind: 'ask', ...ASK })
  for (const kind of ['go', 'stop'] as const) assert.equal(fromCommand(lineOf({ kind })), { kind })
  const words: FromWatcher[] = [
    { kind: 'declined' },
    { kind: 'taken' },
    { kind: 'beat' },
    { kind: 'given-up' },
    { kind: 'about', task: 'B.md:T1' },
    {
      kind: 'ended',
      status: 3,
      said: [
        ['data', 'x\n'],
        ['talk', 'y'],
      ],
    },
  ]
  for (const message of words) assert.equal(fromWatcher(lineOf(message)), message)
})

test('whatever is no message is none, and nothing throws', () => {
  for (const line of [
    '',
    'null',
    '1',
    '[]',
    '{',
    '{"kind":"ended"}',
    '{"kind":"ended","status":0,"said":[["out","x"]]}',
  ])
    assert.is(fromWatcher(line), undefined, line)
  for (const key of Object.keys(ASK))
    assert.is(
      fromCommand(JSON.stringify({ kind: 'ask', ...ASK, [key]: { a: 1 } })) !== undefined && key !== 'variables',
      false,
      key,
    )
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      assert.is(fromCommand(line), undefined)
      assert.is(fromWatcher(line), undefined)
    }),
    { seed },
  )
})

test.run()
