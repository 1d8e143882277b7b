import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsoncText } from '../../../src/adapters/jsonc/index.ts'

test('a value goes in behind the last one, in lines or in one, as the text is laid out', () => {
  assert.is(
    jsoncText.set('{\r\n\t"a": [\r\n\t\t1\r\n\t]\r\n}', ['a', 1], 2),
    '{\r\n\t"a": [\r\n\t\t1,\r\n\t\t2\r\n\t]\r\n}',
  )
  assert.is(jsoncText.set('{"a":[1]}', ['a', 1], { b: 2 }), '{"a":[1, {"b":2}]}')
  assert.is(jsoncText.set('{}', ['a'], 1), '{\n  "a": 1\n}')
  assert.is(jsoncText.set('{\n}\n', ['a'], 1), '{\n  "a": 1\n}\n')
  assert.is(jsoncText.set('{"z": 1}', ['a', 'b'], 2), '{"z": 1, "a": {"b":2}}')
  assert.is(jsoncText.set('{"a": 1 /* x */}', ['a'], 2), '{"a": 2 /* x */}')
})

test('a comma behind the last value stays one, and what comes out can be read', () => {
  for (const text of ['{"a": [1,],}', '{\n  "a": [\n    1, // one\n  ], // a\n}', '{"a": [1 /* , */]}']) {
    const put = jsoncText.set(text, ['a', 1], 2)
    assert.equal(jsoncText.parse(put), { kind: 'value', value: { a: [1, 2] } }, put)
    assert.equal(jsoncText.parse(jsoncText.set(put, ['a', 1], undefined)), { kind: 'value', value: { a: [1] } }, put)
  }
})

test('what is taken out leaves the comments around it, and no line is drawn up into one', () => {
  const text = '{\n  // first\n  "a": 1, // of a\n  // second\n  "b": 2 // of b\n}\n'
  const withoutB = jsoncText.set(text, ['b'], undefined)
  const withoutBoth = jsoncText.set(withoutB, ['a'], undefined)
  assert.equal(jsoncText.parse(withoutB), { kind: 'value', value: { a: 1 } }, withoutB)
  assert.equal(jsoncText.parse(withoutBoth), { kind: 'value', value: {} }, withoutBoth)
  for (const words of ['// first', '// of a', '// second', '// of b'])
    assert.ok(withoutBoth.includes(words), withoutBoth)
  assert.is(jsoncText.set(text, ['c'], undefined), text)
})

test('the last of a list in one line goes without a bracket of its neighbour', () => {
  assert.is(jsoncText.set('{"a":[{"b":[1,2]}],"c":3}', ['a', 0, 'b', 1], undefined), '{"a":[{"b":[1]}],"c":3}')
  assert.is(jsoncText.set('{"a":[1,2,3]}', ['a', 0], undefined), '{"a":[2,3]}')
})

test.run()
