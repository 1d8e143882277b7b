import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { stringWidth } from '../../../src/cli/terminal/string-width.ts'

const widths: readonly (readonly [string, number, string])[] = [
  ['', 0, 'nothing'],
  ['P0.1.2', 6, 'ASCII'],
  ['\u001b[1;32mdone\u001b[0m', 4, 'colours'],
  ['\u001b]8;;https://example.org\u0007link\u001b]8;;\u001b\\', 4, 'a link'],
  ['naïve', 5, 'a composed letter'],
  ['nai\u0308ve', 5, 'a combining mark'],
  ['日本', 4, 'ideographs'],
  ['한글', 4, 'Hangul syllables'],
  ['カタ', 4, 'Katakana'],
  ['ｶﾀ', 2, 'half-width Katakana'],
  ['Ａ', 2, 'a full-width letter'],
  ['𠮷', 2, 'an ideograph beyond the first plane'],
  ['🟢', 2, 'a coloured circle'],
  ['✅', 2, 'a check mark that is an emoji by itself'],
  ['✔', 1, 'a check mark that is text'],
  ['✔\ufe0f', 2, 'the same with emoji presentation'],
  ['⏸️', 2, 'a pause sign'],
  ['👩‍💻', 2, 'a joined sequence'],
  ['👍🏽', 2, 'a skin tone'],
  ['🇩🇪', 2, 'a flag'],
  ['1️⃣', 2, 'a keycap'],
  ['12', 2, 'digits, which have the property Emoji'],
  ['a\u200bb', 2, 'a zero-width space'],
  ['a\tb', 2, 'a control character'],
  ['│ ─ …', 5, 'box drawing'],
]

for (const [text, columns, what] of widths) {
  test(`${what}: ${columns} columns`, () => {
    assert.is(stringWidth(text), columns)
  })
}

test.run()
