/**
 * Signs that were saved as UTF-8 and read as Windows-1252 or Latin-1 on the way: `âœ…` for ✅.
 *
 * The table of Windows-1252 is that of the WHATWG Encoding Standard (index windows-1252): what it leaves
 * undefined stands for itself, as in Latin-1.
 */
import { type Diagnostic, printable } from '../../model/index.ts'
import { placeAt } from '../source.ts'
import { type FileRule, sliceOf, visibleLines } from './rule.ts'

const BYTE_OF = new Map(
  [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'].map((character, index) => [character, 0x80 + index]),
)
const CANDIDATE = /[\u00c2-\u00f4](?:[\u0080-\u00bf]|[€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]){1,3}/g

/** `board/mojibake`: each garbled text once, at its first place. */
export const mojibake: FileRule = ({ read }) => {
  const found = new Map<string, { readonly sign: string; readonly offset: number; count: number }>()
  for (const line of visibleLines(read))
    for (const { garbled, sign, at } of garbledIn(sliceOf(read.document.source, line))) {
      const known = found.get(garbled)
      if (known === undefined) found.set(garbled, { sign, offset: line.start + at, count: 1 })
      else known.count += 1
    }
  return [...found].map(([garbled, { sign, offset, count }]): Diagnostic => {
    const times = count === 1 ? '' : `, ${count} times`
    return {
      code: 'board/mojibake',
      severity: 'warning',
      message: `\`${printable(garbled, 40)}\` should be ${printable(sign, 40)}${times}: UTF-8 was read as another encoding`,
      hint: `Put ${printable(sign, 40)} there, and save the file as UTF-8`,
      ...placeAt(read.source, offset),
    }
  })
}

interface Garbled {
  readonly garbled: string
  readonly sign: string
  readonly at: number
}

/** Garbled signs of a line, those side by side as one. */
function garbledIn(line: string): Garbled[] {
  const found: Garbled[] = []
  CANDIDATE.lastIndex = 0
  for (let match = CANDIDATE.exec(line); match !== null; match = CANDIDATE.exec(line)) {
    const one = decoded(match[0])
    if (one === undefined) {
      CANDIDATE.lastIndex = match.index + 1
      continue
    }
    CANDIDATE.lastIndex = match.index + one.length
    const garbled = match[0].slice(0, one.length)
    const last = found.at(-1)
    if (last !== undefined && last.at + last.garbled.length === match.index)
      found[found.length - 1] = { garbled: last.garbled + garbled, sign: last.sign + one.sign, at: last.at }
    else found.push({ garbled, sign: one.sign, at: match.index })
  }
  return found
}

/** The character whose bytes in UTF-8 (RFC 3629, section 3) these characters stand for. */
function decoded(text: string): { readonly sign: string; readonly length: number } | undefined {
  const lead = byteOf(text[0] ?? '')
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  const tail = [...text.slice(1, length)].map(byteOf)
  // Two characters alone may be somebody's words; only these two leads begin what European text is garbled to.
  if (tail.length !== length - 1 || (length === 2 && lead > 0xc3)) return undefined
  const code = tail.reduce((value, byte) => value * 64 + (byte & 0x3f), lead & (0xff >> (length + 1)))
  const least = [0x80, 0x800, 0x10000][length - 2] ?? 0
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return code < least || code > 0x10ffff || isSurrogate ? undefined : { sign: String.fromCodePoint(code), length }
}

function byteOf(character: string): number {
  return BYTE_OF.get(character) ?? character.charCodeAt(0)
}
