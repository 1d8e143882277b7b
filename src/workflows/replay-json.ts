/** Where a text stops being JSON: engines name the place differently from version to version, or not at all. */

/** What may come next. `close` is the bracket that ends the innermost list or object. */
type Expected = 'value' | 'value or close' | 'key' | 'key or close' | 'colon' | 'comma or close' | 'end'
type Step = Expected | 'opens' | 'closes' | 'ends value' | 'goes on'

const VALUE = { '{': 'opens', '[': 'opens', string: 'ends value', literal: 'ends value' } as const
const GRAMMAR: Readonly<Record<Expected, Readonly<Record<string, Step>>>> = {
  value: VALUE,
  'value or close': { ...VALUE, ']': 'closes' },
  key: { string: 'colon' },
  'key or close': { string: 'colon', '}': 'closes' },
  colon: { ':': 'value' },
  'comma or close': { ',': 'goes on', '}': 'closes', ']': 'closes' },
  end: {},
}

/** One token of RFC 8259: string, number or literal, structural character. */
const TOKEN =
  /("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:])/y
const SPACE = /[ \t\r\n]*/y

/** Offset of the first token that JSON does not allow there; the length of a text that only ends too early. */
export function jsonFaultAt(text: string): number {
  const open: string[] = []
  let expected: Expected = 'value'
  for (let at = skipSpace(text, 0); ; at = skipSpace(text, TOKEN.lastIndex)) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) return at
    const token = match[3] ?? (match[1] === undefined ? 'literal' : 'string')
    const next = follow(GRAMMAR[expected][token], token, open)
    if (next === undefined) return at
    expected = next
  }
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at
  SPACE.test(text)
  return SPACE.lastIndex
}

function follow(step: Step | undefined, token: string, open: string[]): Expected | undefined {
  if (step === 'opens') {
    open.push(token)
    return token === '{' ? 'key or close' : 'value or close'
  }
  if (step === 'goes on') return open.at(-1) === '{' ? 'key' : 'value'
  if (step === 'closes' && open.pop() !== (token === '}' ? '{' : '[')) return undefined
  if (step === 'closes' || step === 'ends value') return open.length === 0 ? 'end' : 'comma or close'
  return step
}
