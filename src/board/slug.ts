/** Ids for tasks that carry none: made from the title alone, so that no other row changes them. */
import type { TaskId } from '../model/index.ts'
import { readId } from './ids.ts'

const MAX_LENGTH = 48

/**
 * `Build the oven (rye)!` → `build-the-oven-rye`: letters and digits of any script in lower case (Unicode NFC,
 * the combining marks of a letter with it), `-` between words, cut at a word's end. `undefined` where no letter
 * or digit is left.
 */
export function slugOf(title: string): string | undefined {
  const words =
    title
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? []
  let slug = ''
  for (const word of words) {
    const longer = slug === '' ? [...word].slice(0, MAX_LENGTH).join('') : `${slug}-${word}`
    if (slug !== '' && longer.length > MAX_LENGTH) break
    slug = longer
  }
  return slug === '' ? undefined : slug
}

/**
 * An id that is not in `reserved`, which grows by it; `undefined` for a title without letters. Of several with one
 * slug the first in the text has it alone; each other one carries a hash of its place (its headings and the items
 * around it), and only what stands in one place under one title is numbered.
 */
export function idFor(title: string, place: () => readonly string[], reserved: Set<string>): TaskId | undefined {
  const slug = slugOf(title)
  const id = slug === undefined ? undefined : readId(free(slug, place, reserved))
  if (id !== undefined) reserved.add(id)
  return id
}

function free(slug: string, place: () => readonly string[], reserved: ReadonlySet<string>): string {
  if (!reserved.has(slug)) return slug
  const placed = `${slug}-${hash(place().join('\n'))}`
  return reserved.has(placed) ? numbered(placed, reserved) : placed
}

/** The first number that is free, from two on: numbers are given in order, so it is found by halving. */
function numbered(placed: string, reserved: ReadonlySet<string>): string {
  let step = 1
  while (reserved.has(`${placed}-${step * 2}`)) step *= 2
  let low = step
  let high = step * 2
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (reserved.has(`${placed}-${middle}`)) low = middle
    else high = middle
  }
  return `${placed}-${high}`
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo), over UTF-16 code units; it need not be hard to invert, only steady. */
function hash(text: string): string {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return (value >>> 0).toString(16).padStart(8, '0').slice(0, 6)
}
