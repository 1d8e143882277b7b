import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../../src/model/base64.ts'
import { seeded } from '../witness/samples.ts'

test('bytes are written as RFC 4648 says, in both alphabets, and read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      assert.is(toBase64(bytes), Buffer.from(bytes).toString('base64'))
      assert.is(toBase64Url(bytes), Buffer.from(bytes).toString('base64url'))
      assert.equal(fromBase64(toBase64(bytes)), bytes)
      assert.equal(fromBase64Url(toBase64Url(bytes)), bytes)
    }),
    seeded,
  )
})

test('another spelling of the same bytes is refused', () => {
  assert.equal(fromBase64('AA=='), Uint8Array.of(0))
  for (const text of ['AB==', 'AA', 'AA=', 'A A=', 'AA==\n', 'AAB=', '-_==', '='])
    assert.is(fromBase64(text), undefined, text)
})

test('a text is read only if it is what would be written for those bytes', () => {
  const digits = fc.constantFrom(...'ABCQRgwxz059+/-_=\n')
  fc.assert(
    fc.property(fc.array(digits, { maxLength: 9 }), (characters) => {
      const text = characters.join('')
      const isOurs = Buffer.from(text, 'base64').toString('base64') === text
      assert.is(fromBase64(text) !== undefined, isOurs, JSON.stringify(text))
    }),
    { ...seeded, numRuns: 3000 },
  )
})

test('a text of many megabytes is refused or read like a short one', () => {
  const long = 'A'.repeat(8 * 1024 * 1024)
  assert.is(fromBase64(long)?.length, (long.length / 4) * 3)
  assert.is(fromBase64(`${long}AB==`), undefined)
})

test.run()
