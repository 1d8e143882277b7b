/**
 * JSON with comments, edited in place. `jsonc-parser` says where everything is; the edits are ours, because its own
 * lay out lines anew that nobody changed, and take a bracket too many where a list is written in one line.
 */
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import type { JsonText } from '../../ports/index.ts'
import { withoutNode, withValue } from './edit.ts'

export const jsoncText: JsonText = {
  parse(text) {
    const errors: ParseError[] = []
    const value: unknown = parse(text, errors, { allowTrailingComma: true })
    const first = errors[0]
    if (first === undefined) return { kind: 'value', value }
    const before = text.slice(0, first.offset).split('\n')
    const column = (before.at(-1)?.length ?? 0) + 1
    return { kind: 'invalid', line: before.length, column, message: printParseErrorCode(first.error) }
  },
  set: (text, path, value) => (value === undefined ? withoutNode(text, path) : withValue(text, path, value)),
}
