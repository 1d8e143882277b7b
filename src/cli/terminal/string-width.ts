/**
 * How many columns a text takes in a terminal.
 *
 * Also stands in for the package of this name inside yargs when the bundle is made: that one loads large
 * tables at every start. Wide characters are those that Unicode's EastAsianWidth.txt marks W or F (UAX #11),
 * emoji those with Emoji_Presentation or a following U+FE0F (UTS #51).
 */

/** ECMA-48 control sequences (colours, cursor) and OSC strings (links, titles): they take no column. */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/gu
const ASCII = /^[\u0020-\u007e]*$/
const INVISIBLE = /^[\p{Control}\p{Mark}\p{Default_Ignorable_Code_Point}\p{Surrogate}]+$/u
const EMOJI = /^\p{Emoji_Presentation}|^\p{Emoji}\ufe0f|^[0-9#*]\ufe0f?\u20e3|^\p{Regional_Indicator}{2}/u
const WIDE = new RegExp(
  `^[${[
    '\\u1100-\\u115f\\u2329\\u232a\\u2e80-\\u303e\\u3041-\\u3247\\u3250-\\u4dbf\\u4e00-\\ua4c6',
    '\\ua960-\\ua97c\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6b\\uff01-\\uff60\\uffe0-\\uffe6',
    '\\u{16fe0}-\\u{18d08}\\u{1aff0}-\\u{1b2fb}\\u{1f200}-\\u{1f251}\\u{20000}-\\u{3fffd}',
  ].join('')}]`,
  'u',
)

let segmenter: Intl.Segmenter | undefined

/** Columns of one line; control characters count as nothing, ambiguous width as one. */
export function stringWidth(text: string): number {
  const plain = text.includes('\u001b') ? text.replace(ESCAPES, '') : text
  if (ASCII.test(plain)) return plain.length
  segmenter ??= new Intl.Segmenter()
  let width = 0
  for (const { segment } of segmenter.segment(plain)) width += graphemeWidth(segment)
  return width
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0
  return EMOJI.test(grapheme) || WIDE.test(grapheme) ? 2 : 1
}
