/** What stands at the head of a message: refused, left behind, or passed on. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { pairs, readFields, returnedFields } from '../../src/proxy/index.ts'

const read = (...raw: string[]) => readFields(raw)
const names = (...raw: string[]) => {
  const outcome = read(...raw)
  return outcome.kind === 'fields' ? outcome.fields.map(([name]) => name) : outcome.reason
}

test('two lengths, a length that is none, and fields that may stand once only are refused', () => {
  const smuggled = [
    ['Content-Length', '3', 'Transfer-Encoding', 'chunked'],
    ['Content-Length', '3', 'Content-Length', '3'],
    ['Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked'],
    ['Transfer-Encoding', 'xchunked'],
    ['Transfer-Encoding', 'gzip, chunked'],
    ['Content-Length', '+3'],
    ['Content-Length', '3, 3'],
    ['Content-Length', '0x3'],
    ['Content-Length', ''],
    ['Host', 'a', 'Host', 'b'],
    ['Content-Type', 'a', 'Content-Type', 'b'],
    ['Proxy-Authorization', 'Bearer a', 'Proxy-Authorization', 'Bearer b'],
    ['Connection', 'content-length', 'Content-Length', '3'],
    ['Connection', 'close, HOST'],
    ['Connection', 'Via'],
    ['X', 'a\u0000b'],
    ['X', 'a\r\nY: b'],
    ['X Y', 'a'],
    ['', 'a'],
    ['Via', '1.1 IF-Board'],
    Array.from({ length: 202 }, (_, at) => `x-${at}`),
  ]
  for (const raw of smuggled) assert.is(read(...raw).kind, 'refused', JSON.stringify(raw).slice(0, 80))
})

test('hop-by-hop fields stay behind, and those that Connection names', () => {
  const kept = names(
    'Connection',
    'close, X-Hop',
    'X-Hop',
    '1',
    'Keep-Alive',
    '5',
    'TE',
    'trailers',
    'Trailer',
    'x',
    'Upgrade',
    'websocket',
    'Accept',
    '*/*',
  )
  assert.equal(kept, ['accept'])
})

test('credentials of the client and what it may pretend stay behind', () => {
  const kept = names(
    ...[
      'Authorization',
      'a',
      'Cookie',
      'b',
      'Proxy-Authorization',
      'Bearer c',
      'X-Forwarded-For',
      'd',
      'Forwarded',
      'e',
    ],
    ...['X-Real-IP', 'f', 'If-Board-Module', 'g', 'Host', 'h', 'Expect', '100-continue', 'User-Agent', 'curl'],
  )
  assert.equal(kept, ['user-agent'])
})

test('the capability comes as a bearer token, or as the password that HTTP_PROXY has', () => {
  const capability = (value: string) => {
    const outcome = read('Proxy-Authorization', value)
    return outcome.kind === 'fields' ? outcome.capability : 'refused'
  }
  assert.is(capability('Bearer ifb1.a.b'), 'ifb1.a.b')
  assert.is(capability('bearer ifb1.a.b'), 'ifb1.a.b')
  assert.is(capability(`Basic ${btoa('if-board:ifb1.a.b')}`), 'ifb1.a.b')
  for (const value of ['Digest a', 'Basic !', 'Bearer a b', '', 'Basic'])
    assert.not.match(capability(value) ?? '', 'ifb1', value)
})

test('of an answer, cookies and what leads past the proxy stay behind', () => {
  const raw = [
    'Set-Cookie',
    'a',
    'Content-Type',
    'b',
    'Location',
    'c',
    'Alt-Svc',
    'd',
    'Refresh',
    'e',
    'Connection',
    'x-y',
    'X-Y',
    'f',
    'Proxy-Authenticate',
    'g',
    'ETag',
    'h',
  ]
  assert.equal(
    returnedFields(pairs(raw)).map(([name]) => name),
    ['content-type', 'etag'],
  )
})

test.run()
